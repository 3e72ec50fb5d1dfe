"""A text of any language is split where its sentences end, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb.media.sentences import ending, gap_between, sentences


@pytest.mark.parametrize(
    ("text", "after", "kind"),
    [
        ("It ends.", "", "sentence"),
        ("He said: “It ends.”", "Then", "sentence"),
        ("Really?!", "", "sentence"),
        ("これで終わり。", "次", "sentence"),
        ("وانتهى؟", "", "sentence"),
        ("First,", "then", "clause"),
        ("一、", "二", "clause"),
        ("and so…", "they went", "clause"),
        ("and so...", "they went", "clause"),
        ("Dr.", "Weber came.", ""),
        ("e.g.", "This one", ""),
        ("version 2.", "is", ""),
        ("So do I.", "She", "sentence"),
        ("No.", "5 is alive.", ""),
        ("No.", "Never.", "sentence"),
        ("am 3.", "März", ""),
        ("in room 12.", "Then", "sentence"),
        ("no sign", "", ""),
        ("", "", ""),
        ("”", "", ""),
    ],
)
def test_punctuation_tells_the_ending(text, after, kind):
    assert ending(text, after) == kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dr. Weber paid 3.50 for it. Then he left.", ["Dr. Weber paid 3.50 for it.", "Then he left."]),
        ("“Stop!” she said. “Why?” He ran.", ["“Stop!” she said.", "“Why?”", "He ran."]),
        ("海は深い。光は「消える」。なぜ？", ["海は深い。", "光は「消える」。", "なぜ？"]),
        (
            "Wrapped text goes\non in the next line. And\nso on.",
            ["Wrapped text goes on in the next line.", "And so on."],
        ),
        ("A heading\n\nThe text.", ["A heading", "The text."]),
        ("# Title\nThe text\n- one\n- two", ["Title", "The text", "one", "two"]),
        ("折り返した\n文です。", ["折り返した文です。"]),
        ("One.\n\n***\n\nTwo. 🎉", ["One. ***", "Two. 🎉"]),
        ("See www.example.com for more.", ["See www.example.com for more."]),
        ("هل هذا صحيح؟ نعم.", ["هل هذا صحيح؟", "نعم."]),
        ("Wait... what? Yes.", ["Wait... what?", "Yes."]),
        ("🎉", []),
        (" \n ", []),
    ],
)
def test_texts_are_split_into_sentences(text, expected):
    assert sentences(text) == expected


@given(st.text(alphabet='aB .?!。、\n"”-#1海ก', max_size=60))
def test_no_letter_is_lost_in_splitting(text):
    found = sentences(text)
    assert all(sentence == sentence.strip() and "\n" not in sentence for sentence in found)
    kept = "".join(character for character in "".join(found) if character.isalnum())
    assert kept == "".join(character for character in text if character.isalnum())


def test_no_space_is_put_into_japanese():
    assert gap_between("終わり。", "次") == ""
    assert gap_between("The end.", "Next") == " "
    assert gap_between("", "Next") == ""
