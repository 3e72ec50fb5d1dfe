"""Stitching: exactly so many frames, each from its place, and nothing is encoded twice."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb import MediaError, SubtitleMode, VideoFormat
from voxweave_nb.media.assemble import assemble
from voxweave_nb.media.form import Form
from voxweave_nb.media.narration import open_narration
from voxweave_nb.media.stitch import Shot, Stitched, frames_between, stitch

from .files import cut_off, frame_numbers, frame_times, write_clip, write_counted, write_tone

FORM = Form((160, 96), 24)


def stitched(work: Path, shots: list[Shot], form: Form = FORM) -> Stitched:
    work.mkdir(exist_ok=True)
    return asyncio.run(stitch(shots, form, cache=work / "cache", work=work))


def film(work: Path, shots: list[Shot], form: Form = FORM, **asked) -> Path:
    """Stitch, and mux with a narration of the same length."""
    made = stitched(work, shots, form)
    talk = write_tone(work / "talk.wav", "pcm_s16le", made.duration, rate=16_000)
    opened = open_narration(talk, work=work, max_seconds=600, max_bytes=10**9)
    given = {"subtitle_mode": SubtitleMode.NONE, "metadata": {}, **asked}
    how = {"size": form.size, "format": form.format, "fps": form.fps}
    return asyncio.run(assemble(made, opened, (), work=work, **how, **given)).path


@given(st.lists(st.floats(0.01, 30), min_size=1, max_size=200), st.integers(1, 60))
def test_cuts_never_drift_from_their_times(lengths, fps):
    ends = list(np.cumsum(lengths))
    frames = [frames_between(start, end, fps) for start, end in zip([0.0, *ends], ends, strict=False)]
    assert np.abs(np.cumsum(frames) / fps - ends).max() <= 0.5 / fps + 1e-9


@pytest.mark.parametrize("container", [VideoFormat.MP4, VideoFormat.MOV, VideoFormat.WEBM])
def test_shots_of_all_kinds_join_exactly(tmp_path, container):
    form = Form((160, 96), 24, container)
    counted = write_counted(tmp_path / "a.mp4", frames=48, fps=24)
    tall = write_clip(tmp_path / "b.mp4", size="48x96", seconds=1.5, rate=30)
    shots = [Shot(source=counted, frames=31), Shot(source=tall, frames=29), Shot(source=counted, frames=48)]
    path = film(tmp_path, shots, form)
    times = frame_times(path)
    assert len(times) == 108
    assert np.allclose(np.diff(times), 1 / 24, atol=0.0011)  # WebM counts in milliseconds
    numbers = frame_numbers(path)
    assert numbers[:31] == list(range(31))
    assert numbers[60:] == list(range(48))


def test_one_new_shot_is_the_only_one_encoded(tmp_path):
    a = write_counted(tmp_path / "a.mp4", frames=24, fps=24)
    b = write_counted(tmp_path / "b.mp4", frames=30, fps=24)
    first = stitched(tmp_path, [Shot(source=a, frames=24), Shot(source=b, frames=24)])
    again = stitched(tmp_path, [Shot(source=a, frames=24), Shot(source=b, frames=20)])
    moved = b.rename(tmp_path / "elsewhere.mp4")
    once_more = stitched(tmp_path, [Shot(source=a, frames=24), Shot(source=moved, frames=24)])
    assert (first.encoded, again.encoded, once_more.encoded) == (2, 1, 0)


def test_a_broken_part_is_made_again(tmp_path):
    a = write_counted(tmp_path / "a.mp4", frames=24, fps=24)
    made = stitched(tmp_path, [Shot(source=a, frames=24)])
    made.parts[0].path.write_bytes(made.parts[0].path.read_bytes()[:900])
    again = stitched(tmp_path, [Shot(source=a, frames=24)])
    assert again.encoded == 1
    assert frame_numbers(again.parts[0].path) == list(range(24))


@pytest.mark.parametrize("lead", [0, 12])
def test_films_with_dissolves_keep_their_length(tmp_path, lead):
    a = write_counted(tmp_path / "a.mp4", frames=60, fps=24)
    shots = [Shot(source=a, frames=count, dissolve=lead) for count in (40, 41, 30)]
    made = stitched(tmp_path, shots)
    path = film(tmp_path, shots)
    assert made.frames == len(frame_times(path)) == 111
    assert sum(len(part.shots) == 2 for part in made.parts) == (2 if lead else 0)


def test_a_dissolve_goes_from_one_to_the_other(tmp_path):
    dark, light = (solid(tmp_path / f"{value}.mp4", value) for value in (40, 200))
    path = film(tmp_path, [Shot(source=dark, frames=24), Shot(source=light, frames=24, dissolve=12)])
    seen = brightness(path)
    assert len(seen) == 48
    assert np.ptp(seen[:18]) < 4
    assert np.ptp(seen[30:]) < 4
    steps = np.diff(seen[17:31])
    assert (steps > -2).all()
    assert steps.max() < 25  # of 160 in all: no jump
    assert abs(seen[24] - 120) < 20  # half of each at the boundary
    with av.open(str(path)) as container:
        spreads = [frame.to_ndarray(format="gray").std() for frame in container.decode(video=0)]
    assert max(spreads) < 4  # everywhere at once: no wipe


def test_a_short_dissolve_between_short_shots_fits(tmp_path):
    a = solid(tmp_path / "a.mp4", 90)
    made = stitched(tmp_path, [Shot(source=a, frames=count, dissolve=12) for count in (3, 1, 2, 5)])
    assert made.frames == 11


def solid(path: Path, value: int) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for _ in range(36):
            pixels = np.full((96, 160, 3), value, np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        out.mux(stream.encode(None))
    return path


def brightness(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.array([frame.to_ndarray(format="gray").mean() for frame in container.decode(video=0)])


def test_missing_frames_are_an_error(tmp_path):
    a = write_counted(tmp_path / "a.mp4", frames=24, fps=24)
    made = stitched(tmp_path, [Shot(source=a, frames=24), Shot(source=a, frames=20)])
    made.parts[1].path.unlink()
    talk = write_tone(tmp_path / "talk.wav", "pcm_s16le", made.duration, rate=16_000)
    opened = open_narration(talk, work=tmp_path, max_seconds=60, max_bytes=10**9)
    how = {"size": FORM.size, "format": FORM.format, "fps": FORM.fps, "metadata": {}}
    with pytest.raises(MediaError):
        asyncio.run(assemble(made, opened, (), work=tmp_path, subtitle_mode=SubtitleMode.NONE, **how))


def test_a_film_of_another_length_is_refused(tmp_path):
    a = write_counted(tmp_path / "a.mp4", frames=24, fps=24)
    made = stitched(tmp_path, [Shot(source=a, frames=24)])
    talk = write_tone(tmp_path / "talk.wav", "pcm_s16le", 2.0, rate=16_000)
    opened = open_narration(talk, work=tmp_path, max_seconds=60, max_bytes=10**9)
    how = {"size": FORM.size, "format": FORM.format, "fps": FORM.fps, "metadata": {}}
    with pytest.raises(MediaError, match=r"The film lasts 1\.00 s"):
        asyncio.run(assemble(made, opened, (), work=tmp_path, subtitle_mode=SubtitleMode.NONE, **how))


# Repeating one clip


@pytest.mark.parametrize("container", [VideoFormat.MP4, VideoFormat.WEBM])
def test_a_repeated_clip_starts_over_without_a_gap(tmp_path, container):
    clip = write_counted(tmp_path / "clip.mp4", frames=30, fps=24, size="320x192")
    path = repeated(tmp_path, clip, 4.0, format=container)
    assert frame_numbers(path) == [number % 30 for number in range(96)]
    assert np.allclose(np.diff(frame_times(path)), 1 / 24, atol=0.0011)


def test_a_repeated_clip_is_encoded_only_once(tmp_path):
    clip = write_clip(tmp_path / "clip.mp4", size="320x180", seconds=1.5, rate=24)
    path = repeated(tmp_path, clip, 7.5)
    with av.open(str(path)) as container:
        sizes = [packet.size for packet in container.demux(video=0) if packet.size]
    assert len(sizes) == 180
    assert sizes[:36] * 5 == sizes


@pytest.mark.slow
def test_a_repeated_cut_off_clip_never_breaks(tmp_path):
    source = write_clip(tmp_path / "source.mp4", size="320x192", seconds=3)
    path = repeated(tmp_path, cut_off(source, tmp_path / "cut.mp4"), 4.0)
    assert np.allclose(np.diff(frame_times(path)), 1 / 24, atol=0.0011)


def repeated(work: Path, clip: Path, seconds: float, **asked) -> Path:
    talk = write_tone(work / "talk.wav", "pcm_s16le", seconds, rate=16_000)
    opened = open_narration(talk, work=work, max_seconds=600, max_bytes=10**9)
    given = {"size": FORM.size, "format": VideoFormat.MP4, "fps": 24, "metadata": {}, **asked}
    return asyncio.run(assemble(clip, opened, (), subtitle_mode=SubtitleMode.NONE, work=work, **given)).path


@pytest.mark.slow
def test_a_long_film_of_random_scenes_is_exact(tmp_path):
    chance = random.Random(5)
    takes = [write_counted(tmp_path / f"{n}.mp4", frames=100, fps=24) for n in range(2)]
    ends = np.cumsum([chance.uniform(0.3, 3.0) for _ in range(30)])
    lengths = [frames_between(a, b, 24) for a, b in zip([0.0, *ends], ends, strict=False)]
    shots = [Shot(source=takes[n % 2], frames=count) for n, count in enumerate(lengths)]
    path = film(tmp_path, shots)
    numbers = frame_numbers(path)
    assert len(numbers) == round(ends[-1] * 24)
    begins = [number for number, seen in enumerate(numbers) if seen == 0]
    assert begins == [0, *np.cumsum(lengths)[:-1]]
