"""The waveform of a board's narration is decoded once."""

from __future__ import annotations

import pytest

from voxweave_nb import NarrationError
from voxweave_nb.storyboard.folder import BoardFolder
from voxweave_nb.storyboard.waveform import peaks_of


def test_peaks_are_kept(tmp_path, narration_file):
    folder = BoardFolder(tmp_path / "talk.board")
    peaks = peaks_of(folder, narration_file, "ab")
    assert max(peaks) == 100
    assert peaks_of(folder, tmp_path / "gone.wav", "ab") == peaks
    with pytest.raises(NarrationError):
        peaks_of(folder, tmp_path / "gone.wav", "cd")


def test_a_damaged_file_is_made_anew(tmp_path, narration_file):
    folder = BoardFolder(tmp_path / "talk.board")
    peaks = peaks_of(folder, narration_file, "ab")
    (kept,) = (folder.path / "cache").iterdir()
    kept.write_text("[1, ")
    assert peaks_of(folder, narration_file, "ab") == peaks
