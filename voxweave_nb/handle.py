"""The handle of long work: it is awaited, blocked on, listened to."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar

from . import runtime
from .errors import JobCanceled

__all__ = ["Handle", "Work"]

_log = logging.getLogger(__name__)

P = TypeVar("P")
R = TypeVar("R")


class Handle(Generic[P, R]):
    """Work on the background loop whose progress can be followed, from any thread.

    Args:
        progress: The progress before the work begins.
    """

    _work: concurrent.futures.Future[R]

    def __init__(self, progress: P) -> None:
        self._progress = progress
        self._lock = threading.Lock()
        self._listeners: list[Callable[[P], None]] = []
        self._canceled = False

    @property
    def progress(self) -> P:
        """How far the whole is."""
        return self._progress

    def done(self) -> bool:
        """Return True once the run has ended."""
        return self._work.done()

    def cancel(self) -> bool:
        """Stop the run; return False if it had ended."""
        raise NotImplementedError

    def listen(self, listener: Callable[[P], None]) -> Callable[[], None]:
        """Call `listener` with each change, the present state first, from the background thread.

        Returns:
            A function that ends the listening.
        """
        with self._lock:
            self._listeners.append(listener)
        listener(self._progress)

        def stop() -> None:
            with self._lock, contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return stop

    def __await__(self) -> Generator[Any, None, R]:
        return self._wait().__await__()

    def _start(self, work: Coroutine[Any, Any, R]) -> None:
        """Begin the work; called once everything that it reads is set."""
        self._work = runtime.submit(work)

    def _block(self, timeout: float | None) -> R:
        """Block until the run has ended; an interrupt cancels it."""
        if not self.done() and self._would_hang():
            raise RuntimeError("result() would block the loop that the run needs; await the run instead.")
        try:
            with self._waiting():
                return runtime.block(self._work, timeout)
        except KeyboardInterrupt:
            self.cancel()
            concurrent.futures.wait([self._work], 3.0)
            raise

    async def _wait(self) -> R:
        try:
            with self._waiting():
                while not self._work.done():
                    await asyncio.sleep(runtime.TICK)
        except asyncio.CancelledError:
            self.cancel()
            raise
        return self._work.result()

    def _tell(self, listener: Callable[[P], None], progress: P) -> None:
        """Call a listener; one that fails is dropped."""
        try:
            listener(progress)
        except Exception:  # noqa: BLE001  a broken view must not break the work
            _log.exception("A listener of a run failed and is dropped")
            with self._lock, contextlib.suppress(ValueError):
                self._listeners.remove(listener)

    def _would_hang(self) -> bool:
        """Return True on a thread that the work needs."""
        return runtime.on_background()

    def _waiting(self) -> AbstractContextManager[object]:
        """Return the `with` block in which the run is waited for."""
        return contextlib.nullcontext()


class Work(Handle[str, R], Generic[R]):
    """Work without parts: `await work` works on any event loop, `work.result()` blocks, `work.cancel()` cancels.

    Its progress is the newest sentence about it.

    Args:
        work: Does it; called with a function that takes a sentence for the person.
        name: What it is, in words.
    """

    def __init__(self, work: Callable[[Callable[[str], None]], Awaitable[R]], name: str) -> None:
        super().__init__("")
        self._name = name
        self._act = work
        self._start(self._run())

    def result(self, timeout: float | None = None) -> R:
        """Block until it is done.

        Args:
            timeout: Seconds to wait; None waits without limit. It goes on after a time-out.

        Raises:
            TimeoutError: It is not done yet.
            JobCanceled: It was canceled.
            VoxweaveError: It failed; the error says why.
        """
        return self._block(timeout)

    def cancel(self) -> bool:
        """Stop it; return False if it had ended."""
        with self._lock:
            if self.done():
                return False
            self._canceled = True
        return self._work.cancel()

    async def _run(self) -> R:
        return await self._act(self._say)

    async def _wait(self) -> R:
        try:
            return await super()._wait()
        except concurrent.futures.CancelledError as error:
            raise JobCanceled(f"{self._name} was canceled.") from error

    def _block(self, timeout: float | None) -> R:
        try:
            return super()._block(timeout)
        except concurrent.futures.CancelledError as error:
            raise JobCanceled(f"{self._name} was canceled.") from error

    def _say(self, sentence: str) -> None:
        with self._lock:
            self._progress = sentence
            listeners = list(self._listeners)
        for listener in listeners:
            self._tell(listener, sentence)

    def __repr__(self) -> str:
        state = "canceled" if self._canceled else "done" if self.done() else self._progress or "begun"
        return f"<{self._name}: {state}>"
