"""Reading the journal: queries, and rows turned into records."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..config import VideoConfig
from ..errors import ConfigError
from . import lease
from .budget import Scope, lost_spend, spend_rows, spent, utc_day
from .connection import JournalFile
from .records import Attempt, AttemptOutcome, Group, Run, RunState, Spend

__all__ = ["JournalReader"]


class JournalReader(JournalFile):
    """All questions to the journal; none of them changes it."""

    def run(self, name: str) -> Run | None:
        """Return a run by its own id, or by a provider's id of one of its jobs; None when there is none.

        Of several runs with such a job, it is the only one that has not ended.

        Raises:
            ConfigError: Several runs have such a job, and none or more than one of them has not ended.
        """
        if run := self.run_by_id(name):
            return run
        runs = self.runs_of_job(name)
        found = [run for run in runs if not run.state.ended] if len(runs) > 1 else runs
        if runs and len(found) != 1:
            raise ConfigError(
                f"Job {name!r} belongs to several runs: {', '.join(run.id for run in found or runs)}. Name one of them "
                "in place of the job."
            )
        return found[0] if found else None

    def runs_of_job(self, job_id: str) -> list[Run]:
        """Return the runs that have a job by a provider's id, newest first: ids of two providers may be alike."""
        return self._with_attempts(
            self.select(
                "SELECT * FROM runs WHERE id IN (SELECT run FROM attempts WHERE job_id = ?) "
                "ORDER BY created DESC, id DESC",
                job_id,
            )
        )

    def run_by_id(self, run: str) -> Run | None:
        """Return a run by its own id, or None."""
        rows = self.select("SELECT * FROM runs WHERE id = ?", run)
        return self._with_attempts(rows)[0] if rows else None

    def runs(self, *, limit: int = 20, states: Sequence[RunState] = ()) -> list[Run]:
        """Return the newest runs, in any state or in some."""
        among = f"WHERE state IN ({_marks(states)})" if states else ""
        query = f"SELECT * FROM runs {among} ORDER BY created DESC LIMIT ?"  # noqa: S608  only question marks
        return self._with_attempts(self.select(query, *states, limit))

    def resumable(self) -> list[Run]:
        """Return the runs that can be resumed and that no living process works on, oldest first.

        Runs in doubt are left out: the provider's list was searched already, and now a person decides.
        """
        return [run for run in self._left_unfinished() if run.resumable]

    def perhaps_running(self) -> list[Run]:
        """Return the runs that could be resumed if their processes, which cannot be seen from here, have ended."""
        return [
            run for run in self._left_unfinished() if run.attempt is not None and run.lapses_in is not None
        ]

    def _left_unfinished(self) -> list[Run]:
        states = [state for state in RunState if state.resumable and state is not RunState.IN_DOUBT]
        return self.runs(limit=10_000, states=states)[::-1]

    def finished_like(self, reuse_key: str) -> Run | None:
        """Return the newest finished run of an identical request, or None."""
        rows = self.select(
            "SELECT * FROM runs WHERE reuse_key = ? AND state = ? ORDER BY created DESC LIMIT 1",
            reuse_key,
            RunState.FINISHED,
        )
        return self._with_attempts(rows)[0] if rows else None

    def steps(self, run: str) -> list[tuple[float, str, dict[str, Any]]]:
        """Return a run's steps, oldest first: seconds since 1970, name, data."""
        rows = self.select("SELECT at, name, data FROM steps WHERE run = ? ORDER BY id", run)
        return [(row["at"], row["name"], json.loads(row["data"] or "{}")) for row in rows]

    def group(self, group: str) -> Group | None:
        """Return a group by its id, or None."""
        rows = self.select("SELECT id, kind, name, created, budget FROM run_groups WHERE id = ?", group)
        return Group(**dict(rows[0])) if rows else None

    def runs_of(self, group: str) -> list[Run]:
        """Return a group's runs, oldest first."""
        return self._with_attempts(
            self.select("SELECT * FROM runs WHERE run_group = ? ORDER BY created, id", group)
        )

    def unknown_jobs(self, attempt: int, jobs: Sequence[str]) -> list[str]:
        """Return the jobs that no other attempt at an attempt's provider has, in their order, each once."""
        with self.reading() as db:
            return unknown_jobs(db, attempt, jobs)

    def is_answer_awaited(self, attempt: int) -> bool:
        """Return True while a living process waits for the answer to a submission like an attempt's."""
        with self.reading() as db:
            return is_answer_awaited(db, attempt, time.time())

    def jobs_sent_after(self, attempt: int, at: float) -> set[str]:
        """Return the jobs that were submitted to an attempt's address after a moment, in seconds since 1970."""
        rows = self.select(
            "SELECT other.job_id FROM attempts AS it JOIN attempts AS other ON other.provider = it.provider "
            "AND other.base_url IS it.base_url AND other.id != it.id WHERE it.id = ? AND other.at > ? "
            "AND other.outcome = ?",
            attempt,
            at,
            AttemptOutcome.ACCEPTED,
        )
        return {row["job_id"] for row in rows}

    def spend(self) -> Spend:
        """Return the spend per day and provider."""
        with self.reading() as db:
            return Spend(spend_rows(db), tuple(lost_spend(db)))

    def lost_spend(self) -> list[str]:
        """Return the damaged or removed journals whose spend is not known.

        Until `start_budget_anew` empties the list, paid work under a budget is refused.
        """
        with self.reading() as db:
            return lost_spend(db)

    def spent(self, scope: Scope, *, run: str = "", group: str | None = None) -> float:
        """Return the US dollars that are spent or in doubt: in a run, today, in a group, or in the whole journal."""
        with self.reading() as db:
            return spent(db, scope, run=run, group=group, today=utc_day(time.time()))

    def _with_attempts(self, rows: Sequence[sqlite3.Row]) -> list[Run]:
        now = time.time()
        attempts = self.select(
            f"SELECT * FROM attempts WHERE run IN ({_marks(rows)}) ORDER BY id",  # noqa: S608  only question marks
            *(row["id"] for row in rows),
        )
        by_run: dict[str, list[Attempt]] = {}
        for attempt in attempts:
            by_run.setdefault(attempt["run"], []).append(_attempt_of(attempt))
        return [_run_of(row, by_run.get(row["id"], []), now) for row in rows]


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _path_of(stored: str | bytes) -> Path:
    return Path(os.fsdecode(stored))


