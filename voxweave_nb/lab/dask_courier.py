"""Moves files between this machine and Dask workers that share no disk, a bounded piece at a time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from .dask_worker import PIECE, file_digest, put_piece, read_piece, release

__all__ = ["Courier"]

_AT_ONCE = 2
"""Files that travel at a time: with their pieces' size, this bounds the memory of scheduler and notebook."""

_ANSWER_TIME = 60.0
"""Seconds that a worker gets to take or give a piece."""


class _WorkerLost(Exception):
    """A worker did not answer."""


class Courier:
    """Answers the announcements of tasks; everything runs on the client's loop.

    Args:
        client: The Dask client.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._inboxes: dict[str, asyncio.Queue[Mapping[str, Any]]] = {}
        self._pushes: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._gate = asyncio.Semaphore(_AT_ONCE)

    def take(self, event: tuple[float, Mapping[str, Any]]) -> None:
        """Take an announcement of a task; those of tasks that are over are dropped."""
        message = event[1]
        if inbox := self._inboxes.get(message["task"]):
            inbox.put_nowait(message)

    def close(self) -> None:
        """End what is still on its way."""
        for push in self._pushes.values():
            push.cancel()

    @contextlib.contextmanager
    def serving(
        self, task: str, source: Path, into: Path, on_progress: Callable[[float], None]
    ) -> Iterator[asyncio.Task[None]]:
        """Serve a task within a `with` block; yield what fails if this machine cannot read or write its files.

        Args:
            task: The task.
            source: The file that it needs.
            into: The folder for its results, whose names begin with the task's.
            on_progress: Called with the share of the work that is done.
        """
        inbox = self._inboxes[task] = asyncio.Queue()
        serving = asyncio.ensure_future(self._serve(task, inbox, source, into, on_progress))
        try:
            yield serving
        finally:
            serving.cancel()
            del self._inboxes[task]

    async def _serve(
        self,
        task: str,
        inbox: asyncio.Queue[Mapping[str, Any]],
        source: Path,
        into: Path,
        on_progress: Callable[[float], None],
    ) -> None:
        moving: asyncio.Task[None] | None = None
        attempt = ""
        try:
            while True:
                message = await _next_message(inbox, moving)
                if moving is not None and moving.done():
                    moving.result()
                    moving = None
                if message is None:
                    continue
                if message["what"] not in ("need", "ready"):
                    on_progress(message.get("fraction", 0.0))
                    continue
                if moving is not None and message["attempt"] == attempt:
                    continue  # a task says it again until it is done
                if moving is not None:
                    moving.cancel()  # that attempt has ended with its worker, which may not answer for long
                attempt = message["attempt"]
                moving = asyncio.ensure_future(self._move(message, source, into, task))
        finally:
            if moving is not None:
                moving.cancel()

    async def _move(self, message: Mapping[str, Any], source: Path, into: Path, task: str) -> None:
        with contextlib.suppress(_WorkerLost):  # its task says it again, or Dask runs it anew
            if message["what"] == "need":
                await self._push(message["worker"], source, message["path"])
            else:
                await self._pull(message, into, task)

    async def _push(self, worker: str, source: Path, path: str) -> None:
        """Send a file to a worker, once for all tasks there."""
        key = (worker, path)
        if key not in self._pushes:
            push = self._pushes[key] = asyncio.ensure_future(self._send(worker, source, path))
            push.add_done_callback(lambda done: self._pushed(key, done))
        await asyncio.shield(self._pushes[key])

    def _pushed(self, key: tuple[str, str], push: asyncio.Task[None]) -> None:
        del self._pushes[key]
        if not push.cancelled():
            push.exception()  # whoever waits for it has it; nobody may wait any more

    async def _send(self, worker: str, source: Path, path: str) -> None:
        async with self._gate:
            size, digest = source.stat().st_size, await asyncio.to_thread(file_digest, source)
            for offset in range(0, max(size, 1), PIECE):
                data = await asyncio.to_thread(_piece, source, offset)
                last = offset + PIECE >= size
                await self._ask(worker, put_piece, path, offset, data, digest if last else None)

    async def _pull(self, message: Mapping[str, Any], into: Path, task: str) -> None:
        """Fetch the results of an attempt, and let it end."""
        async with self._gate:
            for file in message["files"]:
                await self._fetch(message["worker"], file, into / f"{task}-{file['name']}")
        await self._ask(message["worker"], release, message["attempt"])

    async def _fetch(self, worker: str, file: Mapping[str, Any], to: Path) -> None:
        partial = to.with_name(f"{to.name}.partial")
        with partial.open("wb") as out:
            while (offset := out.tell()) < file["size"]:
                data = await self._ask(worker, read_piece, file["path"], offset)
                if not data:
                    raise _WorkerLost
                await asyncio.to_thread(out.write, data)
        if await asyncio.to_thread(file_digest, partial) != file["sha"]:
            raise _WorkerLost
        partial.replace(to)

    async def _ask(self, worker: str, function: Callable[..., Any], *args: Any) -> Any:
        """Call a function on a worker."""
        try:
            answers = await asyncio.wait_for(
                self._client.run(function, *args, workers=[worker]), _ANSWER_TIME
            )
        except Exception as error:
            raise _WorkerLost from error
        return answers[worker]


def _piece(path: Path, offset: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(PIECE)


async def _next_message(
    inbox: asyncio.Queue[Mapping[str, Any]], moving: asyncio.Task[None] | None
) -> Mapping[str, Any] | None:
    """Wait for a message, or until files are moved; return None for the latter."""
    getting = asyncio.ensure_future(inbox.get())
    try:
        await asyncio.wait({getting, moving} if moving else {getting}, return_when=asyncio.FIRST_COMPLETED)
        return getting.result() if getting.done() else None
    finally:
        getting.cancel()
