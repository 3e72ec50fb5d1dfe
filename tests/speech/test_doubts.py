"""Doubts say what does not fit, where, and what follows from it."""

from __future__ import annotations

import numpy as np
import pytest

from voxweave_nb.models import Cue
from voxweave_nb.speech.align import align
from voxweave_nb.speech.doubts import Doubt

from .voices import STORY, say


def test_a_doubt_reads_as_its_reason():
    assert str(Doubt(Cue(0, 1, "text"), "It was not heard.")) == "It was not heard."


@pytest.mark.parametrize(("times", "word"), [(30, "too long"), (0, "too short")])
def test_a_text_of_the_wrong_length_is_told(times, word):
    speech = say(STORY, seed=2)
    text = " ".join(STORY * times) if times else "It is over."
    found = align(text, speech.samples)
    assert not found.fits
    assert word in found.doubts[0].why


def test_noise_alone_is_not_the_text():
    noise = np.random.default_rng(1).normal(0, 3000, 160_000).astype(np.int16)
    found = align(" ".join(STORY), noise)
    assert not found.fits
    assert found.doubts
