"""Writing the journal: each step of a run is one transaction, committed before the step is announced."""

from __future__ import annotations

import contextlib
import json
import math
import os
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import BudgetExceeded, JournalError
from ..models import JobState
from . import failpoints, lease, opening
from .budget import (
    check_budgets,
    check_known_spend,
    checked_price,
    keep_pruned_spend,
    note_lost_spend,
    start_anew,
    utc_day,
    with_group_budget,
)
from .reading import JournalReader, is_answer_awaited, unknown_jobs
from .records import AttemptOutcome, Group, Requested, Run, RunState

__all__ = ["Journal", "open_journal"]

_opened: dict[tuple[Path, int], Journal] = {}


def open_journal(home: Path) -> Journal:
    """Return the journal of a folder; each process opens it once, and once more when it was closed or removed.

    Raises:
        JournalError: It cannot be read or written, or a newer release made it.
    """
    # The process is a part of the key: a connection does not survive a fork, and must not be closed by the child.
    key = (home.expanduser().absolute(), os.getpid())
    with opening.alone():
        old = _opened.get(key)
        if old is None or not old.usable:
            _opened[key] = Journal(key[0])
            if old is not None and not old.closed:
                _opened[key].note_removed(old)
        return _opened[key]


class Journal(JournalReader):
    """Every run and every attempt, in one SQLite file that all processes of a person share.

    Args:
        home: The folder of the journal.

    Raises:
        JournalError: It cannot be read or written, or a newer release made it. Every method can raise it.
    """

    # A run's way

    def request(
        self, run: str, asked: Requested, *, unless: Callable[[Run], bool] | None = None
    ) -> Run | None:
        """Write a new run down; this process holds it from now on.

        Args:
            run: The run's id.
            asked: The request.
            unless: Asked in the same transaction about each run of the group with the same reuse key; where it
                returns True, nothing is written. Of two processes that make one scene, one is told of the other.

        Returns:
            The run for which `unless` returned True, or None if the new one was written.
        """
        failpoints.reach("before the request")
        now = time.time()
        row = {
            "id": run,
            "created": now,
            "updated": now,
            "state": RunState.REQUESTED,
            "narration": _stored_path(asked.narration),
            "narration_sha": asked.narration_sha,
            "seconds": asked.seconds,
            **_stored_subtitles(asked.subtitles),
            "config": json.dumps(asked.config.as_dict()),
            "chain": json.dumps(list(asked.chain)),
            "reuse_key": asked.reuse_key,
            "output_dir": _stored_path(asked.output_dir),
            "owner": lease.this_process(),
            "beat": now,
            "run_group": asked.group,
        }
        with self.transaction() as db:
            if unless is not None:
                alike = (
                    each for each in self.runs_of(asked.group or "") if each.reuse_key == asked.reuse_key
                )
                if found := next(filter(unless, alike), None):
                    return found
            _insert(db, "runs", row)
            _add_step(db, run, "requested")
        failpoints.reach("after the request")
        return None

    def intend(
        self,
        run: str,
        *,
        provider: str,
        model: str | None,
        base_url: str | None,
        request_id: str,
        usd: float | None,
        budgets: Mapping[str, float],
        unknown_prices: bool,
        scene: str | None = None,
    ) -> int:
        """Write down that a submission is about to be sent, unless it would exceed a budget.

        A group's stored budget is checked along with the given ones, in the same transaction.

        Args:
            run: The submission's run.
            provider: The provider's name.
            model: The requested model.
            base_url: The provider's address.
            request_id: The id that this package gives the request.
            usd: The estimated price in US dollars, or None when it is not known.
            budgets: US dollars by scope: `"run"`, `"day"`, `"group"` and `"journal"`; a missing one has no limit.
            unknown_prices: Allow a submission of unknown price although there is a budget.
            scene: The storyboard's scene that the clip is for, or None.

        Returns:
            The attempt's id.

        Raises:
            BudgetExceeded: It would exceed a budget, or the spend before is not known; nothing was sent.
            ProviderUnavailable: The price cannot be one: not a number, infinite or negative.
        """
        failpoints.reach("before the intent")
        usd = checked_price(provider, usd)
        now = time.time()
        with self.transaction() as db:
            budgets = with_group_budget(db, run, budgets)
            check_known_spend(db, budgets, usd)
            if usd is None and budgets and not unknown_prices:
                raise _price_unknown(provider, model, min(budgets.values()))
            check_budgets(db, budgets, usd, run=run, today=utc_day(now))
            row = {
                "run": run,
                "at": now,
                "day": utc_day(now),
                "provider": provider,
                "model": model,
                "base_url": base_url,
                "request_id": request_id,
                "usd": usd,
                "outcome": AttemptOutcome.SENT,
                "scene": scene,
            }
            attempt = _insert(db, "attempts", row)
            _add_step(db, run, "intent", provider=provider, model=model, usd=usd, scene=scene)
        failpoints.reach("after the intent")
        return attempt

    def settle(
        self,
        attempt: int,
        outcome: AttemptOutcome,
        *,
        job_id: str | None = None,
        usd: float | None = None,
        message: str = "",
    ) -> None:
        """Write down the outcome of a submission; a price in US dollars that the provider states replaces the estimate.

        An id that another attempt at this address has as well is written down all the same: the server gave it.
        """
        failpoints.reach("after the answer")
        with self.transaction() as db:
            _settle(db, attempt, outcome, job_id=job_id, usd=usd, message=message)
        if outcome is AttemptOutcome.ACCEPTED:
            failpoints.reach("after acceptance")

    def adopt(self, attempt: int, matches: Sequence[str], possible: Sequence[str]) -> str | None:
        """Settle a lost submission with the one job that can be it.

        Args:
            attempt: The attempt's id.
            matches: The jobs in the provider's list that are as they were sent.
            possible: The jobs in the list that may be it, `matches` among them.

        Returns:
            The job's id, or None if no job or more than one is left that no other attempt has, if the one that is
            left is not among `matches`, or if it may be the job of a like submission whose answer is on its way.
        """
        with self.transaction() as db:
            row = db.execute("SELECT outcome, job_id FROM attempts WHERE id = ?", (attempt,)).fetchone()
            if row["outcome"] == AttemptOutcome.ACCEPTED:
                return str(row["job_id"])
            left = unknown_jobs(db, attempt, possible)
            if len(left) != 1 or left[0] not in matches or is_answer_awaited(db, attempt, time.time()):
                return None
            _settle(db, attempt, AttemptOutcome.ACCEPTED, job_id=left[0], message="found in the list")
        failpoints.reach("after acceptance")
        return left[0]

    def status(self, run: str, job_id: str, status: str, message: str = "") -> None:
        """Write down a job's new status."""
        with self.transaction() as db:
            db.execute("UPDATE attempts SET status = ? WHERE run = ? AND job_id = ?", (status, run, job_id))
            _add_step(db, run, "status", status=status, message=message)
        failpoints.reach("after a status")

    def failed_at_provider(self, run: str, job_id: str, message: str) -> None:
        """Write down that the provider reports a job as failed; the next provider can be tried."""
        with self.transaction() as db:
            db.execute(
                "UPDATE attempts SET status = ?, message = ? WHERE run = ? AND job_id = ?",
                (JobState.FAILED.value, message, run, job_id),
            )
            _set_state(db, run, RunState.REQUESTED)
            _add_step(db, run, "failed at the provider", job_id=job_id, message=message)

    def downloaded(self, run: str, job_id: str, clip: Path, sha: str) -> None:
        """Write down that a clip is on disk, with its SHA-256."""
        if clip.absolute().is_relative_to(self.clips.absolute()):
            opening.make_private(self.clips, clip.name)
        with self.transaction() as db:
            db.execute(
                "UPDATE attempts SET clip = ?, clip_sha = ? WHERE run = ? AND job_id = ?",
                (_stored_path(clip), sha, run, job_id),
            )
            _set_state(db, run, RunState.DOWNLOADED)
            _add_step(db, run, "downloaded", clip=str(clip))
        failpoints.reach("after the download")

    def end(
        self,
        run: str,
        state: RunState | Callable[[Run], RunState],
        *,
        message: str = "",
        result: Mapping[str, Any] | None = None,
    ) -> None:
        """Write down how a run ended, and end this process's lease.

        A finished run stays as it is, and only the process that holds a run can end it without a video.

        Args:
            run: The run's id.
            state: Its new state, or a function that returns it for the run as it is in this transaction.
            message: The last message on it.
            result: The finished video as plain values.
        """
        with self.transaction() as db:
            self._end(db, run, state, message, result)
        failpoints.reach("after the end")

    def _end(
        self,
        db: sqlite3.Connection,
        run: str,
        state: RunState | Callable[[Run], RunState],
        message: str,
        result: Mapping[str, Any] | None,
    ) -> None:
        now = self.run_by_id(run)
        if now is None:
            return
        ending = state(now) if callable(state) else RunState(state)
        row = db.execute("SELECT owner FROM runs WHERE id = ?", (run,)).fetchone()
        elsewhere = row["owner"] not in (None, lease.this_process())
        if now.state is RunState.FINISHED or (elsewhere and ending is not RunState.FINISHED):
            _release(db, run)
            return
        db.execute(
            "UPDATE runs SET state = ?, message = ?, result = COALESCE(?, result), updated = ?, owner = NULL, "
            "beat = NULL WHERE id = ?",
            (ending, message, None if result is None else json.dumps(result), time.time(), run),
        )
        _add_step(db, run, ending, message=message)

    def cost(self, run: str, job_id: str, usd: float) -> None:
        """Write down a job's cost in US dollars, as the provider reports it; budgets use it from now on."""
        with self.transaction() as db:
            query = "UPDATE attempts SET usd_actual = ? WHERE run = ? AND job_id = ? AND usd_actual IS NOT ?"
            if db.execute(query, (usd, run, job_id, usd)).rowcount:
                _add_step(db, run, "cost", usd=usd)

    # Spend that is not known

    def note_removed(self, old: Journal) -> None:
        """Write down that the spend in a removed journal is not known, unless this one knows as much."""
        try:
            nothing_lost = old.spent("journal") <= self.spent("journal")
        except JournalError:
            nothing_lost = False
        if not nothing_lost:
            stamp = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
            with self.transaction() as db:
                note_lost_spend(db, [f"the journal that was removed before {stamp}"])

    def start_budget_anew(self) -> list[str]:
        """Let budgets count from this journal on, after a damaged or removed one.

        Returns:
            The journals whose spend is left out from now on; empty when all is known.
        """
        with self.transaction() as db:
            return start_anew(db)

    # Leases

    def take(self, run: str) -> Run | None:
        """Take the lease of a run and return the run as it is now.

        Its state is read in the transaction that takes it: what was listed before can be out of date.

        Returns:
            The run; None when no such run exists, it has ended, or a living process holds it.
        """
        with self.transaction() as db:
            now = self.run_by_id(run)
            if now is None or now.state.ended or now.held:
                return None
            before = db.execute("SELECT owner FROM runs WHERE id = ?", (run,)).fetchone()["owner"]
            db.execute(
                "UPDATE runs SET owner = ?, beat = ? WHERE id = ?", (lease.this_process(), time.time(), run)
            )
            _add_step(db, run, "taken over" if before else "taken up")
            return replace(now, held=True)

    def beat(self, runs: Sequence[str]) -> None:
        """Renew this process's leases of some runs."""
        with self.transaction() as db:
            for run in runs:
                db.execute(
                    "UPDATE runs SET beat = ? WHERE id = ? AND owner = ?",
                    (time.time(), run, lease.this_process()),
                )

    def release(self, run: str) -> None:
        """End this process's lease of a run, so that any process can take it."""
        with self.transaction() as db:
            _release(db, run)

    # Groups

    def open_group(self, group: str, *, kind: str, name: str, budget: float | None = None) -> Group:
        """Create a group, or set the name and budget of an existing one.

        Args:
            group: The group's id.
            kind: `"lab"` or `"board"`; kept as it is when the group exists.
            name: The person's name for it.
            budget: US dollars for its whole life, or None for no limit.

        Raises:
            ValueError: The budget is not a finite number of at least 0.
        """
        if budget is not None and not 0 <= budget < math.inf:
            raise ValueError(
                f"The budget of group {group} is {budget!r}; give US dollars of at least 0, or None."
            )
        with self.transaction() as db:
            db.execute(
                "INSERT INTO run_groups (id, kind, name, created, budget) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET name = excluded.name, budget = excluded.budget",
                (group, kind, name, time.time(), budget),
            )
        opened = self.group(group)
        assert opened is not None  # the transaction above has written it
        return opened

    # Forgetting

    def prune(self, *, before: float) -> int:
        """Delete runs that ended before a moment, with their clips and spend; a group's budget still counts it.

        Args:
            before: Seconds since 1970.

        Returns:
            The number of deleted runs.
        """
        states = {state.name: state for state in RunState if state.ended}
        ended = f"SELECT id FROM runs WHERE updated < :before AND state IN (:{', :'.join(states)})"  # noqa: S608
        values = {**states, "before": before}
        with self.transaction() as db:
            pruned = {run for (run,) in db.execute(ended, values)}
            keep_pruned_spend(db, ended, values)
            for table in ("steps", "attempts"):
                db.execute(f"DELETE FROM {table} WHERE run IN ({ended})", values)  # noqa: S608  only our own names
            db.execute(f"DELETE FROM runs WHERE id IN ({ended})", values)  # noqa: S608
            left = {run for (run,) in db.execute("SELECT id FROM runs")}
        self._delete_clips(pruned, left, before)
        return len(pruned)

    def _delete_clips(self, pruned: set[str], left: set[str], before: float) -> None:
        """Delete the clips of pruned runs, and old ones of runs that nobody knows any more."""
        # A journal that was set aside may still be repaired, and then its runs need their clips.
        all_known = not opening.set_aside_names(self.path)
        for clip in self.clips.iterdir() if self.clips.is_dir() else ():
            run = clip.name.removeprefix(".").rpartition("-")[0]
            with contextlib.suppress(OSError):
                forgotten = all_known and run not in left and clip.stat().st_mtime < before
                if run in pruned or forgotten:
                    clip.unlink()


