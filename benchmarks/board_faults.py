"""A board of 30 scenes at each provider of the sandbox, while a quarter of all requests breaks in every way.

It measures no time. It fails if a paid take is lost or paid for twice, if the budget is exceeded, or if an error does
not name its scene. A scene whose answer was lost at a provider without a list stays in doubt: only a person can find
out X
`scripts/bench board_faults`, or `python benchmarks/board_faults.py [PROVIDER...]`
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.conftest import write_narration
from tests.storyboard.faults import storm

SCENES, SHARE = 30, 0.25
PROVIDERS = {"openai_sora": 4.0, "zai": 10.0, "gemini": 4.0}
"""Seconds of a scene at each provider: of zai, whose clips are paid by the video, the longest."""


def main() -> int:
    """Print a line for each provider; return 1 if something was lost, paid twice or over the budget."""
    well = True
    for provider in sys.argv[1:] or PROVIDERS:
        with tempfile.TemporaryDirectory() as folder:
            narration = write_narration(Path(folder) / "talk.wav", PROVIDERS[provider] * SCENES)
            report = storm(
                Path(folder),
                narration,
                provider,
                scenes=SCENES,
                seconds=PROVIDERS[provider],
                share=SHARE,
                seed=17,
            )
        over = max(report.spent, report.billed) > report.budget + 1e-6
        print(
            f"{provider}: {report.scenes} scenes, {report.faults} faults, {report.accepted} jobs accepted; "
            f"{report.made} made, {report.refused} refused, {report.doubtful} in doubt and told (of which "
            f"{report.unsure} were accepted); {report.finished} made after the answer; {len(report.lost)} lost, "
            f"{len(report.doubled)} paid twice; ${report.billed:.2f} billed, ${report.spent:.2f} in the journal, "
            f"budget ${report.budget:.2f}{' EXCEEDED' if over else ''}",
            flush=True,
        )
        for each in (*report.lost, *report.doubled, *report.unnamed):
            print(f"  {each}")
        well = well and report.well
    return int(not well)


if __name__ == "__main__":
    sys.exit(main())
