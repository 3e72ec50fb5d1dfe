"""A narration is cut at its paragraphs, sentences, clauses and pauses, never within a word that has times."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb.errors import ConfigError
from voxweave_nb.models import Cue, Word
from voxweave_nb.providers.types import Price
from voxweave_nb.storyboard.cutting import Boundary, ClipLengths, boundaries, cut

SORA = ClipLengths((4, 8, 12), price=Price(0.1, "second").of)
ZAI = ClipLengths((5, 10), price=Price(0.2, "video").of)
FAL = ClipLengths((2, 10), continuous=True, price=Price(0.1, "second").of)
VIDU = ClipLengths((5,), price=Price(0.4, "video").of)
LOCAL = ClipLengths(price=Price(0.0, "second").of)
ALL = [SORA, ZAI, FAL, VIDU, LOCAL, ClipLengths((3, 15), continuous=True), ClipLengths((6,), slack=0)]


def sentences(*seconds: float, gap: float = 0.3, long: float = 0.9, paragraph: int = 3) -> list[Cue]:
    """Captions of one sentence each, a longer pause after every third."""
    cues, at = [], 0.0
    for number, each in enumerate(seconds, 1):
        cues.append(Cue(at, at + each, f"Sentence number {number} is spoken here."))
        at += each + (long if number % paragraph == 0 else gap)
    return cues


def spoken(text: str, start: float = 0.0, each: float = 0.4, gap: float = 0.0) -> Cue:
    """A caption with the times of its words."""
    words = []
    for number, word in enumerate(text.split()):
        begin = start + number * (each + gap)
        words.append(Word(word, begin, begin + each))
    return Cue(start, words[-1].end, text, tuple(words))


@st.composite
def narrations(draw):
    """Captions with or without times of words, some overlapping, pauses anywhere, and a length."""
    cues, at = [], draw(st.floats(0, 3))
    for _ in range(draw(st.integers(0, 7))):
        count = draw(st.integers(1, 14))
        signs = draw(st.lists(st.sampled_from(["", "", "", ",", ".", "?"]), min_size=count, max_size=count))
        words, begin = [], at
        for sign in signs:
            long = draw(st.floats(0.05, 2))
            words.append(Word(f"word{sign}", at, at + long))
            at += long + draw(st.sampled_from([0.0, 0.0, 0.05, 0.4]))
        known = draw(st.booleans())
        text = " ".join(word.text for word in words)
        cues.append(Cue(begin, words[-1].end, text, tuple(words) if known else ()))
        at = words[-1].end + draw(st.sampled_from([-0.5, -0.1, 0.0, 0.2, 0.7, 20.0]))
        at = max(at, begin + 0.01)
    pauses = draw(st.lists(st.tuples(st.floats(0, 200), st.floats(0, 2)), max_size=20))
    duration = draw(st.floats(0.05, 20)) if draw(st.booleans()) else max(at, 0.1)
    return cues, [(start, start + long) for start, long in pauses], duration


@given(narrations(), st.sampled_from(ALL), st.one_of(st.none(), st.floats(1, 30)))
def test_scenes_cover_the_narration(made, lengths, target):
    cues, pauses, duration = made
    spans = cut(boundaries(cues, pauses, duration, longest=lengths.longest), lengths, target)
    assert (spans[0].start, spans[-1].end) == (0.0, duration)
    assert all(one.end == following.start for one, following in itertools.pairwise(spans))
    for span in spans:
        assert 0 < span.seconds <= lengths.longest + 1e-6
        assert 1 <= span.slowdown <= 1 + lengths.slack + 1e-6
        if lengths.continuous:
            assert lengths.lengths[0] <= span.asked <= lengths.lengths[-1]
        elif lengths.lengths:
            assert span.asked in lengths.lengths
        else:
            assert span.asked == span.seconds


@given(narrations(), st.sampled_from(ALL))
def test_no_cut_lies_within_a_word(made, lengths):
    cues, pauses, duration = made
    words = sorted((word.start, word.end) for cue in cues for word in cue.words)
    joined: list[list[float]] = []
    for start, end in words:
        if joined and start < joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    # Speakers who talk at once for longer than a clip leave no other place.
    if any(end - start > lengths.longest - 1 for start, end in joined):
        return
    spans = cut(boundaries(cues, pauses, duration, longest=lengths.longest), lengths)
    for span in spans[:-1]:
        assert not any(start < span.end < end for start, end in words), span


def test_paragraphs_go_before_sentences():
    cues = sentences(3, 3, 3, 3, 3, 3, 3, 3, 3)
    places = boundaries(cues, [], 31)
    assert [each.kind for each in places[1:-1]] == ["sentence", "sentence", "paragraph"] * 2 + [
        "sentence"
    ] * 2
    assert [span.closes for span in cut(places, SORA)] == ["paragraph", "paragraph", "end"]


def test_captions_within_a_sentence_end_nothing():
    cues = []
    for number in range(9):
        begin = 7.0 * number
        cues += [
            Cue(begin, begin + 3.5, "A long sentence that goes on"),
            Cue(begin + 3.5, begin + 7, "and on."),
        ]
    # In two clips for three sentences they would be cheaper.
    spans = cut(boundaries(cues, [], 63, longest=ZAI.longest), ZAI)
    assert [span.closes for span in spans] == ["sentence"] * 8 + ["end"]


def test_a_cut_is_just_before_the_next_words():
    cues = [Cue(0, 4, "A long pause follows."), Cue(6, 10, "It ends here.")]
    first, second = (boundaries([*cues, Cue(10.2, 14, "Now.")], [], 14)[number] for number in (1, 2))
    assert (first.time, first.pause) == (5.75, 2)
    assert second.time == pytest.approx(10.1)


def test_the_heard_pause_corrects_the_captions():
    cues = [Cue(0, 5, "This stays on for too long."), Cue(5, 9, "And this follows.")]
    (_, place, _) = boundaries(cues, [(4.2, 4.8)], 9)
    assert (place.time, place.kind) == (4.55, "sentence")
    assert place.pause == pytest.approx(0.6)


def test_a_long_sentence_is_cut_at_a_clause():
    cue = spoken(
        "one two three four five six seven eight, nine ten eleven twelve thirteen fourteen.", each=0.6
    )
    spans = cut(boundaries([cue], [], cue.end, longest=VIDU.longest), VIDU)
    assert [(span.end, span.closes) for span in spans] == [(pytest.approx(4.8), "clause"), (cue.end, "end")]


def test_a_clause_is_found_by_its_pause():
    cue = Cue(
        0, 14, "A harbour lies in the morning light, and the boats go out before the fog has left the bay."
    )
    places = boundaries([cue], [(5.5, 5.9)], 14)
    assert [(each.kind, round(each.time, 2)) for each in places[1:-1] if each.kind == "clause"] == [
        ("clause", 5.7)
    ]


def test_speech_without_pauses_is_cut_all_the_same():
    cue = Cue(0, 40, "word " * 100)
    spans = cut(boundaries([cue], [], 40, longest=SORA.longest), SORA)
    assert len(spans) == 4
    assert {span.closes for span in spans[:-1]} == {"forced"}
    alone = cut(boundaries([], [], 40, longest=SORA.longest), SORA)
    # Cut evenly, four clips of 12 s would be paid for.
    assert sum(span.asked for span in alone) == 40


def test_pauses_alone_make_scenes():
    pauses = [(at, at + 0.5) for at in range(4, 60, 4)] + [(at + 1.7, at + 1.85) for at in range(4, 56, 4)]
    spans = cut(boundaries([], pauses, 60), SORA)
    assert all(span.closes == "pause" for span in spans[:-1])
    assert all(span.end % 4 == pytest.approx(0.25) for span in spans[:-1])


@pytest.mark.parametrize("lengths", ALL)
def test_a_second_is_one_scene(lengths):
    (span,) = cut(boundaries([], [], 1.0, longest=lengths.longest), lengths)
    assert (span.start, span.end, span.opens, span.closes) == (0, 1, "end", "end")
    assert span.asked == (1.0 if lengths.unlimited else lengths.lengths[0])


def test_an_hour_is_cut_whole():
    cues = sentences(*[2.5, 4, 6, 3.2, 5.1] * 160, paragraph=4)
    duration = cues[-1].end
    assert duration > 3600
    spans = cut(boundaries(cues, [], duration, longest=SORA.longest), SORA)
    assert {span.closes for span in spans} <= {"paragraph", "sentence", "end"}
    assert sum(span.asked for span in spans) <= 1.10 * duration


@given(st.lists(st.floats(1.5, 7), min_size=4, max_size=40))
def test_local_scenes_have_4_to_12_seconds(seconds):
    cues = sentences(*seconds)
    spans = cut(boundaries(cues, [], cues[-1].end), LOCAL)
    assert all(span.seconds <= 12 + 1e-6 for span in spans)
    # The rest after the last sentence that fits may be shorter, as may a sentence between two long ones.
    short = [span for span in spans if span.seconds < 4]
    assert len(short) <= len(spans) / 3
    assert all(span.closes in ("sentence", "paragraph", "end") for span in spans)


def test_clips_paid_by_the_video_are_few():
    cues = sentences(*[4.5] * 30)
    places = boundaries(cues, [], cues[-1].end, longest=10.8)
    by_video = cut(places, ZAI, 5)
    by_second = cut(places, ClipLengths((5, 10), price=Price(0.02, "second").of), 5)
    assert len(by_video) < len(by_second)
    assert sum(span.usd for span in by_video) == pytest.approx(0.2 * len(by_video))


def test_the_target_is_aimed_at():
    cues = sentences(*[1.8] * 60)
    places = boundaries(cues, [], cues[-1].end)
    counts = [len(cut(places, LOCAL, target)) for target in (4, 8, 12)]
    assert counts[0] > counts[1] > counts[2]


def test_a_clip_is_slowed_rather_than_doubled():
    cues = [Cue(0, 8.2, "Just a little too long."), Cue(8.6, 16.8, "And again a little too long.")]
    spans = cut(boundaries(cues, [], 16.8), SORA)
    assert [span.asked for span in spans] == [8, 8]
    assert 1 < spans[0].slowdown <= 1.08


def test_places_for_a_longer_model_still_work():
    places = boundaries([Cue(0, 12, "One sentence.")], [], 12, longest=12)
    spans = cut(places, VIDU)
    assert [span.seconds for span in spans] == pytest.approx([4, 4, 4])


def test_wrong_values_are_refused():
    with pytest.raises(ConfigError, match="duration"):
        boundaries([], [], 0)
    with pytest.raises(ConfigError, match="longest"):
        boundaries([], [], 5, longest=float("nan"))
    with pytest.raises(ConfigError, match="target"):
        cut(boundaries([], [], 5), SORA, target=0)
    for places in ([], [Boundary(0, "end")], [Boundary(0, "end"), Boundary(0, "end")]):
        with pytest.raises(ConfigError, match="not in order"):
            cut(places, SORA)


def test_captions_beyond_the_narration_do_not_count():
    cues = [Cue(0, 4, "In the sound."), Cue(30, 34, "Long after it."), Cue(40, 40, "")]
    assert boundaries(cues, [(50, 60)], 6)[-1].time == 6
    assert all(place.time <= 6 for place in boundaries(cues, [(50, 60)], 6))
