"""A board whose process is killed at 50 random moments, while it makes its takes.

It measures no time. It fails if a paid take is lost or paid for twice, or if the budget is exceeded.

`scripts/bench board_kill`, or `python benchmarks/board_kill.py [KILLS]`
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.conftest import write_narration
from tests.storyboard.kill import BUDGET, PROVIDERS, SCENES, massacre


def main() -> int:
    """Print what is left; return 1 if something was lost, paid twice or over the budget."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    return max(_kill(provider, kills) for provider in PROVIDERS)


def _kill(provider: str, kills: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        narration = write_narration(Path(folder) / "talk.wav", 4.0 * SCENES)
        report = massacre(Path(folder), narration, provider, kills=kills, seed=17)
    print(
        f"{provider}: {report.kills} processes killed; {report.accepted} jobs accepted for {report.scenes} scenes"
    )
    print(
        f"{report.made} takes, {report.doubtful} told as in doubt and not sent again until a person asked for it"
    )
    print(f"{report.finished} takes after that")
    print(f"{len(report.lost)} lost, {len(report.doubled)} paid twice, {len(report.half)} incomplete files")
    print(f"${report.billed:.2f} billed, ${report.spent:.2f} in the journal, budget ${BUDGET:.2f}")
    for each in (*report.lost, *report.doubled, *report.half):
        print(f"  {each}")
    return int(not report.well)


if __name__ == "__main__":
    sys.exit(main())
