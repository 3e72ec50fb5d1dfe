"""A scene's prompt is the bible, the person's prompt, the scene's own words and a shot word, within the limit."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb.storyboard.cutting import Span
from voxweave_nb.storyboard.prompts import full_prompt, room_for, scene_prompt, shortened, shots_of

BIBLE, PROMPT = "teal dusk, 35 mm, no people", "a harbour"
WORDS = "The ferry leaves at six, and the gulls follow it."


def span(opens: str = "sentence") -> Span:
    return Span(0, 5, 5, None, opens, "sentence")


def within(limit: int, words: str, prompt: str = PROMPT, bible: str = BIBLE) -> str:
    return scene_prompt(words, prompt=prompt, shot="Wide shot", bible=bible, room=room_for(bible, limit))


def test_the_parts_stand_in_their_order():
    own = scene_prompt(WORDS, prompt=PROMPT, shot="Wide shot")
    assert own == "a harbour. The ferry leaves at six, and the gulls follow it. Wide shot."
    assert full_prompt(BIBLE, own) == (f"teal dusk, 35 mm, no people. {own}", "")


def test_empty_parts_leave_no_trace():
    assert scene_prompt("", prompt="", shot="Wide shot") == "Wide shot."
    assert full_prompt("", "Rain.") == ("Rain.", "")
    assert scene_prompt("  Rain \n falls  ") == "Rain falls."


def test_long_words_end_with_a_clause():
    long = "The ferry leaves at six in the morning, long before the town is awake, " * 4
    own = scene_prompt(long)
    assert len(own) <= 201
    assert own.endswith("the town is awake.") or own.endswith("in the morning.")
    assert shortened("one two three four five six seven", 26) == "one two three four five"
    assert shortened("港は朝の光の中にある。船が出ていく、霧が晴れる前に。" * 20, 40).endswith("。")


def test_own_words_give_way_to_the_limit():
    own = within(100, WORDS * 5)
    whole, warning = full_prompt(BIBLE, own, 100)
    assert (len(whole) <= 100, warning) == (True, "")
    assert "a harbour. The ferry leaves at six" in whole
    assert whole.endswith("Wide shot.")
    assert within(55, WORDS) == "a harbour. Wide shot."


def test_what_is_cut_is_said():
    whole, warning = full_prompt(BIBLE, "a harbour at night", 40)
    assert whole == "teal dusk, 35 mm, no people. a harbour"
    assert warning == "The model takes prompts of 40 characters: the last 10 were cut off."


def test_a_named_shot_is_not_contradicted():
    assert (
        scene_prompt("", prompt="an aerial shot of a bay", shot="Close-up detail")
        == "an aerial shot of a bay."
    )
    assert scene_prompt("", prompt="a bay", shot="Wide shot", bible="all in close-ups") == "a bay."


def test_shots_follow_the_paragraphs():
    opens = ["end", "sentence", "sentence", "paragraph", "paragraph", "sentence", "sentence"]
    assert shots_of([span(each) for each in opens]) == [
        "Wide shot",
        "Medium shot",
        "Close-up detail",
        "Wide shot",
        "Medium shot",
        "Close-up detail",
        "Wide shot",
    ]
    assert shots_of([]) == []


@given(st.lists(st.sampled_from(["end", "paragraph", "sentence", "forced"]), max_size=30))
def test_no_shot_comes_twice_in_a_row(opens):
    shots = shots_of([span(each) for each in opens])
    assert len(shots) == len(opens)
    assert all(one != following for one, following in itertools.pairwise(shots))


@given(st.text(max_size=300), st.text(max_size=60), st.text(max_size=60), st.integers(1, 600))
def test_a_prompt_is_within_the_limit(words, prompt, bible, limit):
    own = within(limit, words, prompt, bible)
    whole, warning = full_prompt(bible, own, limit)
    assert len(whole) <= limit
    # The person's own words are cut only where they alone are too long.
    assert not warning or len(f"{bible} {prompt}") + 3 > limit
