"""Files between this process and a real worker process, a piece at a time."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import Client, LocalCluster

from voxweave_nb.lab.dask_courier import Courier
from voxweave_nb.lab.dask_worker import PIECE, file_digest

pytestmark = pytest.mark.slow

LARGE = 100_000_000
"""Bytes of a long video."""

ALLOWED = 40_000_000
"""Bytes of memory for moving it: some pieces, as they are sent and as they arrive."""


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextlib.contextmanager
def watched() -> Iterator[list[int]]:
    """Yield a list of one number: by how many bytes this process, with Dask's scheduler in it, grew at most."""
    process, over = psutil.Process(), threading.Event()
    before = process.memory_info().rss
    grown = [0]

    def watch() -> None:
        while not over.wait(0.01):
            grown[0] = max(grown[0], process.memory_info().rss - before)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield grown
    finally:
        over.set()
        thread.join()


def write_large(path: str) -> tuple[int, str]:
    """Write a large file on a worker; return its size and digest."""
    with Path(path).open("wb") as file:
        for number in range(LARGE // 1_000_000):
            file.write(bytes([number]) * 1_000_000)
    return LARGE, file_digest(Path(path))


def peak_memory() -> int:
    """The most memory that this process ever had, in bytes."""
    import resource  # Windows, which has none, only collects this

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def serve(client: Client, message: dict[str, Any], source: Path, into: Path, done: Path) -> None:
    """Let a courier answer one announcement, and wait for the file that it moves."""

    async def act() -> None:
        courier = Courier(client)
        with courier.serving("task", source, into, lambda _: None) as serving:
            courier.take((0.0, {"task": "task", "attempt": "a", **message}))
            while not done.exists():
                await asyncio.sleep(0.01)
                assert not serving.done()

    asyncio.run_coroutine_threadsafe(act(), client.loop.asyncio_loop).result(60)


def test_a_large_video_needs_little_memory(client, tmp_path):
    worker = next(iter(client.nthreads()))
    client.run(write_large, str(tmp_path / "warm"))
    size, digest = client.run(write_large, str(tmp_path / "film"))[worker]
    before = client.run(peak_memory)[worker]
    files = [{"name": "clip.mp4", "path": str(tmp_path / "film"), "size": size, "sha": digest}]
    (tmp_path / "here").mkdir()
    target = tmp_path / "here" / "task-clip.mp4"
    with watched() as grown:
        serve(
            client, {"what": "ready", "worker": worker, "files": files}, tmp_path, tmp_path / "here", target
        )
    assert file_digest(target) == digest
    assert grown[0] < ALLOWED
    assert client.run(peak_memory)[worker] - before < ALLOWED


def test_a_long_narration_needs_little_memory(client, tmp_path):
    worker = next(iter(client.nthreads()))
    write_large(str(tmp_path / "talk.s16"))
    before = client.run(peak_memory)[worker]
    target = tmp_path / "arrived.s16"
    with watched() as grown:
        message = {"what": "need", "worker": worker, "path": str(target)}
        serve(client, message, tmp_path / "talk.s16", tmp_path, target)
    assert file_digest(target) == file_digest(tmp_path / "talk.s16")
    assert grown[0] < ALLOWED
    assert client.run(peak_memory)[worker] - before < ALLOWED


@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1])
def test_every_size_arrives(client, tmp_path, size):
    worker = next(iter(client.nthreads()))
    (tmp_path / "talk.s16").write_bytes(b"x" * size)
    target = tmp_path / "arrived.s16"
    message = {"what": "need", "worker": worker, "path": str(target)}
    serve(client, message, tmp_path / "talk.s16", tmp_path, target)
    assert target.stat().st_size == size


def test_a_lost_worker_holds_nobody_up(client, tmp_path):
    worker = next(iter(client.nthreads()))
    (tmp_path / "talk.s16").write_bytes(b"x" * 10)

    async def act() -> None:
        courier = Courier(client)
        with courier.serving("task", tmp_path / "talk.s16", tmp_path, lambda _: None) as serving:
            need = {"task": "task", "what": "need", "attempt": "a", "worker": "tcp://127.0.0.1:9"}
            courier.take((0.0, {**need, "path": str(tmp_path / "never")}))
            await asyncio.sleep(0)
            need = {**need, "attempt": "b", "worker": worker}
            courier.take((0.0, {**need, "path": str(tmp_path / "there")}))
            while not (tmp_path / "there").exists():
                await asyncio.sleep(0.01)
                assert not serving.done()
        courier.close()

    asyncio.run_coroutine_threadsafe(act(), client.loop.asyncio_loop).result(20)


def test_an_unreadable_file_ends_the_service(client, tmp_path):
    async def act() -> None:
        courier = Courier(client)
        with courier.serving("task", tmp_path / "gone", tmp_path, lambda _: None) as serving:
            message = {"what": "need", "worker": next(iter(await client.nthreads())), "path": "x"}
            courier.take((0.0, {"task": "task", "attempt": "a", **message}))
            await asyncio.wait({serving})
            with pytest.raises(FileNotFoundError):
                serving.result()

    asyncio.run_coroutine_threadsafe(act(), client.loop.asyncio_loop).result(60)
