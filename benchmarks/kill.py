"""The kill test, whole: a death at every named point of the journal and at 100 random moments. A count, not a race.

It fails when a job is lost or paid for twice, a half file stands under a final name, or the journal is damaged.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.conftest import write_narration
from tests.journal.kill import at_every_point, at_random, massacre


def main() -> int:
    """Prints the table; 1 when something went wrong."""
    with tempfile.TemporaryDirectory() as folder:
        narration = write_narration(Path(folder) / "talk.wav")
        deaths = [*at_every_point(), *at_random(100, seed=26)]
        report = massacre(deaths, narration, Path(folder))
    print(f"{len(deaths)} processes, each to be killed")
    print(report.table())
    for kind in ("lost", "doubled", "half", "open"):
        for what in getattr(report, kind):
            print(f"  {kind}: {what}")
    return int(not report.well)


if __name__ == "__main__":
    sys.exit(main())
