"""Frames out of this process into an encoder: FFmpeg at the end of a pipe, or PyAV where no FFmpeg runs.

For worker processes: everything here blocks. Frames are drawn while earlier ones are being encoded.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, Self

import numpy as np
import numpy.typing as npt

from ..errors import FFmpegFailed, FFmpegMissing
from ..models import VideoQuality
from .ffmpeg import STDERR_KEPT, failure, find_ffmpeg

__all__ = ["Frame", "FramePipe", "Target", "open_pipe"]

Frame = npt.NDArray[np.uint8]
"""One picture: planes of green, blue, red, shape (3, height, width)."""

_AHEAD = 3
_EVEN = (
    *("-bf", "0", "-sc_threshold", "0", "-weightp", "0"),
    *("-x264-params", "sync-lookahead=0:partitions=none:subme=0:aq-mode=0:cabac=0:sliced-threads=1"),
)
"""For pictures that move evenly and were painted small.

Where a scene ends, in which parts and by which parts of a pixel a block moves, and which blocks look flat need not be
searched for: that takes half of the encoder's time away and costs half a decibel of SSIM (one in film grain). Simple
codes for the figures (CAVLC) take a tenth of its time away and add a sixth to the size. To do without B-frames takes
another twentieth, and some memory, and adds a tenth. Looking ahead in a thread of its own takes memory and, on two
cores, time.
"""
_X264 = {
    VideoQuality.DRAFT: ("-preset", "ultrafast"),
    VideoQuality.STANDARD: ("-preset", "superfast", *_EVEN),
    VideoQuality.FINE: ("-preset", "veryfast"),
}


@dataclass(frozen=True)
class Target:
    """What the encoder shall make of the frames.

    Attributes:
        to: The file.
        width: Pixels of the frames that come.
        height: Pixels of the frames that come.
        out_width: Pixels of the video.
        out_height: Pixels of the video.
        fps: Frames per second.
        codec: `"h264"`, `"vp9"`, or `"rgb24"` for bare pixels.
        filters: FFmpeg filters for the full-size yuv420p picture; their files lie in `cwd`.
        cwd: A private folder, in which the encoder works.
        env: Variables on top of the process's own.
        quality: How carefully it is encoded.
        quantizer: How coarsely at standard quality: H.264's quantizer, 0 (no loss) to 51. Without FFmpeg, PyAV's
            encoder goes by a rate factor of its own.
    """

    to: Path
    width: int
    height: int
    out_width: int
    out_height: int
    fps: int
    cwd: Path
    codec: Literal["h264", "vp9", "rgb24"] = "h264"
    filters: str = ""
    env: dict[str, str] = field(default_factory=dict)
    quality: VideoQuality = VideoQuality.STANDARD
    quantizer: int = 22


def open_pipe(target: Target) -> tuple[FramePipe, tuple[str, ...]]:
    """The best encoder there is, and what it cannot do, in sentences."""
    try:
        return _Piped(target, find_ffmpeg().path), ()
    except FFmpegMissing as error:
        warning = f"The video was encoded without FFmpeg, so it has no titles. {error}"
        return _InProcess(target), (warning,)


class FramePipe(ABC):
    """A video being written, frame by frame; see `open_pipe`.

    Take a frame with `frame()`, draw into it, give it back with `send()`. Leaving the `with` block by an
    exception ends the encoder and removes the file.
    """

    said = ""
    """What the encoder wrote to its log, once closed."""

    turn: contextlib.AbstractContextManager[object] = contextlib.nullcontext()
    """Held while a frame is written: processes that share an encoder wait in it for each other."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._free: queue.Queue[Frame] = queue.Queue()
        self._full: queue.Queue[Frame | None] = queue.Queue()
        self._error: BaseException | None = None
        self._thread: threading.Thread | None = None
        for _ in range(_AHEAD):
            self._free.put(np.empty((3, target.height, target.width), np.uint8))

    def lend(self) -> FramePipe | None:
        """Another way into the same encoder, for a process that was forked off before the first frame; if there is one.

        It only sends, by turns with this one (see `turn`); closing it leaves the encoder to this one.
        """
        return None

    def frame(self) -> Frame:
        """A free frame to draw into; waits until the encoder has let go of one."""
        if self._error is not None:
            self._fail()
        return self._free.get()

    def send(self, frame: Frame) -> None:
        """Hands a drawn frame to the encoder; it must not be touched any more."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="frames", daemon=True)
            self._thread.start()
        self._full.put(frame)

    def flush(self) -> None:
        """Waits until the encoder has all frames that were sent; none can be sent after.

        Raises:
            FFmpegFailed: The encoder did not take them.
        """
        if self._thread is not None:
            self._full.put(None)
            self._thread.join()
            self._thread = None
        if self._error is not None:
            self._fail()

    def close(self) -> None:
        """Waits until the file is complete.

        Raises:
            FFmpegFailed: The encoder did not make it.
        """
        self.flush()
        self._finish()

    def abort(self) -> None:
        """Ends the encoder and removes the file."""
        self._kill()
        with contextlib.suppress(OSError):
            self.target.to.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def _work(self) -> None:
        while (frame := self._full.get()) is not None:
            if self._error is None:
                try:
                    with self.turn:
                        self._encode(frame)
                except BaseException as error:  # noqa: BLE001 - it is raised where frames are drawn
                    self._error = error
            self._free.put(frame)

    @abstractmethod
    def _encode(self, frame: Frame) -> None: ...

    @abstractmethod
    def _finish(self) -> None: ...

    @abstractmethod
    def _kill(self) -> None: ...

    @abstractmethod
    def _fail(self) -> None: ...


class _Piped(FramePipe):
    def __init__(self, target: Target, ffmpeg: str) -> None:
        self._log: IO[bytes] = (target.cwd / "encoder.log").open("w+b")
        self._process = subprocess.Popen(
            _command(target, ffmpeg),
            cwd=target.cwd,
            env={**os.environ, **_frugal(target), **target.env},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._log,
            bufsize=0,
        )
        _widen(self._process.stdin)
        super().__init__(target)

    def lend(self) -> FramePipe:
        assert self._process.stdin is not None
        return _Lent(self.target, self._process.stdin)

    def _encode(self, frame: Frame) -> None:
        assert self._process.stdin is not None
        _write(self._process.stdin, frame)

    def _finish(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        self._process.wait()
        self._read_log()
        if self._process.returncode:
            self._fail()

    def _kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._log.close()

    def _fail(self) -> None:
        if self._error is not None and not isinstance(self._error, OSError):
            raise self._error
        with contextlib.suppress(OSError):
            self._process.stdin.close()  # type: ignore[union-attr]
        code = self._process.wait()
        self._read_log()
        raise failure(code, self.said, " while the picture was drawn")

    def _read_log(self) -> None:
        if not self._log.closed:
            self._log.seek(0)
            self.said = self._log.read().decode("utf-8", "replace")[-STDERR_KEPT:]
            self._log.close()


class _Lent(FramePipe):
    """Into an encoder that another process minds."""

    def __init__(self, target: Target, stream: IO[bytes]) -> None:
        self._stream = stream
        super().__init__(target)

    def _encode(self, frame: Frame) -> None:
        _write(self._stream, frame)

    def _finish(self) -> None:
        self._stream.close()

    def _kill(self) -> None:
        self._stream.close()

    def _fail(self) -> None:
        assert self._error is not None
        raise self._error


def _write(stream: IO[bytes], frame: Frame) -> None:
    rest = memoryview(frame.data).cast("B")
    while rest:
        rest = rest[stream.write(rest) :]


def _widen(stream: IO[bytes] | None) -> None:
    """Lets a pipe hold a whole frame where the system allows it, so that drawing and encoding overlap."""
    try:
        import fcntl

        assert stream is not None
        fcntl.fcntl(stream.fileno(), fcntl.F_SETPIPE_SZ, 1 << 20)
    except (ImportError, AttributeError, OSError):
        pass


def _frugal(target: Target) -> dict[str, str]:
    """For glibc: the encoder's threads share one heap, which holds a fifth less at 1080p and takes no longer.

    What large pictures leave is given back at once; with small ones that would take more time than it is worth.
    """
    kept = str((1 if target.out_width * target.out_height > 1280 * 720 else 8) << 20)
    return {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": kept, "MALLOC_TRIM_THRESHOLD_": kept}


def _command(target: Target, ffmpeg: str) -> list[str]:
    return [
        *(ffmpeg, "-hide_banner", "-nostats", "-y", "-v", "info" if target.filters else "error"),
        *("-f", "rawvideo", "-pix_fmt", "gbrp", "-s", f"{target.width}x{target.height}"),
        *("-framerate", str(target.fps), "-i", "pipe:0"),
        *("-filter_complex", _graph(target), "-map", "[out]"),
        *_encoding(target),
        "file:" + str(target.to.absolute()),
    ]


def _graph(target: Target) -> str:
    """The video's size and colours; then the filters."""
    scale = (
        f"[0:v]scale={target.out_width}:{target.out_height}:flags=bicubic:out_color_matrix=bt709:out_range=tv,"
        "format=yuv420p,setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"
    )
    last = ",scale=in_color_matrix=bt709:in_range=tv,format=rgb24" if target.codec == "rgb24" else ""
    return scale + (f",{target.filters}" if target.filters else "") + last + "[out]"