def _settle(
    db: sqlite3.Connection,
    attempt: int,
    outcome: AttemptOutcome,
    *,
    job_id: str | None,
    usd: float | None = None,
    message: str,
) -> None:
    before = db.execute("SELECT run, outcome FROM attempts WHERE id = ?", (attempt,)).fetchone()
    run = before["run"]
    shared = job_id is not None and not unknown_jobs(db, attempt, [job_id])
    db.execute(
        "UPDATE attempts SET outcome = ?, job_id = ?, shares_job = ?, usd = COALESCE(?, usd), message = ? WHERE id = ?",
        (outcome, job_id, shared, usd, message, attempt),
    )
    if outcome is AttemptOutcome.ACCEPTED:
        _set_state(db, run, RunState.ACCEPTED)
    elif outcome is AttemptOutcome.IN_DOUBT:
        _set_state(db, run, RunState.IN_DOUBT)
    elif before["outcome"] == AttemptOutcome.IN_DOUBT and not _has_doubt(db, run):
        _set_state(db, run, RunState.REQUESTED)
    _add_step(db, run, outcome, job_id=job_id, usd=usd, message=message)


def _has_doubt(db: sqlite3.Connection, run: str) -> bool:
    query = "SELECT 1 FROM attempts WHERE run = ? AND outcome = ?"
    return db.execute(query, (run, AttemptOutcome.IN_DOUBT)).fetchone() is not None


