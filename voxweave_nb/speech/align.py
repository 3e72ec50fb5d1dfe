"""Finding when the words of a known text are spoken, from the sound alone.

Three things are told from the sound: where it pauses, how long it is between pauses, and which parts hiss, hum or stop.
Sentences are matched with pauses by how long their words should take (`matching`), words are spread between the pauses
and moved to where the sound is that their letters make (`letters`). No model and no dictionary is needed, so the
language does not matter. Text that is not said and speech that is not written are found and told as doubts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..media.sentences import gap_between
from ..models import Cue, Word
from .doubts import LEAST_FIT, Doubt, Fit, doubts_of, fit_of
from .hearing import HOP, Heard, listen
from .lengths import FASTEST, SLOWEST
from .letters import Passage, Sounds, moved_words
from .matching import Stretch, match
from .text import KnownText, Token

__all__ = ["Alignment", "Sentence", "align"]

Array = npt.NDArray[np.float64]

_USUAL = 15.0  # letters per second
_PASSES = 2
_STEADY = 0.03  # a change of the rate that needs no further pass
_TEMPO_OVER, _TEMPO_BY = (
    12.0,
    6.0,
)  # seconds over which the tempo is measured, and that count as the average's
_MOST_TEMPO = 1.5
_MOST_TEXT = 2.0  # times what can be said in the time; a text that is longer is of something else
_FACTORS, _LENIENT = (0.85, 1.0, 1.18), 0.5
_SHORT = 180.0  # seconds of sound that are short enough to try which of some sentences was left out
_FEWEST = 3  # sentences
_LETTERS = 0.7  # the weight of what the letters say about a word's start, beside the words' lengths
_AT_PAUSE = 0.03  # seconds that a word may be off a pause that it begins after
_SURE_AT_PAUSE, _SURE, _UNSURE = 0.9, 0.7, 0.3


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its times.

    Attributes:
        cue: The sentence with its words.
        fits: How well the sound fits it, from 0 to 1.
    """

    cue: Cue
    fits: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """A text with the times at which it is spoken.

    Attributes:
        sentences: The sentences that are spoken, in order.
        doubts: What does not fit: sentences that are not said, speech that is not written, and doubtful times.
        fits: False if the text seems to be another one than what is said, or if nothing is said.
    """

    sentences: tuple[Sentence, ...]
    doubts: tuple[Doubt, ...]
    fits: bool = True

    @property
    def words(self) -> tuple[Word, ...]:
        """The words of all sentences."""
        return tuple(word for sentence in self.sentences for word in sentence.cue.words)

    @property
    def text(self) -> str:
        """The sentences that are spoken, joined."""
        text = ""
        for sentence in self.sentences:
            text += gap_between(text, sentence.cue.text) + sentence.cue.text
        return text


def align(text: str, samples: Path | npt.NDArray[np.int16]) -> Alignment:
    """Return when the sentences and words of a text are spoken. A minute takes about a quarter of a second.

    Nothing is forced: where the text was not spoken as written, `doubts` says so.

    Args:
        text: The text, of any language. What stands in square brackets is not spoken, nor are emoji.
        samples: Raw samples as `Narration.samples`, or an array of them: mono, 16 kHz, signed 16 bit.
    """
    known, heard = KnownText.of(text), listen(samples)
    if not known.tokens or not len(heard.segments):
        return Alignment((), tuple(doubts_of(known, heard, (), None)), fits=False)
    rate = sum(token.length for token in known.tokens) / heard.spoken
    if rate > _MOST_TEXT * FASTEST:
        return Alignment((), tuple(doubts_of(known, heard, (), Fit(0.0, {}, rate))), fits=False)
    found = _attempt(known, heard)
    if found.doubtful and SLOWEST < found.fit.rate < FASTEST:
        # What is left out of the text, or not written, hides in a rate that is a little off.
        others = [_attempt(known, heard, factor=factor, leniency=_LENIENT) for factor in _FACTORS]
        found = max([found, *others], key=lambda attempt: attempt.score)
        if heard.spoken <= _SHORT:
            found = max([found, *_neighbors(known, heard, found)], key=lambda attempt: attempt.score)
    doubts = tuple(doubts_of(known, heard, found.stretches, found.fit))
    sentences = _sentences(known, heard, found.passages, found.sounds.starts, found.fit)
    return Alignment(tuple(sentences), doubts, found.fit.whole > LEAST_FIT)


