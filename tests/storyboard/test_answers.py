"""A chat model's answer gives each scene one prompt, or the scene keeps its own."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb.storyboard.answers import read_prompts


def answer(*prompts: str) -> str:
    return json.dumps({"scenes": [{"scene": n, "prompt": text} for n, text in enumerate(prompts, 1)]})


def test_each_scene_gets_its_prompt():
    assert read_prompts(answer("a bay", "a boat"), 2, most=100) == (["a bay", "a boat"], [])


@pytest.mark.parametrize(
    "text",
    [
        "Here you are:\n```json\n" + answer("a bay", "a boat") + "\n```\nEnjoy {it}!",
        json.dumps([{"scene": 2, "prompt": "a boat"}, {"scene": "1", "prompt": "a bay"}]),
        '{"scene": 1, "prompt": "a bay"}\n{"scene": 2, "prompt": "a boat"}',
        answer("a bay", "a boat", "one too many"),
        answer("  a\n bay\x00 ", "a boat") + '{"scenes": [{"scene": 3',
    ],
)
def test_other_forms_are_understood(text):
    assert read_prompts(text, 2, most=100)[0] == ["a bay", "a boat"]


def test_a_cut_off_answer_gives_what_it_has():
    found, problems = read_prompts(answer("a bay", "a boat", "a gull")[:-15], 3, most=100)
    assert found == ["a bay", "a boat", None]
    assert problems == ["The answer has not one prompt for scene 3: the prompt made from the words stays."]


@pytest.mark.parametrize(
    ("item", "first"),
    [
        ({"scene": 2, "prompt": ""}, "a bay"),
        ({"scene": 2, "prompt": None}, "a bay"),
        ({"scene": True, "prompt": "x"}, "a bay"),
        ({"scene": 7, "prompt": "x"}, "a bay"),
        ({"scene": 1, "prompt": "a bay "}, "a bay"),
        ({"scene": 1, "prompt": "something else"}, None),
    ],
)
def test_a_bad_item_leaves_the_scene_alone(item, first):
    text = json.dumps({"scenes": [{"scene": 1, "prompt": "a bay"}, item, {"scene": 3, "prompt": "a gull"}]})
    found, problems = read_prompts(text, 3, most=100)
    assert found == [first, None, "a gull"]
    assert ("scenes 1 and 2" if first is None else "scene 2") in problems[0]


def test_an_unreadable_answer_is_quoted():
    found, problems = read_prompts("I would rather not.", 2, most=100)
    assert found == [None, None]
    assert problems == [
        "The answer 'I would rather not.' could not be read: the prompts made from the words stay."
    ]


def test_a_long_prompt_is_shortened():
    found, problems = read_prompts(answer("a bay in the morning, with boats and gulls and fog"), 1, most=30)
    assert found == ["a bay in the morning"]
    assert problems == ["The prompt of scene 1 had 50 characters and was cut to 30."]


def test_half_a_character_is_replaced():
    found, _ = read_prompts('{"scene": 1, "prompt": "a \\ud800 bay"}', 1, most=30)
    assert found == ["a ? bay"]


@given(st.text('{}[]":,scenprompt12 \\', max_size=200) | st.just("[" * 5000) | st.just('{"a":' * 3000))
def test_any_text_is_read(text):
    found, problems = read_prompts(text, 2, most=50)
    assert len(found) == 2
    assert problems or all(found)
