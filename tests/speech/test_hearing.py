"""Voice is told from everything else by the sound, over noise and music too."""

from __future__ import annotations

import numpy as np
import pytest

from voxweave_nb.media.narration import RATE
from voxweave_nb.speech.hearing import listen

from .voices import music, say, with_noise

SPOKEN = ["One two three four.", "Five six seven.", "Eight nine ten eleven."]


@pytest.mark.parametrize("bed", ["clean", "noise", "music"])
def test_stretches_are_those_of_the_sentences(bed):
    speech = say(SPOKEN, seed=3, pause=(0.4, 0.6))
    beds = {
        "clean": speech.samples,
        "noise": with_noise(speech.samples, 20),
        "music": speech.samples + music(speech.seconds, 0.05),
    }
    segments = listen(beds[bed]).segments
    for start, end in speech.sentences:
        assert np.abs(segments[:, 0] - start).min() < 0.06
        assert np.abs(segments[:, 1] - end).min() < 0.12


def test_a_file_and_an_array_are_heard_alike(tmp_path):
    samples = np.concatenate([say(SPOKEN).samples] * 20)[: 70 * RATE + 77]
    samples.astype("<i2").tofile(tmp_path / "s16")
    from_file, from_array = listen(tmp_path / "s16"), listen(samples)
    assert from_file.duration == from_array.duration == len(samples) / RATE
    assert np.array_equal(from_file.segments, from_array.segments)
    assert np.allclose(from_file.bands, from_array.bands, atol=1e-3)


@pytest.mark.parametrize("count", [0, 1, 399, 400, 5 * RATE])
def test_silence_of_any_length_has_no_voice(count):
    heard = listen(np.zeros(count, np.int16))
    assert len(heard.segments) == 0
    assert heard.spoken == 0
