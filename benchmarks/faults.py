"""The fault matrix as a table: each fault, at each step, at each provider, and each answer to a submission.

It measures no time. It counts jobs that were lost or paid for twice, and fails if there is one, or if a job ends in
another way than the matrix expects.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.conftest import write_narration
from tests.providers.matrix import (
    FAULTS,
    PROVIDERS,
    STEPS,
    Bench,
    Cell,
    Outcome,
    answer_cells,
    cells,
    wrong,
)
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
        outcomes = asyncio.run(bench.run_all([*cells(), *answer_cells()]))
    for step in STEPS:
        _print_step(step, outcomes)
    _print_answers(outcomes)
    lost = sum(len(outcome.lost) for outcome in outcomes.values())
    twice = sum(outcome.paid_twice for outcome in outcomes.values())
    stolen = sum(outcome.stolen for outcome in outcomes.values())
    mistakes = [f"{cell}: {why}" for cell, outcome in outcomes.items() if (why := wrong(cell, outcome))]
    accepted = sum(outcome.accepted for outcome in outcomes.values())
    print(
        f"\n{len(outcomes)} cells, {accepted} jobs accepted: {lost} lost, {twice} paid twice, {stolen} adopted from "
        f"another take, {len(mistakes)} wrong"
    )
    print("\n".join(mistakes))
    return int(bool(lost or twice or stolen or mistakes))


def _print_step(step: str, outcomes: dict[Cell, Outcome]) -> None:
    print(f"\nfault at {step:<16}" + "".join(f"{name:>15}" for name in PROVIDERS))
    for fault in FAULTS:
        found = [outcomes.get(Cell(name, step, fault)) for name in PROVIDERS]
        if any(found):
            print(f"  {fault:<23}" + "".join(f"{_cell(outcome):>15}" for outcome in found))


def _print_answers(outcomes: dict[Cell, Outcome]) -> None:
    """Print how often each outcome follows an answer of 300 to 599 to a submission."""
    counts: dict[str, Counter[str]] = {}
    for cell in answer_cells():
        kind = "proof" if cell.proves else "doubt, job taken" if cell.taken else "doubt, job not taken"
        row = f"{cell.provider}{'' if cell.listed else ' (no list)'}: {kind}"
        counts.setdefault(row, Counter())[SHORT.get(outcomes[cell].result, outcomes[cell].result)] += 1
    print("\nanswers 300 to 599 to a submission")
    for row, found in counts.items():
        print(f"  {row:<46}" + ", ".join(f"{count} {result}" for result, count in found.items()))


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
