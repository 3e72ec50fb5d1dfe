"""Words in the picture."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from voxweave_nb.models import Cue
from voxweave_nb.render.phrases import key_phrase, lines, title_of, width_of
from voxweave_nb.render.plan import RenderJob
from voxweave_nb.render.prompt import read_prompt
from voxweave_nb.render.titles import script
from voxweave_nb.styles import load_style

MakeJob = Callable[..., RenderJob]


def words(job: RenderJob) -> str:
    return script(job, read_prompt(job.prompt, job.seed, load_style(job.style)))


def spoken(text: str) -> list[str]:
    """What libass would draw as letters: events without overrides and without drawings."""
    events = [line.split(",", 9)[9] for line in text.splitlines() if line.startswith("Dialogue:")]
    return [
        re.sub(r"(?<!\\)\{[^}]*\}", "", event)
        for event in events
        if "\\p1" not in event and "\\p4" not in event
    ]


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
def test_a_title_is_the_prompts_first_thought(prompt: str, title: str) -> None:
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
def test_a_key_phrase_is_what_the_sentence_says(sentence: str, phrase: str) -> None:
    assert key_phrase(sentence) == phrase


@pytest.mark.parametrize("text", ["one two three four five six seven eight nine ten", "字" * 40, "x" * 90])
def test_lines_fit_their_width(text: str) -> None:
    broken = lines(text, 12.0, 2)
    assert len(broken) <= 2
    if text[0] != "x":
        assert max(map(width_of, broken)) <= 13.5


def test_no_line_ends_on_an_article() -> None:
    assert lines("snow over a violet city", 9.0, 2) == ["snow over", "a violet city"]


def test_the_prompt_is_the_title_unless_another_is_given(make_job: MakeJob) -> None:
    assert "RAIN ON NEON GLASS" in spoken(words(make_job()))
    assert "OTHER" in spoken(words(make_job(title="Other")))
    assert words(make_job(title="")) == ""


def test_text_in_a_title_is_never_a_command(make_job: MakeJob) -> None:
    text = words(make_job(title="{\\fscx9000}a\\Nb {c}"))
    for event in text.splitlines():
        if event.startswith("Dialogue:"):
            for override in re.findall(r"(?<!\\)\{([^}]*)\}", event):
                assert "9000" not in override
    assert "\\{" in text


def test_key_phrases_come_when_they_are_spoken(make_job: MakeJob) -> None:
    text = words(make_job("educational"))
    starts = {
        line.split(",")[1]
        for line in text.splitlines()
        if line.startswith("Dialogue:") and line.endswith(("Sound becomes light", "Light becomes a city"))
    }
    assert starts == {"0:00:00.90", "0:00:03.10"}


def test_a_long_lesson_turns_its_pages(make_job: MakeJob) -> None:
    cues = [Cue(4.0 * n + 1, 4.0 * n + 3, f"Point number {n} of many") for n in range(40)]
    text = words(make_job("educational", cues=cues, duration=170.0))
    shown: list[tuple[str, str]] = [
        (line.split(",")[1], line.split(",")[2]) for line in text.splitlines() if "Point number" in line
    ]
    assert len(shown) == 40
    for moment in (20, 60, 120):
        stamp = f"0:{moment // 60:02d}:{moment % 60:02d}.00"
        assert 1 <= sum(start <= stamp < end for start, end in shown) <= 4
