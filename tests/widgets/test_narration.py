"""The control that chooses the narration."""

from __future__ import annotations

import pytest

from voxweave_nb.media.narration import open_narration
from voxweave_nb.sample import SAMPLE_SECONDS, sample_narration
from voxweave_nb.widgets.narration import NarrationInput


@pytest.fixture
def changes() -> list[bool]:
    return []


@pytest.fixture
def narration(changes) -> NarrationInput:
    return NarrationInput(lambda: changes.append(True))


def test_the_sample_is_chosen_at_first(narration):
    assert narration.path == narration.trimmed() == sample_narration()


def test_the_sample_has_its_stated_length(tmp_path):
    opened = open_narration(sample_narration(), work=tmp_path, max_seconds=60, max_bytes=10_000_000)
    assert opened.duration == pytest.approx(SAMPLE_SECONDS, abs=0.05)


def test_a_path_is_kept_and_reported(narration, changes, narration_file):
    narration.path = narration_file
    assert narration.path == narration_file
    assert changes
    assert "runs the kernel" in narration._note.value


def test_blanks_are_no_narration(narration):
    narration.path = "  "
    assert narration.path is None


def test_an_upload_is_trimmed_to_its_selection(narration, narration_file):
    narration.source.value = "Record or upload"
    assert narration.path is None
    narration.audio.duration, narration.audio.path = 2.0, narration_file
    assert narration.path == narration_file
    narration.audio.selection = (0.5, 1.5)
    trimmed = narration.trimmed()
    assert trimmed.name == "talk-0.50-1.50.wav"
    trimmed.unlink()
