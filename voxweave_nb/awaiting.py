"""Coroutines that tell a person who forgot `await` to write it, where the person sees it."""

from __future__ import annotations

import functools
import sys
import warnings
from collections.abc import Callable, Coroutine, Generator
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

__all__ = ["NotAwaited", "tells_to_await"]

P = ParamSpec("P")
T = TypeVar("T")


class NotAwaited(Coroutine[Any, Any, T]):
    """A coroutine that begins with the first await; until then its repr and its attributes tell to await it.

    Args:
        begin: Makes the real coroutine.
        call: The call in words, such as `"service.generate_video(...)"`.
    """

    def __init__(self, begin: Callable[[], Coroutine[Any, Any, T]], call: str) -> None:
        self._begin, self._call = begin, call
        self._coroutine: Coroutine[Any, Any, T] | None = None
        self._told = False

    def send(self, value: Any) -> Any:
        """Continue the coroutine, or begin it."""
        return self._begun().send(value)

    def throw(self, kind: Any, value: Any = None, traceback: TracebackType | None = None) -> Any:
        """Raise an error in the coroutine."""
        error = kind if value is None else value
        if isinstance(error, type):
            error = error()
        return self._begun().throw(error.with_traceback(traceback) if traceback else error)

    def close(self) -> None:
        """End the coroutine; one that has not begun never will."""
        self._begun().close()

    def __await__(self) -> Generator[Any, Any, T]:
        return self._begun().__await__()

    def _begun(self) -> Coroutine[Any, Any, T]:
        if self._coroutine is None:
            self._coroutine = self._begin()
        return self._coroutine

    @property
    def _advice(self) -> str:
        return f"{self._call} was not awaited, so nothing was done. Write: await {self._call}"

    def __repr__(self) -> str:
        if self._coroutine is not None:
            return f"<coroutine {self._call}>"
        self._told = True
        return self._advice

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # what copies, displays and debuggers look for
            raise AttributeError(name)
        raise AttributeError(f"There is no {name!r} yet: {self._advice}")

    def __del__(self) -> None:
        if self._coroutine is None and not self._told and not sys.is_finalizing():
            # Python's own warning would name a coroutine instead of the call.
            warnings.warn(self._advice, RuntimeWarning, stacklevel=2)


def tells_to_await(method: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Decorate an `async def` method of a service: the call without `await` says that it wants one."""

    @functools.wraps(method)
    def call(*args: P.args, **options: P.kwargs) -> Coroutine[Any, Any, T]:
        return NotAwaited(lambda: method(*args, **options), f"service.{method.__name__}(...)")

    return call
