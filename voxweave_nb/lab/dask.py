"""`run(render_on=client)`: a Dask cluster renders and checks; whatever is submitted to a provider stays here.

Dask gets only what may run twice. A worker's death, and even a worker that leaves after a success, makes it run a task
again, so nothing that pays may be one. `dask_worker.py` is all that a worker executes.

The driver's coroutines run on the client's own loop, be it Dask's thread or the notebook's. A task announces on one
topic what it does, needs and has; the driver then moves the files (see `_Courier`). `distributed.Event` stops a task,
and a `Variable` that grows every few seconds tells the tasks that the driver lives.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import hashlib
import pkgutil
import platform
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from .. import runtime
from ..errors import ConfigError, JobCanceled, MediaError, ProviderUnavailable, VoxweaveError
from ..models import Cue, SubtitleLook
from ..private_folders import new_private_folder, remove_left_folders
from ..providers.base import Provider
from ..providers.local import LocalProvider
from ..version import __version__
from .dask_courier import Courier
from .dask_worker import file_digest, work
from .flags import find_flags
from .records import Flag

if TYPE_CHECKING:
    from ..render.renderer import Rendered, RenderJob

__all__ = ["DaskCrew"]

T = TypeVar("T")

_FOLDER_PREFIX = ".voxweave-dask-"
_TICK = 0.25
_BEAT_EVERY = 2.0

PATIENCE = 60.0
"""Seconds without any worker after which this machine renders."""

LEASE = 300.0
"""Seconds without a sign of the driver after which a task ends; a notebook's loop may be busy for a while."""

_LOST = "The Dask cluster was lost: its scheduler has ended, the client was closed, or the task was canceled"
_INSTEAD = "this machine did it instead"


