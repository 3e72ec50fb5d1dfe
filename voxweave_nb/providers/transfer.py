"""A download on a thread of its own, and the file that it writes.

A thread that reads from its socket and writes to the file takes about 40 % of the CPU time of the same transfer on an
event loop, which changes threads for every write and registers the socket anew for every read.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any, TypeVar

__all__ = [
    "Connection",
    "CountedFile",
    "CutShort",
    "PartialFile",
    "Stopped",
    "header_safe",
    "in_download_thread",
]

T = TypeVar("T")

_REPORT_EVERY = 0.2
"""Seconds between two reports of the bytes written so far."""

_GRACE = 1.0
"""Seconds that a canceled download gets to close its file after its connection was broken."""


class CutShort(Exception):
    """Raised for a download that ended before the size that the server named."""


class Stopped(Exception):
    """Raised on the download's thread when the download was canceled."""


class Connection:
    """The connection of one download, which another thread can break. Never one that is used again afterwards."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._stopped = False

    def attach(self, connected: socket.socket | None) -> None:
        """Remember the socket to break; None if it is unknown.

        Raises:
            Stopped: The download was canceled before.
        """
        with self._lock:
            self._socket = connected
            self.check()

    def check(self) -> None:
        """Raise `Stopped` if the download was canceled."""
        if self._stopped:
            raise Stopped

    def stop(self) -> bool:
        """Break the connection, which wakes a thread that waits for data; return False if there is none yet."""
        with self._lock:
            self._stopped = True
            if self._socket is None:
                return False
            with contextlib.suppress(OSError):  # closed already
                # Not SSLSocket.shutdown: it removes the encryption while the thread still reads.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            return True


async def in_download_thread(work: Callable[[Connection], T], report: Callable[[], None]) -> T:
    """Run a blocking download on a daemon thread; canceling breaks its connection.

    Args:
        work: The download. It attaches the socket to its argument before it touches the file.
        report: Called on the loop every 0.2 s and once at the end.

    Returns:
        The result of `work`.
    """
    future: concurrent.futures.Future[T] = concurrent.futures.Future()
    future.set_running_or_notify_cancel()
    connection = Connection()
    done = asyncio.wrap_future(future)
    done.add_done_callback(
        lambda ended: ended.cancelled() or ended.exception()
    )  # nobody may wait for it any more
    # Not an executor's thread: those are waited for at exit, where a slow server would hold up the interpreter.
    threading.Thread(
        target=_settle, args=(future, work, connection), name="voxweave-download", daemon=True
    ).start()
    try:
        while True:
            finished, _ = await asyncio.wait([done], timeout=_REPORT_EVERY)
            report()
            if finished:
                return done.result()
    finally:
        if not done.done():
            # Without a socket the thread is still connecting or waiting for the answer. It ends by itself at the
            # time-out, and leaves the file alone.
            if connection.stop():
                await asyncio.wait([done], timeout=_GRACE)
            done.cancel()


def _settle(
    future: concurrent.futures.Future[T], work: Callable[[Connection], T], connection: Connection
) -> None:
    try:
        result = work(connection)
    except BaseException as error:  # noqa: BLE001  it is raised where the download is awaited
        future.set_exception(error)
    else:
        future.set_result(result)


class PartialFile:
    """A file that is being downloaded, over any number of attempts.

    Args:
        to: The file.
        most: The largest size to download, in bytes.

    Attributes:
        length: The number of bytes that have been written.
    """

    def __init__(self, to: Path, most: int) -> None:
        self.length = 0
        self._to, self._most = to, most
        self._tag = ""

    def headers(self) -> dict[str, str]:
        """Return headers that ask for the rest if the file is unchanged, or none without a strong ETag."""
        if not self.length or not self._tag:
            return {}
        return {"Range": f"bytes={self.length}-", "If-Range": self._tag}

    def write(
        self, status: int, headers: Mapping[str, str], pieces: Iterable[bytes], connection: Connection
    ) -> None:
        """Write an answer to the file, blocking: from the start, or where the last attempt ended.

        Args:
            status: The HTTP status, 200 or 206.
            headers: The headers, names in any case.
            pieces: The body.
            connection: Asked before each piece whether the download was canceled.

        Raises:
            CutShort: The body is shorter than the server said.
            OverflowError: The file is too large.
            Stopped: The download was canceled.
        """
        content_range = headers.get("content-range", "")
        if status != 206 or not content_range.startswith(f"bytes {self.length}-"):
            self.length = 0
        tag = headers.get("etag", "")
        # A range counts encoded bytes, which are not those of the file.
        self._tag = "" if tag.startswith("W/") or headers.get("content-encoding") else tag
        with self._open() as out:
            for piece in pieces:
                connection.check()
                if self.length + len(piece) > self._most:
                    raise OverflowError(
                        f"it is larger than {self._most / 1e6:,.0f} MB, the limit set by VOXWEAVE_MAX_DOWNLOAD_BYTES"
                    )
                out.write(piece)
                self.length += len(piece)
        if status == 206 and self.length < _total(content_range):
            raise CutShort("the download was cut short")

    def _open(self) -> IO[bytes]:
        out = self._to.open("r+b" if self.length else "wb")
        out.seek(self.length)
        out.truncate()
        return out


def _total(content_range: str) -> int:
    """Return the size of the whole file from Content-Range, or 0."""
    total = content_range.rpartition("/")[2].strip()
    return int(total) if total.isdecimal() else 0


class CountedFile:
    """A file that reports the bytes read so far."""

    def __init__(self, source: IO[bytes], on_bytes: Callable[[int], None]) -> None:
        self._source, self._on_bytes = source, on_bytes

    def read(self, size: int = -1) -> bytes:
        """Read as the file does."""
        piece = self._source.read(size)
        self._on_bytes(self._source.tell())
        return piece

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)


def header_safe(name: str) -> str:
    """Return a file name that is safe inside a header."""
    return "".join(letter if letter.isprintable() and letter not in '"\\/' else "_" for letter in name)[-120:]
