"""A Dask worker's side of `run(render_on=client)`: renders a film or checks a video, and can do nothing else.

An order is plain values. This module and all that it imports know no key, no provider and no journal (an import
contract), so that no worker can submit anything. A task may run twice: it works in a folder of its own, and its results
get their names when they are complete.

A file travels in one of two ways. If the driver's folder is really shared, tasks read and write there. Else a task
announces on the topic what it needs or has, again each second, and the driver calls `put_piece`, `read_piece` and
`release` on this worker: bounded pieces, in an order that the driver decides.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..errors import JobCanceled, VoxweaveError
from ..models import Cue, SubtitleLook
from ..runtime import new_loop
from ..version import __version__

__all__ = ["PIECE", "file_digest", "put_piece", "read_piece", "release", "work"]

PIECE = 4 << 20
"""Bytes of a file that travel at a time."""

_ANNOUNCED_EVERY = 1.0
_PROGRESS_EVERY = 0.5
_TICK = 0.1
_WATCHED_EVERY = 0.5
"""Seconds between two looks whether the task is to stop, and whether the driver lives."""

_ANSWER_TIME = 5.0
"""Seconds for the scheduler to tell when the driver was heard of; without an answer, the driver is gone."""

_released: dict[str, threading.Event] = {}
"""The attempts of this process whose results the driver has yet to fetch."""


def work(order: Mapping[str, Any]) -> dict[str, Any]:
    """Do an order; the task that runs on a worker.

    Args:
        order: `kind` ("render" or "flags"), `task`, `topic`, `version`, `beat`, `lease`, `share` (the driver's folder
            or None), `proof` (the content of a file in it), `source` (`name`, `sha`, `path`) and `job` or `check`.

    Returns:
        `done` with the result's values, `error` if the same would happen on every worker, or
        `stopped` if the driver stopped it or is gone.
    """
    if order["version"] != __version__:
        raise RuntimeError(
            f"this worker has voxweave_nb {__version__}, the notebook has {order['version']}; install the same"
        )
    task = _Task(order)
    try:
        return task.run()
    finally:
        task.close()


def put_piece(path: str, offset: int, data: bytes, digest: str | None) -> None:
    """Write a piece of a file beside its name; the last one brings its digest, and the file gets its name.

    Raises:
        OSError: The worker's disk is full or cannot be written, or the file is not what was sent.
    """
    target = Path(path)
    partial = target.with_name(f"{target.name}.partial")
    with partial.open("r+b" if offset else "wb") as file:
        file.seek(offset)
        file.write(data)
        file.truncate()
    if digest is not None:
        if file_digest(partial) != digest:
            raise OSError(f"{target.name} arrived damaged")
        partial.replace(target)


def read_piece(path: str, offset: int) -> bytes:
    """Return the piece of a file that begins at `offset`; empty at its end."""
    with Path(path).open("rb") as file:
        file.seek(offset)
        return file.read(PIECE)


def release(attempt: str) -> None:
    """Let an attempt end whose results were fetched."""
    if event := _released.get(attempt):
        event.set()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Stopped(Exception):
    """The driver stopped the task, or is gone."""


class _Task:
    """An attempt at an order.

    Args:
        order: The order.
    """

    def __init__(self, order: Mapping[str, Any]) -> None:
        from distributed import get_client, get_worker

        self._order = order
        self._worker, self._client = get_worker(), get_client()
        self._attempt = secrets.token_hex(8)
        # Dask removes this folder with its worker, and those of killed workers later.
        store = Path(self._worker.local_directory) / "voxweave"
        self._store, self._folder = store, store / self._attempt
        self._stop, self._over, self._taken = threading.Event(), threading.Event(), threading.Event()
        self._shared = _is_shared(order)
        self._reported = 0.0
        _released[self._attempt] = self._taken

    def run(self) -> dict[str, Any]:
        threading.Thread(target=self._watch_driver, name="voxweave-watch", daemon=True).start()
        self._folder.mkdir(parents=True)
        self._say("started")
        try:
            source = self._source()
            done = self._render(source) if self._order["kind"] == "render" else self._check(source)
        except _Stopped:
            return {"stopped": True}
        except VoxweaveError as error:
            return {"error": error}
        return {"done": done}

    def close(self) -> None:
        self._over.set()
        _released.pop(self._attempt, None)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _say(self, what: str, **more: Any) -> None:
        event = {"task": self._order["task"], "attempt": self._attempt, "worker": self._worker.address}
        self._worker.log_event(self._order["topic"], {**event, "what": what, **more})

    def _wait_until(self, ready: Callable[[], bool], what: str, **more: Any) -> None:
        """Announce something each second until it is there."""
        announced = -_ANNOUNCED_EVERY
        while not ready():
            if time.monotonic() - announced >= _ANNOUNCED_EVERY:
                announced = time.monotonic()
                self._say(what, **more)
            if self._stop.wait(_TICK):
                raise _Stopped

    def _source(self) -> Path:
        """Return the order's file on this machine, for which the driver is asked if need be."""
        source = self._order["source"]
        if self._shared and _is_file(source["path"]):
            return Path(source["path"])
        # A narration serves other tasks too; a video is looked at once.
        folder = self._store if self._order["kind"] == "render" else self._folder
        kept = folder / f"{source['sha']}{Path(source['name']).suffix}"
        self._wait_until(kept.is_file, "need", path=str(kept))
        return kept

    def _render(self, samples: Path) -> dict[str, Any]:
        from ..render.renderer import RenderJob

        job = RenderJob.from_json(json.dumps({**self._order["job"], "samples": str(samples)}))
        with asyncio.Runner(loop_factory=new_loop) as runner:
            rendered = runner.run(self._render_until_stopped(job))
        files = [self._folder / "clip.mp4", rendered.sprite, rendered.thumbnails]
        self._deliver([each for each in files if each is not None])
        return {
            "understood": rendered.understood,
            "warnings": list(rendered.warnings),
            "best": rendered.best,
            "sprite": rendered.sprite and rendered.sprite.name,
            "thumbnails": rendered.thumbnails and rendered.thumbnails.name,
        }

    async def _render_until_stopped(self, job: Any) -> Any:
        from ..render.renderer import render

        clip = self._folder / "clip.mp4"
        rendering = asyncio.ensure_future(render(job, clip, work=self._folder, on_progress=self._follow))
        while not rendering.done():
            await asyncio.wait({rendering}, timeout=_TICK)
            if self._stop.is_set():
                rendering.cancel()  # ends its processes
                with contextlib.suppress(asyncio.CancelledError):
                    await rendering
                raise _Stopped
        return rendering.result()

    def _follow(self, fraction: float) -> None:
        if time.monotonic() - self._reported >= _PROGRESS_EVERY:
            self._reported = time.monotonic()
            self._say("progress", fraction=round(fraction, 4))

    def _check(self, video: Path) -> dict[str, Any]:
        from .flags import find_flags

        check = self._order["check"]
        try:
            flags = find_flags(
                video,
                variant=check["variant"],
                cues=[Cue(**each) for each in check["cues"]],
                look=SubtitleLook(check["look"]),
                burnt=check["burnt"],
                canceled=self._stop.is_set,
            )
        except JobCanceled:
            raise _Stopped from None
        return {"flags": [each.as_line() for each in flags]}

    def _deliver(self, files: list[Path]) -> None:
        """Bring the results to the driver: into its folder by rename, or piece by piece."""
        if self._shared:
            for file in files:
                target = Path(self._order["share"]) / f"{self._order['task']}-{file.name}"
                partial = target.with_name(f"{target.name}.{self._attempt}.partial")
                shutil.copyfile(file, partial)
                partial.replace(target)
            return
        found = [
            {"name": each.name, "path": str(each), "size": each.stat().st_size, "sha": file_digest(each)}
            for each in files
        ]
        self._wait_until(self._taken.is_set, "ready", files=found)

    def _watch_driver(self) -> None:
        """Stop when the driver says so, or when nothing was heard of it for the order's lease."""
        from distributed import Event, Variable

        stop = Event(f"voxweave-stop-{self._order['task']}", client=self._client)
        beat = Variable(self._order["beat"], client=self._client)
        last, heard = None, time.monotonic()
        with contextlib.suppress(Exception):  # without its scheduler or its driver, whatever Dask raises
            # No request may wait at the scheduler: one that ends then is an error in its log.
            while not stop.is_set() and not self._over.wait(_WATCHED_EVERY):
                value = beat.get(timeout=_ANSWER_TIME)
                if value != last:
                    last, heard = value, time.monotonic()
                if time.monotonic() - heard > self._order["lease"]:
                    break
        self._stop.set()


def _is_file(path: str) -> bool:
    """Return whether a path of the driver's is a file here too."""
    with contextlib.suppress(OSError):
        return Path(path).is_file()
    return False


def _is_shared(order: Mapping[str, Any]) -> bool:
    """Return whether the driver's folder is this machine's too, and can be written."""
    if order["share"] is None:
        return False
    folder = Path(order["share"])
    with contextlib.suppress(OSError):
        proof = (folder / "proof.txt").read_text(encoding="utf-8")
        return proof == order["proof"] and os.access(folder, os.W_OK)
    return False
