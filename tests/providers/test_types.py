"""The types between pipeline and providers."""

from __future__ import annotations

import pytest

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


@pytest.mark.parametrize(
    ("provider", "duration", "suits"),
    [("a", 5.0, True), ("a", 5.04, True), ("a", 5.2, False), ("b", 5.0, False)],
)
def test_a_plan_suits_its_provider_and_length(provider, duration, suits):
    plan = Plan(Model("m"), (1280, 720), 5.0, "", None, provider="a", duration=5.0)
    assert plan.suits(provider, duration) == suits
