"""The full kill test: processes killed at every failpoint of the journal and at 100 random moments.

It measures no time. It fails when a job is lost or paid for twice, when an incomplete file has a final name, or when
the journal is damaged.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.conftest import write_narration
from tests.journal.kill import at_every_point, at_random, massacre


def main() -> int:
    """Print the table; return 1 if something was lost or damaged."""
    with tempfile.TemporaryDirectory() as folder:
        narration = write_narration(Path(folder) / "talk.wav")
        deaths = [*at_every_point(), *at_random(100, seed=26)]
        report = massacre(deaths, narration, Path(folder))
    print(f"{len(deaths)} processes were to be killed")
    print(report.table())
    for kind in ("lost", "doubled", "half", "open"):
        for what in getattr(report, kind):
            print(f"  {kind}: {what}")
    return int(not report.well)


if __name__ == "__main__":
    sys.exit(main())
