"""Messages between a process and its child, with an end to every wait."""

from __future__ import annotations

import pickle
import socket
import struct
from collections.abc import Callable
from functools import partial
from typing import Any

__all__ = ["PATIENCE", "Channel", "open_channel"]

PATIENCE = 120
"""Seconds without progress after which the other process counts as hung.

A frame takes less than a second and a backdrop a few seconds, so on a busy machine too only a stuck process needs this
long.
"""

_STEP = 1.0
"""Seconds of one wait; `PATIENCE` counts these, so that a pause of the whole machine counts as one second."""

_SIZE = struct.Struct("!Q")


class Channel:
    """One end of a connection between two processes, for messages that can be pickled.

    A method raises EOFError if the other end is closed, TimeoutError after `PATIENCE` seconds without progress, and
    OSError for other failures.
    """

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        end.settimeout(_STEP)

    def send(self, message: object) -> None:
        """Send a message."""
        data = pickle.dumps(message, protocol=5)
        rest = memoryview(_SIZE.pack(len(data)) + data)
        while rest:
            rest = rest[_try_repeatedly(partial(self._end.send, rest)) :]

    def receive(self) -> Any:
        """Wait for the next message and return it."""
        (size,) = _SIZE.unpack(self._read(_SIZE.size))
        return pickle.loads(self._read(size))  # noqa: S301 - from this program's own process

    def _read(self, size: int) -> bytearray:
        data = bytearray(size)
        rest = memoryview(data)
        while rest:
            count = _try_repeatedly(partial(self._end.recv_into, rest))
            if not count:
                raise EOFError("The other process closed the connection.")
            rest = rest[count:]
        return data

    def close(self) -> None:
        """Close this end."""
        self._end.close()


def open_channel() -> tuple[Channel, Channel]:
    """Return the two ends of a new channel."""
    ours, theirs = socket.socketpair()
    return Channel(ours), Channel(theirs)


def _try_repeatedly(step: Callable[[], int]) -> int:
    """Return a step's result; repeat the step while it times out, for `PATIENCE` seconds."""
    for _ in range(PATIENCE):
        try:
            return step()
        except TimeoutError:
            continue
    raise TimeoutError(f"The other process did not respond for {PATIENCE} seconds.")
