"""Migrations: any older journal opens with all that it holds, and released ones never change."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from voxweave_nb import GeneratedVideo, JournalError, VideoConfig
from voxweave_nb.journal import AttemptOutcome, Journal, RunState, connection, schema

from .rows import OLD_JOURNAL, accept, ask, old_journal, schema_of

RELEASED = {
    "0001_runs_creates_steps.sql": "279e8d646e0bec4dadb54681227e351b9424eb98dad84128b30f3aa9ee1eb5d5",
}
"""SHA-256 of each migration that a release has shipped."""

RUN = "20231114-221320-aaaa{:02d}"


@pytest.fixture
def migrated(tmp_path: Path) -> Iterator[Journal]:
    """The last release's journal, opened by this one."""
    journal = Journal(old_journal(tmp_path / "home"))
    yield journal
    journal.close()


def know_only(monkeypatch: pytest.MonkeyPatch, *known: schema.Migration) -> None:
    """Let the package know only some migrations."""
    monkeypatch.setattr(schema, "migrations", lambda: known)


@pytest.mark.parametrize("name", RELEASED)
def test_a_released_migration_is_never_edited(name):
    content = resources.files("voxweave_nb.journal").joinpath("migrations", name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == RELEASED[name]


def test_migrations_are_named_in_order():
    names = [migration.name for migration in schema.migrations()]
    assert names[0] == "0001 runs, creates, steps"
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


def test_a_blank_folder_gets_all_migrations(tmp_path):
    journal = Journal(tmp_path / "deep" / "home")
    names = [row["name"] for row in journal.select("SELECT name FROM migrations ORDER BY name")]
    assert names == [migration.name for migration in schema.migrations()]
    assert journal.select("PRAGMA journal_mode")[0][0] == "wal"
    journal.close()


def test_the_first_migration_makes_the_release_tables(tmp_path, monkeypatch):
    know_only(monkeypatch, *schema.migrations()[:1])
    Journal(tmp_path / "new").close()
    old = schema_of(old_journal(tmp_path / "old") / "journal.sqlite3")
    assert schema_of(tmp_path / "new" / "journal.sqlite3") == old


def test_an_old_journal_gets_the_newest_tables(migrated, journal):
    columns = {}
    for opened in (migrated, journal):
        tables = [row["name"] for row in opened.select("SELECT name FROM sqlite_master ORDER BY name")]
        columns[opened] = {
            table: sorted(map(tuple, opened.select(f"PRAGMA table_info({table})"))) for table in tables
        }
    assert columns[migrated] == columns[journal]


def test_every_state_of_an_old_run_stays(migrated):
    states = [(run.id, run.state, run.held) for run in migrated.runs()]
    expected = {
        1: "requested", 2: "requested", 3: "accepted", 4: "downloaded", 5: "finished", 6: "finished", 7: "failed",
        8: "failed", 9: "canceled", 10: "ambiguous", 11: "late", 12: "abandoned",
    }  # fmt: skip
    assert states == [(RUN.format(n), expected[n], False) for n in sorted(expected, reverse=True)]
    assert all(run.group is None for run in migrated.runs())
    resumable = [run.id for run in migrated.resumable()]
    assert resumable == [RUN.format(n) for n in (2, 3, 4, 11)]


def test_every_old_attempt_stays(migrated):
    attempts = [
        (int(run.id[-2:]), one.provider, one.outcome, one.usd, one.usd_actual, one.job_id)
        for run in reversed(migrated.runs())
        for one in run.attempts
    ]
    assert attempts == [
        (2, "zai", AttemptOutcome.SENT, 0.2, None, None),
        (3, "fal", AttemptOutcome.REFUSED, 1.5, None, None),
        (3, "zai", AttemptOutcome.ACCEPTED, 0.2, None, "zai-job-3"),
        (4, "gateway", AttemptOutcome.ACCEPTED, None, None, "gw-4"),
        (5, "zai", AttemptOutcome.ACCEPTED, 0.2, 0.17, "zai-job-5"),
        (6, "local", AttemptOutcome.ACCEPTED, 0.0, None, "local-6"),
        (7, "zai", AttemptOutcome.ACCEPTED, 0.2, None, "zai-job-7"),
        (8, "zai", AttemptOutcome.REFUSED, 0.2, None, None),
        (9, "gemini", AttemptOutcome.ACCEPTED, 0.8, None, "gem-9"),
        (10, "zai", AttemptOutcome.IN_DOUBT, 0.2, None, None),
        (11, "openai_sora", AttemptOutcome.ACCEPTED, 2.4, None, "video_11"),
        (12, "zai", AttemptOutcome.ACCEPTED, None, None, "zai-job-12"),
    ]  # fmt: skip
    assert migrated.run("zai-job-3").attempts[0].message == "fal is busy (429)"
    assert {one.scene for run in migrated.runs() for one in run.attempts} == {None}


def test_old_paths_texts_and_results_stay(migrated):
    with_file, with_odd_name, finished = (migrated.run(RUN.format(n)) for n in (3, 4, 5))
    assert with_file.subtitles == Path("/home/someone/talks/talk.srt")
    assert with_odd_name.narration == Path("/home/someone/caf\udce9.wav")
    assert with_odd_name.attempt.clip.name == "aaaa04.video"
    assert with_odd_name.attempt.clip_sha == "f" * 64
    assert finished.subtitles.startswith("1\n")
    assert finished.config == VideoConfig(prompt="a quiet harbour", style="anime")
    video = GeneratedVideo.from_dict(finished.result)
    assert (video.provenance.declined, video.provenance.version) == ({"fal": "fal has no key"}, "0.1.0.dev0")
    assert migrated.finished_like("key-5").id == finished.id
    assert [name for _, name, _ in migrated.steps(finished.id)] == [
        "requested", "intent", "accepted", "status", "cost", "downloaded", "finished",
    ]  # fmt: skip


def test_old_spend_stays(migrated):
    rows = [(row.provider, row.jobs, row.usd, row.in_doubt, row.unknown) for row in migrated.spend().rows]
    assert rows == [
        ("gateway", 1, 0, 0, 1), ("gemini", 1, 0.8, 0, 0), ("openai_sora", 1, 2.4, 0, 0),
        ("zai", 6, pytest.approx(0.97), 2, 1),
    ]  # fmt: skip
    assert migrated.spent("journal") == pytest.approx(4.17)


def test_old_local_days_become_utc(tmp_path):
    home = old_journal(tmp_path / "home")
    moment = 1_700_000_000  # 2023-11-14 22:13:20 UTC: the 15th in Berlin
    with sqlite3.connect(home / "journal.sqlite3") as old:
        old.execute("UPDATE creates SET at = ?, day = '2023-11-15'", (moment,))
    old.close()
    journal = Journal(home)
    assert {row.day for row in journal.spend().rows} == {"2023-11-14"}
    assert {row["day"] for row in journal.select("SELECT day FROM attempts")} == {"2023-11-14"}
    journal.close()


def test_an_old_journal_is_written_on(migrated):
    old = migrated.run(RUN.format(11))
    assert migrated.take(old.id)
    migrated.downloaded(old.id, "video_11", Path("/tmp/clip.mp4"), "sha")
    migrated.end(old.id, RunState.FINISHED, result={})
    ask(migrated, "new")
    accept(migrated, "new")
    assert [migrated.run(name).state for name in (old.id, "new")] == ["finished", "accepted"]


def test_a_migration_that_breaks_changes_nothing(tmp_path, monkeypatch):
    home = old_journal(tmp_path / "home")
    broken = schema.Migration("0003 broken", "CREATE TABLE more (id TEXT); SELECT id FROM nowhere;")
    know_only(monkeypatch, *schema.migrations(), broken)
    with pytest.raises(JournalError, match="no such table: nowhere"):
        Journal(home)
    assert schema_of(home / "journal.sqlite3") == schema_of(OLD_JOURNAL)


def test_the_last_release_refuses_a_new_journal(migrated, monkeypatch):
    """The last release knows only the first migration, and has the same rule as this one."""
    know_only(monkeypatch, *schema.migrations()[:1])
    before = migrated.path.read_bytes()
    with pytest.raises(JournalError, match=r"made by a newer version.*'\d{4} .*nothing was changed"):
        Journal(migrated.home)
    assert migrated.path.read_bytes() == before


def test_comments_and_semicolons_split_statements():
    migration = schema.Migration("0009", "-- a; b\nCREATE TABLE a (id); -- c;\n\nCREATE TABLE b (id);\n")
    assert migration.statements == ["CREATE TABLE a (id)", "CREATE TABLE b (id)"]


def test_the_released_journal_itself_is_untouched():
    with sqlite3.connect(f"file:{OLD_JOURNAL}?immutable=1", uri=True) as db:
        names = db.execute("SELECT name FROM migrations").fetchall()
    db.close()
    assert names == [("0001 runs, creates, steps",)]
    assert connection.NAME == "journal.sqlite3"


def test_jobs_adopted_twice_in_an_old_journal_stay(tmp_path):
    home = old_journal(tmp_path / "home")
    with contextlib.closing(sqlite3.connect(home / "journal.sqlite3")) as old, old:
        old.execute(
            "UPDATE creates SET base_url = 'https://z/v4', job_id = 'zai-job-3' WHERE provider = 'zai'"
        )
    journal = Journal(home)
    rows = journal.select("SELECT job_id, shares_job FROM attempts WHERE provider = 'zai' ORDER BY id")
    assert [row["job_id"] for row in rows] == ["zai-job-3"] * len(rows)
    assert [row["shares_job"] for row in rows] == [0] + [1] * (len(rows) - 1)
    journal.close()
