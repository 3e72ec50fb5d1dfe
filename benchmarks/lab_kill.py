"""A lab whose process is killed at 50 random moments, while it makes videos and keeps votes.

It measures no time. It fails if a paid video is lost or paid for twice, or if a vote is lost that was reported as kept.

`scripts/bench --lab_kill`, or `python benchmarks/lab_kill.py [KILLS]`
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.conftest import write_narration
from tests.lab.kill import VARIANTS, massacre


def main() -> int:
    """Print what is left; return 1 if something was lost or paid twice."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    with tempfile.TemporaryDirectory() as folder:
        report = massacre(Path(folder), write_narration(Path(folder) / "talk.wav"), kills=kills, seed=15)
    print(f"{report.kills} processes killed; {report.accepted} jobs accepted for {VARIANTS} variants")
    print(f"{report.made} videos, {report.doubtful} reported as in doubt and not accepted")
    print(f"{len(report.lost)} lost, {len(report.doubled)} paid twice")
    print(f"{report.votes_kept} votes kept, {report.votes_lost} of them lost")
    for each in (*report.lost, *report.doubled):
        print(f"  {each}")
    return int(not report.well)


if __name__ == "__main__":
    sys.exit(main())
