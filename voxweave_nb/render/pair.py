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
import sys
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, NoReturn, Protocol

from ..errors import MediaError
from ..media.pipe import FramePipe
from .channel import PATIENCE, Channel, open_channel
from .fork import can_fork, fork, reap
from .thumbnails import Tiles

__all__ = ["Draw", "can_pair", "draw_in_pair"]


class Draw(Protocol):
    """A function that draws some frames into an encoder."""

    def __call__(
        self, pipe: FramePipe, part: range, tiles: Tiles, *, on_frame: Callable[[int], None]
    ) -> None:
        """Draw the frames of `part`, offer each to `tiles`, and call `on_frame` with each one's number."""


def can_pair(part: range) -> bool:
    """Return True if a second process can share the work of this one on these frames."""
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
        pipe: The encoder, to which nothing has been sent yet or everything was flushed.
        lent: The child's access to it, see `FramePipe.lend`.
        part: The frames.
        tiles: Holds the tiles of all frames in the end.
        on_frame: Called with the number of each frame that is drawn here.

    Raises:
        FFmpegFailed: The encoder rejected the frames.
        MediaError: The child failed, was killed or hung.
    """
    ours, theirs = open_channel()
    gc.freeze()  # a collection would write to every object and so copy the memory that both processes share
    try:
        child = fork()
    except OSError:  # out of memory or processes, or there is another thread
        ours.close()
        theirs.close()
        draw(pipe, part, tiles, on_frame=on_frame)
        return
    if child == 0:
        ours.close()
        _run_child(draw, lent, part[1::2], tiles, theirs)
    theirs.close()
    with contextlib.closing(ours), _reaping(child):
        pipe.turn = _Turn(ours, mine=True)
        draw(pipe, part[::2], tiles, on_frame=on_frame)
        pipe.flush()
        tiles.kept |= _receive_tiles(ours)
        pipe.turn = contextlib.nullcontext()


def _run_child(draw: Draw, lent: FramePipe, part: range, tiles: Tiles, channel: Channel) -> NoReturn:
    """Draw the child's frames, send its tiles or its error to the parent, and exit."""
    try:
        try:
            lent.turn = _Turn(channel, mine=False)
            tiles.kept.clear()  # the parent has those of an earlier call
            draw(lent, part, tiles, on_frame=lambda _: None)
            lent.close()
            channel.send(tiles.kept)
        except BrokenPipeError as error:  # the encoder has exited; the parent reports its error
            channel.send(error)
        except Exception as error:  # noqa: BLE001 - the parent raises it
            channel.send(MediaError(f"The renderer stopped: {type(error).__name__}: {error}"))
    finally:
        os._exit(0)


class _Turn:
    """A lock that two processes hold alternately, each while it writes one frame.

    Entering it raises the other process's error if there is one.
    """

    def __init__(self, channel: Channel, *, mine: bool) -> None:
        self._channel, self._mine = channel, mine

    def __enter__(self) -> None:
        if not self._mine:
            _receive(self._channel)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._mine = False
        if kind is None:
            with contextlib.suppress(OSError):  # the other process may have exited after its last frame
                self._channel.send(None)


def _receive(channel: Channel) -> Any:
    """Return the next message: None to pass the turn, or the child's tiles. Raise an error that was sent."""
    try:
        message = channel.receive()
    except TimeoutError:
        raise MediaError(
            f"The renderer stopped: one of its two processes did not respond for {PATIENCE} seconds. "
            "Try again when the machine is less busy."
        ) from None
    except (EOFError, OSError):
        raise MediaError("The renderer's second process exited unexpectedly.") from None
    if isinstance(message, Exception):
        raise message
    return message


def _receive_tiles(channel: Channel) -> Any:
    while (message := _receive(channel)) is None:
        pass
    return message


@contextlib.contextmanager
def _reaping(child: int) -> Iterator[None]:
    """Kill and reap the child on an error, and report it if the system had killed it."""
    try:
        yield
    except BaseException as error:
        if name := _reap_now(child):
            raise MediaError(
                f"The renderer's second process was ended by {name}; SIGKILL often means that memory ran out."
            ) from error
        raise
    else:
        reap(child)  # its frames are written and its tiles received


def _reap_now(child: int) -> str:
    """Kill and reap the child; return the name of the signal that had ended it before, or an empty text."""
    if sys.platform != "linux":
        raise NotImplementedError  # see `workers_fork`
    gone, status = os.waitpid(child, os.WNOHANG)
    if not gone:
        reap(child)
        return ""
    return signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else ""