class DaskCrew:
    """The workers of a Dask client, as long as a run lasts: `async with`.

    Args:
        client: A `distributed.Client`, synchronous or not.
        folder: A folder for files that workers may read and write if they share it, such as the lab's.
        shared: False to send all files in pieces, even to workers that share the folder.
        patience: Seconds without any worker after which this machine does the work.
        lease: Seconds without a sign of this process after which tasks end.

    Attributes:
        warnings: Why this machine checked videos itself.

    Raises:
        ConfigError: Dask is not installed, or this is not a Dask client, or a closed one.
    """

    def __init__(
        self,
        client: Any,
        folder: Path,
        *,
        shared: bool = True,
        patience: float = PATIENCE,
        lease: float = LEASE,
    ) -> None:
        self._client = _checked(client)
        self._parent, self._is_shared = folder, shared
        self._patience, self._lease = patience, lease
        self._token = secrets.token_hex(6)
        self._topic, self._beat = f"voxweave-{self._token}", f"voxweave-beat-{self._token}"
        self._courier = Courier(self._client)
        self._resources: dict[str, float] = {}
        self._empty_since: float | None = None
        self._lost = ""
        self._exchange = folder
        self._proof = ""
        self.warnings: list[str] = []
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._make_exchange)
        try:
            await self._on_client(self._open())
        except BaseException:
            await asyncio.to_thread(shutil.rmtree, self._exchange, ignore_errors=True)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            with contextlib.suppress(ProviderUnavailable):
                await asyncio.shield(asyncio.ensure_future(self._on_client(self._close())))
        finally:
            await asyncio.to_thread(shutil.rmtree, self._exchange, ignore_errors=True)

    def blocks(self) -> bool:
        """Return True on the thread whose loop the client runs on: waiting here would stop the client."""
        try:
            return asyncio.get_running_loop() is self._client.loop.asyncio_loop
        except RuntimeError:
            return False

    def rendering(self, provider: Provider) -> Provider:
        """Return a local provider that renders on the workers; another provider of that name stays as it is."""
        return provider.rendering_by(self.render) if isinstance(provider, LocalProvider) else provider

    async def render(
        self, job: RenderJob, to: Path, *, work: Path, on_progress: Callable[[float], None]
    ) -> Rendered:
        """Render on a worker; see `providers.local.Renderer`."""
        from ..render.renderer import Rendered

        source = Path(job.samples)
        values = {**asdict(job), "samples": ""}
        order = await asyncio.to_thread(self._order, "render", source, {"job": values})
        done = await self._on_client(self._assign(order, source, work, on_progress))
        await asyncio.to_thread(shutil.move, work / f"{order['task']}-clip.mp4", to)
        stills: dict[str, Path | None] = {}
        for name in ("sprite", "thumbnails"):
            stills[name] = None
            if done[name]:
                stills[name] = Path(shutil.move(work / f"{order['task']}-{done[name]}", work / done[name]))
        on_progress(1.0)
        return Rendered(done["understood"], tuple(done["warnings"]), done["best"], **stills)

    def find_flags(
        self,
        video: str | Path,
        *,
        variant: str = "",
        cues: Sequence[Cue] = (),
        look: SubtitleLook = SubtitleLook.BOX,
        burnt: bool = False,
        canceled: Callable[[], bool] = lambda: False,
    ) -> tuple[Flag, ...]:
        """Check a video on a worker, or here if none can; blocks. The arguments are those of `flags.find_flags`."""
        path = Path(video)
        check = {
            "variant": variant,
            "cues": [asdict(each) for each in cues],
            "look": look.value,
            "burnt": burnt,
        }
        order = self._order("flags", path, {"check": check})
        asking = runtime.submit(self._on_client(self._assign(order, path, self._exchange, lambda _: None)))
        try:
            while not asking.done():
                if canceled():
                    asking.cancel()
                    raise JobCanceled("The check was canceled.")
                time.sleep(_TICK)
            return tuple(Flag.from_line(each) for each in asking.result()["flags"])
        except ProviderUnavailable as error:
            if (warning := str(error)) not in self.warnings:
                self.warnings.append(warning)
            return find_flags(path, variant=variant, cues=cues, look=look, burnt=burnt, canceled=canceled)

    def _make_exchange(self) -> None:
        self._parent.mkdir(parents=True, exist_ok=True)
        remove_left_folders(_FOLDER_PREFIX, self._parent)
        self._exchange = new_private_folder(_FOLDER_PREFIX, self._parent)
        self._proof = secrets.token_hex(16)
        (self._exchange / "proof.txt").write_text(self._proof, encoding="utf-8", newline="\n")

    def _order(self, kind: str, source: Path, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return the order of a task: plain values, without anything that could pay."""
        sha, path = file_digest(source), source
        if self._is_shared and not source.is_relative_to(self._parent.resolve()):
            path = self._exchange / f"{sha}{source.suffix}"
            _copy_once(source, path)
        content = hashlib.sha256(
            f"{__version__} {kind} {sha} {sorted(payload.items())!r}".encode()
        ).hexdigest()
        return {
            "kind": kind,
            "task": f"{content[:12]}-{secrets.token_hex(4)}",
            "topic": self._topic,
            "version": __version__,
            "beat": self._beat,
            "lease": self._lease,
            "share": str(self._exchange) if self._is_shared else None,
            "proof": self._proof,
            "source": {"name": source.name, "sha": sha, "path": str(path.absolute())},
            **payload,
        }

    async def _on_client(self, act: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the client's loop; canceling this cancels it.

        Raises:
            ProviderUnavailable: The client is closed.
        """
        try:
            future = asyncio.run_coroutine_threadsafe(act, self._client.loop.asyncio_loop)
        except RuntimeError:  # its loop is closed
            act.close()
            raise self._unavailable(_LOST) from None
        waiting = asyncio.wrap_future(future)
        try:
            while not waiting.done():
                await asyncio.wait({waiting}, timeout=_TICK)
                if not waiting.done() and self._is_closed():
                    raise self._unavailable(_LOST)
        except BaseException:
            waiting.cancel()
            raise
        error = None if waiting.cancelled() else waiting.exception()
        if error is not None and not isinstance(error, VoxweaveError) and self._is_closed():
            raise self._unavailable(_LOST) from error  # a closed client refuses new tasks in its own words
        return waiting.result()

    def _is_closed(self) -> bool:
        return self._client.status in ("closing", "closed")

    # From here on, all runs on the client's loop.

    async def _open(self) -> None:
        found = await _versions(self._client)
        if wrong := _differences(found):
            raise ConfigError(
                f"The Dask cluster differs from this notebook: {wrong}. Install the same everywhere; nothing was made."
            )
        workers: Mapping[str, Any] = self._client.scheduler_info(n_workers=-1)["workers"]
        if any("render" in each.get("resources", {}) for each in workers.values()):
            self._resources = {"render": 1}
        self._client.subscribe_topic(self._topic, self._courier.take)
        self._watching = asyncio.ensure_future(self._watch())

    async def _close(self) -> None:
        from distributed import Variable

        self._courier.close()
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait({self._watching})
        with contextlib.suppress(Exception):  # the scheduler may be gone, and nothing is left to do then
            Variable(self._beat, client=self._client).delete()
            self._client.unsubscribe_topic(self._topic)

    async def _watch(self) -> None:
        """Tell the tasks that this process lives, and see whether there are workers."""
        from distributed import Variable

        beat, count = Variable(self._beat, client=self._client), 0
        while True:
            count += 1
            try:
                await beat.set(count)
                if await self._client.nthreads():
                    self._empty_since = None
                else:
                    self._empty_since = self._empty_since or time.monotonic()
            except Exception as error:  # noqa: BLE001  whatever Dask raises without its scheduler
                self._lost = f"{_LOST} ({type(error).__name__})"
                return
            await asyncio.sleep(_BEAT_EVERY)

    async def _assign(
        self, order: Mapping[str, Any], source: Path, into: Path, on_progress: Callable[[float], None]
    ) -> dict[str, Any]:
        """Have an order done by a worker; its files are in `into` afterwards, named by the task."""
        self._check_cluster()
        task = str(order["task"])
        future = self._client.submit(
            work,
            dict(order),
            key=f"voxweave-{order['kind']}-{task}",
            pure=False,
            retries=1,
            resources=self._resources or None,
        )
        ended = asyncio.ensure_future(_outcome_of(future))
        with self._courier.serving(task, source, into, on_progress) as serving:
            try:
                while not ended.done():
                    await asyncio.wait({ended, serving}, timeout=_TICK, return_when=asyncio.FIRST_COMPLETED)
                    if serving.done():
                        serving.result()
                    self._check_cluster()
            except BaseException:
                await self._stop(task, future)
                raise
            finally:
                ended.cancel()
                future.release()
        done = self._result_of(ended)
        if self._is_shared:
            await asyncio.to_thread(_take_shared, self._exchange, into, task)
        return done

    def _result_of(self, ended: asyncio.Task[Any]) -> dict[str, Any]:
        error = None if ended.cancelled() else ended.exception()
        if ended.cancelled() or isinstance(error, concurrent.futures.CancelledError):
            raise self._unavailable(_LOST)
        if error is not None:
            raise MediaError(_why_failed(error)) from error
        result: dict[str, Any] = ended.result()
        if "error" in result:
            failure: VoxweaveError = result["error"]
            raise failure
        if "stopped" in result:
            raise self._unavailable(_LOST)
        done: dict[str, Any] = result["done"]
        return done

    async def _stop(self, task: str, future: Any) -> None:
        """Stop a running task, which notices at once, and drop a waiting one."""
        from distributed import Event

        with contextlib.suppress(Exception):  # without a scheduler, the task ends by itself
            await asyncio.wait_for(Event(f"voxweave-stop-{task}", client=self._client).set(), 2.0)
            await asyncio.wait_for(self._client.cancel([future], force=True), 2.0)

    def _check_cluster(self) -> None:
        if self._lost:
            raise self._unavailable(self._lost)
        since = self._empty_since
        if since is not None and time.monotonic() - since > self._patience:
            raise self._unavailable(f"The Dask cluster has had no worker for {self._patience:.0f} s")

    def _unavailable(self, reason: str) -> ProviderUnavailable:
        return ProviderUnavailable(f"{reason}; {_INSTEAD}.", provider="local")


def _checked(client: Any) -> Any:
    """Return a Dask client that can be used.

    Raises:
        ConfigError: It cannot.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise ConfigError(
            f"render_on needs Dask, which cannot be imported ({error}): pip install 'voxweave-nb[dask]'."
        ) from error
    if not isinstance(client, Client):
        raise ConfigError(f"render_on is {client!r:.80}; give a Dask client: dask.distributed.Client(...).")
    if client.status in ("closing", "closed"):
        raise ConfigError("The Dask client of render_on is closed; give one that is connected.")
    return client


async def _versions(client: Any) -> dict[str, tuple[Any, Any]]:
    """Return the versions of voxweave_nb and Python of the scheduler, which reads all tasks, and of each worker.

    An error stands for a version that cannot be told.
    """
    # Functions of the standard library, as voxweave_nb may be missing there.
    name = "voxweave_nb.version:__version__"
    own = await client.run(pkgutil.resolve_name, name, on_error="return")
    python = await client.run(platform.python_version, on_error="return")
    found = {worker: (own[worker], python.get(worker)) for worker in own}
    try:
        there = await client.run_on_scheduler(pkgutil.resolve_name, name)
    except ModuleNotFoundError as error:
        there = error
    return {"the scheduler": (there, platform.python_version()), **found}


def _differences(found: Mapping[str, tuple[Any, Any]]) -> str:
    """Return in words how workers differ; empty if none does. Versions of Python may differ in the last place."""
    here = _minor(platform.python_version())
    words: dict[str, list[str]] = {}
    for worker, (own, python) in found.items():
        if isinstance(own, ModuleNotFoundError):
            words.setdefault("no voxweave_nb", []).append(worker)
        elif own != __version__:
            words.setdefault(f"voxweave_nb {own} and not {__version__}", []).append(worker)
        elif _minor(python) != here:
            words.setdefault(f"Python {python} and not {platform.python_version()}", []).append(worker)
    return "; ".join(
        f"{workers[0]}{f' and {len(workers) - 1} more' if workers[1:] else ''} has {what}"
        for what, workers in words.items()
    )


def _minor(version: object) -> str:
    return ".".join(str(version).split(".")[:2])


async def _outcome_of(future: Any) -> Any:
    """Wait for a Dask task in a task of its own, as Dask reports a lost one by a `CancelledError`."""
    return await future


def _why_failed(error: BaseException) -> str:
    if type(error).__name__ == "KilledWorker":
        return (
            "Several Dask workers in turn ended while they worked on this, perhaps for lack of memory; look at their "
            f"logs. {error}"
        )
    return f"A Dask worker failed twice at this: {type(error).__name__}: {error}"


def _copy_once(source: Path, target: Path) -> None:
    """Copy a file to a name made of its content, unless it is there."""
    if not target.exists():
        partial = target.with_name(f"{target.name}.{threading.get_ident()}.partial")
        shutil.copyfile(source, partial)
        partial.replace(target)


def _take_shared(exchange: Path, into: Path, task: str) -> None:
    """Move the results of a task from the shared folder; those that came in pieces are there already."""
    if into != exchange:
        for file in exchange.glob(f"{task}-*"):
            if file.suffix != ".partial":
                shutil.move(file, into / file.name)
