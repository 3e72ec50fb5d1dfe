"""A judge's answers are read strictly, and both orders count."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb.errors import ConfigError
from voxweave_nb.lab.judge import Brief, choice_of, messages_of, parse_answer, verdict_of
from voxweave_nb.lab.records import Choice, Judgement, is_judge


def judged(first: str, second: str, answer: str) -> Judgement:
    return Judgement(Judgement.id_of(first, second, "judge:m", "r"), first, second, "judge:m", "r", answer)


@pytest.mark.parametrize(
    ("answer", "meant"),
    [
        ('{"better": "first"}', "first"),
        ('{"better": "SECOND ", "reason": "sharper"}', "second"),
        ('Sure!\n```json\n{"better": "tie"}\n```\nHope this helps.', "tie"),
        ('{"better": "first"} and once more {"better": "first"}', "first"),
        ('{"better": "first"} or {"better": "second"}', ""),
        ('{"better": "both"}', ""),
        ('{"better": ["first"]}', ""),
        ('{"better": null}', ""),
        ('{"winner": "first"}', ""),
        ("first", ""),
        ("I cannot compare these.", ""),
        ('{"better": "first"', ""),
        ("", ""),
    ],
)
def test_only_a_clear_answer_counts(answer, meant):
    assert parse_answer(answer) == meant


@given(st.text())
def test_no_text_breaks_the_parser(answer):
    assert parse_answer(answer) in ("", "first", "second", "tie")


@given(st.sampled_from(["first", "second", "tie"]), st.text(alphabet=st.characters(exclude_characters="{}")))
def test_a_valid_answer_is_found_in_prose(better, prose):
    assert parse_answer(prose + json.dumps({"better": better, "reason": "so"}) + prose) == better


@pytest.mark.parametrize(
    ("there", "back", "choice", "agreed"),
    [
        ("first", "second", Choice.LEFT, True),
        ("second", "first", Choice.RIGHT, True),
        ("tie", "tie", Choice.TIE, True),
        ("first", "first", Choice.TIE, False),
        ("second", "second", Choice.TIE, False),
        ("first", "tie", Choice.TIE, False),
        ("first", "", None, False),
        ("", "first", None, False),
    ],
)
def test_both_orders_have_to_agree(there, back, choice, agreed):
    verdict = verdict_of([judged("a", "b", there), judged("b", "a", back)])
    assert (verdict.choice, verdict.agreed) == (choice, agreed)


def test_one_answer_is_a_choice():
    assert [choice_of(judged("a", "b", each)) for each in ("first", "second", "tie")] == [
        "left",
        "right",
        "tie",
    ]


def test_the_model_sees_frames_and_the_rubric():
    system, user = messages_of("The calmer one.", b"one", b"two")
    assert "Judge by the rubric alone" in system["content"]
    assert "The calmer one." in user["content"][0]["text"]
    assert [part["type"] for part in user["content"]] == ["text", "image_url", "text", "image_url"]


def test_the_judge_has_a_name_of_its_own():
    brief = Brief("calm", "gpt-4o", usd=0.01, options={"temperature": 0})
    assert brief.rater == "judge:gpt-4o"
    assert is_judge(brief.rater)
    assert brief.rubric_id != Brief("sharp", "gpt-4o").rubric_id


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"rubric": " "}, "no rubric"),
        ({"rubric": 3}, "rubric"),
        ({"name": ""}, "no model"),
        ({"usd": -1}, "usd"),
        ({"frames": 3}, "frames"),
        ({"frames": 17}, "frames"),
        ({"options": {"messages": []}}, "sets itself"),
        ({"options": {"api_key": "sk-1"}}, "api_key"),
    ],
)
def test_a_bad_brief_gets_a_sentence(wrong, words):
    with pytest.raises(ConfigError, match=words):
        Brief(**{"rubric": "calm", "name": "m", **wrong})
