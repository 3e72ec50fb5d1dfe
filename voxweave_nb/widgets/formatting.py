"""Dates, durations and costs as text."""

from __future__ import annotations

import time

from . import texts

__all__ = ["clock", "cost", "date_and_time"]


def date_and_time(seconds: float) -> str:
    """Return a Unix time as local text such as `26 Nov 08:15`, with the year unless it is the current one."""
    then, now = time.localtime(seconds), time.localtime()
    year = "" if then.tm_year == now.tm_year else f" {then.tm_year}"
    return f"{then.tm_mday} {time.strftime('%b', then)}{year} {time.strftime('%H:%M', then)}"


def clock(seconds: float) -> str:
    """Return a duration in seconds as minutes and seconds, such as `1:05`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def cost(usd: float | None) -> str:
    """Return an amount in US dollars such as `$0.20`, `free`, or that it is unknown."""
    return texts.PRICE_UNKNOWN if usd is None else f"${usd:.2f}" if usd else texts.FREE
