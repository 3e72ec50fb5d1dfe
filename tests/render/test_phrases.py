"""Text for titles."""

from __future__ import annotations

import pytest

from voxweave_nb.media.typeset import width_of
from voxweave_nb.render.phrases import key_phrase, lines, title_of


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("a slow dawn over a quiet sea", "A slow dawn over a quiet sea"),
        ("Create a video of rain on glass. Then zoom in.", "Rain on glass"),
        ("🚀 rockets!", "Rockets!"),
        ("", ""),
        (
            "a harbour at dusk, seen from the old lighthouse while ships come home in the fog",
            "A harbour at dusk",
        ),
    ],
)
def test_a_title_is_the_prompts_first_clause(prompt: str, title: str) -> None:
    assert title_of(prompt) == title


@pytest.mark.parametrize(
    ("sentence", "phrase"),
    [
        ("Far below the waves, sunlight fades to nothing.", "Sunlight fades to nothing"),
        ("Yet the deep sea is not dark.", "The deep sea is not dark"),
        (
            "They glow to hunt, to hide, and to find each other.",
            "They glow to hunt, to hide, and to find each other",
        ),
        (
            "Every flash is a word in a language we are only learning to read.",
            "Every flash is a word in a language",
        ),
        ("", ""),
    ],
)
def test_a_key_phrase_is_the_main_clause(sentence: str, phrase: str) -> None:
    assert key_phrase(sentence) == phrase


@pytest.mark.parametrize("text", ["one two three four five six seven eight nine ten", "字" * 40, "x" * 90])
def test_lines_fit_their_width(text: str) -> None:
    broken = lines(text, 12.0, 2)
    assert len(broken) <= 2
    if text[0] != "x":
        assert max(map(width_of, broken)) <= 13.5


def test_no_line_ends_on_an_article() -> None:
    assert lines("snow over a violet city", 9.0, 2) == ["snow over", "a violet city"]
