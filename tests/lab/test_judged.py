"""The judge's options are checked before anything is sent; `test_judging.py` has its runs."""

from __future__ import annotations

import pytest

from voxweave_nb import ConfigError
from voxweave_nb.sandbox import Fault

pytestmark = pytest.mark.slow


def judge(lab, **more):
    return lab.judge(**{"rubric": "Which one is calmer?", "model": "vision-1", **more})


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"comparisons": 0}, "comparisons"),
        ({"at_once": 17}, "at_once"),
        ({"budget": -1}, "budget"),
        ({"goal": "worst"}, "'best' or 'rank'"),
        ({"usd": "x"}, "usd"),
        ({"rubric": ""}, "no rubric"),
        ({"model": ""}, "no model"),
        ({"endpoint": "https://user:word@example.org"}, "more than a base URL"),
    ],
)
def test_a_bad_option_gets_a_sentence(lab, sandbox, wrong, words):
    with pytest.raises(ConfigError, match=words):
        judge(lab, **wrong)
    assert sandbox.submissions("chat") == 0


def test_two_videos_are_needed(lab):
    with pytest.raises(ConfigError, match="two variants with a video"):
        judge(lab)


def test_without_an_address_it_says_what_to_set(lab, monkeypatch):
    monkeypatch.delenv("VOXWEAVE_JUDGE_BASE_URL")
    with pytest.raises(ConfigError, match="VOXWEAVE_JUDGE_BASE_URL"):
        judge(lab)


def test_one_judge_is_at_work_at_a_time(lab, sandbox):
    lab.run().result(120)
    sandbox.fault("create", Fault.delay(1.0), provider="chat")
    run = judge(lab, comparisons=1)
    with pytest.raises(ConfigError, match="A judge is at work"):
        judge(lab)
    assert run.result(60).votes == 1