def _encoding(target: Target) -> list[str]:
    if target.codec == "rgb24":
        return ["-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24"]
    tags = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"]
    gop = ["-g", str(2 * target.fps), "-movflags", "+faststart", "-f", "mp4"]
    if target.codec == "vp9":
        quick = ["-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1", "-crf", "30", "-b:v", "0"]
        return ["-c:v", "libvpx-vp9", *quick, "-pix_fmt", "yuv420p", *tags, *gop]
    return [
        "-c:v",
        "libx264",
        *_X264[target.quality],
        *_rate(target),
        *_threads(target),
        "-profile:v",
        "high",
        "-pix_fmt",
        "yuv420p",
        *tags,
        *gop,
    ]


def _rate(target: Target) -> list[str]:
    """One quantizer for all frames at standard quality.

    A rate factor has the encoder look at each frame before it encodes it, which takes a seventh of its time.
    """
    factor = {VideoQuality.DRAFT: "23", VideoQuality.FINE: "18"}.get(target.quality)
    return ["-crf", factor] if factor else ["-qp", str(target.quantizer)]


def _threads(target: Target) -> list[str]:
    """At standard quality one, beside which two processes paint; two share a picture larger than 1080p."""
    if target.quality is not VideoQuality.STANDARD:
        return []
    return ["-threads", "1" if target.out_width * target.out_height <= 1920 * 1080 else "2"]


