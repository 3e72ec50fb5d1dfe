"""The handles of what a board does besides making takes: planning it, and letting a chat model write its prompts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from ..errors import JobCanceled
from ..handle import Handle

__all__ = ["BoardWork"]

R = TypeVar("R")


class BoardWork(Handle[str, R], Generic[R]):
    """Work on a board: `await work` works on any event loop, `work.result()` blocks, `work.cancel()` cancels.

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
        from concurrent.futures import CancelledError

        try:
            return await super()._wait()
        except CancelledError as error:
            raise JobCanceled(f"{self._name} was canceled.") from error

    def _block(self, timeout: float | None) -> R:
        from concurrent.futures import CancelledError

        try:
            return super()._block(timeout)
        except CancelledError as error:
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
