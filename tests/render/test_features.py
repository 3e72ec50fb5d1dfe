"""The narration's features, frame by frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from voxweave_nb.render.features import Sound


def sound_of(samples: np.ndarray, tmp_path: Path, fps: int = 30) -> Sound:
    path = tmp_path / "samples.s16"
    samples.astype("<i2").tofile(path)
    return Sound(path, fps=fps, frames=max(1, len(samples) * fps // 16_000))


def tone(hertz: float, seconds: float) -> np.ndarray:
    return 9000 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * 16_000)) / 16_000)


def test_level_and_voice_follow_the_sound(tmp_path: Path) -> None:
    sound = sound_of(np.concatenate([tone(300, 1), np.zeros(32_000)]), tmp_path)
    assert sound.at(20).level > 0.8
    assert sound.at(20).voice > 0.9
    assert sound.at(75).level < 0.05
    assert sound.at(85).voice < 0.2


def test_low_and_high_tones_light_their_own_bands(tmp_path: Path) -> None:
    sound = sound_of(np.concatenate([tone(110, 1), tone(6000, 1)]), tmp_path)
    low, high = sound.at(20), sound.at(50)
    assert low.bass > 2 * low.treble
    assert high.treble > 2 * high.bass
    assert np.argmax(high.bands) > np.argmax(low.bands) + 20


def test_an_onset_strikes_once_and_fades(tmp_path: Path) -> None:
    sound = sound_of(np.concatenate([np.zeros(16_000), tone(400, 1)]), tmp_path)
    strikes = [sound.at(index).onset for index in range(60)]
    first = int(np.argmax(strikes))
    assert 28 <= first <= 33
    assert strikes[first] > 0.8
    assert strikes[first + 8] < 0.2


def test_silence_and_empty_samples_are_accepted(tmp_path: Path) -> None:
    for samples in (np.zeros(16_000), np.zeros(0), np.zeros(3)):
        moment = sound_of(samples, tmp_path).at(0)
        assert moment.level == 0
        assert np.isfinite(moment.bands).all()


def test_every_figure_stays_within_bounds(tmp_path: Path) -> None:
    noise = np.random.default_rng(3).normal(0, 9000, 48_000).clip(-32768, 32767)
    sound = sound_of(noise, tmp_path)
    for index in range(sound.frames):
        moment = sound.at(index)
        figures = [moment.level, moment.bass, moment.treble, moment.onset, moment.voice, moment.progress]
        assert all(0 <= figure <= 1 for figure in figures)
        assert 0 <= moment.bands.min() <= moment.bands.max() <= 1
        assert moment.bands.dtype == np.float32
        assert moment.bands.shape == (48,)
