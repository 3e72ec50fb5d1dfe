"""The worker process: `python -m voxweave_nb.render.worker`.

Standard input is one line of JSON, `{"job", "to", "work", "part": [first, stop], "ffmpeg": [path, version, filters,
encoders]}` (the last two are optional), and then stays open. When it closes, the parent has exited or canceled, and
the worker stops with its encoder. Standard output is lines of JSON: `{"frame": n}` (counted within the part) from time
to time, and at the end `{"done": {"understood", "warnings", "tiles", "scores"}}` or `{"error": {"kind", "message"}}`.
`tiles` is the path of a file beside the video.
"""

from __future__ import annotations

import _thread
import json
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FFmpegFailed, VoxweaveError
from ..media.ffmpeg import FFmpeg, believe_ffmpeg
from ..media.pipe import FramePipe, Target, open_pipe
from .arrays import Planes
from .film import Film
from .job import RenderJob
from .pair import can_pair, draw_in_pair
from .thumbnails import Tiles, tiles_of
from .titles import Titles, write_titles

__all__ = ["main"]

_REPORT_EVERY = 0.1


def main() -> int:
    """Render the order on standard input; return the exit status, 0 for success."""
    order = json.loads(sys.stdin.readline())
    to, work = Path(order["to"]), Path(order["work"])
    if found := order.get("ffmpeg"):
        believe_ffmpeg(FFmpeg(*found[:2], *map(frozenset, found[2:])))
    encoder = _Encoder(to)
    _watch_parent(encoder)
    try:
        job = RenderJob.from_json(json.dumps(order["job"]))
        _send(done=_render(job, encoder, work, range(*order.get("part", (job.drawn.start, job.drawn.stop)))))
    except Exception as error:  # noqa: BLE001 - the parent raises it
        to.unlink(missing_ok=True)
        _send(error=_to_message(error))
        return 1
    return 0


class _Encoder:
    """The encoder, which another thread can stop so that no file is left."""

    def __init__(self, to: Path) -> None:
        self.to = to
        self._pipe: FramePipe | None = None
        self._lock = threading.Lock()

    def open(self, target: Target) -> tuple[FramePipe, tuple[str, ...]]:
        """Call `open_pipe`; blocks forever after `stop`."""
        with self._lock:
            self._pipe, warnings = open_pipe(target)
        return self._pipe, warnings

    def stop(self) -> None:
        """Stop the encoder for good and remove the file."""
        self._lock.acquire()  # never released: no other encoder may start
        if self._pipe is not None:
            self._pipe.abort()  # first: a running encoder could create the file again
        self.to.unlink(missing_ok=True)


def _render(job: RenderJob, encoder: _Encoder, work: Path, part: range) -> dict[str, Any]:
    film = Film(job)
    titles = write_titles(job, film.reading, work, film.shots)
    film.set_shades(titles.shades)
    tiles = Tiles(tiles_of(job))
    pipe, warnings = encoder.open(_target(film, titles, encoder.to, work, part.start))
    with pipe:
        _draw(film, pipe, part, tiles)
    missing_letters = titles.font_warnings(pipe.log)
    file = encoder.to.with_suffix(".npy")
    np.save(file, np.array(tiles.images, np.uint8))
    return {
        "understood": film.understood,
        "warnings": [*titles.warnings * (not warnings), *warnings, *missing_letters],
        "tiles": str(file),
        "scores": tiles.scores,
    }


def _target(film: Film, titles: Titles, to: Path, work: Path, first: int) -> Target:
    job = film.job
    return Target(
        to=to,
        width=film.width,
        height=film.height,
        out_width=job.width,
        out_height=job.height,
        fps=job.fps,
        cwd=work,
        codec=job.codec,
        filters=titles.filters_from(first / job.fps),
        env=titles.env,
        quality=job.quality,
        quantizer=film.sheet.frame.get("quantizer", Target.quantizer),
        keyframes=tuple(round(shot.start * job.fps) - first for shot in film.shots[1:])
        if film.scenes
        else (),
    )


