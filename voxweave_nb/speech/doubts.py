"""Doubts about an alignment: text that is not said, speech that is not written, and text of something else.

Two things tell whether a text is what is said: whether its sentences end where the voice pauses (the cost of matching),
and whether its letters sound alike wherever they stand (their gain over the same letters backwards, which is near 0
for a text of something else). Of a voice whose text was known, a second cost -1.4 to -0.8 and a frame gained 0.43 to
0.58, with noise and music too; of texts of other talks -0.3 to 0.3 and 0.10 to 0.25 (`benchmarks/align.py`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..models import Cue
from ..timecode import clock
from .lengths import FASTEST, SLOWEST

if TYPE_CHECKING:
    from .hearing import Heard
    from .letters import Sounds
    from .matching import Stretch
    from .text import KnownText

__all__ = ["LEAST_FIT", "Doubt", "Fit", "doubts_of", "fit_of"]

LEAST_FIT = 0.25
"""The fit below which a sentence, or a whole text, is something else than what is said."""

_LEAST_UNWRITTEN = 1.0  # seconds; less is a breath, a cough or an "er"
_LEAST_STRETCHES = 6  # fewer tell nothing about the whole
_LEAST_SOUND = 1.2  # seconds of a sentence whose letters tell something
_NO_GAIN, _GOOD_GAIN = 0.0, 0.2  # of a sentence
_COST, _COST_BY = -0.5, 0.3  # of a second: between both kinds of text, and how far they are apart
_GAIN, _GAIN_BY = 0.33, 0.08
_COST_ALONE, _COST_ALONE_BY = -0.2, 0.15
_QUOTED = 60  # characters


@dataclass(frozen=True, slots=True)
class Doubt:
    """A part of the captions that does not fit what is heard.

    Attributes:
        cue: The part: the text of a caption or of what has none, and where it is or would be.
        why: The reason, as a sentence.
    """

    cue: Cue
    why: str

    def __str__(self) -> str:
        return self.why


@dataclass(frozen=True, slots=True)
class Fit:
    """The fit of a text to the sound, from 0 for none to 1.

    Attributes:
        whole: The whole text.
        sentences: Each sentence that is said, by its number.
        rate: Letters per second of sound.
    """

    whole: float
    sentences: dict[int, float]
    rate: float


def fit_of(known: KnownText, heard: Heard, stretches: Sequence[Stretch], sounds: Sounds) -> Fit:
    """Return how well a text fits what is heard."""
    said = [stretch for stretch in stretches if stretch.kind == "said"]
    sentences = _sentence_fits(known, heard, said, sounds.gains)
    rate = sum(token.length for token in known.tokens) / max(heard.spoken, 0.01)
    if not SLOWEST < rate < FASTEST or not SLOWEST < _rate(known, heard, said) < FASTEST:
        return Fit(0.0, sentences, rate)
    if len(said) < _LEAST_STRETCHES:
        return Fit(1.0, sentences, rate)
    cost = sum(stretch.cost for stretch in stretches) / heard.spoken
    if sounds.starts is None:
        score = (_COST_ALONE - cost) / _COST_ALONE_BY
    else:
        lengths = [_sound(heard, stretch) for stretch in said]
        gain = sum(a * b for a, b in zip(sounds.gains, lengths, strict=True)) / sum(lengths)
        score = (_COST - cost) / _COST_BY + (gain - _GAIN) / _GAIN_BY
    return Fit(min(max((score + 2) / 4, 0.0), 1.0), sentences, rate)


def _rate(known: KnownText, heard: Heard, said: Sequence[Stretch]) -> float:
    """Return the letters per second where they are said."""
    letters = sum(token.length for stretch in said for token in known.tokens[slice(*stretch.tokens)])
    return letters / max(sum(_sound(heard, stretch) for stretch in said), 0.01)


def _sound(heard: Heard, stretch: Stretch) -> float:
    segments = heard.segments[slice(*stretch.segments)]
    return float((segments[:, 1] - segments[:, 0]).sum())


def _sentence_fits(
    known: KnownText, heard: Heard, said: Sequence[Stretch], gains: Sequence[float]
) -> dict[int, float]:
    if not gains:
        return {}
    sums: dict[int, tuple[float, float]] = {}
    for stretch, gain in zip(said, gains, strict=True):
        tokens = known.tokens[slice(*stretch.tokens)]
        whole, sound = sum(token.length for token in tokens) or 1.0, _sound(heard, stretch)
        for number, own in itertools.groupby(tokens, key=lambda token: token.sentence):
            part = sound * sum(token.length for token in own) / whole
            gained, seconds = sums.get(number, (0.0, 0.0))
            sums[number] = (gained + part * gain, seconds + part)
    return {
        number: min(max((gained / seconds - _NO_GAIN) / (_GOOD_GAIN - _NO_GAIN), 0.0), 1.0)
        for number, (gained, seconds) in sums.items()
        if seconds >= _LEAST_SOUND
    }


def doubts_of(
    known: KnownText, heard: Heard, stretches: Sequence[Stretch], fit: Fit | None
) -> Iterator[Doubt]:
    """Yield what does not fit, in order of time; what is about the whole comes first."""
    whole = Cue(0.0, heard.duration, " ".join(known.sentences))
    if not known.tokens:
        yield Doubt(whole, "The text has no word in it.")
    elif not len(heard.segments):
        yield Doubt(whole, "No speech was heard in the narration.")
    elif fit is not None:
        if fit.whole <= LEAST_FIT:
            yield Doubt(whole, _of_something_else(known, heard, fit))
        for stretch in stretches:
            yield from _about(stretch, known, heard, fit)


def _of_something_else(known: KnownText, heard: Heard, fit: Fit) -> str:
    if fit.rate >= FASTEST:
        words, long = f"{len(known.tokens):,} words", clock(heard.duration)
        return f"The text is too long for what is said: {words} in {long} of narration."
    if fit.rate <= SLOWEST:
        return (
            f"The text is too short for what is said: {len(known.tokens):,} words in {clock(heard.duration)} of "
            "narration, much of which has no text."
        )
    return "The text does not seem to be what is said in the narration."


def _about(stretch: Stretch, known: KnownText, heard: Heard, fit: Fit) -> Iterator[Doubt]:
    first, last = stretch.segments
    if stretch.kind == "unwritten":
        start, end = float(heard.segments[first, 0]), float(heard.segments[last - 1, 1])
        if end - start >= _LEAST_UNWRITTEN:
            yield Doubt(
                Cue(start, end, ""), f"What is said from {clock(start)} to {clock(end)} is not in the text."
            )
    elif stretch.kind == "unspoken":
        place = float(heard.segments[first, 0] if first < len(heard.segments) else heard.duration)
        for number in dict.fromkeys(token.sentence for token in known.tokens[slice(*stretch.tokens)]):
            text = known.sentences[number]
            why = f"{_quoted(text)} was not heard about {clock(place)}, and has no caption."
            yield Doubt(Cue(place, place, text), why)
    elif stretch.kind == "said":
        numbers = dict.fromkeys(token.sentence for token in known.tokens[slice(*stretch.tokens)])
        start, end = float(heard.segments[first, 0]), float(heard.segments[last - 1, 1])
        for number in numbers:
            opens = known.tokens[stretch.tokens[0]].sentence == number
            begun = stretch.tokens[0] and known.tokens[stretch.tokens[0] - 1].sentence == number
            if fit.sentences.get(number, 1.0) < LEAST_FIT and not (opens and begun):
                why = (
                    f"{_quoted(known.sentences[number])} does not sound like what is said at {clock(start)}."
                )
                yield Doubt(Cue(start, end, known.sentences[number]), why)


def _quoted(text: str) -> str:
    return f"“{text if len(text) <= _QUOTED else text[: _QUOTED - 1].rstrip() + '…'}”"
