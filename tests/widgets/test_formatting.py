"""Dates as text."""

from __future__ import annotations

import time

from voxweave_nb.widgets.formatting import date_and_time


def test_a_date_names_another_year():
    now = time.time()
    then = now - 800 * 24 * 3600
    assert str(time.localtime(then).tm_year) in date_and_time(then)
    assert str(time.localtime(now).tm_year) not in date_and_time(now)