def _insert(db: sqlite3.Connection, table: str, row: Mapping[str, object]) -> int:
    columns, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    inserted = db.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", row).lastrowid  # noqa: S608  our names
    assert inserted is not None  # an INSERT always sets it
    return inserted


def _add_step(db: sqlite3.Connection, run: str, name: str, **data: Any) -> None:
    known = {key: value for key, value in data.items() if value not in (None, "")}
    _insert(db, "steps", {"run": run, "at": time.time(), "name": name, "data": json.dumps(known)})


def _set_state(db: sqlite3.Connection, run: str, state: RunState) -> None:
    """Set a run's state, unless another process has finished it meanwhile: nothing leaves that state."""
    db.execute(
        "UPDATE runs SET state = ?, updated = ? WHERE id = ? AND state <> ?",
        (state, time.time(), run, RunState.FINISHED),
    )


def _release(db: sqlite3.Connection, run: str) -> None:
    db.execute(
        "UPDATE runs SET owner = NULL, beat = NULL WHERE id = ? AND owner = ?", (run, lease.this_process())
    )


def _price_unknown(provider: str, model: str | None, budget: float) -> BudgetExceeded:
    return BudgetExceeded(
        f"The price of {model or 'this'} at {provider} is not known, and a budget is set. Nothing was sent. "
        "Say unknown_prices=True (--unknown-prices in a terminal) to send it all the same.",
        usd=None,
        spent=0.0,
        budget=budget,
    )


def _stored_path(path: Path) -> str | bytes:
    """Return an absolute path as text, or as bytes when its name cannot be encoded as UTF-8."""
    text = str(path.absolute())
    try:
        text.encode()
    except UnicodeEncodeError:
        return os.fsencode(text)
    return text


def _stored_subtitles(subtitles: Path | str | None) -> dict[str, str | bytes | None]:
    if isinstance(subtitles, Path):
        return {"subtitles": _stored_path(subtitles), "subtitles_are": "path"}
    return {"subtitles": subtitles, "subtitles_are": None if subtitles is None else "text"}
