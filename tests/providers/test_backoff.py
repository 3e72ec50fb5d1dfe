"""The one back-off: doubling bounds, the server's own pause, and a longest one."""

from __future__ import annotations

import math

import pytest

from voxweave_nb.providers.backoff import pause_before


def test_bounds_double_up_to_the_longest():
    bounds = [pause_before(attempt, first=1.0, longest=10.0, least=1.0) for attempt in range(1, 7)]
    assert bounds == [1, 2, 4, 8, 10, 10]


def test_pauses_are_random_within_their_share():
    pauses = {pause_before(3, first=1.0, least=0.5) for _ in range(200)}
    assert len(pauses) > 100
    assert all(2.0 <= pause <= 4.0 for pause in pauses)


@pytest.mark.parametrize(("asked", "pause"), [(7.0, 7.0), (900.0, 30.0), (math.inf, 30.0)])
def test_the_servers_pause_wins_within_limits(asked, pause):
    assert pause_before(1, asked=asked, longest=30.0) == pause


@pytest.mark.parametrize("asked", [0.0, -3.0, math.nan, 0.01], ids=str)
def test_a_hasty_server_gets_the_floor(asked):
    pauses = [pause_before(attempt, asked=asked, floor=0.1) for attempt in (1, 2, 3, 20)]
    assert pauses == [pytest.approx(0.1), pytest.approx(0.2), pytest.approx(0.4), 30.0]


def test_any_number_of_attempts_has_a_pause():
    assert pause_before(10**9, longest=30.0, least=1.0) == 30.0
