"""Rows for the tests of the journal."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from voxweave_nb import VideoConfig
from voxweave_nb.journal import AttemptOutcome, Journal, Requested

CONFIG = VideoConfig(style="anime", prompt="a quiet sea")
DATA = Path(__file__).parent / "data"
OLD_JOURNAL = DATA / "journal-0.1.0.dev0.sqlite3"


def ask(journal: Journal, run: str = "run-1", **more: object) -> str:
    """Write a request down."""
    given = {
        "seconds": 22.4,
        "subtitles": None,
        "config": CONFIG,
        "chain": ["zai", "fal"],
        "reuse_key": "key",
        **more,
    }
    asked = Requested(narration=Path("talk.mp3"), narration_sha="abc", output_dir=Path("out"), **given)
    journal.request(run, asked)
    return run


def intend(journal: Journal, run: str = "run-1", usd: float | None = 0.2, **more: object) -> int:
    """Write down that a submission is about to be sent; return the attempt's id."""
    given = {
        "provider": "zai",
        "model": "m",
        "base_url": "https://z/v4",
        "budgets": {},
        "unknown_prices": False,
        **more,
    }
    return journal.intend(run, request_id=run, usd=usd, **given)


def accept(journal: Journal, run: str = "run-1", job_id: str = "job-1", **more: object) -> None:
    """Write down an accepted submission."""
    journal.settle(intend(journal, run, **more), AttemptOutcome.ACCEPTED, job_id=job_id)


def old_journal(folder: Path) -> Path:
    """Copy the last release's journal into a folder; return that folder."""
    folder.mkdir(parents=True)
    (folder / "journal.sqlite3").write_bytes(OLD_JOURNAL.read_bytes())
    return folder


def schema_of(path: Path) -> dict[str, str]:
    """Return every table's and index's SQL by its name, without comments and line breaks."""
    connection = sqlite3.connect(path)
    try:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    finally:
        connection.close()
    return {name: " ".join(sql.split()) for name, sql in rows}