class _InProcess(FramePipe):
    """PyAV's own encoder: no libass, no bloom, but everywhere."""

    def __init__(self, target: Target) -> None:
        import av

        self._container: Any = av.open(str(target.to), "w", format="mp4", options={"movflags": "+faststart"})
        codec = "libx264" if target.codec == "h264" else "libvpx-vp9"
        quick = {"preset": "superfast", "crf": "20"} if target.codec == "h264" else {"deadline": "realtime"}
        stream: Any = self._container.add_stream(codec, rate=target.fps, options=quick)
        self._stream = stream
        stream.width, stream.height = target.out_width, target.out_height
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.gop_size = 2 * target.fps
        context.colorspace, context.color_primaries, context.color_trc, context.color_range = 1, 1, 1, 1
        super().__init__(target)

    def _encode(self, frame: Frame) -> None:
        import av

        picture = av.VideoFrame.from_ndarray(
            np.ascontiguousarray(frame[[2, 0, 1]].transpose(1, 2, 0)), "rgb24"
        )
        size = {"width": self.target.out_width, "height": self.target.out_height}
        fitted = picture.reformat(**size, format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
        for packet in self._stream.encode(fitted):
            self._container.mux(packet)

    def _finish(self) -> None:
        for packet in self._stream.encode():
            self._container.mux(packet)
        self._container.close()

    def _kill(self) -> None:
        with contextlib.suppress(Exception):
            self._container.close()

    def _fail(self) -> None:
        raise FFmpegFailed(f"PyAV could not encode the picture: {self._error}", returncode=1)
