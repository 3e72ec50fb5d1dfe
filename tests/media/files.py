"""Media files that several tests write."""

from __future__ import annotations

import subprocess
import wave
from pathlib import Path

import av
import numpy as np

from voxweave_nb.media.ffmpeg import find_ffmpeg


def write_ramp(path, seconds, rate=44_100, channels=2):
    """Write a tone that grows from silence to full; the second channel is silent."""
    time = np.arange(int(seconds * rate)) / rate
    tone = (time / seconds * 30_000 * np.sin(2 * np.pi * 441 * time)).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(np.stack([tone, *[np.zeros_like(tone)] * (channels - 1)], axis=1).tobytes())
    return path


def write_webm(path, seconds):
    """Write what a browser records: Opus in WebM, without a length in its header."""
    with av.open(str(path), "w", format="webm", options={"live": "1"}) as out:
        stream = out.add_stream("libopus", rate=48_000, layout="mono")
        for place in range(int(seconds * 50)):
            time = (place * 960 + np.arange(960)) / 48_000
            frame = av.AudioFrame.from_ndarray(
                (9000 * np.sin(2 * np.pi * 440 * time)).astype(np.int16)[None], format="s16", layout="mono"
            )
            frame.rate, frame.pts = 48_000, place * 960
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def write_tone(path: Path, codec: str, seconds: float, *, rate: int = 48_000, channels: str = "mono") -> Path:
    """Write a tone in any codec and container that PyAV supports."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=rate, layout=channels)
        resampler = av.AudioResampler(format=stream.codec_context.format, layout=channels, rate=rate)
        tone = (8000 * np.sin(np.arange(int(seconds * rate)) * 2 * np.pi * 220 / rate)).astype(np.int16)
        fifo = av.AudioFifo()
        for begin in range(0, len(tone), rate):
            frame = av.AudioFrame.from_ndarray(tone[None, begin : begin + rate], format="s16", layout="mono")
            frame.rate, frame.pts = rate, None
            for piece in resampler.resample(frame):
                piece.pts = None
                fifo.write(piece)
        size, at = stream.codec_context.frame_size or 1024, 0
        while ready := fifo.read(size, partial=True):
            ready.pts, at = at, at + ready.samples
            out.mux(stream.encode(ready))
        out.mux(stream.encode(None))
    return path


def write_silent_video(path: Path) -> Path:
    """Write half a second of black video without sound."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(5):
            out.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        out.mux(stream.encode(None))
    return path


def write_clip(path: Path, *, size: str, seconds: float, rate: int = 30, sound: bool = True) -> Path:
    """Write a test clip."""
    source = ["-f", "lavfi", "-i", f"testsrc2=s={size}:d={seconds}:r={rate}"]
    source += ["-f", "lavfi", "-i", f"sine=d={seconds}"] if sound else []
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-shortest"]
    command = [find_ffmpeg().path, "-v", "error", *source, *encode, str(path)]
    subprocess.run(command, check=True)
    return path


def cut_off(path: Path, to: Path, *, webm: bool = False) -> Path:
    """Write the first 40 percent of a clip whose header comes first and declares the whole length."""
    whole = to.with_name(f"whole-{to.name}")
    how = ["-movflags", "+faststart"]
    if webm:
        how = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "10"]
    else:
        how += ["-c", "copy"]
    command = [find_ffmpeg().path, "-v", "error", "-i", str(path), "-an", *how, str(whole)]
    subprocess.run(command, check=True)
    content = whole.read_bytes()
    to.write_bytes(content[: len(content) * 2 // 5])
    return to


def image_size(path: Path) -> tuple[int, int]:
    with av.open(str(path)) as container:
        return container.streams.video[0].width, container.streams.video[0].height


def write_counted(path: Path, *, frames: int, fps: int, size: str = "160x96") -> Path:
    """Write a clip whose frames tell their number: `frame_numbers` reads it, at any size."""
    width, height = map(int, size.split("x"))
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "crf": "10"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            pixels = np.zeros((height, width, 3), np.uint8)
            for bit in range(8):
                pixels[:, width * bit // 8 : width * (bit + 1) // 8] = 220 if number >> bit & 1 else 30
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        out.mux(stream.encode(None))
    return path


def frame_numbers(path: Path) -> list[int]:
    """Return the number that each frame of a video shows, see `write_counted`."""
    with av.open(str(path)) as container:
        return [_number(frame) for frame in container.decode(video=0)]


def _number(frame: av.VideoFrame) -> int:
    row = frame.to_ndarray(format="gray")[frame.height // 2].astype(int)
    bits = (row[frame.width * (2 * bit + 1) // 16] > 125 for bit in range(8))
    return sum(int(on) << bit for bit, on in enumerate(bits))


def frame_times(path: Path) -> list[float]:
    """Return the times of a video's frames in seconds, sorted, decoding none."""
    with av.open(str(path)) as container:
        packets = container.demux(video=0)
        return sorted(float(packet.pts * packet.time_base) for packet in packets if packet.pts is not None)