@dataclass(frozen=True, slots=True)
class _Attempt:
    stretches: list[Stretch]
    passages: list[Passage]
    sounds: Sounds
    fit: Fit

    @property
    def doubtful(self) -> bool:
        """True if a part of the text does not fit, or was left out."""
        return (
            self.fit.whole < 1
            or any(fit < LEAST_FIT for fit in self.fit.sentences.values())
            or any(stretch.kind in ("unspoken", "unwritten") for stretch in self.stretches)
        )

    @property
    def score(self) -> float:
        """The evidence of pauses and letters together; higher is better."""
        gains = sum(
            gain * (passage.end - passage.start) / HOP
            for passage, gain in zip(self.passages, self.sounds.gains, strict=bool(self.sounds.gains))
        )
        return gains - sum(stretch.cost for stretch in self.stretches)


def _attempt(known: KnownText, heard: Heard, *, factor: float = 1.0, leniency: float = 1.0) -> _Attempt:
    stretches = _matched(known, heard, factor, leniency)
    passages = [_passage(stretch, known, heard) for stretch in stretches if stretch.kind == "said"]
    sounds = moved_words(passages, heard)
    return _Attempt(stretches, passages, sounds, fit_of(known, heard, stretches, sounds))


def _neighbors(known: KnownText, heard: Heard, found: _Attempt) -> Iterator[_Attempt]:
    """Yield attempts that leave out another sentence nearby, of about the same length, than one that was left out."""
    left_out = {
        token.sentence
        for stretch in found.stretches
        if stretch.kind == "unspoken"
        for token in known.tokens[slice(*stretch.tokens)]
    }
    if len(left_out) != 1:
        return
    (number,) = left_out
    cost = sum(stretch.cost for stretch in found.stretches if stretch.kind == "unspoken")
    for other in range(max(0, number - 2), min(len(known.sentences), number + 3)):
        places = [place for place, token in enumerate(known.tokens) if token.sentence == other]
        if other == number or not places or len(known.sentences) < _FEWEST:
            continue
        first, last = places[0], places[-1] + 1
        rest = KnownText(known.sentences, (*known.tokens[:first], *known.tokens[last:]))
        attempt = _attempt(rest, heard)
        stretches = _with_unspoken(attempt.stretches, first, last, cost)
        if stretches is not None:
            yield replace(attempt, stretches=stretches)


def _with_unspoken(stretches: Sequence[Stretch], first: int, last: int, cost: float) -> list[Stretch] | None:
    """Return stretches of a text in which some words were left out, with those words; None if they join others."""
    found: list[Stretch] = []
    for stretch in stretches:
        begin, end = stretch.tokens
        if begin < first < end:
            return None
        if begin >= first:
            if not any(each.tokens == (first, last) for each in found):
                found.append(Stretch("unspoken", (stretch.segments[0],) * 2, (first, last), cost))
            stretch = replace(stretch, tokens=(begin + last - first, end + last - first))
        found.append(stretch)
    if not any(each.tokens == (first, last) for each in found):
        end = stretches[-1].segments[1]
        found.append(Stretch("unspoken", (end, end), (first, last), cost))
    return found


def _matched(known: KnownText, heard: Heard, factor: float, leniency: float) -> list[Stretch]:
    """Return the stretches at the rate and tempo of the voice, which are found on the way."""
    letters = np.array([token.length for token in known.tokens])
    lengths = heard.segments[:, 1] - heard.segments[:, 0]
    gaps = heard.segments[1:, 0] - heard.segments[:-1, 1]
    average = letters.sum() / max(lengths.sum(), 0.01)
    rates = [float(np.clip(factor * average, SLOWEST, FASTEST))]
    if not 0.7 * _USUAL < average < 1.4 * _USUAL:
        rates.append(_USUAL)  # much is left out, of the text or of the narration
    tried = [(rate, match(lengths, gaps, known.tokens, rate, leniency)) for rate in rates]
    rate, found = min(tried, key=lambda each: sum(stretch.cost for stretch in each[1]))
    for _ in range(_PASSES - 1):
        rate, warped, change = _tempo(found, letters, lengths, rate)
        found = match(warped, gaps, known.tokens, rate, leniency)
        if change < _STEADY:
            break
    return found


