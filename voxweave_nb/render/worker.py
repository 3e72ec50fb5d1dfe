"""The process that renders: `python -m voxweave_nb.render.worker`.

Its standard input gives one line of JSON, `{"job", "to", "work", "part": [first, stop], "ffmpeg": [path, version,
filters, encoders]}` (the last two may be left out), and then stays open; when it closes, whoever asked is gone, and so
goes the worker with its encoder. Its standard output gives lines of JSON: `{"frame": n}` (of its part) now and then,
and at the end `{"done": {"understood", "warnings", "tiles", "scores"}}` or `{"error": {"kind", "message"}}`. `tiles`
names a file beside the video.
"""

from __future__ import annotations

import json
import os
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
from .pair import can_pair, draw_in_pair
from .plan import Film, RenderJob
from .scene import Planes
from .thumbnails import Tiles, plan_tiles
from .titles import Titles, lay_titles

__all__ = ["main"]

_REPORT_EVERY = 0.1


def main() -> int:
    """Renders what standard input asks for; 0 when that worked."""
    order = json.loads(sys.stdin.readline())
    to, work = Path(order["to"]), Path(order["work"])
    if found := order.get("ffmpeg"):
        believe_ffmpeg(FFmpeg(*found[:2], *map(frozenset, found[2:])))
    encoder = _Encoder(to)
    threading.Thread(target=_end_with_parent, args=(encoder,), daemon=True).start()
    try:
        job = RenderJob.from_json(json.dumps(order["job"]))
        _say(done=_render(job, encoder, work, range(*order.get("part", (0, job.frames)))))
    except Exception as error:  # noqa: BLE001 - the other process hears of it
        to.unlink(missing_ok=True)
        _say(error=_told(error))
        return 1
    return 0


class _Encoder:
    """What writes the file, and how to end it from another thread, so that no file stays."""

    def __init__(self, to: Path) -> None:
        self.to = to
        self._pipe: FramePipe | None = None
        self._lock = threading.Lock()

    def open(self, target: Target) -> tuple[FramePipe, tuple[str, ...]]:
        """See `open_pipe`. Never returns once the end has begun."""
        with self._lock:
            self._pipe, warnings = open_pipe(target)
        return self._pipe, warnings

    def end(self) -> None:
        """Ends the encoder for good; only then is the file removed, since an encoder may be just about to make it."""
        self._lock.acquire()  # and kept: no other encoder may begin
        if self._pipe is not None:
            self._pipe.abort()
        self.to.unlink(missing_ok=True)


def _render(job: RenderJob, encoder: _Encoder, work: Path, part: range) -> dict[str, Any]:
    film = Film(job)
    titles = lay_titles(job, film.reading, work, film.shots)
    film.shade(titles.shades)
    tiles = Tiles(plan_tiles(job.duration, job.fps, job.frames))
    pipe, warnings = encoder.open(_target(film, titles, encoder.to, work, part.start))
    with pipe:
        _draw(film, pipe, part, tiles)
    said = titles.complaints(pipe.said)
    kept = encoder.to.with_suffix(".npy")
    np.save(kept, np.array(tiles.pictures, np.uint8))
    return {
        "understood": film.reading.understood,
        "warnings": [*titles.warnings * (not warnings), *warnings, *said],
        "tiles": str(kept),
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
        quantizer=film.sheet.picture.get("quantizer", Target.quantizer),
    )


def _draw(film: Film, pipe: FramePipe, part: range, tiles: Tiles) -> None:
    """Draws by two processes where that can be, else with a second thread."""
    sys.setswitchinterval(0.001)
    said = 0.0

    def tell(index: int) -> None:
        nonlocal said
        if time.monotonic() - said >= _REPORT_EVERY:
            said = time.monotonic()
            _say(frame=index + 1 - part.start)

    lent = pipe.lend() if can_pair(part) else None
    if lent is None:
        _draw_ahead(film, pipe, part, tiles, tell=tell)
    else:
        film.prepare(part)
        draw_in_pair(partial(_draw_each, film), pipe, lent, part, tiles, tell=tell)


def _draw_each(
    film: Film, pipe: FramePipe, part: range, tiles: Tiles, *, tell: Callable[[int], None]
) -> None:
    """Draws one frame after another."""
    planes = film.planes()
    for index in part:
        film.compose(index, planes)
        _finish(film, pipe, tiles, index, planes)
        tell(index)


def _draw_ahead(
    film: Film, pipe: FramePipe, part: range, tiles: Tiles, *, tell: Callable[[int], None]
) -> None:
    """Composes each frame while another thread makes bytes of the one before; numpy lets both run at once."""
    canvases = film.planes(), film.planes()
    with ThreadPoolExecutor(1, "finish") as finisher:
        before: Future[None] | None = None
        for index in part:
            planes = canvases[index % 2]
            film.compose(index, planes)
            if before is not None:
                before.result()
                tell(index - 1)
            before = finisher.submit(_finish, film, pipe, tiles, index, planes)
        if before is not None:
            before.result()


def _finish(film: Film, pipe: FramePipe, tiles: Tiles, index: int, planes: Planes) -> None:
    frame = pipe.frame()
    film.finish(index, planes, frame)
    tiles.look(index, frame, moving=film.joining(index))
    pipe.send(frame)


def _say(**message: Any) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _told(error: Exception) -> dict[str, Any]:
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


def _end_with_parent(encoder: _Encoder) -> None:
    """Waits until standard input closes; then nobody wants the video any more."""
    with suppress(OSError):
        while os.read(0, 65536):
            pass
    try:
        encoder.end()
    finally:
        if sys.platform != "win32" and os.getpgrp() == os.getpid():
            os.killpg(os.getpgrp(), signal.SIGKILL)
        os._exit(1)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # at once: all is written, and to take the interpreter apart would only take time
