"""The pauses of a narration are heard in its samples, however loud or noisy it is."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from voxweave_nb.media.narration import RATE, open_narration
from voxweave_nb.media.pauses import find_pauses
from voxweave_nb.media.subtitles import read_subtitles
from voxweave_nb.sample import sample_narration, sample_subtitles

PLAN = [(0.5, 0), (2.0, 1), (0.3, 0), (1.5, 1), (0.08, 0), (1.0, 1), (0.8, 0), (2.5, 1), (0.4, 0)]
PAUSES = [(0, 0.5), (2.5, 2.8), (5.38, 6.18), (8.68, 9.08)]


def write(path: Path, *, loud: float = 0.3, noise: float = 0.0, plan=PLAN) -> Path:
    """Write bursts of sound, with the rhythm of syllables, and silence between them."""
    rng = np.random.default_rng(1)
    parts = []
    for seconds, heard in plan:
        time = np.arange(round(seconds * RATE)) / RATE
        syllables = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * time)
        parts.append(heard * loud * syllables * np.sin(2 * np.pi * 180 * time))
    sound = np.concatenate(parts)
    sound += noise * rng.standard_normal(len(sound))
    (np.clip(sound, -1, 1) * 32767).astype("<i2").tofile(path)
    return path


@pytest.mark.parametrize(("loud", "noise"), [(0.3, 0), (0.9, 0.001), (0.02, 0), (0.3, 0.004)])
def test_pauses_are_heard_at_any_level(tmp_path, loud, noise):
    found = find_pauses(write(tmp_path / "s16", loud=loud, noise=noise))
    assert np.array(found) == pytest.approx(np.array(PAUSES), abs=0.05)


def test_short_stops_are_left_out(tmp_path):
    path = write(tmp_path / "s16")
    assert len(find_pauses(path, shortest=0.05)) == 5
    assert len(find_pauses(path, shortest=0.6)) == 1


def test_silence_and_steady_sound_are_told_apart(tmp_path):
    silent = write(tmp_path / "silent", plan=[(3, 0)])
    assert find_pauses(silent) == ((0.0, 3.0),)
    (np.sin(np.arange(3 * RATE) / 20) * 9000).astype("<i2").tofile(tmp_path / "hum")
    assert find_pauses(tmp_path / "hum") == ()
    (tmp_path / "empty").write_bytes(b"")
    assert find_pauses(tmp_path / "empty") == ()


def test_long_sound_has_no_seams(tmp_path):
    plan = [(59.9, 1), (0.3, 0), (59.7, 1), (0.2, 0), (3, 1)]
    found = find_pauses(write(tmp_path / "s16", plan=plan))
    assert np.array(found) == pytest.approx(np.array([(59.9, 60.2), (119.9, 120.1)]), abs=0.05)


def test_the_sample_pauses_between_its_sentences(tmp_path):
    narration = open_narration(sample_narration(), work=tmp_path, max_seconds=60, max_bytes=10**8)
    cues = read_subtitles(sample_subtitles(), duration=narration.duration).cues
    pauses = find_pauses(narration.samples)
    for before, after in itertools.pairwise(cues):
        assert any(start < after.start and end > before.end for start, end in pauses), (before, after)
    # Read by a voice without long stops within sentences.
    inside = [p for p in pauses if any(cue.start + 0.1 < p[0] and p[1] < cue.end - 0.1 for cue in cues)]
    assert sum(end - start for start, end in inside) < 2
