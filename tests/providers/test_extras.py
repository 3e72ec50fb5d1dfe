"""The options in `extra`: which are sent, and as what."""

from __future__ import annotations

import pytest

from voxweave_nb.providers.extras import fit_frame, form_fields, warn_of_unsent
from voxweave_nb.providers.types import Model, Plan

PLAN = Plan(Model("m"), (1280, 720), 4.0, "sea", None, provider="p")


def test_values_become_text_or_json():
    options = {"a": "text", "b": True, "c": 4.5, "d": [1, "x"], "e": None, "audio_reference": True}
    assert form_fields(options) == {"a": "text", "b": "true", "c": "4.5", "d": '[1, "x"]'}
    assert form_fields({"audio_reference": "https://example.org/a.mp3"})["audio_reference"].endswith("a.mp3")


def test_sides_are_the_size():
    assert form_fields({"width": "832.0", "fps": 8}, (832, 480)) == {"width": "832", "fps": "8"}
    assert form_fields({"height": 1}, (832, 480)) == {"height": "480"}


@pytest.mark.parametrize("side", [0, -1, "wide", 1.5, float("inf"), float("nan"), None, [832]])
def test_a_side_that_is_none_is_ignored(side):
    assert fit_frame(PLAN, {"width": side}) == PLAN


def test_one_unsent_option_is_named():
    assert warn_of_unsent(PLAN, {"a": 1}, ("a",)) == PLAN
    assert warn_of_unsent(PLAN, {"a": 1, "b": 2}, ("a",)).warnings == (
        "p takes no option b in extra; it is not sent.",
    )
