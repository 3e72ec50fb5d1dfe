"""Downloads on threads: cancelling them, reporting their progress, and resuming their files."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterable, Iterator

import pytest

from voxweave_nb.providers.transfer import Connection, CutShort, PartialFile, Stopped, in_download_thread


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def write(
    part: PartialFile,
    status: int,
    pieces: Iterable[bytes],
    connection: Connection | None = None,
    **headers: str,
) -> None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    part.write(status, named, pieces, connection or Connection())


def test_cancelling_wakes_a_thread_that_reads(pair, tmp_path):
    ours, theirs = pair
    file, threads = tmp_path / "clip", []

    def work(connection: Connection) -> None:
        threads.append(threading.current_thread())
        connection.attach(ours)
        PartialFile(file, 10**6).write(200, {}, iter(lambda: ours.recv(100), b""), connection)

    async def cancel() -> float:
        task = asyncio.ensure_future(in_download_thread(work, lambda: None))
        theirs.sendall(b"video")
        while not file.exists():
            await asyncio.sleep(0.01)
        began = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic() - began

    assert asyncio.run(cancel()) < 1
    (thread,) = threads
    thread.join(5)
    assert not thread.is_alive()


def test_cancelling_does_not_wait_for_an_answer(tmp_path):
    answer, outcomes = threading.Event(), []

    def work(connection: Connection) -> None:
        answer.wait(10)
        try:
            connection.attach(None)
        except Stopped:
            outcomes.append("stopped")
            raise

    async def cancel() -> None:
        task = asyncio.ensure_future(in_download_thread(work, lambda: None))
        await asyncio.sleep(0)
        task.cancel()
        began = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - began < 5
        answer.set()
        while not outcomes:
            await asyncio.sleep(0.01)

    asyncio.run(cancel())
    assert outcomes == ["stopped"]


def test_progress_is_reported_on_the_loops_thread():
    reports: list[threading.Thread] = []

    def work(_: Connection) -> str:
        time.sleep(0.5)
        return "result"

    async def run() -> str:
        return await in_download_thread(work, lambda: reports.append(threading.current_thread()))

    assert asyncio.run(run()) == "result"
    assert len(reports) >= 2
    assert set(reports) == {threading.current_thread()}


def test_an_error_of_the_listener_stops_the_download(pair):
    ours, _ = pair

    def work(connection: Connection) -> bytes:
        connection.attach(ours)
        return ours.recv(1)

    def report() -> None:
        raise KeyError("listener")

    with pytest.raises(KeyError, match="listener"):
        asyncio.run(in_download_thread(work, report))


def test_an_error_of_the_thread_is_raised():
    def work(_: Connection) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        asyncio.run(in_download_thread(work, lambda: None))


def test_a_stopped_download_writes_no_more(tmp_path):
    connection = Connection()

    def pieces() -> Iterator[bytes]:
        yield b"one"
        connection.stop()
        yield b"two"

    with pytest.raises(Stopped):
        write(PartialFile(tmp_path / "clip", 100), 200, pieces(), connection)
    assert (tmp_path / "clip").read_bytes() == b"one"


def test_a_download_resumes_at_its_length(tmp_path):
    part = PartialFile(tmp_path / "clip", 100)
    assert part.headers() == {}
    with pytest.raises(CutShort):
        write(part, 206, [b"vi"], content_range="bytes 0-4/5", etag='"a"')
    assert part.headers() == {"Range": "bytes=2-", "If-Range": '"a"'}
    write(part, 206, [b"d", b"eo"], content_range="bytes 2-4/5", etag='"a"')
    assert (tmp_path / "clip").read_bytes() == b"video"


@pytest.mark.parametrize(("status", "content_range"), [(200, ""), (206, "bytes 0-4/5"), (206, "")])
def test_any_other_answer_starts_again(tmp_path, status, content_range):
    part = PartialFile(tmp_path / "clip", 100)
    write(part, 200, [b"longer"], etag='"a"')
    write(part, status, [b"new", b"er"], content_range=content_range)
    assert (tmp_path / "clip").read_bytes() == b"newer"


def test_a_weak_tag_resumes_nothing(tmp_path):
    part = PartialFile(tmp_path / "clip", 100)
    write(part, 200, [b"video"], etag='W/"a"')
    assert part.headers() == {}


def test_a_file_that_grows_too_large_stops(tmp_path):
    with pytest.raises(OverflowError, match="VOXWEAVE_MAX_DOWNLOAD_BYTES"):
        write(PartialFile(tmp_path / "clip", 4), 200, [b"vid", b"eo"])
    assert (tmp_path / "clip").read_bytes() == b"vid"
