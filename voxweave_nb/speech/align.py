"""Finding when the words of a known text are spoken, from the sound alone.

Three things are told from the sound: where it pauses, how long it is between pauses, and which parts hiss, hum or stop.
Sentences are matched with pauses by how long their words should take (`matching`), words are spread between the pauses
and moved to where the sound is that their letters make (`letters`). No model and no dictionary is needed, so the
language does not matter. Text that is not said and speech that is not written are found and told as doubts.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..media.sentences import gap_between
from ..models import Cue, Word
from .doubts import Doubt, doubts_of
from .hearing import Heard, listen
from .lengths import FASTEST, SLOWEST
from .matching import Stretch, match
from .text import KnownText

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
    """

    sentences: tuple[Sentence, ...]
    doubts: tuple[Doubt, ...]

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
        return Alignment((), tuple(doubts_of(known, heard, (), {})))
    stretches = _matched(known, heard)
    times = _Times(heard, known, stretches)
    return Alignment(tuple(times.sentences()), tuple(doubts_of(known, heard, stretches, times.fits)))


def _matched(known: KnownText, heard: Heard) -> list[Stretch]:
    """Return the stretches at the rate and tempo of the voice, which are found on the way."""
    letters = np.array([token.length for token in known.tokens])
    lengths = heard.segments[:, 1] - heard.segments[:, 0]
    gaps = heard.segments[1:, 0] - heard.segments[:-1, 1]
    average = letters.sum() / max(lengths.sum(), 0.01)
    rates = [float(np.clip(average, SLOWEST, FASTEST))]
    if not 0.7 * _USUAL < average < 1.4 * _USUAL:
        rates.append(_USUAL)  # much is left out, of the text or of the narration
    tried = [(rate, match(lengths, gaps, known.tokens, rate)) for rate in rates]
    rate, found = min(tried, key=lambda each: sum(stretch.cost for stretch in each[1]))
    for _ in range(_PASSES - 1):
        rate, warped, change = _tempo(found, letters, lengths, rate)
        found = match(warped, gaps, known.tokens, rate)
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


class _Times:
    """The times of words within matched stretches."""

    def __init__(self, heard: Heard, known: KnownText, stretches: Sequence[Stretch]) -> None:
        self._heard, self._known, self._stretches = heard, known, stretches
        self._segments = heard.segments
        self._clock = np.concatenate([[0.0], np.cumsum(self._segments[:, 1] - self._segments[:, 0])])
        self.fits: dict[int, float] = {}

    def sentences(self) -> Iterator[Sentence]:
        """Yield the sentences that are spoken."""
        words: dict[int, list[Word]] = {}
        for stretch in self._stretches:
            if stretch.kind == "said":
                for number, word in self._words(stretch):
                    words.setdefault(number, []).append(word)
        for number, spoken in words.items():
            text = self._known.sentences[number]
            fits = self.fits.get(number, 1.0)
            yield Sentence(Cue(spoken[0].start, spoken[-1].end, text, tuple(spoken)), fits)

    def _words(self, stretch: Stretch) -> Iterator[tuple[int, Word]]:
        first, last = stretch.segments
        tokens = self._known.tokens[slice(*stretch.tokens)]
        shares = np.concatenate([[0.0], np.cumsum([token.length for token in tokens])])
        begin, end = self._clock[first], self._clock[last]
        places = begin + shares / max(shares[-1], 1e-9) * (end - begin)
        for number, (token, (start, stop)) in enumerate(zip(tokens, itertools.pairwise(places), strict=True)):
            started = self._time(start, first, last, after=True)
            stopped = max(started, self._time(stop, first, last, after=False))
            sure = _SURE if number else _SURE_AT_PAUSE
            yield token.sentence, Word(token.text, round(started, 3), round(stopped, 3), sure)

    def _time(self, clock: float, first: int, last: int, *, after: bool) -> float:
        """Return the time at which the clock shows a value, after or before a pause that is there."""
        inner = self._clock[first + 1 : last]
        segment = first + int(np.searchsorted(inner, clock + (1e-6 if after else -1e-6), "right"))
        return float(
            min(
                self._segments[segment, 0] + max(clock - self._clock[segment], 0.0),
                self._segments[segment, 1],
            )
        )
