"""Sound on its timeline: what is heard, and when, is what a player lets hear."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import numpy as np
import pytest

from voxweave_nb import SubtitleMode, VideoFormat
from voxweave_nb.media.assemble import assemble
from voxweave_nb.media.cut import cut_sound
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.media.narration import RATE, Narration, open_narration
from voxweave_nb.media.peaks import shape_of
from voxweave_nb.media.rendition import encode_mp3
from voxweave_nb.media.sound import samples_of

from .files import write_clip, write_tone

RECORDING = Path(__file__).parents[1] / "data" / "field" / "recording_with_gaps.webm"
BEEPS = pytest.approx([0.5, 2.5, 4.5, 6.5], abs=0.06)


def hear(path: Path, work: Path) -> Narration:
    work.mkdir(exist_ok=True)
    return open_narration(path, work=work, max_seconds=1800.0, max_bytes=512_000_000)


def beeps(samples: np.ndarray, rate: int = RATE) -> list[float]:
    """Return the seconds at which it becomes loud after a tenth of a second of silence."""
    window = rate // 100
    levels = np.abs(samples[: len(samples) // window * window].astype(int)).reshape(-1, window).max(axis=1)
    loud = levels > max(200, levels.max() * 0.2)
    return [at / 100 for at in np.flatnonzero(loud) if not loud[max(0, at - 10) : at].any()]


def beeps_of(path: Path) -> list[float]:
    return beeps(np.concatenate(list(samples_of(path, rate=RATE, layout="mono")))[:, 0])


def ffmpeg(*words: object) -> None:
    subprocess.run([find_ffmpeg().path, "-v", "error", "-y", *map(str, words)], check=True)


def make_beeps(path: Path, *times: float, seconds: float, rate: int = 48_000, channels: int = 1) -> Path:
    """Write beeps of 0.2 s as a WAV file."""
    sound = "+".join(f"between(t,{at},{at + 0.2})*sin(2*PI*880*t)/2" for at in times)
    layout = "|".join([sound] * channels)
    ffmpeg("-f", "lavfi", "-i", f"aevalsrc='{layout}':s={rate}:d={seconds}", path)
    return path


def test_a_recording_with_gaps_is_heard_whole(tmp_path):
    narration = hear(RECORDING, tmp_path)
    assert narration.duration == pytest.approx(7.5, abs=0.05)
    assert beeps(np.fromfile(narration.samples, np.int16)) == BEEPS
    assert narration.warnings == ()


def test_peaks_and_parts_are_on_the_timeline(tmp_path):
    shape = shape_of(RECORDING, bins=75)
    assert shape.duration == pytest.approx(7.5, abs=0.05)
    loud = [peak > 20 for peak in shape.peaks]
    assert [at for at in range(75) if loud[at] and not loud[at - 1]] == [5, 25, 45, 65]
    part = cut_sound(RECORDING, 4.0, 7.0, tmp_path / "part.wav")
    assert beeps_of(part) == pytest.approx([0.5, 2.5], abs=0.06)


@pytest.mark.slow
@pytest.mark.parametrize("ffmpeg_there", [True, False])
@pytest.mark.parametrize("container", [VideoFormat.MP4, VideoFormat.WEBM])
def test_the_finished_video_beeps_in_time(tmp_path, monkeypatch, container, ffmpeg_there):
    clip = write_clip(tmp_path / "clip.mp4", size="320x180", seconds=8)
    if container is VideoFormat.WEBM:
        ffmpeg("-i", clip, "-c:v", "libvpx", "-deadline", "realtime", "-an", tmp_path / "clip.webm")
        clip = tmp_path / "clip.webm"
    narration = hear(RECORDING, tmp_path / "work")
    if not ffmpeg_there:
        monkeypatch.setenv("VOXWEAVE_FFMPEG", "/nowhere/ffmpeg")
    made = asyncio.run(
        assemble(
            clip,
            narration,
            (),
            size=(320, 180),
            format=container,
            subtitle_mode=SubtitleMode.NONE,
            fps=30,
            metadata={},
            work=tmp_path / "work",
        )
    )
    assert made.info.duration == pytest.approx(7.5, abs=0.1)
    assert beeps_of(made.path) == BEEPS


def test_the_copy_for_pages_beeps_in_time(tmp_path):
    asyncio.run(encode_mp3(RECORDING, tmp_path / "copy.mp3", duration=7.5))
    assert beeps_of(tmp_path / "copy.mp3") == BEEPS
    assert [path.name for path in tmp_path.iterdir()] == ["copy.mp3"]


@pytest.mark.parametrize("name", ["talk.mp4", "talk.mov", "talk.mkv", "talk.webm"])
def test_sound_that_starts_after_the_picture_is_late(tmp_path, name):
    wav = make_beeps(tmp_path / "a.wav", 0.5, seconds=1.5)
    picture = ["-f", "lavfi", "-i", "testsrc2=s=64x64:r=10:d=3"]
    codecs = ["-c:v", "libvpx", "-c:a", "libopus"] if name.endswith("webm") else ["-c:a", "aac"]
    ffmpeg(*picture, "-itsoffset", "1", "-i", wav, *codecs, tmp_path / name)
    assert beeps_of(tmp_path / name) == pytest.approx([1.5], abs=0.06)


def test_an_edit_list_is_followed(tmp_path):
    wav = make_beeps(tmp_path / "a.wav", 0.5, 2.0, seconds=3.0)
    ffmpeg("-itsoffset", "1", "-i", wav, "-c:a", "aac", tmp_path / "late.m4a")
    assert beeps_of(tmp_path / "late.m4a") == pytest.approx([1.5, 3.0], abs=0.06)
    ffmpeg("-i", wav, "-c:a", "aac", tmp_path / "whole.m4a")
    ffmpeg("-ss", "1", "-i", tmp_path / "whole.m4a", "-c", "copy", tmp_path / "trimmed.m4a")
    assert beeps_of(tmp_path / "trimmed.m4a") == pytest.approx([1.0], abs=0.06)


def test_sound_before_the_picture_is_heard(tmp_path):
    wav = make_beeps(tmp_path / "a.wav", 0.5, 2.0, seconds=3.0)
    picture = ["-itsoffset", "1", "-f", "lavfi", "-i", "testsrc2=s=64x64:r=10:d=2"]
    ffmpeg(*picture, "-i", wav, "-c:a", "aac", tmp_path / "early.mkv")
    assert beeps_of(tmp_path / "early.mkv") == pytest.approx([0.5, 2.0], abs=0.06)


def test_a_stream_joined_midway_starts_at_once(tmp_path):
    wav = make_beeps(tmp_path / "a.wav", 0.5, seconds=1.5)
    ffmpeg("-itsoffset", "3600", "-i", wav, "-c:a", "libopus", tmp_path / "live.webm")
    narration = hear(tmp_path / "live.webm", tmp_path / "work")
    assert beeps(np.fromfile(narration.samples, np.int16)) == pytest.approx([0.5], abs=0.06)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("suffix", "codec"),
    [("wav", "pcm_s16le"), ("mp3", "libmp3lame"), ("flac", "flac"), ("m4a", "aac"), ("aac", "aac"), ("ogg", "libopus"),
     ("webm", "libopus"), ("aiff", "pcm_s16be"), ("caf", "pcm_s16le"), ("wma", "wmav2")],
)  # fmt: skip
@pytest.mark.parametrize(("rate", "channels"), [(48_000, 1), (24_000, 2)])
def test_joined_files_are_heard_to_the_end(tmp_path, suffix, codec, rate, channels):
    parts = [
        make_beeps(tmp_path / "a.wav", 0.5, seconds=2.0),
        make_beeps(tmp_path / "b.wav", 0.5, 2.0, seconds=3.0, rate=rate, channels=channels),
    ]
    joined = tmp_path / f"joined.{suffix}"
    with joined.open("wb") as out:
        for part in parts:
            encoded = part.with_name(f"{part.stem}-encoded.{suffix}")
            ffmpeg("-i", part, "-c:a", codec, encoded)
            out.write(encoded.read_bytes())
    narration = hear(joined, tmp_path / "work")
    assert beeps(np.fromfile(narration.samples, np.int16)) == pytest.approx([0.5, 2.5, 4.0], abs=0.13)
    assert not any("damaged" in warning for warning in narration.warnings)


def test_a_wav_without_a_length_may_be_joined(tmp_path):
    parts = [make_beeps(tmp_path / f"{name}.wav", 0.5, seconds=1.0) for name in "ab"]
    content = b"".join(
        part.read_bytes().replace(b"data" + size_of(part), b"data" + b"\xff" * 4) for part in parts
    )
    (tmp_path / "joined.wav").write_bytes(content)
    assert beeps_of(tmp_path / "joined.wav") == pytest.approx([0.5, 1.5], abs=0.06)


def size_of(wav: Path) -> bytes:
    content = wav.read_bytes()
    at = content.index(b"data") + 4
    return content[at : at + 4]


@pytest.mark.slow
def test_joined_files_are_in_the_video(tmp_path):
    whole = make_beeps(tmp_path / "a.wav", 0.5, seconds=1.5).read_bytes()
    (tmp_path / "joined.wav").write_bytes(whole * 3)
    narration = hear(tmp_path / "joined.wav", tmp_path / "work")
    clip = write_clip(tmp_path / "clip.mp4", size="320x180", seconds=5)
    asked = {"size": (320, 180), "format": VideoFormat.MP4, "subtitle_mode": SubtitleMode.NONE, "fps": 30}
    made = asyncio.run(assemble(clip, narration, (), metadata={}, work=tmp_path / "work", **asked))
    assert beeps_of(made.path) == pytest.approx([0.5, 2.0, 3.5], abs=0.06)


def test_a_plain_file_is_not_copied(tmp_path):
    for name, codec in (("a.mp3", "libmp3lame"), ("a.m4a", "aac"), ("a.webm", "libopus"), ("a.flac", "flac")):
        assert not hear(write_tone(tmp_path / name, codec, 2.0), tmp_path / "work").uneven


def test_a_clock_that_was_set_is_no_pause(tmp_path):
    wav = make_beeps(tmp_path / "a.wav", 0.5, 2.0, seconds=3.0)
    jump = "asetpts='if(gt(T,1.5),PTS+7200/TB,PTS)'"
    ffmpeg("-i", wav, "-af", jump, "-c:a", "libopus", "-fps_mode", "passthrough", tmp_path / "set.webm")
    narration = hear(tmp_path / "set.webm", tmp_path / "work")
    assert beeps(np.fromfile(narration.samples, np.int16)) == pytest.approx([0.5, 2.0], abs=0.06)
    assert any("jumps ahead by 120 minutes" in warning for warning in narration.warnings)
