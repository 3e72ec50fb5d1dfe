"""What a run would cost is known before."""

from __future__ import annotations

import pytest

from voxweave_nb import VideoConfig


def test_nothing_is_sent_before_a_run(lab, sandbox):
    (only,) = lab.estimate()
    assert (only.provider, only.variants, only.made, only.to_make, only.unknown) == ("zai", 4, 0, 4, 0)
    assert only.usd == pytest.approx(0.8)
    assert "4 to make ($0.80)" in str(lab.estimate())
    assert sandbox.submissions("zai") == 0


def test_a_place_that_is_missing_is_told_before(open_lab):
    lab = open_lab(base=VideoConfig(quality="draft", provider="local"))
    lab.grid("a {harbour|forest} at dusk", style=["anime", "cinematic"])
    assert lab.estimate().warnings == ("harbour, cinematic: cinematic has no sea; realistic and anime do.",)
    assert str(lab.estimate()).splitlines()[-1].endswith("cinematic has no sea; realistic and anime do.")
