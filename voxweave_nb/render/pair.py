"""Two processes that paint one film into one encoder, frame by frame by turns.

Painting holds Python's interpreter lock for much of its time, so a second thread helps little. A process that is forked
off once the film is prepared costs next to nothing: both see the same prepared pictures in the same memory. It paints
every other frame and writes it into the same encoder when it is its turn.
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
    """Draws some of a film's frames, and keeps the tiles among them."""

    def __call__(self, pipe: FramePipe, part: range, tiles: Tiles, *, tell: Callable[[int], None]) -> None:
        """`tell` hears the number of each frame."""


def can_pair(part: range) -> bool:
    """Whether a second process can help, and has something to do."""
    return can_fork() and len(part) > 1


def draw_in_pair(
    draw: Draw, pipe: FramePipe, lent: FramePipe, part: range, tiles: Tiles, *, tell: Callable[[int], None]
) -> None:
    """Draws every other frame here and the rest in a process that is forked off; all here where there can be none.

    Args:
        draw: What both do, each with its own frames.
        pipe: The encoder; nothing was sent to it yet.
        lent: The other's way into it, see `FramePipe.lend`.
        part: The frames.
        tiles: In the end those of all frames.
        tell: Hears the numbers of the frames that are drawn here.

    Raises:
        FFmpegFailed: The encoder did not take the frames.
        MediaError: The other process failed, or was ended.
    """
    ours, theirs = Pipe()
    gc.freeze()  # what is there stays untouched, and so in the memory of both
    try:
        helper = fork()
    except OSError:  # the system has no room for another process
        ours.close()
        theirs.close()
        draw(pipe, part, tiles, tell=tell)
        return
    if helper == 0:
        ours.close()
        _help(draw, lent, part[1::2], tiles, theirs)
    theirs.close()
    with ours, _ending(helper):
        pipe.turn = _Turn(ours, mine=True)
        draw(pipe, part[::2], tiles, tell=tell)
        pipe.flush()
        tiles.kept |= _last_word(ours)


def _help(draw: Draw, lent: FramePipe, part: range, tiles: Tiles, line: Connection) -> NoReturn:
    """The whole life of the process that was forked off."""
    try:
        try:
            lent.turn = _Turn(line, mine=False)
            draw(lent, part, tiles, tell=lambda _: None)
            lent.close()
            line.send(tiles.kept)
        except BrokenPipeError as error:  # the encoder is gone, and whoever minds it knows why
            line.send(error)
        except Exception as error:  # noqa: BLE001 - the other process hears of it
            line.send(MediaError(f"The renderer stopped: {type(error).__name__}: {error}"))
    finally:
        os._exit(0)


class _Turn:
    """Whose frame is next: held while one is written, and then the other's. An exception says that the other failed."""

    def __init__(self, line: Connection, *, mine: bool) -> None:
        self._line, self._mine = line, mine

    def __enter__(self) -> None:
        if not self._mine:
            _hear(self._line)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._mine = False
        if kind is None:
            with contextlib.suppress(OSError):  # after its last frame the other need not listen
                self._line.send(None)


def _hear(line: Connection) -> Any:
    """What the other says next: None for a turn, or its tiles."""
    try:
        said = line.recv()
    except (EOFError, OSError):
        raise MediaError("The renderer's second process is gone.") from None
    if isinstance(said, Exception):
        raise said
    return said


def _last_word(line: Connection) -> Any:
    while (said := _hear(line)) is None:
        pass
    return said


@contextlib.contextmanager
def _ending(helper: int) -> Iterator[None]:
    """Leaves no process behind, and says so if the system ended it."""
    try:
        yield
    except BaseException as error:
        gone, status = os.waitpid(helper, os.WNOHANG)
        if not gone:
            os.kill(helper, signal.SIGKILL)
            os.waitpid(helper, 0)
        elif os.WIFSIGNALED(status):
            name = signal.Signals(os.WTERMSIG(status)).name
            raise MediaError(
                f"The renderer's second process was ended by {name}; SIGKILL often means that memory ran out."
            ) from error
        raise
    else:
        os.waitpid(helper, 0)
