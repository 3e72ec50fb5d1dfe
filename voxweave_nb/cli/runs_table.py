"""The journal in a terminal: a table of runs, and a page about one of them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from ..journal import Run, RunState
from ..models import dollars

__all__ = ["run_page", "runs_table"]

_STATES = {
    RunState.ACCEPTED: "at provider",
    RunState.IN_DOUBT: "in doubt",
}
"""The states whose name would not be understood in the table."""


def runs_table(runs: Sequence[Run], *, width: int = 80) -> str:
    """Return a table with one line per run: id, state, provider, cost in US dollars, prompt.

    Args:
        runs: The runs, in the order of the lines.
        width: Columns of the terminal; longer prompts are cut.
    """
    if not runs:
        return "The journal is empty."
    head = _line("id", "state", "provider", "USD", "prompt", width)
    return "\n".join([head, *(_row(run, width) for run in runs)])


def _row(run: Run, width: int) -> str:
    return _line(run.id, _state(run), run.provider, _cost(run.usd), run.config.prompt or "-", width)


def _state(run: Run) -> str:
    if run.held:
        return "running" if run.lapses_in is None else "running?"
    return "interrupted" if run.interrupted else _STATES.get(run.state, run.state)


def _cost(usd: float | None) -> str:
    return "?" if usd is None else dollars(usd).lstrip("$") if usd else "-"


def _line(run_id: str, state: str, provider: str, usd: str, prompt: str, width: int) -> str:
    columns = f"{run_id:<24} {state:<11} {provider:<11} {usd:>6}  "
    room = max(0, width - len(columns))
    words = " ".join(prompt.split())
    return (columns + (words if len(words) <= room else f"{words[: max(0, room - 1)]}…")).rstrip()


def run_page(run: Run, steps: Sequence[tuple[float, str, Mapping[str, Any]]]) -> str:
    """Return everything the journal knows about one run, over several lines.

    Args:
        run: The run.
        steps: Its steps: seconds since 1970, name, values.
    """
    lines = [
        f"{run.id}: {_state(run)}",
        f"  narration  {run.narration} ({run.seconds:.1f} s)",
        f"  config     {run.config!r}",
        f"  providers  {', '.join(run.chain)}",
        f"  cost       {'unknown' if run.usd is None else dollars(run.usd)}",
    ]
    if run.result:
        lines.append(f"  video      {run.result['path']}")
    if run.message:
        lines.append(f"  message    {run.message}")
    lines += [_step(at, name, values) for at, name, values in steps]
    return "\n".join(lines)


def _step(at: float, name: str, values: Mapping[str, Any]) -> str:
    clock = time.strftime("%H:%M:%S", time.localtime(at))
    return f"  {clock}  {name}" + "".join(f"  {key}: {value}" for key, value in values.items())
