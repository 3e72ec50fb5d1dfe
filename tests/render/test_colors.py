"""Colours."""

from __future__ import annotations

import pytest

from voxweave_nb.render.colors import hex_color, hex_text, hue_distance, mix, tint


def test_a_tint_keeps_the_lightness() -> None:
    pale, turned = (250.0, 246.0, 240.0), tint((250.0, 246.0, 240.0), hex_color("#0000ff"), 1.0)
    assert sum(turned) == pytest.approx(sum(pale), rel=0.08)
    assert turned[2] > turned[0]


def test_a_colour_survives_its_text() -> None:
    assert hex_color("#0a80ff") == (10.0, 128.0, 255.0)
    assert hex_text(hex_color("#0a80ff")) == "#0a80ff"


def test_a_mix_lies_between_its_colours() -> None:
    assert mix((0.0, 100.0, 200.0), (100.0, 100.0, 0.0), 0.25) == (25.0, 100.0, 150.0)


def test_hue_distance_ignores_lightness() -> None:
    red, dark_red, blue = hex_color("#ff4040"), hex_color("#a03030"), hex_color("#4040ff")
    assert hue_distance(red, dark_red) < hue_distance(red, blue) / 5
