"""The types between pipeline and providers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from voxweave_nb import VideoConfig
from voxweave_nb.providers.types import Capabilities, Model, Plan, Price, Progress


def test_a_progress_counts_and_speaks():
    counted: list[int] = []
    said: list[str] = []
    progress = Progress(counted.append, said.append)
    progress(5)
    progress.say("a pause")
    assert (counted, said) == ([5], ["a pause"])
    assert Progress.of(progress) is progress


def test_a_plain_function_becomes_a_progress():
    counted: list[int] = []
    progress = Progress.of(counted.append)
    progress(5)
    progress.say("to nobody")
    assert counted == [5]


def test_a_price_is_per_second_or_video():
    assert Price(0.5, "second").of(8) == 4.0
    assert Price(0.5, "video").of(8) == 0.5


def test_the_first_model_is_the_default():
    first, second = Model("a"), Model("b")
    can = Capabilities((first, second), cancel=False)
    assert (can.model(None), can.model("b"), can.model("c")) == (first, second, None)


PLAN = Plan(Model("m"), (1280, 720), 5.0, "", 2.0, provider="a", duration=5.0)


@pytest.mark.parametrize(("duration", "fills"), [(5.0, True), (5.04, True), (5.2, False)])
def test_a_plan_fills_its_own_length(duration, fills):
    assert PLAN.fills(duration) == fills


@pytest.mark.parametrize(
    ("usd", "other", "cheaper"),
    [(1.0, 2.0, True), (2.0, 2.0, False), (2.0, 1.0, False), (2.0, None, True), (None, 2.0, False)],
)
def test_a_known_price_is_cheaper_than_unknown(usd, other, cheaper):
    assert replace(PLAN, usd=usd).is_cheaper_than(replace(PLAN, usd=other)) == cheaper


def test_a_plan_belongs_to_its_config():
    config = VideoConfig(style="anime")
    plan = replace(PLAN, config=config)
    assert plan.is_of(config)
    assert plan.is_of(config.replace(provider="zai"))
    assert not plan.is_of(config.replace(seed=7))
    assert PLAN.is_of(config)
