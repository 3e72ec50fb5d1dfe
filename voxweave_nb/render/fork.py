"""Child processes forked from a worker: they share everything it has prepared and start at almost no cost.

Only a process with one thread forks. In the child, the locks that other threads held would stay locked for ever, and
libraries would wait for threads that do not exist there.
"""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
import pickle
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, NoReturn, TypeVar

from .channel import Channel, open_channel

__all__ = ["call_in_parallel", "can_fork", "fork", "reap", "workers_fork"]

T = TypeVar("T")

_ALIGNMENT = 64
"""Bytes to which arrays are aligned, as numpy's fastest loops prefer."""


def workers_fork() -> bool:
    """Return True if workers, which have one thread, share their work with a child: on Linux with two cores."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


def can_fork() -> bool:
    """Return True if another process helps and this one may fork, since it has only one thread."""
    return workers_fork() and _has_one_thread()


def _has_one_thread() -> bool:
    """Return True if the kernel counts one thread here; False where it does not tell."""
    # Libraries start threads that Python does not know.
    try:
        return len(list(Path("/proc/self/task").iterdir())) == 1
    except OSError:
        return False


def fork() -> int:
    """Call `os.fork`.

    Raises:
        OSError: This process has other threads, or the system has no memory or process left, or is not Linux.
    """
    if sys.platform != "linux":  # see `workers_fork`
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    # A handler that started a thread between the count and the fork has to wait.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        if not _has_one_thread():
            raise BlockingIOError(errno.EAGAIN, "A process with several threads cannot fork safely")
        return os.fork()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def reap(process: int) -> None:
    """End a child process at once and collect its status, without a long wait."""
    if sys.platform != "linux":
        raise NotImplementedError  # see `workers_fork`
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)


def call_in_parallel(functions: Sequence[Callable[[], T]]) -> list[T]:
    """Call all functions and return their results in order.

    The first runs in this process, the others in child processes at the same time, if this process can fork. A
    function whose child fails or hangs, or whose result cannot be pickled, is called again in this process.
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


def _memory_file() -> int:
    """Open a new file in memory, which a forked process shares."""
    if sys.platform != "linux":
        raise NotImplementedError  # see `workers_fork`
    return os.memfd_create("voxweave")


class _Child(Generic[T]):
    """A child process that calls one function and returns the result in shared memory."""

    def __init__(self, function: Callable[[], T]) -> None:
        self._function = function
        with contextlib.ExitStack() as opened:
            self._memory = _memory_file()
            opened.callback(os.close, self._memory)
            self._channel, theirs = open_channel()
            opened.callback(self._channel.close)
            opened.callback(theirs.close)
            self._process = fork()
            if self._process == 0:
                self._run(theirs)
            opened.pop_all()
        theirs.close()

    def _run(self, channel: Channel) -> NoReturn:
        """Call the function in the child, send its result and exit."""
        try:
            # An error here is raised again by result(), which then calls the function in the parent.
            with contextlib.suppress(Exception):
                channel.send(_write_arrays(self._function(), self._memory))
        finally:
            os._exit(0)

    def result(self) -> T:
        """Wait for the result; call the function here if the child failed or hangs."""
        try:
            pickled, sizes = self._channel.receive()
        except (EOFError, OSError):
            return self._function()
        value: T = pickle.loads(pickled, buffers=_read_arrays(self._memory, sizes))  # noqa: S301 - our own child's
        return value

    def close(self) -> None:
        """Close the channel and the memory, and end the child."""
        self._channel.close()
        os.close(self._memory)
        reap(self._process)


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
