"""Encoding frames drawn in this process: FFmpeg at the end of a pipe, or PyAV where FFmpeg is missing.

For worker processes: everything here blocks. Frames are drawn while earlier ones are being encoded.
"""

from __future__ import annotations

import contextlib
import queue
import subprocess
import sys
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, Self

import numpy as np
import numpy.typing as npt

from ..child_environment import child_environment, creation_flags
from ..errors import FFmpegFailed, FFmpegMissing
from ..models import VideoQuality
from .ffmpeg import STDERR_KEPT, failure, find_ffmpeg

__all__ = ["Frame", "FramePipe", "Target", "open_pipe"]

Frame = npt.NDArray[np.uint8]
"""One frame: planes of green, blue and red, shape (3, height, width)."""

_AHEAD = 3
_EVEN = (
    *("-bf", "0", "-sc_threshold", "0", "-weightp", "0"),
    *("-x264-params", "sync-lookahead=0:partitions=none:subme=0:aq-mode=0:cabac=0:sliced-threads=1"),
)
"""x264 options for rendered frames, which are soft and move evenly; measured against the preset alone.

- no search for scene cuts, block partitions, sub-pixel motion and flat blocks: half the time, 0.5 dB less SSIM (1 dB
  with film grain)
- CAVLC instead of CABAC: a tenth less time, a sixth more bytes
- no B-frames: a twentieth less time and less memory, a tenth more bytes
- no look-ahead thread: less memory and, on two cores, less time
"""
_X264 = {
    VideoQuality.DRAFT: ("-preset", "ultrafast"),
    VideoQuality.STANDARD: ("-preset", "superfast", *_EVEN),
    VideoQuality.FINE: ("-preset", "veryfast"),
}


@dataclass(frozen=True)
class Target:
    """The video to encode.

    Attributes:
        to: The file.
        width: Width of the frames that are sent, in pixels.
        height: Height of the frames that are sent, in pixels.
        out_width: Width of the video, in pixels.
        out_height: Height of the video, in pixels.
        fps: Frames per second.
        codec: `"h264"`, `"vp9"`, or `"rgb24"` for raw pixels.
        filters: FFmpeg filters applied to the full-size yuv420p frames; their files are in `cwd`.
        cwd: A private folder, the encoder's working directory.
        env: Environment variables added to the process's own.
        quality: Trade-off between encoding time and fidelity.
        quantizer: H.264 quantizer at standard quality, 0 (lossless) to 51. Ignored without FFmpeg, where PyAV encodes
            with a constant rate factor.
        keyframes: Frames that become keyframes besides the regular ones, rising; those before the first are left out.
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
    keyframes: tuple[int, ...] = ()


def open_pipe(target: Target) -> tuple[FramePipe, tuple[str, ...]]:
    """Open the best available encoder; return it with warnings about what it cannot do."""
    try:
        return _FFmpegPipe(target, find_ffmpeg().path), ()
    except FFmpegMissing as error:
        warning = f"The video was encoded without FFmpeg, so it has no titles. {error}"
        return _PyAVPipe(target), (warning,)


class FramePipe(ABC):
    """A video that is written frame by frame; see `open_pipe`.

    Get a free frame with `frame()`, draw into it, and pass it to `send()`. Leaving the `with` block by an exception
    kills the encoder and deletes the file.
    """

    log = ""
    """The end of the encoder's log; empty until the pipe is closed."""

    turn: contextlib.AbstractContextManager[object] = contextlib.nullcontext()
    """Context entered while a frame is written, so that processes that share an encoder take turns."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._free: queue.Queue[Frame] = queue.Queue()
        self._full: queue.Queue[Frame | None] = queue.Queue()
        self._error: BaseException | None = None
        self._thread: threading.Thread | None = None
        for _ in range(_AHEAD):
            self._free.put(np.empty((3, target.height, target.width), np.uint8))

    def lend(self) -> FramePipe | None:
        """Return a second pipe into the same encoder, for a process forked now; None if unsupported.

        Nothing has been sent yet, or everything was flushed.

        The two pipes take turns (see `turn`). Closing the second one does not end the encoder.
        """
        return None

    def frame(self) -> Frame:
        """Return a free frame to draw into; wait until the encoder has finished with one."""
        if self._error is not None:
            self._fail()
        return self._free.get()

    def send(self, frame: Frame) -> None:
        """Pass a drawn frame to the encoder; the caller must not use it afterwards."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._encode_frames, name="frames", daemon=True)
            self._thread.start()
        self._full.put(frame)

    def flush(self) -> None:
        """Wait until the encoder has received all frames; until the next one is sent, no thread runs here.

        Raises:
            FFmpegFailed: The encoder failed.
        """
        if self._thread is not None:
            self._full.put(None)
            self._thread.join()
            self._thread = None
        if self._error is not None:
            self._fail()

    def close(self) -> None:
        """Wait until the file is complete.

        Raises:
            FFmpegFailed: The encoder failed.
        """
        self.flush()
        self._finish()

    def abort(self) -> None:
        """Kill the encoder and delete the file."""
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

    def _encode_frames(self) -> None:
        while (frame := self._full.get()) is not None:
            if self._error is None:
                try:
                    with self.turn:
                        self._encode(frame)
                except BaseException as error:  # noqa: BLE001 - raised again by frame() and flush()
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


