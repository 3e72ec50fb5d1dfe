"""The journal's one SQLite file, shared by all kernels and processes of a person on one machine."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ..config import VideoConfig
from ..errors import BudgetExceeded, JournalError
from . import points
from .owner import me, still_holds
from .records import RESUMABLE, Create, Requested, Run, Spend, SpendRow
from .schema import MIGRATIONS

__all__ = ["Journal", "open_journal"]

NAME = "journal.sqlite3"
_BUSY = 30.0
"""Seconds that a process waits for another one's write."""

_COUNTS = "outcome <> 'refused'"
_COST = "COALESCE(usd_actual, usd, 0)"


_open: dict[tuple[Path, int], Journal] = {}
_opening = threading.Lock()


def open_journal(home: Path) -> Journal:
    """The journal of a folder, one for each process.

    Raises:
        JournalError: It cannot be read or written, or a newer version of this package made it.
    """
    place = (home.expanduser().absolute(), os.getpid())  # a connection does not survive a fork
    with _opening:
        if place not in _open:
            _open[place] = Journal(place[0])
        return _open[place]


class Journal:
    """Every run and every create, written before it is announced; safe to use from any thread.

    Args:
        home: The folder that it lies in, with the pictures that were fetched and are not finished yet.

    Raises:
        JournalError: It cannot be read or written, or a newer version of this package made it.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.path = home / NAME
        self.set_aside: Path | None = None
        self._lock = threading.RLock()
        try:
            home.mkdir(parents=True, exist_ok=True)
            self._connection = self._connect()
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error

    # Opening

    def _connect(self) -> sqlite3.Connection:
        try:
            return self._prepared()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            self._put_aside()
            return self._prepared()

    def _prepared(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_BUSY, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(
                "PRAGMA synchronous = FULL"
            )  # money is at stake: a power cut must not undo an intent
            connection.execute("PRAGMA foreign_keys = ON")
            self._migrate(connection)
            if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("quick_check failed")
        except BaseException:
            connection.close()
            raise
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        with _writing(connection):
            connection.execute(
                "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, at REAL NOT NULL)"
            )
            done = {row["name"] for row in connection.execute("SELECT name FROM migrations")}
            if unknown := sorted(done - {name for name, _ in MIGRATIONS}):
                raise JournalError(
                    f"The journal {self.path} was made by a newer version of voxweave_nb (it knows {unknown[-1]!r}). "
                    "Update this one, or let VOXWEAVE_HOME name another folder; nothing was changed.",
                    path=self.path,
                )
            for name, script in MIGRATIONS:
                if name not in done:
                    for statement in _statements(script):
                        connection.execute(statement)
                    connection.execute("INSERT INTO migrations VALUES (?, ?)", (name, time.time()))

    def _put_aside(self) -> None:
        """Moves a damaged file out of the way, whole, for whoever can still read it."""
        stamp = time.strftime("%Y%m%d-%H%M%S")
        self.set_aside = self.path.with_name(f"damaged-{stamp}-{NAME}")
        for ending in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{self.path}{ending}").rename(f"{self.set_aside}{ending}")

    def _unusable(self, error: Exception) -> JournalError:
        if isinstance(error, JournalError):
            return error
        return JournalError(
            f"The journal {self.path} cannot be used ({error}). Free some space, make the folder writable, or let "
            "VOXWEAVE_HOME name another one.",
            path=self.path,
        )

    def close(self) -> None:
        """Closes the file; the journal is not used afterwards."""
        with self._lock:
            self._connection.close()

    @contextlib.contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """One transaction that no other process can come between."""
        with self._lock:
            try:
                with _writing(self._connection):
                    yield self._connection
            except (OSError, sqlite3.Error, UnicodeError) as error:
                raise self._unusable(error) from error

    def _read(self, query: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            try:
                return self._connection.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise self._unusable(error) from error

    # A run

    def request(self, run: str, asked: Requested) -> None:
        """Writes down what was asked for; this process holds the run from now on."""
        points.reach("before the request")
        now = time.time()
        with self._write() as db:
            db.execute(
                "INSERT INTO runs (id, created, updated, state, narration, narration_sha, seconds, subtitles, "
                "subtitles_are, config, chain, reuse_key, output_dir, owner, beat) "
                "VALUES (?, ?, ?, 'requested', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    run, now, now, _put(asked.narration), asked.narration_sha, asked.seconds,
                    *_subtitles(asked.subtitles), json.dumps(asked.config.as_dict()), json.dumps(list(asked.chain)),
                    asked.reuse_key, _put(asked.output_dir), me(), now,
                ),
            )  # fmt: skip
            _step(db, run, "requested")
        points.reach("after the request")

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
    ) -> int:
        """Writes down that a create is about to be sent, unless a budget does not allow it.

        Args:
            run: For which run.
            provider: To whom.
            model: The model that is asked for.
            base_url: Where that provider lives.
            request_id: Our own name of the request.
            usd: The estimate in US dollars, or None where no price is known.
            budgets: US dollars for `"run"`, `"day"` and `"journal"`, as far as there are any.
            unknown_prices: Whether a create of unknown price may be sent although there is a budget.

        Raises:
            BudgetExceeded: It would pass a budget; nothing was sent.
        """
        points.reach("before the intent")
        today = date.today().isoformat()
        with self._write() as db:
            if usd is None and budgets and not unknown_prices:
                raise BudgetExceeded(
                    f"What {provider} charges for {model or 'this'} is not known, and a budget is set. Nothing was "
                    "sent. Say unknown_prices=True (--unknown-prices in a terminal) to send it all the same.",
                    usd=None,
                    spent=0.0,
                    budget=min(budgets.values()),
                )
            for scope, budget in budgets.items():
                _check_budget(db, scope, budget, usd or 0.0, run=run, today=today)
            intent = db.execute(
                "INSERT INTO creates (run, at, day, provider, model, base_url, request_id, usd, outcome) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'sent')",
                (run, time.time(), today, provider, model, base_url, request_id, usd),
            ).lastrowid
            _step(db, run, "intent", provider=provider, model=model, usd=usd)
        points.reach("after the intent")
        assert intent is not None
        return intent

    def settle(self, intent: int, outcome: str, *, job_id: str | None = None, words: str = "") -> None:
        """Writes down what became of a create: `"accepted"`, `"refused"` or `"ambiguous"`."""
        points.reach("after the answer")
        with self._write() as db:
            run = db.execute("SELECT run FROM creates WHERE id = ?", (intent,)).fetchone()["run"]
            db.execute(
                "UPDATE creates SET outcome = ?, job_id = ?, words = ? WHERE id = ?",
                (outcome, job_id, words, intent),
            )
            if outcome in ("accepted", "ambiguous"):
                _move(db, run, outcome)
            _step(db, run, outcome, job_id=job_id, words=words)
        if outcome == "accepted":
            points.reach("after acceptance")

    def status(self, run: str, job_id: str, status: str, words: str = "") -> None:
        """Writes down that a job's status changed."""
        with self._write() as db:
            db.execute("UPDATE creates SET status = ? WHERE run = ? AND job_id = ?", (status, run, job_id))
            _step(db, run, "status", status=status, words=words)
        points.reach("after a status")

    def failed_at_provider(self, run: str, job_id: str, words: str) -> None:
        """Writes down that a job is known to have failed there, so that another provider may be asked."""
        with self._write() as db:
            db.execute(
                "UPDATE creates SET status = 'failed', words = ? WHERE run = ? AND job_id = ?",
                (words, run, job_id),
            )
            _move(db, run, "requested")
            _step(db, run, "failed at the provider", job_id=job_id, words=words)

    def downloaded(self, run: str, job_id: str, picture: Path, sha: str) -> None:
        """Writes down that a picture is here."""
        with self._write() as db:
            db.execute(
                "UPDATE creates SET picture = ?, picture_sha = ? WHERE run = ? AND job_id = ?",
                (_put(picture), sha, run, job_id),
            )
            _move(db, run, "downloaded")
            _step(db, run, "downloaded", picture=str(picture))
        points.reach("after the download")

    def end(
        self, run: str, state: str, *, message: str = "", result: Mapping[str, Any] | None = None
    ) -> None:
        """Writes down how a run ended; nobody holds it any more."""
        with self._write() as db:
            db.execute(
                "UPDATE runs SET state = ?, message = ?, result = COALESCE(?, result), updated = ?, owner = NULL, "
                "beat = NULL WHERE id = ?",
                (state, message, None if result is None else json.dumps(result), time.time(), run),
            )
            _step(db, run, state, message=message)
        points.reach("after the end")

    def cost(self, run: str, job_id: str, usd: float) -> None:
        """Writes down what the provider says that a job cost, in US dollars."""
        with self._write() as db:
            db.execute("UPDATE creates SET usd_actual = ? WHERE run = ? AND job_id = ?", (usd, run, job_id))
            _step(db, run, "cost", usd=usd)

    # Who holds it

    def take(self, run: str) -> bool:
        """Takes a run that no living process holds; False when one does."""
        now = time.time()
        with self._write() as db:
            row = db.execute("SELECT owner, beat FROM runs WHERE id = ?", (run,)).fetchone()
            if row is None or still_holds(row["owner"], row["beat"], now):
                return False
            db.execute("UPDATE runs SET owner = ?, beat = ? WHERE id = ?", (me(), now, run))
            _step(db, run, "taken over" if row["owner"] else "taken up")
        return True

    def beat(self, runs: Sequence[str]) -> None:
        """Says that this process still works on them."""
        with self._write() as db:
            for run in runs:
                db.execute("UPDATE runs SET beat = ? WHERE id = ? AND owner = ?", (time.time(), run, me()))

    def release(self, run: str) -> None:
        """Lets go of a run, so that any process may take it."""
        with self._write() as db:
            db.execute("UPDATE runs SET owner = NULL, beat = NULL WHERE id = ? AND owner = ?", (run, me()))

    # Reading

    def run(self, name: str) -> Run | None:
        """A run by its own id, or by a provider's id of one of its jobs."""
        rows = self._read("SELECT * FROM runs WHERE id = ?", name) or self._read(
            "SELECT runs.* FROM runs JOIN creates ON creates.run = runs.id WHERE creates.job_id = ? "
            "ORDER BY creates.id DESC LIMIT 1",
            name,
        )
        return self._runs(rows)[0] if rows else None

    def runs(self, *, limit: int = 20, states: Sequence[str] = ()) -> list[Run]:
        """The newest runs, in all states or in some."""
        among = f"WHERE state IN ({','.join('?' * len(states))})" if states else ""
        query = f"SELECT * FROM runs {among} ORDER BY created DESC LIMIT ?"  # noqa: S608  nothing but question marks
        return self._runs(self._read(query, *states, limit))

    def resumable(self) -> list[Run]:
        """What was left and no living process works on, oldest first.

        What is in doubt and was looked for already is not among it: it is up to the person.
        """
        found = self.runs(limit=10_000, states=[state for state in RESUMABLE if state != "ambiguous"])
        return [run for run in reversed(found) if run.resumable]

    def finished_like(self, reuse_key: str) -> Run | None:
        """The newest finished run of an identical request."""
        rows = self._read(
            "SELECT * FROM runs WHERE reuse_key = ? AND state = 'finished' ORDER BY created DESC LIMIT 1",
            reuse_key,
        )
        return self._runs(rows)[0] if rows else None

    def steps(self, run: str) -> list[tuple[float, str, dict[str, Any]]]:
        """Everything that was written down of a run: when, what, and its data."""
        rows = self._read("SELECT at, name, data FROM steps WHERE run = ? ORDER BY id", run)
        return [(row["at"], row["name"], json.loads(row["data"] or "{}")) for row in rows]

    def spend(self) -> Spend:
        """What was spent, a row per day and provider."""
        rows = self._read(
            f"SELECT day, provider, COUNT(*) AS jobs, SUM({_COST}) AS usd, "  # noqa: S608  constants of ours
            "SUM(outcome IN ('sent', 'ambiguous')) AS in_doubt, SUM(usd IS NULL AND usd_actual IS NULL) AS unknown "
            f"FROM creates WHERE {_COUNTS} AND (usd IS NULL OR usd > 0 OR usd_actual > 0) "
            "GROUP BY day, provider ORDER BY day DESC, provider"
        )
        names = ("day", "provider", "jobs", "usd", "in_doubt", "unknown")
        return Spend([SpendRow(*(row[name] for name in names)) for row in rows])

    def spent(self, scope: str, *, run: str = "") -> float:
        """US dollars spent or in doubt: in a `"run"`, today (`"day"`) or in the whole `"journal"`."""
        with self._lock:
            return _spent(self._connection, scope, run=run, today=date.today().isoformat())

    def prune(self, *, before: float) -> int:
        """Forgets runs that ended before a moment, in seconds since 1970; what was spent is forgotten with them.

        Returns:
            How many.
        """
        with self._write() as db:
            ended = "SELECT id FROM runs WHERE updated < ? AND state IN ('finished', 'failed', 'canceled', 'abandoned')"
            for table in ("steps", "creates"):
                db.execute(f"DELETE FROM {table} WHERE run IN ({ended})", (before,))  # noqa: S608  names of ours
            return db.execute(f"DELETE FROM runs WHERE id IN ({ended})", (before,)).rowcount  # noqa: S608

    def _runs(self, rows: Sequence[sqlite3.Row]) -> list[Run]:
        now = time.time()
        marks = ",".join("?" * len(rows))
        creates = self._read(
            f"SELECT * FROM creates WHERE run IN ({marks}) ORDER BY id",  # noqa: S608  nothing but question marks
            *(row["id"] for row in rows),
        )
        by_run: dict[str, list[Create]] = {}
        for one in creates:
            by_run.setdefault(one["run"], []).append(_create(one))
        return [_run(row, by_run.get(row["id"], []), now) for row in rows]


