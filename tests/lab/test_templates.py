"""A template becomes its prompts, each with its choices; an error points at the character."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb.errors import ConfigError
from voxweave_nb.lab.templates import MOST_PROMPTS, TemplateError, expand


def prompts(template: str, **more) -> list[str]:
    return [each.text for each in expand(template, **more)]


def choices(template: str, **more) -> list[dict[str, str]]:
    return [dict(each.choices) for each in expand(template, **more)]


def test_every_alternative_meets_every_other():
    assert prompts("a {harbour|forest} at {dawn|dusk}") == [
        "a harbour at dawn",
        "a harbour at dusk",
        "a forest at dawn",
        "a forest at dusk",
    ]


def test_a_prompt_knows_its_choices():
    assert choices("a {place: harbour|forest} at {dawn|dusk}")[1] == {"place": "harbour", "choice 2": "dusk"}


def test_a_text_without_choices_is_one_prompt():
    (only,) = expand("rain on neon glass at 12:30")
    assert (only.text, dict(only.choices)) == ("rain on neon glass at 12:30", {})


def test_a_name_needs_a_blank_after_its_colon():
    assert choices("{12:30|noon} {http://a|b}")[0] == {"choice 1": "12:30", "choice 2": "http://a"}


def test_an_alternative_holds_further_choices():
    assert prompts("{a {red|blue} boat|nothing}") == ["a red boat", "a blue boat", "nothing"]
    first, _, last = choices("{a {hue: red|blue} boat|nothing}")
    assert first == {"choice 1": "a {hue: red|blue} boat", "hue": "red"}
    assert last == {"choice 1": "nothing"}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{2$$fog|rain|snow}", ["fog, rain", "fog, snow", "rain, snow"]),
        ("{2$$ and $$fog|rain|snow}", ["fog and rain", "fog and snow", "rain and snow"]),
        ("{1-2$$fog|rain}", ["fog", "rain", "fog, rain"]),
        ("{sky: 2$$fog|rain}", ["fog, rain"]),
    ],
)
def test_several_alternatives_are_taken_together(template, expected):
    assert prompts(template) == expected


def test_an_empty_alternative_leaves_nothing_behind():
    assert prompts("a {|misty} sea") == ["a sea", "a misty sea"]


def test_one_name_is_one_choice():
    assert prompts("{x: sea|sky} over {x: sea|sky}") == ["sea over sea", "sky over sky"]


def test_a_list_is_a_choice(tmp_path):
    assert choices("a __w__", lists={"w": ["fog", "snow"]}) == [{"w": "fog"}, {"w": "snow"}]
    (tmp_path / "w.txt").write_text("# weather\nfog\n\n  light {rain|snow}\n", encoding="utf-8")
    assert prompts("a __w__", folder=tmp_path) == ["a fog", "a light rain", "a light snow"]
    assert prompts("a __v__", lists={"v": tmp_path / "w.txt"})[0] == "a fog"


def test_choices_in_lists_keep_their_own_names():
    found = choices("__w__ {a|b}", lists={"w": ["{x|y}", "{p|q}"]})
    assert len(found) == 8
    assert len({tuple(each.items()) for each in found}) == 8


def test_underscores_in_words_are_no_list():
    assert prompts("snake_case and __ and ___") == ["snake_case and __ and ___"]


@pytest.mark.parametrize(
    ("template", "position", "message"),
    [
        ("a {b", 2, "not closed"),
        ("a } b", 2, "no { before it"),
        ("a {} b", 2, "empty"),
        ("{a|{b|c}", 0, "not closed"),
        ("{3$$a|b}", 0, "3 of 2 alternatives"),
        ("{0$$a|b}", 0, "0 of 2"),
        ("{2-1$$a|b}", 0, "2 to 1 of 2"),
        ("{a|0.5::b}", 3, "weight"),
        ("a __no__", 2, "The list 'no' is unknown"),
        ("{n: a|b} {n: a|c}", 9, "another choice"),
        ("{" * 30, 20, "more than 20 deep"),
        ("{a}" * 201, 600, "more than 200 choices"),
    ],
)
def test_an_error_points_at_the_character(template, position, message):
    with pytest.raises(TemplateError, match=re.escape(message)) as caught:
        expand(template)
    assert caught.value.position == position
    *_, line, mark = str(caught.value).split("\n")
    assert line[mark.index("^")] == template[position]


def test_the_mark_stands_below_a_far_character():
    with pytest.raises(TemplateError) as caught:
        expand("first line\n" + "x" * 500 + "\t}" + "y" * 500)
    *_, line, mark = str(caught.value).split("\n")
    assert line[mark.index("^")] == "}"
    assert len(line) < 100


@pytest.mark.parametrize("lists", [{"w": []}, {"w": "fog"}, {"w": [1]}, {"w": ["__w__"]}])
def test_a_bad_list_gets_a_sentence(lists):
    with pytest.raises(TemplateError, match="'w'"):
        expand("__w__", lists)


def test_a_missing_file_of_a_list_is_reported(tmp_path):
    with pytest.raises(TemplateError, match=r"'w' cannot be read from .*gone\.txt"):
        expand("__w__", {"w": tmp_path / "gone.txt"})
    with pytest.raises(TemplateError, match=r"w\.txt beside the notebook"):
        expand("__w__", folder=tmp_path)


def test_too_many_prompts_are_refused_at_once():
    with pytest.raises(TemplateError, match=f"more than {MOST_PROMPTS:,}"):
        expand("{a|b}" * 100)
    with pytest.raises(TemplateError, match="limit is 20,000"):
        expand("a" * 20_001)
    with pytest.raises(ConfigError, match="give text"):
        expand(7)  # type: ignore[arg-type]


@given(st.text(alphabet=r"ab {}|\_$:2.", max_size=60))
def test_any_text_expands_or_points(text):
    position = 0
    try:
        assert expand(text)
    except TemplateError as error:
        position = error.position
    assert 0 <= position <= len(text)


@given(st.text(alphabet=r"ab{}|\_$:", max_size=60))
def test_an_escaped_text_stands_for_itself(text):
    (only,) = expand(re.sub(r"([{}|\\_$:])", r"\\\1", text))
    assert only.text == text


@given(st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True), max_size=4))
def test_prompts_are_the_product_of_the_choices(axes):
    found = expand(" ".join("{" + "|".join(axis) + "}" for axis in axes))
    size = 1
    for axis in axes:
        size *= len(axis)
    assert len(found) == len({each.text for each in found}) == size
