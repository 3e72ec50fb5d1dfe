"""The peaks of a sound, and its decoded length."""

from __future__ import annotations

import pytest

from voxweave_nb import NarrationError
from voxweave_nb.media.peaks import shape_of
from voxweave_nb.media.probe import probe

from .files import write_ramp, write_webm


def test_peaks_rise_with_the_sound_to_100(tmp_path):
    shape = shape_of(write_ramp(tmp_path / "ramp.wav", 4.0), bins=20)
    assert len(shape.peaks) == 20
    assert list(shape.peaks) == sorted(shape.peaks)
    assert shape.peaks[-1] == 100
    assert shape.peaks[0] < 10
    assert shape.duration == pytest.approx(4.0, abs=0.01)


def test_the_length_is_decoded_without_a_header(tmp_path):
    path = write_webm(tmp_path / "recording.webm", 2.0)
    assert probe(path).duration == 0
    assert shape_of(path).duration == pytest.approx(2.0, abs=0.05)


def test_a_long_sound_loses_no_peak(tmp_path, monkeypatch):
    monkeypatch.setattr("voxweave_nb.media.peaks._MOST_PEAKS", 64)
    shape = shape_of(write_ramp(tmp_path / "ramp.wav", 9.0), bins=20)
    assert len(shape.peaks) == 20
    assert shape.peaks[-1] == 100
    assert shape.duration == pytest.approx(9.0, abs=0.01)


def test_a_file_without_sound_is_refused(tmp_path):
    text = tmp_path / "talk.mp3"
    text.write_text("no sound at all, only words " * 100)
    with pytest.raises(NarrationError, match=r"talk\.mp3 cannot be opened"):
        shape_of(text)