def unknown_jobs(db: sqlite3.Connection, attempt: int, jobs: Sequence[str]) -> list[str]:
    """Return the jobs that no other attempt at an attempt's provider has; the caller holds the transaction."""
    # An id is unique at an address, and one server may have several, such as localhost and 127.0.0.1: an id that is
    # known at any address of the provider may be the same job.
    query = (
        "SELECT 1 FROM attempts AS it JOIN attempts AS other ON other.id != it.id "
        "AND (other.provider = it.provider OR other.base_url = it.base_url) WHERE it.id = ? AND other.job_id = ?"
    )
    return [job for job in dict.fromkeys(jobs) if db.execute(query, (attempt, job)).fetchone() is None]


def is_answer_awaited(db: sqlite3.Connection, attempt: int, now: float) -> bool:
    """Return True while a living process waits for the answer to a submission like an attempt's.

    A job in the provider's list may be that other submission's, until its answer names its job.
    """
    query = (
        "SELECT ours.config AS ours, theirs.config AS theirs, theirs.owner AS owner, theirs.beat AS beat "
        "FROM attempts AS it JOIN runs AS ours ON ours.id = it.run "
        "JOIN attempts AS other ON other.base_url IS it.base_url AND other.provider = it.provider "
        "AND other.model IS it.model AND other.id != it.id "
        "JOIN runs AS theirs ON theirs.id = other.run WHERE it.id = ? AND other.outcome = ?"
    )
    return any(
        lease.still_holds(row["owner"], row["beat"], now) and _content(row["ours"]) == _content(row["theirs"])
        for row in db.execute(query, (attempt, AttemptOutcome.SENT))
    )


def _content(config: str) -> tuple[object, object]:
    """Return what every provider's list shows of a request, in some form: its style and its prompt."""
    fields = json.loads(config)
    return fields.get("style"), fields.get("prompt")


def _attempt_of(row: sqlite3.Row) -> Attempt:
    return Attempt(
        id=row["id"],
        at=row["at"],
        provider=row["provider"],
        model=row["model"],
        base_url=row["base_url"],
        request_id=row["request_id"],
        usd=row["usd"],
        usd_actual=row["usd_actual"],
        outcome=AttemptOutcome(row["outcome"]),
        job_id=row["job_id"],
        clip=_path_of(row["clip"]) if row["clip"] else None,
        clip_sha=row["clip_sha"],
        message=row["message"],
        scene=row["scene"],
    )


def _run_of(row: sqlite3.Row, attempts: Sequence[Attempt], now: float) -> Run:
    source = row["subtitles"]
    hold = lease.hold_of(row["owner"], row["beat"], now)
    return Run(
        id=row["id"],
        created=row["created"],
        updated=row["updated"],
        state=RunState(row["state"]),
        narration=_path_of(row["narration"]),
        narration_sha=row["narration_sha"],
        seconds=row["seconds"],
        subtitles=_path_of(source) if row["subtitles_are"] == "path" else source,
        config=VideoConfig.of(json.loads(row["config"])),
        chain=tuple(json.loads(row["chain"])),
        output_dir=_path_of(row["output_dir"]),
        result=json.loads(row["result"] or "{}"),
        message=row["message"],
        held=hold.held,
        attempts=tuple(attempts),
        group=row["run_group"],
        lapses_in=hold.lapses_in,
        reuse_key=row["reuse_key"],
    )
