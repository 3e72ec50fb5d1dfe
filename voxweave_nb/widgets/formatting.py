"""Dates as text."""

from __future__ import annotations

import time

__all__ = ["date_and_time"]


def date_and_time(seconds: float) -> str:
    """Return a Unix time as local text such as `26 Nov 08:15`, with the year unless it is the current one."""
    then, now = time.localtime(seconds), time.localtime()
    year = "" if then.tm_year == now.tm_year else f" {then.tm_year}"
    return f"{then.tm_mday} {time.strftime('%b', then)}{year} {time.strftime('%H:%M', then)}"
