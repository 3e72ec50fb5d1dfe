"""A journal of 100 000 runs: listing the newest, finding the resumable runs, and the writes of one submission.

Beside each the same rows in a bare SQLite query on the same file, in one run. Goal: listing stays under 50 ms.
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
    """Print the table; return 1 when a goal is missed."""
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
        written = _median(lambda: _one_submission(journal, f"new-{next(numbers)}"))
        size = journal.path.stat().st_size / 1e6
        bare.close()
        journal.close()
    print(f"{RUNS:,} runs, {size:.0f} MB; medians of {TURNS} turns")
    print(
        f"  listing the newest 20     {listed:8.2f} ms   bare query {plain:.2f} ms, {listed / plain:.1f} times"
    )
    print(f"  finding resumable runs    {left:8.2f} ms")
    print(f"  the spend                 {spent:8.2f} ms")
    print(f"  opening                   {opened:8.2f} ms")
    print(f"  request, intent, answer   {written:8.2f} ms   three transactions, each synced to the disk")
    return int(max(listed, left) > GOAL_MS)


def _fill(journal: Journal) -> None:
    row = "INSERT INTO runs (id, created, updated, state, narration, narration_sha, seconds, config, chain, reuse_key, "
    row += "output_dir) VALUES (?, ?, ?, ?, 'talk.mp3', '', 22.4, '{\"prompt\": \"rain\"}', '[\"zai\"]', ?, 'out')"
    attempt = "INSERT INTO attempts (run, at, day, provider, model, request_id, usd, outcome, job_id) "
    attempt += "VALUES (?, ?, ?, 'zai', 'cogvideox-3', ?, 0.2, 'accepted', ?)"
    states = ["finished"] * 199 + ["late"]
    with journal.transaction() as db:
        names = [f"run-{number}" for number in range(RUNS)]
        db.executemany(row, ((name, at, at, states[at % 200], name) for at, name in enumerate(names)))
        db.executemany(
            attempt, ((name, at, f"2026-{at % 12 + 1:02d}-01", name, name) for at, name in enumerate(names))
        )


def _one_submission(journal: Journal, run: str) -> None:
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