def _draw(film: Film, pipe: FramePipe, part: range, tiles: Tiles) -> None:
    """Draw the frames in two processes where possible, else with a second thread."""
    sys.setswitchinterval(
        0.001
    )  # the thread that finishes frames must not wait long for the interpreter lock
    reported = 0.0

    def report(index: int) -> None:
        nonlocal reported
        if time.monotonic() - reported >= _REPORT_EVERY:
            reported = time.monotonic()
            _send(frame=index + 1 - part.start)

    for stretch in film.stretches(part):
        lent = pipe.lend() if can_pair(stretch) else None
        if lent is None:
            _draw_overlapped(film, pipe, stretch, tiles, on_frame=report)
        else:
            film.prepare(stretch)
            draw_in_pair(partial(_draw_each, film), pipe, lent, stretch, tiles, on_frame=report)


def _draw_each(
    film: Film, pipe: FramePipe, part: range, tiles: Tiles, *, on_frame: Callable[[int], None]
) -> None:
    """Draw one frame after another."""
    planes = film.planes()
    for index in part:
        film.compose(index, planes)
        _finish(film, pipe, tiles, index, planes)
        on_frame(index)


def _draw_overlapped(
    film: Film, pipe: FramePipe, part: range, tiles: Tiles, *, on_frame: Callable[[int], None]
) -> None:
    """Compose each frame while another thread finishes and sends the one before."""
    # Numpy releases the interpreter lock, so both run at the same time.
    buffers = film.planes(), film.planes()
    with ThreadPoolExecutor(1, "finish") as finisher:
        before: Future[None] | None = None
        for index in part:
            planes = buffers[index % 2]
            film.compose(index, planes)
            if before is not None:
                before.result()
                on_frame(index - 1)
            before = finisher.submit(_finish, film, pipe, tiles, index, planes)
        if before is not None:
            before.result()


def _finish(film: Film, pipe: FramePipe, tiles: Tiles, index: int, planes: Planes) -> None:
    frame = pipe.frame()
    film.finish(index, planes, frame)
    tiles.offer(index, frame, in_transition=film.in_transition(index))
    pipe.send(frame)


def _send(**message: Any) -> None:
    """Write one message to standard output."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _to_message(error: Exception) -> dict[str, Any]:
    if isinstance(error, FFmpegFailed):
        return {
            "kind": "FFmpegFailed",
            "message": str(error),
            "returncode": error.returncode,
            "stderr": error.stderr,
        }
    known = isinstance(error, VoxweaveError)
    return {
        "kind": type(error).__name__ if known else "MediaError",
        "message": str(error) if known else f"The renderer stopped: {type(error).__name__}: {error}",
    }


def _watch_parent(encoder: _Encoder) -> None:
    """From now on, stop the encoder and exit as soon as standard input closes."""
    if sys.platform == "linux":
        _watch_by_signal(encoder)
    else:
        _thread.start_new_thread(_exit_with_parent, (encoder,))


def _watch_by_signal(encoder: _Encoder) -> None:
    """Let the kernel send SIGIO when standard input changes, so that no thread waits for its end.

    A process with another thread cannot fork (see `fork.py`).
    """
    if sys.platform != "linux":
        raise NotImplementedError
    import fcntl

    def check(*_: object) -> None:
        if _input_is_closed():
            signal.signal(signal.SIGIO, signal.SIG_IGN)
            # The interrupted code may hold any lock. Therefore another thread stops the encoder, and one of those that
            # `threading` starts could wait for a lock too.
            _thread.start_new_thread(_stop_and_exit, (encoder,))

    signal.signal(signal.SIGIO, check)
    # A parent passes on the signals that it blocks.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGIO})
    # The signal goes to this process only, not to its children, although they share the open file.
    fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_ASYNC)
    check()  # it may have closed before


def _input_is_closed() -> bool:
    """Read what has arrived on standard input, without waiting; return True at its end."""
    with suppress(OSError):
        while select.select([0], [], [], 0)[0]:
            if not os.read(0, 65536):
                return True
        return False
    return True


def _exit_with_parent(encoder: _Encoder) -> None:
    """Wait until standard input closes, then stop the encoder and exit."""
    with suppress(OSError):
        while os.read(0, 65536):
            pass
    _stop_and_exit(encoder)


def _stop_and_exit(encoder: _Encoder) -> None:
    """Stop the encoder, end this process group and exit."""
    try:
        encoder.stop()
    finally:
        if sys.platform != "win32" and os.getpgrp() == os.getpid():
            os.killpg(os.getpgrp(), signal.SIGKILL)
        os._exit(1)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # all is written, and shutting down the interpreter would only take time
