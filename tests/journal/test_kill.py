"""Processes are killed at any moment, and no job is lost, paid twice or left half."""

from __future__ import annotations

import pytest

from .kill import at_every_point, at_random, massacre

pytestmark = pytest.mark.slow


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "deaths",
    [
        pytest.param(list(at_every_point()), id="every-point"),
        pytest.param(list(at_random(20, seed=4)), id="random-moments", marks=pytest.mark.everywhere),
    ],
)
def test_after_any_kill_the_next_process_resumes(deaths, narration_file, tmp_path):
    report = massacre(deaths, narration_file, tmp_path)
    assert report.well, f"{report}\n{report.table()}"
    assert report.kills > len(deaths) / 2
    assert report.delivered > 0
