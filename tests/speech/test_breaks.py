"""Words become captions that fit the screen, last long enough, and break where a person breathes."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxweave_nb.media.subtitles.words import fitting_words
from voxweave_nb.models import Cue, Word
from voxweave_nb.speech.breaks import break_words, fits, rebreak
from voxweave_nb.speech.limits import LIMITS, units_of
from voxweave_nb.speech.text import tokens_of


def timed(
    text: str, *, start: float = 0.5, pace: float = 15.0, pauses: dict[str, float] | None = None
) -> list[Word]:
    """The words of a text, read at so many letters a second, with a pause after each sentence."""
    words, at = list[Word](), start
    for token in tokens_of(text):
        end = at + max(token.length, 1.0) / pace
        words.append(Word(token.text, round(at, 3), round(end, 3)))
        at = end + (pauses or {}).get(token.text, 0.3 if token.text[-1] in ".?!。？！" else 0.0)
    return words


WORDS = st.lists(
    st.tuples(
        st.text(alphabet="abcdefghij,.", min_size=1, max_size=14).filter(lambda word: word.strip(".,") != ""),
        st.floats(0.05, 0.9),
        st.sampled_from([0.0, 0.0, 0.0, 0.1, 0.4, 2.0]),
    ),
    min_size=1,
    max_size=60,
)


def words_of(drawn: list[tuple[str, float, float]]) -> list[Word]:
    words, at = list[Word](), 0.0
    for text, seconds, pause in drawn:
        words.append(Word(text, round(at, 3), round(at + seconds, 3)))
        at += seconds + pause
    return words


@settings(deadline=None, max_examples=60)
@given(WORDS)
def test_captions_keep_every_limit(drawn):
    words = words_of(drawn)
    limits = LIMITS["alphabet"]
    cues = break_words(words)
    assert " ".join(" ".join(cue.text.split()) for cue in cues) == " ".join(word.text for word in words)
    assert [word.text for cue in cues for word in cue.words] == [word.text for word in words]
    for cue in cues:
        lines = cue.text.split("\n")
        assert len(lines) <= 2
        assert all(0 < units_of(line) <= limits.line for line in lines)
        assert 0 < cue.end - cue.start <= limits.longest + 1e-6
        assert fitting_words(cue).words  # players and files take them
    for cue, following in itertools.pairwise(cues):
        assert following.start - cue.end >= min(limits.apart, following.start - cue.start) - 0.052


def test_sentences_stand_alone_and_break_at_clauses():
    text = (
        "Nobody waves. When the tide turns, the whole room changes colour within about twenty minutes, and on stormy "
        "nights the glass is bright."
    )
    cues = break_words(timed(text))
    assert [cue.text for cue in cues] == [
        "Nobody waves.",
        "When the tide turns,\nthe whole room changes colour",
        "within about twenty minutes,\nand on stormy nights the glass is bright.",
    ]


def test_lines_do_not_end_with_an_article():
    text = "The teacher carried every part of the heavy and rather expensive machine up the stairs."
    lines = [line for cue in break_words(timed(text)) for line in cue.text.split("\n")]
    assert not [line for line in lines if line.split()[-1] in ("the", "of", "and", "a")]


def test_captions_break_where_a_person_breathes():
    text = (
        "Some of them say that they can tell the season by sight others just come because it is quiet there"
    )
    cues = break_words(timed(text, pauses={"sight": 0.6}))
    assert cues[0].text.split()[-1] == "sight"


def test_short_gaps_are_closed_and_long_ones_stay():
    words = timed("Stop. Go on. Wait here.", pauses={"Stop.": 0.9, "on.": 4.0})
    first, second, third = break_words(words, duration=20)
    assert second.start - first.end == pytest.approx(LIMITS["alphabet"].apart, abs=0.4)
    assert third.start - second.end > 2
    assert all(cue.end - cue.start >= 5 / 6 - 1e-3 for cue in (first, second, third))


def test_the_last_caption_ends_with_the_narration():
    words = timed("The end comes now.")
    assert break_words(words, duration=words[-1].end + 0.1)[-1].end == pytest.approx(
        words[-1].end + 0.1, abs=2e-3
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "海の底では、光は消えていくが、それでも生き物たちは自分の力で輝いている。「なぜだろうか」と彼女はチョークで書いた。",
            26,
        ),
        (
            "深海里没有阳光，可是那里的许多动物自己会发光，像天上的星星一样，它们用光来寻找食物，也用光来寻找彼此。",
            32,
        ),
        (
            "깊은 바다에는 햇빛이 닿지 않지만, 그곳의 동물들은 스스로 빛을 내며 서로를 찾고 먹이를 사냥한다.",
            32,
        ),
    ],
    ids=["Japanese", "Chinese", "Korean"],
)
def test_wide_scripts_keep_their_own_limits(text, line):
    cues = break_words(timed(text), text)
    lines = [each for cue in cues for each in cue.text.split("\n")]
    assert all(units_of(each) <= line for each in lines)
    assert all(cue.text.count("\n") <= 1 for cue in cues)
    assert "".join("".join(cue.text.split()) for cue in cues) == "".join(text.split())
    assert not [each for each in lines if each[0] in "、。，」ーっゃゅょッャュョ"]


def test_writing_from_the_right_follows_the_same_rule():
    text = "في أعماق البحر يختفي الضوء تماما، لكن الكائنات هناك تضيء بنفسها مثل النجوم في السماء، وتبحث عن بعضها."
    cues = break_words(timed(text), text)
    lines = [line for cue in cues for line in cue.text.split("\n")]
    assert all(units_of(line) <= 42 for line in lines)
    assert " ".join(" ".join(cue.text.split()) for cue in cues) == text


def test_an_address_wider_than_a_line_is_broken():
    address = "https://www.example.com/a/very/long/path/to/some/page/that/nobody/would/ever/type.html"
    cues = break_words([Word("See", 0, 0.3), Word(address, 0.3, 6.0), Word("now.", 6.0, 6.4)])
    lines = [line for cue in cues for line in cue.text.split("\n")]
    assert all(units_of(line) <= 42 for line in lines)
    assert "".join(lines).replace(" ", "") == f"See{address}now."


def test_long_given_captions_are_broken():
    words = timed(
        "The first part of it is long, and the second part of it is just as long, and so is the third one."
    )
    long = Cue(0.4, 9.0, " ".join(word.text for word in words), tuple(words))
    short = Cue(10.0, 12.0, "This one fits.")
    cues, count = rebreak([long, short])
    assert count == 1
    assert cues[-1] == short
    assert all(fits(cue, LIMITS["alphabet"]) for cue in cues)
    assert (cues[0].start, cues[-2].end) == (0.4, 9.0)
    assert [word.text for cue in cues for word in cue.words] == [word.text for word in words]


def test_captions_without_times_of_words_are_broken():
    cue = Cue(
        0.0,
        10.0,
        "It is a rather long caption without any times, and it should be shown in two or three parts.",
    )
    cues, count = rebreak([cue])
    assert count == 1
    assert len(cues) > 1
    assert all(each.words == () for each in cues)
    assert " ".join(" ".join(each.text.split()) for each in cues) == cue.text
    assert (cues[0].start, cues[-1].end) == (0.0, 10.0)


def test_no_words_make_no_captions():
    assert break_words([]) == []
    assert break_words([Word(" ", 0, 1)]) == []
    assert rebreak([]) == ([], 0)
