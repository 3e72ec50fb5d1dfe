"""The background event loop: one asyncio loop in one daemon thread, for all network and subprocess work.

A task on the notebook's own loop freezes while a cell computes; on this loop it does not. The thread starts with the
first `submit`, never at import. A forked child starts its own, a module reload keeps the running one, and at exit all
its tasks are canceled.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import contextlib
import math
import os
import signal
import sys
import threading
import time
import weakref
from collections.abc import Awaitable, Coroutine, Iterable, Iterator
from typing import Any, Final, Protocol, TypeVar

__all__ = [
    "FINISH_BEFORE_EXIT",
    "TICK",
    "Background",
    "Closable",
    "background",
    "block",
    "block_or_cancel",
    "close_at_exit",
    "close_soon",
    "new_loop",
    "on_background",
    "run",
    "submit",
    "wait",
]

T = TypeVar("T")

# An interrupt does not wake a loop that waits in select (ipykernel issue 881), so every wait wakes itself. Python's
# handler runs only once the main thread is awake, and a signal that comes just before the wait, or to another thread,
# wakes nobody.
TICK: Final = 0.1
"""Seconds between two checks of a background future."""

_GRACE: Final = 3.0
"""Seconds for canceled work to clean up, at exit and after an interrupt."""

FINISH_BEFORE_EXIT: Final = "voxweave: finish before exit"
"""The name of a task that gets a moment to finish by itself at exit before it is canceled."""


class Closable(Protocol):
    """An object that holds connections or processes and can be closed more than once."""

    async def aclose(self) -> None:
        """Close all connections and processes."""


class Background:
    """A running event loop and the daemon thread that it runs in."""

    def __init__(self) -> None:
        self.loop = new_loop()
        self.thread = threading.Thread(target=self._run_loop, name="voxweave", daemon=True)
        self.thread.start()

    def _run_loop(self) -> None:
        self.loop.run_forever()

    def submit(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Start a coroutine on the loop, from any thread."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def close(self) -> None:
        """Cancel all tasks, give them a moment to clean up, and stop the thread."""
        if self.thread.is_alive() and not self.loop.is_closed():
            with contextlib.suppress(concurrent.futures.TimeoutError, concurrent.futures.CancelledError):
                self.submit(_cancel_and_close_all()).result(2 * _GRACE)
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join(_GRACE)


def new_loop() -> asyncio.AbstractEventLoop:
    """Return a new event loop that can start processes, whatever policy is installed.

    Notebooks install policies of their own: ipykernel on Windows one without subprocesses.
    """
    if sys.platform == "win32":
        return asyncio.ProactorEventLoop()
    return asyncio.SelectorEventLoop()


# A reload runs this module again in the same namespace, where it must find the running loop.
_lock: threading.Lock = globals().get("_lock") or threading.Lock()
_background: Background | None = globals().get("_background")
_closed_at_exit: weakref.WeakSet[Any] = globals().get("_closed_at_exit") or weakref.WeakSet()
_exit_hooks_set: bool = globals().get("_exit_hooks_set", False)


def background() -> Background:
    """Return the process's background loop; the first call starts it."""
    global _background, _exit_hooks_set
    with _lock:
        if _background is None or not _background.thread.is_alive():
            _background = Background()
            if not _exit_hooks_set:
                atexit.register(_close_background)
                if hasattr(os, "register_at_fork"):
                    os.register_at_fork(after_in_child=_reset_after_fork)
                _exit_hooks_set = True
        return _background


