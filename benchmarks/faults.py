"""The fault matrix as a table: every way to break, at every step, at every provider. Not a race: a count of losses.

It fails when a job is lost, paid for twice, or ends in another way than it should.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.conftest import write_narration
from tests.providers.matrix import FAULTS, PROVIDERS, STEPS, Bench, Cell, Outcome, cells, wrong
from voxweave_nb.sandbox.clips import make_clip

SHORT = {"succeeded": "ok", "fell back": "next", "SubmissionInDoubt": "doubt", "ContentRefused": "refused"}
SHORT |= {"DownloadFailed": "unfetched", "JobTimeout": "late"}


def main() -> int:
    """Prints the table; 1 when something is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        clip = root / "spare.mp4"
        asyncio.run(make_clip(clip, width=320, height=180, seconds=1.0, mark="spare"))
        bench = Bench(write_narration(root / "talk.wav"), clip, root)
        outcomes = asyncio.run(bench.run_all(list(cells())))
    for step in STEPS:
        _print_step(step, outcomes)
    lost = sum(len(outcome.lost) for outcome in outcomes.values())
    twice = sum(outcome.paid_twice for outcome in outcomes.values())
    mistakes = [f"{cell}: {said}" for cell, outcome in outcomes.items() if (said := wrong(cell, outcome))]
    accepted = sum(outcome.accepted for outcome in outcomes.values())
    print(
        f"\n{len(outcomes)} cells, {accepted} jobs accepted: {lost} lost, {twice} paid twice, {len(mistakes)} wrong"
    )
    print("\n".join(mistakes))
    return int(bool(lost or twice or mistakes))


def _print_step(step: str, outcomes: dict[Cell, Outcome]) -> None:
    print(f"\nat {step:<22}" + "".join(f"{name:>15}" for name in PROVIDERS))
    for fault in FAULTS:
        found = [outcomes.get(Cell(name, step, fault)) for name in PROVIDERS]
        if any(found):
            print(f"  {fault:<23}" + "".join(f"{_cell(outcome):>15}" for outcome in found))


def _cell(outcome: Outcome | None) -> str:
    if outcome is None:
        return "-"
    return f"{SHORT.get(outcome.result, outcome.result)} {outcome.seen}/{outcome.accepted}"


if __name__ == "__main__":
    print("Each cell: the outcome, then creates seen / jobs accepted by the server.")
    print("ok: made; next: the next provider made it; doubt: may be accepted, said so, never sent again;")
    print("refused: the content, passed on to nobody; late and unfetched: the error says how to pick it up.")
    sys.exit(main())
