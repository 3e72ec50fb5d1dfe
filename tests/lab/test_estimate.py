"""What a run would cost is known before."""

from __future__ import annotations

import pytest


def test_nothing_is_sent_before_a_run(lab, sandbox):
    (only,) = lab.estimate()
    assert (only.provider, only.variants, only.made, only.to_make, only.unknown) == ("zai", 4, 0, 4, 0)
    assert only.usd == pytest.approx(0.8)
    assert "4 to make ($0.80)" in str(lab.estimate())
    assert sandbox.submissions("zai") == 0
