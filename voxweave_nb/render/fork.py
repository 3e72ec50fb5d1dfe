"""Processes that are forked off a worker: they begin with all that it has prepared, and cost next to nothing."""

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

__all__ = ["can_fork", "fork", "make_at_once"]

T = TypeVar("T")

_ALIGNED = 64
"""Bytes to whose multiples arrays are laid, as numpy's fastest loops like it."""


def can_fork() -> bool:
    """Whether another process helps: on Linux, where a fork is safe, with a second core to run it."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


def fork() -> int:
    """`os.fork`, for a process that has no thread but one that sleeps in a read and holds no lock."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python warns of any other thread
        return os.fork()


def make_at_once(makes: Sequence[Callable[[], T]]) -> list[T]:
    """What each of them returns; the first is called here, the others at the same time in processes of their own.

    What they return is pickled, its arrays handed over as they lie in memory. What cannot be had from another process,
    for whatever reason, is made here after all.
    """
    others: list[_Made[T]] = []
    try:
        if can_fork():
            with contextlib.suppress(OSError):  # what the system has no room for is made here
                for make in makes[1:]:
                    others.append(_Made(make))
        here = [make() for make in (*makes[:1], *makes[1 + len(others) :])]
        return [*here[:1], *(other.result() for other in others), *here[1:]]
    finally:
        for other in others:
            other.close()


class _Made(Generic[T]):
    """Something that another process makes."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._memory = os.memfd_create("voxweave")
        try:
            self._line, line = Pipe(duplex=False)
            self._process = fork()
        except OSError:
            os.close(self._memory)
            raise
        if self._process == 0:
            try:
                # What fails here is made where it is wanted, and fails there if it must.
                with contextlib.suppress(Exception):
                    line.send(_lay(make(), self._memory))
            finally:
                os._exit(0)
        line.close()

    def result(self) -> T:
        try:
            pickled, sizes = self._line.recv()
        except (EOFError, OSError):
            return self._make()
        made: T = pickle.loads(pickled, buffers=_laid(self._memory, sizes))  # noqa: S301 - from this very program
        return made

    def close(self) -> None:
        self._line.close()
        os.close(self._memory)
        os.waitpid(self._process, 0)


def _lay(thing: object, memory: int) -> tuple[bytes, list[int]]:
    """Lays a thing's arrays into a memory file, one after another; returns the rest of it and the arrays' bytes."""
    arrays: list[pickle.PickleBuffer] = []
    pickled = pickle.dumps(thing, protocol=5, buffer_callback=arrays.append)
    raws = [array.raw() for array in arrays]
    os.ftruncate(memory, max(1, sum(_padded(raw.nbytes) for raw in raws)))
    with mmap.mmap(memory, 0) as room:
        at = 0
        for raw in raws:
            room[at : at + raw.nbytes] = raw
            at += _padded(raw.nbytes)
    return pickled, [raw.nbytes for raw in raws]


def _laid(memory: int, sizes: list[int]) -> list[memoryview]:
    """The arrays in a memory file. What is written into them is seen by nobody else."""
    room = memoryview(mmap.mmap(memory, 0, access=mmap.ACCESS_COPY))
    arrays, at = [], 0
    for size in sizes:
        arrays.append(room[at : at + size])
        at += _padded(size)
    return arrays


def _padded(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED
