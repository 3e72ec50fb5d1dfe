"""The journal's one SQLite file: opened, migrated, set aside when damaged, and used in transactions."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import JournalError
from . import opening
from .budget import note_lost_spend
from .schema import apply_pending, unknown_to_us

__all__ = ["NAME", "JournalFile"]

NAME = "journal.sqlite3"

_PAUSE = 0.05
"""Seconds between two attempts to open a file that another process has locked."""


class _Connection(sqlite3.Connection):
    """A connection that takes every text: a name's bytes and half a surrogate pair, too, which are not UTF-8."""

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Execute a statement; what UTF-8 cannot encode in its values is written as an escape."""
        if isinstance(parameters, Mapping):
            return super().execute(sql, {name: _encodable(value) for name, value in parameters.items()})
        return super().execute(sql, [_encodable(value) for value in parameters])


def _encodable(value: object) -> object:
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


class JournalFile:
    """The connection to the journal's file; safe to use from any thread.

    Args:
        home: The folder of the journal.

    Attributes:
        home: That folder.
        clips: The folder of the downloaded clips of unfinished videos.
        path: The journal's file.
        set_aside: The damaged file that this opening replaced by a new one, or None.

    Raises:
        JournalError: The file cannot be read or written, or a newer release made it.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.clips = home / "clips"
        self.path = home / NAME
        self.set_aside: Path | None = None
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._closed = False
        opening.hold_at_fork(self._lock)
        try:
            opening.make_private(home, f"*{NAME}*")
            opening.make_private(self.clips, "*")
            with opening.exclusive(home) as lock:
                self._connection = self._open_or_replace(lock)
                opening.note_made(lock)
                self._identity = _identity(self.path)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error

    def close(self) -> None:
        """Close the file; the journal cannot be used afterwards."""
        if self._process != os.getpid():  # the connection belongs to the process that has opened it
            return
        with self._lock:
            self._closed = True
            self._connection.close()

    def __del__(self) -> None:
        # A journal that was replaced by another one may still be in use, so nobody closes it before.
        with contextlib.suppress(Exception):
            self.close()

    @property
    def closed(self) -> bool:
        """True once it was closed."""
        return self._closed

    @property
    def usable(self) -> bool:
        """False once it is closed, its file was removed or replaced, or this process was forked."""
        return not self._closed and self._process == os.getpid() and _identity(self.path) == self._identity

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction that excludes every other writer; commit it, or roll it back on an error.

        Raises:
            JournalError: The file cannot be written, or it was replaced since it was opened.
        """
        with self._using() as db, _immediate(db):
            # Compared once nothing has to be waited for any more: what is written into a file that was removed is lost.
            if _identity(self.path) != self._identity:
                raise self._replaced()
            yield db

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for queries, outside of a transaction.

        Raises:
            JournalError: The file cannot be read.
        """
        with self._using() as db:
            yield db

    @contextlib.contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        """Lock the connection for this thread, and translate its errors."""
        if self._process != os.getpid():
            raise JournalError(
                f"The journal {self.path} was opened by another process, which was forked into this one. Make a new "
                "service here.",
                path=self.path,
            )
        with self._lock:
            try:
                yield self._connection
            except (OSError, sqlite3.Error, UnicodeError, OverflowError) as error:
                raise self._unusable(error) from error

    def select(self, query: str, *values: Any) -> list[sqlite3.Row]:
        """Return the rows of a query.

        Raises:
            JournalError: The file cannot be read.
        """
        with self.reading() as db:
            return db.execute(query, values).fetchall()

    def _open_or_replace(self, lock: int) -> sqlite3.Connection:
        """Open the file, and set it aside first if it is damaged; the caller excludes all other openers."""
        deadline = time.monotonic() + opening.PATIENCE
        while True:
            try:
                opening.create(self.path, lock)
                if opening.is_cut(self.path, lock):
                    raise sqlite3.DatabaseError("its header is missing")
                return self._open()
            except sqlite3.OperationalError as error:
                # Another process that closes the journal, or an older release that opens it, can make SQLite give up
                # at once. Any other operational error (a full disk) says nothing about the file's content, either.
                if not _is_locked(error) or time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE)
            except sqlite3.DatabaseError as error:
                # Subclasses, such as a constraint that a migration breaks, are not damage.
                if type(error) is not sqlite3.DatabaseError or self.set_aside is not None:
                    raise
                self.set_aside = opening.set_aside(self.path)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path,
            timeout=opening.PATIENCE,
            isolation_level=None,
            check_same_thread=False,
            factory=_Connection,
        )
        connection.row_factory = sqlite3.Row
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # Money is at stake: a power cut must not undo an intent.
            connection.execute("PRAGMA synchronous = FULL")
            # On macOS the disk may otherwise keep in its own memory what was synced; other systems ignore it.
            connection.execute("PRAGMA fullfsync = ON")
            connection.execute("PRAGMA foreign_keys = ON")
            self._migrate(connection)
            if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("quick_check failed")
        except BaseException:
            connection.close()
            raise
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        with _immediate(connection):
            if unknown := unknown_to_us(connection):
                raise JournalError(
                    f"The journal {self.path} was made by a newer version of voxweave_nb (it knows {unknown[-1]!r}). "
                    "Upgrade this one, or set VOXWEAVE_HOME to another folder; nothing was changed.",
                    path=self.path,
                )
            apply_pending(connection)
            # Found by their names: the process that set one aside may have died before it wrote that down.
            if names := opening.set_aside_names(self.path):
                note_lost_spend(connection, names)

    def _replaced(self) -> JournalError:
        return JournalError(
            f"The journal {self.path} was removed or replaced after it had been opened here, so nothing was written. A "
            "submission that is not written down is not sent. Start the job again: it uses the journal that is there "
            "now.",
            path=self.path,
        )

    def _unusable(self, error: Exception) -> JournalError:
        if isinstance(error, JournalError):
            return error
        return JournalError(
            f"The journal {self.path} cannot be used ({error}). Free some space, make the folder writable, or set "
            "VOXWEAVE_HOME to another folder.",
            path=self.path,
        )


def _identity(path: Path) -> tuple[int, int] | None:
    """Return a file's device and inode, or None when it cannot be seen."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_locked(error: sqlite3.OperationalError) -> bool:
    # The lower byte is the primary code: SQLITE_BUSY_RECOVERY and the like count, too.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@contextlib.contextmanager
def _immediate(connection: sqlite3.Connection) -> Iterator[None]:
    # IMMEDIATE takes the write lock before the first read, so that what is read stays true until the commit.
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
