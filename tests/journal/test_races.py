"""Races of real processes: nothing is lost, overwritten or taken back. `python -m tests.journal.races` does more."""

from __future__ import annotations

import pytest

from .races import failures


@pytest.mark.slow
@pytest.mark.parametrize("name", ["take and finish"])
def test_no_round_of_a_race_goes_wrong(name):
    assert failures(name, rounds=10) == []
