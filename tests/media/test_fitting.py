"""Fitting: how a clip fills the frames of its shot, and what is said about it."""

from __future__ import annotations

import itertools
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from voxweave_nb import MediaError
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.media.fitting import SLOWEST_OWN, Shot, fit_shot
from voxweave_nb.media.form import Form

from .files import cut_off, frame_numbers, write_clip, write_counted, write_tone

FORM = Form((160, 96), 24)


def fitted(work: Path, shot: Shot, *, handles: int = 0) -> tuple[list[int], tuple[str, ...]]:
    """Return the numbers of the frames that a shot shows, and the warnings."""
    done = fit_shot(shot, FORM, work, handles=handles)
    frames = shot.frames + handles
    graph = ["-filter_complex", f"[0:v:0]{done.chain(0, frames)}[out]", "-map", "[out]"]
    command = [*done.options, "-i", str(done.source), *graph, *FORM.part, str(work / "fitted.mp4")]
    subprocess.run([find_ffmpeg().path, "-v", "error", "-y", *command], check=True)
    return frame_numbers(work / "fitted.mp4"), done.warnings


@pytest.fixture
def take(tmp_path: Path) -> Path:
    return write_counted(tmp_path / "take.mp4", frames=96, fps=24)


def test_a_longer_take_is_cut_at_its_end(take, tmp_path):
    assert fitted(tmp_path, Shot(source=take, frames=50)) == (list(range(50)), ())


def test_a_span_ends_before_what_follows(take, tmp_path):
    shot = Shot(source=take, begin=20 / 24, end=50 / 24, frames=31)
    assert fitted(tmp_path, shot) == ([*range(20, 50), 49], ())
    assert fitted(tmp_path, replace(shot, begin=0.0, frames=50), handles=6)[0][-1] == 49


def test_a_slightly_shorter_take_is_slowed_down(take, tmp_path):
    numbers, warnings = fitted(tmp_path, Shot(source=take, frames=103))
    assert warnings == ()
    assert len(numbers) == 103
    assert set(numbers) == set(range(96))  # nothing is left out
    assert all(0 <= after - before <= 1 for before, after in itertools.pairwise(numbers))
    assert numbers[-3:] == [93, 94, 95]  # it moves to the end


def test_one_missing_frame_is_held(take, tmp_path):
    assert fitted(tmp_path, Shot(source=take, frames=97))[0] == [*range(96), 95]


def test_a_much_shorter_take_is_repeated_and_said(take, tmp_path):
    numbers, warnings = fitted(tmp_path, Shot(source=take, frames=150, name="Scene 4"))
    assert numbers == [number % 96 for number in range(150)]
    assert warnings == ("Scene 4: a clip of 4.0 s is repeated to fill 6.2 s.",)


def test_an_own_clip_is_slowed_down_further(take, tmp_path):
    numbers, warnings = fitted(tmp_path, Shot(source=take, frames=118, slowest=SLOWEST_OWN))
    assert warnings == ()
    assert set(numbers) == set(range(96))


def test_handles_of_a_dissolve_need_no_repetition(take, tmp_path):
    numbers, warnings = fitted(tmp_path, Shot(source=take, frames=103), handles=12)
    assert warnings == ()
    assert numbers == sorted(numbers)
    assert len(numbers) == 115


@pytest.mark.parametrize("frame", [1, 17, 48])
def test_a_shot_begins_within_its_source(take, tmp_path, frame):
    numbers, _ = fitted(tmp_path, Shot(source=take, frames=20, begin=frame / 24))
    assert numbers == list(range(frame, frame + 20))


def test_a_faster_clip_keeps_its_pace(tmp_path):
    clip = write_counted(tmp_path / "fast.mp4", frames=100, fps=50)
    numbers, _ = fitted(tmp_path, Shot(source=clip, frames=48))
    assert numbers[0] <= 1
    assert numbers[-1] == pytest.approx(98, abs=1)


def test_a_cut_off_take_is_said(tmp_path):
    source = write_clip(tmp_path / "source.mp4", size="160x96", seconds=4)
    shot = Shot(source=cut_off(source, tmp_path / "cut.mp4"), frames=96, name="Scene 2")
    warnings = fit_shot(shot, FORM, tmp_path).warnings
    assert [words.split(":")[0] for words in warnings] == ["Scene 2", "Scene 2"]
    assert "was cut off" in warnings[0]
    assert "is repeated" in warnings[1]


def test_sound_and_empty_shots_are_refused(take, tmp_path):
    with pytest.raises(MediaError, match="has no video stream"):
        fit_shot(Shot(source=write_tone(tmp_path / "a.wav", "pcm_s16le", 1.0), frames=9), FORM, tmp_path)
    with pytest.raises(MediaError, match="Scene 3 has no frames"):
        fit_shot(Shot(source=take, frames=0, name="Scene 3"), FORM, tmp_path)
    with pytest.raises(MediaError, match=r"ends at 4\.0 s"):
        fit_shot(Shot(source=take, frames=9, begin=5.0), FORM, tmp_path)