class _FFmpegPipe(FramePipe):
    """An FFmpeg process that reads raw frames from its standard input."""

    def __init__(self, target: Target, ffmpeg: str) -> None:
        self._log_file: IO[bytes] = (target.cwd / "encoder.log").open("w+b")
        self._process = subprocess.Popen(
            _command(target, ffmpeg),
            cwd=target.cwd,
            env=child_environment(**_memory_limits(target), **target.env),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._log_file,
            bufsize=0,
            creationflags=creation_flags(),
        )
        _widen(self._process.stdin)
        super().__init__(target)

    def lend(self) -> FramePipe:
        assert self._process.stdin is not None
        return _BorrowedPipe(self.target, self._process.stdin)

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
        self._log_file.close()

    def _fail(self) -> None:
        if self._error is not None and not isinstance(self._error, OSError):
            raise self._error
        with contextlib.suppress(OSError):
            self._process.stdin.close()  # type: ignore[union-attr]
        code = self._process.wait()
        self._read_log()
        raise failure(code, self.log, " while encoding rendered frames")

    def _read_log(self) -> None:
        if not self._log_file.closed:
            self._log_file.seek(0)
            self.log = self._log_file.read().decode("utf-8", "replace")[-STDERR_KEPT:]
            self._log_file.close()


class _BorrowedPipe(FramePipe):
    """A pipe into an encoder that another process started and will close."""

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
    """Enlarge a pipe's buffer to 1 MiB on Linux, so that drawing and encoding overlap."""
    if sys.platform == "linux":
        import fcntl

        assert stream is not None
        with contextlib.suppress(OSError):  # the user's pipes are as large as they may be
            fcntl.fcntl(stream.fileno(), fcntl.F_SETPIPE_SZ, 1 << 20)


def _memory_limits(target: Target) -> dict[str, str]:
    """Return environment variables that make glibc use less memory; other C libraries ignore them."""
    # One heap for all threads holds a fifth less at 1080p and takes no longer. Freed frames of large videos are
    # returned to the system at once; for small ones that costs more time than it is worth.
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
    """Return the filter graph: scaling and colours, then the target's own filters."""
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
    # Up to FFmpeg 7.0, `setpts` among the filters makes the frame rate unknown, and so 25.
    gop = [
        "-r",
        str(target.fps),
        "-g",
        str(2 * target.fps),
        *_forced(target),
        "-movflags",
        "+faststart",
        "-f",
        "mp4",
    ]
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


def _forced(target: Target) -> list[str]:
    """Return the options for keyframes of the target's own."""
    # The first frame at or after each time: half a frame early, as times are rounded.
    times = [f"{(frame - 0.5) / target.fps:.6f}" for frame in target.keyframes if frame > 0]
    return ["-force_key_frames", ",".join(times)] if times else []


def _rate(target: Target) -> list[str]:
    """Return the rate control: a constant quantizer at standard quality, else a constant rate factor."""
    # For a rate factor the encoder analyses each frame first, which takes a seventh of its time.
    factor = {VideoQuality.DRAFT: "23", VideoQuality.FINE: "18"}.get(target.quality)
    return ["-crf", factor] if factor else ["-qp", str(target.quantizer)]


def _threads(target: Target) -> list[str]:
    """Return the number of threads: one at standard quality, two above 1080p, else the encoder's choice."""
    if target.quality is not VideoQuality.STANDARD:
        return []
    return ["-threads", "1" if target.out_width * target.out_height <= 1920 * 1080 else "2"]


class _PyAVPipe(FramePipe):
    """PyAV's encoder, in this process: without filters, but available everywhere."""

    def __init__(self, target: Target) -> None:
        import av

        self._container: Any = av.open(str(target.to), "w", format="mp4", options={"movflags": "+faststart"})
        codec = "libx264" if target.codec == "h264" else "libvpx-vp9"
        quick = {"preset": "superfast", "crf": "20"} if target.codec == "h264" else {"deadline": "realtime"}
        stream: Any = self._container.add_stream(codec, rate=target.fps, options=quick)
        self._stream = stream
        self._sent = 0
        stream.width, stream.height = target.out_width, target.out_height
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.gop_size = 2 * target.fps
        context.colorspace, context.color_primaries, context.color_trc, context.color_range = 1, 1, 1, 1
        super().__init__(target)

    def _encode(self, frame: Frame) -> None:
        import av

        rgb = np.ascontiguousarray(frame[[2, 0, 1]].transpose(1, 2, 0))
        drawn = av.VideoFrame.from_ndarray(rgb, "rgb24")
        size = {"width": self.target.out_width, "height": self.target.out_height}
        fitted = drawn.reformat(**size, format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
        if self._sent in self.target.keyframes:
            fitted.pict_type = av.video.frame.PictureType.I
        self._sent += 1
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
        raise FFmpegFailed(f"PyAV could not encode the video: {self._error}", returncode=1)
