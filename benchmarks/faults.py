"""The fault matrix as a table: each fault, at each step, at each provider.

It measures no time. It counts jobs that were lost or paid for twice, and fails if there is one, or if a job ends in
another way than the matrix expects.
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
    """Print the table; return 1 if a job was lost, paid for twice or ended in the wrong way."""
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
    mistakes = [f"{cell}: {why}" for cell, outcome in outcomes.items() if (why := wrong(cell, outcome))]
    accepted = sum(outcome.accepted for outcome in outcomes.values())
    print(
        f"\n{len(outcomes)} cells, {accepted} jobs accepted: {lost} lost, {twice} paid twice, {len(mistakes)} wrong"
    )
    print("\n".join(mistakes))
    return int(bool(lost or twice or mistakes))


def _print_step(step: str, outcomes: dict[Cell, Outcome]) -> None:
    print(f"\nfault at {step:<16}" + "".join(f"{name:>15}" for name in PROVIDERS))
    for fault in FAULTS:
        found = [outcomes.get(Cell(name, step, fault)) for name in PROVIDERS]
        if any(found):
            print(f"  {fault:<23}" + "".join(f"{_cell(outcome):>15}" for outcome in found))


def _cell(outcome: Outcome | None) -> str:
    if outcome is None:
        return "-"
    return f"{SHORT.get(outcome.result, outcome.result)} {outcome.seen}/{outcome.accepted}"


if __name__ == "__main__":
    print("Each cell: the outcome, then submissions seen / jobs accepted by the server.")
    print("ok: finished; next: finished by the next provider; doubt: SubmissionInDoubt, not sent again;")
    print(
        "refused: ContentRefused, not sent to another provider; late: JobTimeout; unfetched: DownloadFailed"
    )
    print("(for the last two the error says how to resume the job).")
    sys.exit(main())