def submit(work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
    """Start a coroutine on the background loop, from any thread; return without waiting."""
    return background().submit(work)


def close_at_exit(thing: Closable) -> None:
    """Close an object on the loop at exit, after all tasks that may use it are canceled."""
    _closed_at_exit.add(thing)


def close_soon(things: Iterable[Closable]) -> None:
    """Close objects on the loop without waiting for it."""
    running = _background  # without a loop, no object has anything open
    if running is not None and running.thread.is_alive():
        for thing in things:
            with contextlib.suppress(RuntimeError):  # the loop is closing, and closes them itself
                running.submit(_close_quietly(thing))


def on_background() -> bool:
    """Return True on the background thread, where nothing may block."""
    return _background is not None and threading.current_thread() is _background.thread


async def wait(future: concurrent.futures.Future[T]) -> T:
    """Wait on any loop for a future of the background loop; canceling the wait cancels the future.

    Returns:
        The future's result. Its exception is raised.
    """
    try:
        while not future.done():
            await asyncio.sleep(TICK)
    except asyncio.CancelledError:
        future.cancel()
        raise
    return future.result()


def run(awaitable: Awaitable[T]) -> T:
    """Wait for an awaitable in a plain cell or script, and return its result.

    In a notebook the kernel's own loop keeps running meanwhile, so other tasks and clients go on. This is the only
    function that patches asyncio (nest-asyncio2), and only the running loop. If that loop cannot be patched, such as
    uvloop's, the awaitable runs on the background loop instead.

    Raises:
        KeyboardInterrupt: The wait was interrupted; the awaitable was canceled and given a moment to clean up.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            return runner.run(_wait_awake(awaitable))
    import nest_asyncio2

    try:
        nest_asyncio2.apply(loop)
    except ValueError:
        return block_or_cancel(submit(_as_coroutine(awaitable)))
    return _run_nested(loop, awaitable)


def _run_nested(loop: asyncio.AbstractEventLoop, awaitable: Awaitable[T]) -> T:
    task = loop.create_task(_as_coroutine(awaitable))
    interrupt = asyncio.Event()
    with _interrupt_sets(loop, interrupt):
        loop.run_until_complete(_wait_or_cancel(task, interrupt))
    if interrupt.is_set():
        if task.done() and not task.cancelled():
            task.exception()  # mark as retrieved, or asyncio logs it later
        raise KeyboardInterrupt
    return task.result()


async def _wait_or_cancel(task: asyncio.Task[Any], interrupt: asyncio.Event) -> None:
    """Wait for a task; an interrupt cancels it and gives it a moment to clean up."""
    waiting = asyncio.ensure_future(interrupt.wait())
    try:
        await _wait_awake(asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED))
        if interrupt.is_set():
            task.cancel()
            await asyncio.wait({task}, timeout=_GRACE)
    finally:
        waiting.cancel()


@contextlib.contextmanager
def _interrupt_sets(loop: asyncio.AbstractEventLoop, interrupt: asyncio.Event) -> Iterator[None]:
    """Set an event on the first interrupt instead of raising; the second one raises."""
    # An exception could be raised in the middle of any task's step. The handler of an outer asyncio.run would cancel
    # its own task, which is suspended in this call.
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def on_interrupt(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        loop.call_soon_threadsafe(interrupt.set)

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def block(future: concurrent.futures.Future[T], timeout: float | None = None) -> T:
    """Block until a future is done, and return its result. An interrupt is raised within half a second.

    Raises:
        TimeoutError: The future is not done after `timeout` seconds.
    """
    deadline = math.inf if timeout is None else time.monotonic() + timeout
    while not future.done():
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"Not done after {timeout:g} s; the job is still running.")
        concurrent.futures.wait([future], min(left, 5 * TICK))  # a signal just before a wait does not end it
    return future.result()


def block_or_cancel(future: concurrent.futures.Future[T]) -> T:
    """Block until a future is done, and return its result. An interrupt cancels it and is raised."""
    try:
        return block(future)
    except KeyboardInterrupt:
        future.cancel()
        concurrent.futures.wait([future], _GRACE)
        raise


async def _as_coroutine(awaitable: Awaitable[T]) -> T:
    return await awaitable


async def _wait_awake(awaitable: Awaitable[T]) -> T:
    """Wait for an awaitable on a loop that wakes every `TICK` meanwhile, for an interrupt."""
    waking = asyncio.ensure_future(_wake())
    try:
        return await awaitable
    finally:
        waking.cancel()


async def _wake() -> None:
    while True:
        await asyncio.sleep(TICK)


async def _cancel_and_close_all() -> None:
    await _cancel_all()
    await asyncio.wait_for(
        asyncio.gather(*(_close_quietly(thing) for thing in list(_closed_at_exit))), _GRACE
    )


async def _close_quietly(thing: Closable) -> None:
    with contextlib.suppress(Exception):  # the end of the process closes what is still open
        await thing.aclose()


async def _cancel_all() -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        if task.get_name() != FINISH_BEFORE_EXIT:
            task.cancel()
    _, unfinished = await asyncio.wait(tasks, timeout=_GRACE * 0.8) if tasks else (None, ())
    for task in unfinished:
        task.cancel()
    await asyncio.wait(unfinished, timeout=_GRACE * 0.2) if unfinished else None


def _close_background() -> None:
    global _background
    if _background is not None:
        _background.close()
        _background = None


def _reset_after_fork() -> None:
    global _background, _lock
    _background, _lock = None, threading.Lock()
