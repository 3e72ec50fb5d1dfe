"""One event loop in one daemon thread, where all network and subprocess work runs.

A task on a notebook's own loop freezes for as long as any cell computes; on a loop of our own it does not. The
thread starts with the first `submit`, never at import; it is forgotten after a fork (the child starts its own),
survives a module reload, and is shut down at exit with everything on it cancelled.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import contextlib
import math
import os
import signal
import threading
import time
import weakref
from collections.abc import Awaitable, Coroutine, Iterable, Iterator
from typing import Any, Final, Protocol, TypeVar

__all__ = [
    "TICK",
    "UNDER_WAY",
    "Background",
    "Closable",
    "background",
    "block",
    "close_at_exit",
    "let_go",
    "on_background",
    "run",
    "submit",
    "wait",
]

T = TypeVar("T")

TICK: Final = 0.1
"""Seconds between two looks at a future of the background loop.

An interrupt does not wake a loop that waits in select (ipykernel issue 881), so a wait has to wake by itself.
"""

_GRACE: Final = 3.0
"""Seconds that cancelled work gets to clean up, at exit and after an interrupt."""


UNDER_WAY: Final = "voxweave: sends what must not be given up"
"""The name of a task that is given a moment to end by itself before it is cancelled at exit."""


class Closable(Protocol):
    """What holds connections or processes, and can let go of them more than once."""

    async def aclose(self) -> None:
        """Lets go of them."""


class Background:
    """A running event loop and the daemon thread that it runs in."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._turn, name="voxweave", daemon=True)
        self.thread.start()

    def _turn(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def submit(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Starts a coroutine on the loop, from any thread."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def close(self) -> None:
        """Cancels everything on the loop, waits a moment for it to clean up, and stops the thread."""
        if self.thread.is_alive() and not self.loop.is_closed():
            with contextlib.suppress(concurrent.futures.TimeoutError, concurrent.futures.CancelledError):
                self.submit(_leave()).result(2 * _GRACE)
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join(_GRACE)


# A reload runs this module again in the same namespace: the running loop must be found, not replaced.
_lock: threading.Lock = globals().get("_lock") or threading.Lock()
_background: Background | None = globals().get("_background")
_closing: weakref.WeakSet[Any] = globals().get("_closing") or weakref.WeakSet()
_hooked: bool = globals().get("_hooked", False)


def background() -> Background:
    """The process's background loop, started when it is first asked for."""
    global _background, _hooked
    with _lock:
        if _background is None or not _background.thread.is_alive():
            _background = Background()
            if not _hooked:
                atexit.register(_close)
                if hasattr(os, "register_at_fork"):
                    os.register_at_fork(after_in_child=_forget)
                _hooked = True
        return _background


def submit(work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
    """Starts a coroutine on the background loop and returns at once, from any thread."""
    return background().submit(work)


def close_at_exit(thing: Closable) -> None:
    """Has something closed on the loop before it stops, after the work that may use it has been cancelled."""
    _closing.add(thing)


def let_go(things: Iterable[Closable]) -> None:
    """Closes things on the loop without waiting; where there is no loop, nothing of theirs is open."""
    running = _background
    if running is not None and running.thread.is_alive():
        for thing in things:
            with contextlib.suppress(RuntimeError):  # the loop is just being closed, and closes them itself
                running.submit(_close_one(thing))


def on_background() -> bool:
    """Whether the caller is on the background thread, where nothing may block."""
    return _background is not None and threading.current_thread() is _background.thread


async def wait(future: concurrent.futures.Future[T]) -> T:
    """Awaits a future of the background loop on any loop; cancelling the wait cancels the future.

    Returns:
        The future's result, or raises its exception.
    """
    try:
        while not future.done():
            await asyncio.sleep(TICK)
    except asyncio.CancelledError:
        future.cancel()
        raise
    return future.result()


def run(awaitable: Awaitable[T]) -> T:
    """Finishes an awaitable in a plain, blocking cell or script and returns its result.

    In a notebook the kernel's own loop goes on turning meanwhile, so that other tasks and clients live; this is
    the one place where asyncio is patched (nest-asyncio2), and only the loop that is running. A loop that cannot
    be patched, such as uvloop's, is left alone: the awaitable then runs on the background loop. An interrupt
    cancels the awaitable, gives it a moment to clean up, and is raised again.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(_finish(awaitable))
    import nest_asyncio2

    try:
        nest_asyncio2.apply(loop)
    except ValueError:
        return _block(submit(_finish(awaitable)))
    return _run_nested(loop, awaitable)


def _run_nested(loop: asyncio.AbstractEventLoop, awaitable: Awaitable[T]) -> T:
    task = loop.create_task(_finish(awaitable))
    interrupt = asyncio.Event()
    with _heard_by(loop, interrupt):
        loop.run_until_complete(_until_interrupted(task, interrupt))
    if interrupt.is_set():
        if task.done() and not task.cancelled():
            task.exception()  # seen, so that asyncio does not complain of it later
        raise KeyboardInterrupt
    return task.result()


async def _until_interrupted(task: asyncio.Task[Any], interrupt: asyncio.Event) -> None:
    """Waits for a task; an interrupt cancels it and gives it a moment to clean up."""
    waiting = asyncio.ensure_future(interrupt.wait())
    try:
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if interrupt.is_set():
            task.cancel()
            await asyncio.wait({task}, timeout=_GRACE)
    finally:
        waiting.cancel()


@contextlib.contextmanager
def _heard_by(loop: asyncio.AbstractEventLoop, interrupt: asyncio.Event) -> Iterator[None]:
    """Turns an interrupt into an event, so that it never raises in the middle of somebody's step; a second one raises.

    Without this an outer runner would cancel its own task, which cannot hear meanwhile.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def hear(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        loop.call_soon_threadsafe(interrupt.set)

    before = signal.signal(signal.SIGINT, hear)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def block(future: concurrent.futures.Future[T], timeout: float | None = None) -> T:
    """Blocks until a future is done; looks up now and then, since a signal that comes just before a wait is not heard.

    Raises:
        TimeoutError: It is not done after `timeout` seconds.
    """
    deadline = math.inf if timeout is None else time.monotonic() + timeout
    while not future.done():
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"It is not done after {timeout:g} s and goes on.")
        concurrent.futures.wait([future], min(left, 5 * TICK))
    return future.result()


def _block(future: concurrent.futures.Future[T]) -> T:
    try:
        return block(future)
    except KeyboardInterrupt:
        future.cancel()
        concurrent.futures.wait([future], _GRACE)
        raise


async def _finish(awaitable: Awaitable[T]) -> T:
    return await awaitable


async def _leave() -> None:
    await _cancel_all()
    await asyncio.wait_for(asyncio.gather(*(_close_one(thing) for thing in list(_closing))), _GRACE)


async def _close_one(thing: Closable) -> None:
    with contextlib.suppress(Exception):  # a connection that does not close is closed with the process
        await thing.aclose()


async def _cancel_all() -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        if task.get_name() != UNDER_WAY:
            task.cancel()
    _, left = await asyncio.wait(tasks, timeout=_GRACE * 0.8) if tasks else (None, ())
    for task in left:
        task.cancel()
    await asyncio.wait(left, timeout=_GRACE * 0.2) if left else None


def _close() -> None:
    global _background
    if _background is not None:
        _background.close()
        _background = None


def _forget() -> None:
    global _background, _lock
    _background, _lock = None, threading.Lock()