def _tempo(
    stretches: Sequence[Stretch], letters: Array, lengths: Array, rate: float
) -> tuple[float, Array, float]:
    """Return the rate, and the lengths of the segments as they would be at a steady tempo; and how much changed."""
    said = [each for each in stretches if each.kind == "said"]
    if not said:
        return rate, lengths, 0.0
    sound = np.array([lengths[slice(*each.segments)].sum() for each in said])
    spoken = np.array([letters[slice(*each.tokens)].sum() for each in said])
    average = float(np.clip(spoken.sum() / sound.sum(), SLOWEST, FASTEST))
    ends = np.cumsum(sound)
    middles = ends - sound / 2
    near = np.abs(middles[:, None] - middles[None, :]) <= _TEMPO_OVER
    local = (near @ spoken + average * _TEMPO_BY) / (near @ sound + _TEMPO_BY) / average
    clock = np.concatenate([[0.0], np.cumsum(lengths)])
    places = np.array([(clock[each.segments[0]] + clock[each.segments[1]]) / 2 for each in said])
    factors = np.interp((clock[:-1] + clock[1:]) / 2, places, np.clip(local, 1 / _MOST_TEMPO, _MOST_TEMPO))
    change = max(abs(average / rate - 1), float(np.abs(factors - 1).max()))
    return average, lengths * factors, change


def _passage(stretch: Stretch, known: KnownText, heard: Heard) -> Passage:
    """Return the words of a stretch, each at the time that its length says."""
    segments = heard.segments[slice(*stretch.segments)]
    tokens = known.tokens[slice(*stretch.tokens)]
    clock = np.concatenate([[0.0], np.cumsum(segments[:, 1] - segments[:, 0])])
    shares = np.concatenate([[0.0], np.cumsum([token.length for token in tokens])])
    places = shares[:-1] / max(shares[-1], 1e-9) * clock[-1]
    numbers = np.clip(np.searchsorted(clock, places + 1e-9, "right") - 1, 0, len(segments) - 1)
    starts = segments[numbers, 0] + places - clock[numbers]
    return Passage(float(segments[0, 0]), float(segments[-1, 1]), tokens, [float(start) for start in starts])


def _sentences(
    known: KnownText,
    heard: Heard,
    passages: Sequence[Passage],
    moved: Sequence[Sequence[float]] | None,
    fit: Fit,
) -> Iterator[Sentence]:
    """Yield the sentences that are spoken, with their words."""
    words: dict[int, list[Word]] = {}
    pauses = np.stack([heard.segments[:-1, 1], heard.segments[1:, 0]], axis=1)
    for number, passage in enumerate(passages):
        starts = passage.starts if moved is None else _mixed(passage, moved[number])
        for place, (token, start, end) in enumerate(_timed(passage, starts, pauses)):
            fits = fit.sentences.get(token.sentence, 1.0)
            sure = _UNSURE if fits < LEAST_FIT else _SURE_AT_PAUSE if place == 0 else _SURE
            word = Word(token.text, round(start, 3), round(end, 3), sure)
            words.setdefault(token.sentence, []).append(word)
    for number, spoken in words.items():
        cue = Cue(spoken[0].start, max(word.end for word in spoken), known.sentences[number], tuple(spoken))
        yield Sentence(cue, fit.sentences.get(number, 1.0))


def _mixed(passage: Passage, moved: Sequence[float]) -> list[float]:
    """Return the starts between what the words' lengths and what their letters say, in order."""
    length, letters = np.array(passage.starts), np.array(moved)
    starts = (1 - _LETTERS) * length + _LETTERS * letters
    starts[0] = passage.start
    return [float(start) for start in np.clip(np.maximum.accumulate(starts), passage.start, passage.end)]


def _timed(passage: Passage, starts: Sequence[float], pauses: Array) -> Iterator[tuple[Token, float, float]]:
    """Yield the words with their times; one that begins about where a pause ends begins there."""
    inner = pauses[(pauses[:, 0] > passage.start) & (pauses[:, 1] < passage.end)]
    begins, ends = list(starts), [*starts[1:], passage.end]
    for stopped, resumed in inner:
        near = [at for at in range(1, len(begins)) if stopped - _AT_PAUSE < begins[at] < resumed + _AT_PAUSE]
        if near:
            at = min(near, key=lambda number: abs(begins[number] - resumed))
            begins[at], ends[at - 1] = float(resumed), float(stopped)
    time = passage.start
    for token, begin, end in zip(passage.tokens, begins, ends, strict=True):
        begin = max(time, begin)
        time = max(begin, end)
        yield token, begin, time
