"""The journal for a terminal: a line a run, and a page on one of them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from .records import Run

__all__ = ["page", "table"]

_WORDS = {
    "requested": "begun",
    "accepted": "at provider",
    "downloaded": "fetched",
    "ambiguous": "in doubt",
    "late": "late",
}
"""What a state is called where it says more than its name."""


def table(runs: Sequence[Run], *, width: int = 80) -> str:
    """A line a run, newest first: id (which begins with the time), state, provider, US dollars, prompt.

    Args:
        runs: The runs.
        width: Columns of the terminal.
    """
    if not runs:
        return "The journal is empty."
    head = _line("id", "state", "provider", "USD", "prompt", width)
    return "\n".join([head, *(_row(run, width) for run in runs)])


def _row(run: Run, width: int) -> str:
    return _line(run.id, _state(run), run.provider, _usd(run.usd), run.config.prompt or "-", width)


def _state(run: Run) -> str:
    return "running" if run.held else _WORDS.get(run.state, run.state)


def _usd(usd: float | None) -> str:
    return "?" if usd is None else f"{usd:.2f}" if usd else "-"


def _line(name: str, state: str, provider: str, usd: str, prompt: str, width: int) -> str:
    facts = f"{name:<24} {state:<11} {provider:<11} {usd:>6}  "
    room = max(0, width - len(facts))
    words = " ".join(prompt.split())
    return (facts + (words if len(words) <= room else f"{words[: max(0, room - 1)]}…")).rstrip()


def page(run: Run, steps: Sequence[tuple[float, str, Mapping[str, Any]]]) -> str:
    """All that is known of one run."""
    lines = [
        f"{run.id}: {_state(run)}",
        f"  narration  {run.narration} ({run.seconds:.1f} s)",
        f"  config     {run.config!r}",
        f"  providers  {', '.join(run.chain)}",
        f"  cost       {'not known' if run.usd is None else f'${run.usd:.2f}'}",
    ]
    if run.result:
        lines.append(f"  video      {run.result['path']}")
    if run.message:
        lines.append(f"  said       {run.message}")
    lines += [
        f"  {time.strftime('%H:%M:%S', time.localtime(at))}  {name}{_facts(data)}" for at, name, data in steps
    ]
    return "\n".join(lines)


def _facts(data: Mapping[str, Any]) -> str:
    return "".join(f"  {name}: {value}" for name, value in data.items())
