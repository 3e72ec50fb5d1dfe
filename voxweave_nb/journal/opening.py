"""Opening the journal's file: by one process and thread at a time, and with the damaged one set aside."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

__all__ = [
    "LOCK",
    "PATIENCE",
    "alone",
    "create",
    "exclusive",
    "hold_at_fork",
    "is_cut",
    "make_private",
    "note_made",
    "set_aside",
    "set_aside_names",
]

LOCK = "journal.lock"
"""The file that the process which opens the journal locks; it stays, and has a byte once a journal was made."""

PATIENCE = 30.0
"""Seconds that a process waits for another one that opens the journal, or uses it."""

_PAUSE = 0.02
"""Seconds between two attempts to lock."""

_HEADER = 100
"""Bytes of a database's header; SQLite takes a shorter file for a new database."""

_COMPANIONS = ("-wal", "-shm")
"""Endings of the files that SQLite keeps beside a database."""

_FORK_PATIENCE = 2.0
"""Seconds that a fork waits for threads that use a journal. Those that take longer wait for other processes."""


class Lock(Protocol):
    """A lock of `threading`."""

    def acquire(self, blocking: bool = ..., timeout: float = ...) -> bool:
        """Take it, within some seconds."""

    def release(self) -> None:
        """Give it back."""


_opening = threading.RLock()
_in_use: weakref.WeakSet[Lock] = weakref.WeakSet()
_held: dict[int, list[Lock]] = {}


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Exclude the other threads of this process from opening a journal."""
    with _opening:
        yield


@contextlib.contextmanager
def exclusive(home: Path) -> Iterator[int]:
    """Exclude every other thread and process from opening the journal of a folder; give the lock's open file.

    Raises:
        OSError: The lock's file cannot be made, or another process has held it for `PATIENCE` seconds.
    """
    with _opening:
        # Closing the file unlocks it, also when the process is killed. A forked child does not inherit the lock.
        file = os.open(home / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(file)
            yield file
        finally:
            os.close(file)


def hold_at_fork(lock: Lock) -> None:
    """Let every fork of this process wait until a lock is free.

    SQLite has locks of its own, for the whole process. A child that is forked while a thread is inside of SQLite would
    wait for them for ever.
    """
    _in_use.add(lock)


def _before_fork() -> None:
    deadline = time.monotonic() + _FORK_PATIENCE
    _held[threading.get_ident()] = [
        lock for lock in (_opening, *_in_use) if lock.acquire(timeout=max(0.0, deadline - time.monotonic()))
    ]


def _after_fork() -> None:
    for lock in _held.pop(threading.get_ident(), []):
        lock.release()


def _after_fork_in_child() -> None:
    global _opening
    _opening = threading.RLock()  # the thread that may have held it does not exist in the child
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork_in_child)


def _lock(file: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _locked(file):
        if time.monotonic() > deadline:
            raise TimeoutError(f"another process has been opening it for {PATIENCE:.0f} s")
        time.sleep(_PAUSE)


def _locked(file: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def make_private(home: Path, *names: str) -> None:
    """Make a folder, and let only its owner into it and into some of its files.

    A folder of somebody else, or one that others share (such as `/tmp`), keeps its mode.

    Args:
        home: The folder.
        *names: Patterns of files in it, as in `Path.glob`.

    Raises:
        OSError: The folder cannot be made.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.platform == "win32":  # folders of a user are private there
        return
    for path in (home, *(file for name in names for file in home.glob(name))):
        # Another process may have moved or deleted it.
        with contextlib.suppress(OSError):
            found = path.stat(follow_symlinks=path == home)
            shared = (
                found.st_mode & stat.S_ISVTX or found.st_uid != os.geteuid() or stat.S_ISLNK(found.st_mode)
            )
            if found.st_mode & 0o077 and not shared:
                path.chmod(stat.S_IMODE(found.st_mode) & 0o700)


def note_made(lock: int) -> None:
    """Note in the lock's open file that the journal beside it was made, with its tables."""
    if not os.fstat(lock).st_size:
        os.write(lock, b"1")


def is_cut(path: Path, lock: int) -> bool:
    """Return True for a database file that had content and has lost its header.

    An empty one that nobody has noted as made is what a process leaves that was killed while it made a new one.
    """
    size = path.stat().st_size
    log = Path(f"{path}-wal")  # SQLite makes it after the header
    made = size > 0 or os.fstat(lock).st_size > 0 or (log.exists() and log.stat().st_size > 0)
    return size < _HEADER and made


def create(path: Path, lock: int) -> None:
    """Create an empty database file if there is none, and note that it is yet to be made."""
    if path.exists():
        return
    os.ftruncate(lock, 0)
    # A log without its database would be read as the new one's, or deleted.
    if any(Path(f"{path}{ending}").exists() for ending in _COMPANIONS):
        set_aside(path)
    # Never open one that exists: closing it would end SQLite's own locks on it in this process.
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def set_aside(path: Path) -> Path:
    """Rename a damaged database and its companions, so that other tools can still read them.

    Returns:
        Its new path, which no other file has had.
    """
    while True:
        stamp = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(3)}"
        aside = path.with_name(f"damaged-{stamp}-{path.name}")
        if not aside.exists():
            break
    for ending in (*_COMPANIONS, ""):  # the database last: until then it is still found to be damaged
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{ending}").rename(f"{aside}{ending}")
    return aside


def set_aside_names(path: Path) -> list[str]:
    """Return the names of all databases that were set aside, oldest first."""
    endings = ("", "-wal")  # of a database that was removed, only the log is left
    found = {
        file.name.removesuffix("-wal")
        for ending in endings
        for file in path.parent.glob(f"damaged-*-{path.name}{ending}")
    }
    return sorted(found)
