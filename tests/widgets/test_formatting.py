"""Dates, durations and costs as text."""

from __future__ import annotations

import time

from voxweave_nb.widgets.formatting import clock, cost, date_and_time


def test_a_cost_is_dollars_free_or_unknown():
    assert [cost(0.2), cost(0.0), cost(None)] == ["$0.20", "free", "price not known"]


def test_a_duration_is_minutes_and_seconds():
    assert [clock(0.0), clock(5.9), clock(65.0), clock(3600.0)] == ["0:00", "0:05", "1:05", "60:00"]


def test_a_date_names_another_year():
    now = time.time()
    then = now - 800 * 24 * 3600
    assert str(time.localtime(then).tm_year) in date_and_time(then)
    assert str(time.localtime(now).tm_year) not in date_and_time(now)
