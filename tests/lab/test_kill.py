"""A lab that is killed goes on: nothing is lost, nothing paid twice, no vote forgotten."""

from __future__ import annotations

import pytest

from tests.lab.kill import VARIANTS, massacre


@pytest.mark.slow
def test_a_killed_lab_goes_on(tmp_path, narration_file, monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.setenv(name, "")  # restored afterwards: the work sets the whole environment
    report = massacre(tmp_path, narration_file, kills=8, seed=3)
    assert report.kills == 8
    assert report.votes_kept >= 8
    assert report.well, report
    assert report.made == VARIANTS - report.doubtful
    assert report.made <= report.accepted <= VARIANTS
