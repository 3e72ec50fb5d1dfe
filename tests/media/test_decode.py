"""The decode loop: damage is skipped and counted, the rest of the file is used."""

from __future__ import annotations

import asyncio
import random
import struct
import time
import zlib
from pathlib import Path

import av
import numpy as np
import pytest

from tests.systems import peak_memory
from voxweave_nb import FFmpegFailed, JobCanceled, MediaError, NarrationError
from voxweave_nb.media.decode import Frames, open_media
from voxweave_nb.media.ffmpeg import INPUT_OPTIONS
from voxweave_nb.media.narration import open_narration
from voxweave_nb.media.poster import make_poster, tiny_still
from voxweave_nb.media.probe import probe
from voxweave_nb.media.running import run_ffmpeg
from voxweave_nb.media.sound import Sound, samples_of

from .files import write_ramp, write_silent_video, write_tone


def damage(path, share):
    """Overwrite a share of the bytes beyond the header."""
    content, chance = bytearray(path.read_bytes()), random.Random(7)
    for _ in range(int(len(content) * share)):
        content[chance.randrange(600, len(content))] = chance.randrange(256)
    path.write_bytes(content)
    return path


def decode(path, **asked):
    with open_media(path) as container:
        sound = Sound(container, container.streams.audio[0], rate=16_000, layout="mono", **asked)
        count = sum(frame.samples for frame in sound)
    return count, sound


def test_a_whole_file_has_no_damage(tmp_path):
    count, sound = decode(write_tone(tmp_path / "a.mp3", "libmp3lame", 3.0))
    assert count == pytest.approx(48_000, abs=1500)
    assert (sound.damaged, sound.flushing) == (0, True)


def test_damaged_packets_are_skipped_and_counted(tmp_path):
    count, sound = decode(damage(write_tone(tmp_path / "a.mp3", "libmp3lame", 20.0), 0.01))
    assert sound.damaged > 0
    assert 0 < count <= 20 * 16_000


def test_every_reader_decodes_the_same_of_damage(tmp_path):
    path = damage(write_tone(tmp_path / "a.mp3", "libmp3lame", 20.0), 0.02)
    narration = open_narration(path, work=tmp_path, max_seconds=60, max_bytes=10**9)
    samples = np.concatenate(list(samples_of(path, rate=16_000, layout="mono")))
    assert samples.tobytes() == narration.samples.read_bytes()


def test_decoding_stops_when_canceled(tmp_path):
    path = write_tone(tmp_path / "talk.wav", "pcm_s16le", 2.0)
    calls = iter([False, False, True])
    with pytest.raises(JobCanceled, match=r"Reading talk\.wav was canceled"):
        decode(path, canceled=lambda: next(calls))


def test_samples_have_the_requested_rate_and_layout(tmp_path):
    path = write_ramp(tmp_path / "ramp.wav", 2.0)
    own = np.concatenate(list(samples_of(path)))
    assert own.shape == (88_200, 2)
    assert np.concatenate(list(samples_of(path, rate=8_000, layout="mono"))).shape == (16_000, 1)


def silence(rate, count):
    frame = av.AudioFrame.from_ndarray(np.zeros((1, count), np.int16), format="s16", layout="mono")
    frame.rate, frame.pts = rate, None
    return frame


@pytest.mark.parametrize(
    ("rates", "seconds"),
    [((8, 16_000), 1), ((16_000, 8), 1), ((16_000, 999, 16_000), 2), ((32_000, 1_000), 1)],
)
def test_a_frame_of_very_few_hertz_is_skipped(monkeypatch, tmp_path, rates, seconds):
    frames = [silence(rate, max(rate, 2_000)) for rate in rates]
    monkeypatch.setattr(Frames, "__iter__", lambda self: iter(frames))
    count, sound = decode(write_tone(tmp_path / "talk.wav", "pcm_s16le", 0.1))
    assert count == pytest.approx(seconds * 16_000, abs=50)
    assert sound.damaged == 1


def test_a_frame_of_many_minutes_is_skipped(monkeypatch, tmp_path):
    monkeypatch.setattr(Frames, "__iter__", lambda self: iter([silence(1_000, 400_000)]))
    count, sound = decode(write_tone(tmp_path / "talk.wav", "pcm_s16le", 0.1))
    assert (count, sound.damaged) == (0, 1)


def test_video_frames_come_in_order(tmp_path):
    with open_media(write_silent_video(tmp_path / "a.mp4")) as container:
        frames = list(Frames(container, container.streams.video[0]))
    assert len(frames) == 5
    assert all(isinstance(frame, av.VideoFrame) for frame in frames)
    assert [frame.pts for frame in frames] == sorted(frame.pts for frame in frames)


def test_a_file_without_sound_has_no_samples(tmp_path):
    with pytest.raises(NarrationError, match=r"silent\.mp4 has no sound in it"):
        next(samples_of(write_silent_video(tmp_path / "silent.mp4")))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(MediaError, match=r"missing\.mp3 cannot be opened"):
        open_media(tmp_path / "missing.mp3")


# Pixels


def huge_png(side: int = 16_000) -> bytes:
    """A PNG of a megabyte that is a gigabyte when it is decoded."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    packer = zlib.compressobj()
    rows = b"".join(packer.compress(bytes(1 + side * 4)) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def huge_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video whose only frame has 256 million pixels, and a tone."""
    folder = tmp_path_factory.mktemp("huge")
    (folder / "huge.png").write_bytes(huge_png())
    image = ["-f", "image2", "-framerate", "1", "-i", "huge.png"]
    sound = ["-f", "lavfi", "-i", "sine=d=1", "-map", "0", "-map", "1", "-c:v", "copy"]
    asyncio.run(run_ffmpeg([*image, *sound, "file:huge.mov"], cwd=folder, timeout=60))
    return folder / "huge.mov"


@pytest.mark.slow
def test_too_many_pixels_are_not_decoded(huge_clip, tmp_path):
    began, before = time.process_time(), peak_memory()
    assert probe(huge_clip).video is None
    with pytest.raises(MediaError):
        asyncio.run(make_poster(huge_clip, tmp_path / "poster.jpg", at=0.0))
    with pytest.raises(MediaError):
        tiny_still(huge_clip.with_name("huge.png"), width=100)
    assert sum(len(block) for block in samples_of(huge_clip)) > 0
    assert time.process_time() - began < 20  # decoding it takes more than a minute
    assert peak_memory() - before < 100_000  # KB


@pytest.mark.slow
def test_ffmpeg_decodes_no_huge_frame_either(huge_clip, tmp_path):
    args = [*INPUT_OPTIONS, "-i", f"file:{huge_clip}", "-map", "0:v", "-f", "null", "-"]
    began = time.monotonic()
    with pytest.raises(FFmpegFailed):
        asyncio.run(run_ffmpeg(args, cwd=tmp_path, timeout=60))
    assert time.monotonic() - began < 20  # decoding it takes more than a minute
