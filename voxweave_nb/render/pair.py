"""Two processes that paint one film into one encoder, taking turns frame by frame.

Painting holds the interpreter lock most of the time, so a second thread helps little. A process forked off once the
film is prepared costs almost nothing: both read the same prepared arrays in the same memory. It paints every other
frame and writes it to the same encoder when its turn comes.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
from collections.abc import Callable, Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, NoReturn, Protocol

from ..errors import MediaError
from ..media.pipe import FramePipe
from .fork import can_fork, fork
from .thumbnails import Tiles

__all__ = ["Draw", "can_pair", "draw_in_pair"]


class Draw(Protocol):
    """A function that draws some frames into an encoder."""

    def __call__(
        self, pipe: FramePipe, part: range, tiles: Tiles, *, on_frame: Callable[[int], None]
    ) -> None:
        """Draw the frames of `part`, offer each to `tiles`, and call `on_frame` with each one's number."""


def can_pair(part: range) -> bool:
    """Return True if a second process can share the work on these frames."""
    return can_fork() and len(part) > 1


def draw_in_pair(
    draw: Draw,
    pipe: FramePipe,
    lent: FramePipe,
    part: range,
    tiles: Tiles,
    *,
    on_frame: Callable[[int], None],
) -> None:
    """Draw every other frame here and the rest in a child process; without a child, draw all here.

    Args:
        draw: Draws the frames of a range; used by both processes.
        pipe: The encoder, to which nothing has been sent yet.
        lent: The child's access to it, see `FramePipe.lend`.
        part: The frames.
        tiles: Holds the tiles of all frames in the end.
        on_frame: Called with the number of each frame that is drawn here.

    Raises:
        FFmpegFailed: The encoder rejected the frames.
        MediaError: The child failed or was killed.
    """
    ours, theirs = Pipe()
    gc.freeze()  # a collection would write to every object and so copy the memory that both processes share
    try:
        child = fork()
    except OSError:  # out of memory or processes
        ours.close()
        theirs.close()
        draw(pipe, part, tiles, on_frame=on_frame)
        return
    if child == 0:
        ours.close()
        _run_child(draw, lent, part[1::2], tiles, theirs)
    theirs.close()
    with ours, _reaping(child):
        pipe.turn = _Turn(ours, mine=True)
        draw(pipe, part[::2], tiles, on_frame=on_frame)
        pipe.flush()
        tiles.kept |= _receive_tiles(ours)


def _run_child(draw: Draw, lent: FramePipe, part: range, tiles: Tiles, connection: Connection) -> NoReturn:
    """Draw the child's frames, send its tiles or its error to the parent, and exit."""
    try:
        try:
            lent.turn = _Turn(connection, mine=False)
            draw(lent, part, tiles, on_frame=lambda _: None)
            lent.close()
            connection.send(tiles.kept)
        except BrokenPipeError as error:  # the encoder has exited; the parent reports its error
            connection.send(error)
        except Exception as error:  # noqa: BLE001 - the parent raises it
            connection.send(MediaError(f"The renderer stopped: {type(error).__name__}: {error}"))
    finally:
        os._exit(0)


class _Turn:
    """A lock that two processes hold alternately, each while it writes one frame.

    Entering it raises the other process's error if there is one.
    """

    def __init__(self, connection: Connection, *, mine: bool) -> None:
        self._connection, self._mine = connection, mine

    def __enter__(self) -> None:
        if not self._mine:
            _receive(self._connection)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._mine = False
        if kind is None:
            with contextlib.suppress(OSError):  # the other process may have exited after its last frame
                self._connection.send(None)


def _receive(connection: Connection) -> Any:
    """Return the next message: None to pass the turn, or the child's tiles. Raise an error that was sent."""
    try:
        message = connection.recv()
    except (EOFError, OSError):
        raise MediaError("The renderer's second process exited unexpectedly.") from None
    if isinstance(message, Exception):
        raise message
    return message


def _receive_tiles(connection: Connection) -> Any:
    while (message := _receive(connection)) is None:
        pass
    return message


@contextlib.contextmanager
def _reaping(child: int) -> Iterator[None]:
    """Kill and reap the child on an error, and report it if the system had killed it."""
    try:
        yield
    except BaseException as error:
        gone, status = os.waitpid(child, os.WNOHANG)
        if not gone:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        elif os.WIFSIGNALED(status):
            name = signal.Signals(os.WTERMSIG(status)).name
            raise MediaError(
                f"The renderer's second process was ended by {name}; SIGKILL often means that memory ran out."
            ) from error
        raise
    else:
        os.waitpid(child, 0)
