"""Cutting a part out of a sound."""

from __future__ import annotations

import numpy as np
import pytest

from voxweave_nb import NarrationError
from voxweave_nb.media.cut import cut_sound
from voxweave_nb.media.probe import probe
from voxweave_nb.media.sound import samples_of
from voxweave_nb.sample import SAMPLE_SECONDS, sample_narration

from .files import write_ramp


@pytest.mark.parametrize("channels", [1, 2])
def test_a_part_is_cut_exactly_to_the_sample(tmp_path, channels):
    path = write_ramp(tmp_path / "ramp.wav", 3.0, channels=channels)
    whole = np.concatenate(list(samples_of(path)))
    cut = cut_sound(path, 0.5, 1.75, tmp_path / "part.wav")
    part = np.concatenate(list(samples_of(cut)))
    assert np.array_equal(part, whole[22_050:77_175])
    audio = probe(cut).audio
    assert audio is not None
    assert (audio.sample_rate, audio.channels) == (44_100, channels)


def test_a_compressed_part_has_the_requested_length(tmp_path):
    cut = cut_sound(sample_narration(), 4.0, 9.5, tmp_path / "part.wav")
    assert probe(cut).duration == pytest.approx(5.5, abs=0.001)
    beyond = cut_sound(sample_narration(), 19.0, 90.0, tmp_path / "end.wav")
    assert probe(beyond).duration == pytest.approx(SAMPLE_SECONDS - 19.0, abs=0.1)


def test_a_part_without_sound_leaves_nothing_behind(tmp_path):
    with pytest.raises(NarrationError, match=r"no sound between 30\.0 and 31\.0 s"):
        cut_sound(sample_narration(), 30.0, 31.0, tmp_path / "part.wav")
    assert list(tmp_path.iterdir()) == []
