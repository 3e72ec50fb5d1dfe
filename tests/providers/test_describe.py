"""Prices and limits of models in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from voxweave_nb.providers import describe
from voxweave_nb.providers.types import Model, Plan, Price, Size

SECONDS = Model(
    "m", price=Price(0.10, "second"), sizes=(Size(1280, 720), Size(1920, 1080, Price(0.70, "second")))
)
PLAN = Plan(SECONDS, (1280, 720), 20.0, "", 2.0)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (PLAN, "about $2.00: 20 s at $0.10"),
        (replace(PLAN, size=(1920, 1080), usd=14.0), "about $14.00: 20 s at $0.70"),
        (replace(PLAN, model=Model("m", price=Price(0.2, "video")), usd=0.2), "about $0.20"),
        (replace(PLAN, usd=0.0), "free"),
    ],
)
def test_a_plans_price_in_words(plan, words):
    assert describe.price(plan) == words


def test_an_unknown_price_is_said():
    assert "known" in describe.price(replace(PLAN, usd=None))
    assert describe.tariff(Model("m")) == "unknown"


def test_a_tariff_spans_all_sizes():
    assert describe.tariff(SECONDS) == "$0.10 to $0.70/s"
    assert describe.tariff(Model("m", price=Price(0.2, "video"))) == "$0.20 a video"
    assert describe.tariff(SECONDS, free=True) == "free"


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (Model("m"), "any"),
        (Model("m", lengths=(5.0,)), "5 s"),
        (Model("m", lengths=(4.0, 8.0, 12.5)), "4, 8 or 12.5 s"),
        (Model("m", lengths=(2.0, 10.0), continuous=True), "2 to 10 s"),
    ],
)
def test_lengths_in_words(model, words):
    assert describe.lengths(model) == words


def test_sizes_and_narration_in_words():
    assert describe.sizes(SECONDS) == "1280x720, 1920x1080"
    assert describe.sizes(Model("m")) == "any"
    told = [describe.narration(Model("m", narration=how)) for how in ("none", "reference", "drives")]
    assert told == ["muxed in", "reference", "drives it"]
