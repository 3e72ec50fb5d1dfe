"""A journal of 100,000 runs: the time to list the newest, to find unfinished ones, and to write one submission.

Listing is compared with a bare SQLite query on the same file. Goal: listing and finding take less than 50 ms.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from voxweave_nb import VideoConfig
from voxweave_nb.journal import AttemptOutcome, Journal, Requested

RUNS, TURNS, GOAL_MS = 100_000, 21, 50.0


def main() -> int:
    """Print the table; return 1 if a goal is missed."""
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder))
        _fill(journal)
        bare = sqlite3.connect(journal.path)
        opened = _median(lambda: Journal(Path(folder)).close())
        listed = _median(lambda: journal.runs(limit=20))
        plain = _median(lambda: bare.execute("SELECT * FROM runs ORDER BY created DESC LIMIT 20").fetchall())
        left = _median(journal.resumable)
        spent = _median(journal.spend)
        numbers = iter(range(10**6))
        written = _median(lambda: _write_submission(journal, f"new-{next(numbers)}"))
        size = journal.path.stat().st_size / 1e6
        bare.close()
        journal.close()
    print(f"{RUNS:,} runs, {size:.0f} MB; medians of {TURNS} turns")
    print(
        f"  list the newest 20        {listed:8.2f} ms   bare query {plain:.2f} ms, {listed / plain:.1f} times"
    )
    print(f"  find unfinished runs      {left:8.2f} ms")
    print(f"  sum up the cost           {spent:8.2f} ms")
    print(f"  open the journal          {opened:8.2f} ms")
    print(
        f"  write one submission      {written:8.2f} ms   (request, intent, answer: three synced transactions)"
    )
    return int(max(listed, left) > GOAL_MS)


def _fill(journal: Journal) -> None:
    row = "INSERT INTO runs (id, created, updated, state, narration, narration_sha, seconds, config, chain, reuse_key, "
    row += "output_dir) VALUES (?, ?, ?, ?, 'talk.mp3', '', 22.4, '{\"prompt\": \"rain\"}', '[\"zai\"]', ?, 'out')"
    create = "INSERT INTO attempts (run, at, day, provider, model, request_id, usd, outcome, job_id) "
    create += "VALUES (?, ?, ?, 'zai', 'cogvideox-3', ?, 0.2, 'accepted', ?)"
    states = ["finished"] * 199 + ["late"]
    with journal.transaction() as db:
        names = [f"run-{number}" for number in range(RUNS)]
        db.executemany(row, ((name, at, at, states[at % 200], name) for at, name in enumerate(names)))
        db.executemany(
            create, ((name, at, f"2026-{at % 12 + 1:02d}-01", name, name) for at, name in enumerate(names))
        )


def _write_submission(journal: Journal, run: str) -> None:
    asked = Requested(
        narration=Path("talk.mp3"), narration_sha="", seconds=22.4, subtitles=None, config=VideoConfig(),
        chain=["zai"], reuse_key=run, output_dir=Path("out"),
    )  # fmt: skip
    journal.request(run, asked)
    attempt = journal.intend(
        run,
        provider="zai",
        model="m",
        base_url=None,
        request_id=run,
        usd=0.2,
        budgets={"journal": 1e9},
        unknown_prices=False,
    )
    journal.settle(attempt, AttemptOutcome.ACCEPTED, job_id=run)


def _median(action: Callable[[], object]) -> float:
    times = []
    for _ in range(TURNS):
        begin = time.perf_counter()
        action()
        times.append(1000 * (time.perf_counter() - begin))
    return statistics.median(times)


if __name__ == "__main__":
    sys.exit(main())
