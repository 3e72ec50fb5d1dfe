"""Child processes forked from a worker: they share everything it has prepared and start at almost no cost."""

from __future__ import annotations

import contextlib
import mmap
import os
import pickle
import sys
import warnings
from collections.abc import Callable, Sequence
from multiprocessing import Pipe
from typing import Generic, TypeVar

__all__ = ["call_in_parallel", "can_fork", "fork"]

T = TypeVar("T")

_ALIGNMENT = 64
"""Bytes to which arrays are aligned, as numpy's fastest loops prefer."""


def can_fork() -> bool:
    """Return True if another process helps: on Linux with at least two cores."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


def fork() -> int:
    """Call `os.fork` without its warning about threads.

    Safe only if every other thread sleeps in a read and holds no lock.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python warns if there is any other thread
        return os.fork()


def call_in_parallel(functions: Sequence[Callable[[], T]]) -> list[T]:
    """Call all functions and return their results in order.

    The first runs in this process, the others in child processes at the same time. A function whose child fails, or
    whose result cannot be pickled, is called again in this process.
    """
    children: list[_Child[T]] = []
    try:
        if can_fork():
            with contextlib.suppress(OSError):  # out of memory or processes: call the rest here
                for function in functions[1:]:
                    children.append(_Child(function))
        here = [function() for function in (*functions[:1], *functions[1 + len(children) :])]
        return [*here[:1], *(child.result() for child in children), *here[1:]]
    finally:
        for child in children:
            child.close()


class _Child(Generic[T]):
    """A child process that calls one function and returns the result in shared memory."""

    def __init__(self, function: Callable[[], T]) -> None:
        self._function = function
        self._memory = os.memfd_create("voxweave")
        try:
            self._pipe, child_end = Pipe(duplex=False)
            self._process = fork()
        except OSError:
            os.close(self._memory)
            raise
        if self._process == 0:
            try:
                # An error here is raised again by result(), which then calls the function in the parent.
                with contextlib.suppress(Exception):
                    child_end.send(_write_arrays(function(), self._memory))
            finally:
                os._exit(0)
        child_end.close()

    def result(self) -> T:
        """Wait for the result; call the function here if the child failed."""
        try:
            pickled, sizes = self._pipe.recv()
        except (EOFError, OSError):
            return self._function()
        value: T = pickle.loads(pickled, buffers=_read_arrays(self._memory, sizes))  # noqa: S301 - our own child's
        return value

    def close(self) -> None:
        """Close the pipe and the memory, and wait for the child to exit."""
        self._pipe.close()
        os.close(self._memory)
        os.waitpid(self._process, 0)


def _write_arrays(value: object, memory: int) -> tuple[bytes, list[int]]:
    """Write a value's arrays to a memory file, one after another; return the rest pickled, and the arrays' sizes."""
    arrays: list[pickle.PickleBuffer] = []
    pickled = pickle.dumps(value, protocol=5, buffer_callback=arrays.append)
    raws = [array.raw() for array in arrays]
    os.ftruncate(memory, max(1, sum(_padded(raw.nbytes) for raw in raws)))
    with mmap.mmap(memory, 0) as shared:
        at = 0
        for raw in raws:
            shared[at : at + raw.nbytes] = raw
            at += _padded(raw.nbytes)
    return pickled, [raw.nbytes for raw in raws]


def _read_arrays(memory: int, sizes: list[int]) -> list[memoryview]:
    """Return the arrays of a memory file as copy-on-write views."""
    shared = memoryview(mmap.mmap(memory, 0, access=mmap.ACCESS_COPY))
    arrays, at = [], 0
    for size in sizes:
        arrays.append(shared[at : at + size])
        at += _padded(size)
    return arrays


def _padded(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
