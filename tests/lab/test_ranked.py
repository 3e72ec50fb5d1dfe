"""A line of a ranking is plain data."""

from __future__ import annotations

from tests.lab.fields import variant
from voxweave_nb.lab.ranked import RankedVariant


def test_a_line_has_no_price_until_known():
    row = RankedVariant(variant(name="a"), best=0.5, lowest=1, highest=2, wins=0.5, votes=3)
    assert (row.usd, row.flags) == (None, ())