@contextlib.contextmanager
def _writing(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _statements(script: str) -> list[str]:
    bare = "\n".join(line.partition("--")[0] for line in script.splitlines())
    return [statement for statement in bare.split(";") if statement.strip()]


def _step(db: sqlite3.Connection, run: str, name: str, **data: Any) -> None:
    known = {key: value for key, value in data.items() if value not in (None, "")}
    db.execute(
        "INSERT INTO steps (run, at, name, data) VALUES (?, ?, ?, ?)",
        (run, time.time(), name, json.dumps(known)),
    )


def _move(db: sqlite3.Connection, run: str, state: str) -> None:
    db.execute("UPDATE runs SET state = ?, updated = ? WHERE id = ?", (state, time.time(), run))


def _spent(db: sqlite3.Connection, scope: str, *, run: str, today: str) -> float:
    where, value = {"run": ("run = ?", run), "day": ("day = ?", today), "journal": ("? = ''", "")}[scope]
    query = f"SELECT COALESCE(SUM({_COST}), 0) AS usd FROM creates WHERE {_COUNTS} AND {where}"  # noqa: S608
    return float(db.execute(query, (value,)).fetchone()["usd"])


def _check_budget(
    db: sqlite3.Connection, scope: str, budget: float, usd: float, *, run: str, today: str
) -> None:
    spent = _spent(db, scope, run=run, today=today)
    if usd and round(spent + usd, 6) > round(budget, 6):
        period = {"run": "for this video", "day": "today", "journal": "in this journal"}[scope]
        raise BudgetExceeded(
            f"This would cost about ${usd:.2f}; ${spent:.2f} is spent or in doubt {period}, and the budget {period} is "
            f"${budget:.2f}. Nothing was sent. Raise the budget, or ask for less: a shorter clip, a smaller size, "
            "another model.",
            usd=usd,
            spent=spent,
            budget=budget,
        )


def _put(path: Path) -> str | bytes:
    """A path as it is stored: as text, unless its name is in no encoding that can be told."""
    text = str(path.absolute())
    try:
        text.encode()
    except UnicodeEncodeError:
        return os.fsencode(text)
    return text


def _got(stored: str | bytes) -> Path:
    return Path(os.fsdecode(stored))


def _subtitles(subtitles: Path | str | None) -> tuple[str | bytes | None, str | None]:
    if isinstance(subtitles, Path):
        return _put(subtitles), "path"
    return (subtitles, "text") if subtitles is not None else (None, None)


def _create(row: sqlite3.Row) -> Create:
    return Create(
        id=row["id"],
        at=row["at"],
        provider=row["provider"],
        model=row["model"],
        base_url=row["base_url"],
        request_id=row["request_id"],
        usd=row["usd"],
        usd_actual=row["usd_actual"],
        outcome=row["outcome"],
        job_id=row["job_id"],
        picture=_got(row["picture"]) if row["picture"] else None,
        picture_sha=row["picture_sha"],
        words=row["words"],
    )


def _run(row: sqlite3.Row, creates: Sequence[Create], now: float) -> Run:
    source = row["subtitles"]
    return Run(
        id=row["id"],
        created=row["created"],
        updated=row["updated"],
        state=row["state"],
        narration=_got(row["narration"]),
        narration_sha=row["narration_sha"],
        seconds=row["seconds"],
        subtitles=_got(source) if row["subtitles_are"] == "path" else source,
        config=VideoConfig.of(json.loads(row["config"])),
        chain=tuple(json.loads(row["chain"])),
        output_dir=_got(row["output_dir"]),
        result=json.loads(row["result"] or "{}"),
        message=row["message"],
        held=still_holds(row["owner"], row["beat"], now),
        creates=tuple(creates),
    )
