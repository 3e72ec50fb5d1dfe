"""Matching the pauses of a narration with places between the words of its text, by dynamic programming.

The clock counts seconds of sound without pauses. Going from pause to pause, the words between two of them should take
as long as the sound does; a pause should lie at the end of a sentence or a clause, and the end of a sentence at a
pause. Sentences may be left out, and sound may be passed over that the text does not have; both cost so much that they
are chosen only where nothing else fits. The cheapest whole wins. Costs are in units of half a squared standard
deviation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from .text import Token

__all__ = ["Kind", "Stretch", "match"]

Array = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.intp]
Kind = Literal["said", "dropped", "unwritten", "unspoken"]
"""The kinds of a stretch: words that are said, a short noise, speech that is not written, and words nobody says."""

# The spread of the length of words around what is estimated: of single words, of the tempo, and of the edges.
_PER_SECOND, _TEMPO, _EDGES = 0.03, 0.07, 0.012
_HUBER = 3.0  # standard deviations from which on the cost grows linearly
_FAR = 5.0  # standard deviations that are tried

_BEAM, _MOST_STATES, _NEAR_STATES = 30.0, 160, 8
_MOST_PAUSES, _MOST_SECONDS = 10, 20.0  # between two pauses that are matched
_MOST_WITHIN = 14.0  # cost of pauses that lie within words, between two that are matched

_NO_PAUSE = {"sentence": 2.2, "clause": 0.35, "": 0.0}  # cost of an end without a pause
# Costs of leaving out a part, and those of each second of it: a long part costs little more than a minute of it.
_UNSPOKEN = ((8.0, 0.12), (18.0, 0.002))
_UNWRITTEN = ((8.0, 0.4), (18.0, 0.01))
_AT_AN_EDGE = -5.0  # noise and music before the first word, and after the last
_NOISE, _NOISE_SECOND, _LONGEST_NOISE = 2.5, 10.0, 0.4


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the narration with its words.

    Attributes:
        kind: What it is.
        segments: The first segment, and the one after the last.
        tokens: The first word, and the one after the last.
        cost: Its share of the whole cost.
    """

    kind: Kind
    segments: tuple[int, int]
    tokens: tuple[int, int]
    cost: float


@dataclass(slots=True)
class _States:
    """The ways to one pause: at which place in the text, at what cost, and from where."""

    places: Numbers
    costs: Array
    before: Numbers  # the pause before
    origins: Numbers  # the place before
    kinds: npt.NDArray[np.int8]


_KINDS: tuple[Kind, ...] = ("said", "dropped", "unwritten", "unspoken")


def match(
    lengths: Array, gaps: Array, tokens: Sequence[Token], rate: float, leniency: float = 1.0
) -> list[Stretch]:
    """Return the stretches of a narration, in order, that cost least together.

    Args:
        lengths: Seconds of each segment of sound; those of a voice of changing tempo may be warped.
        gaps: Seconds of the pause before each segment but the first.
        tokens: The words.
        rate: Letters per second of sound.
        leniency: The share of its usual cost that leaving something out has.
    """
    if not len(lengths) or not tokens:
        return []
    return _Matcher(lengths, gaps, tokens, rate, leniency).run()


class _Matcher:
    def __init__(
        self, lengths: Array, gaps: Array, tokens: Sequence[Token], rate: float, leniency: float
    ) -> None:
        self._rate, self._leniency = rate, leniency
        self._lengths = lengths
        self._clock = np.concatenate([[0.0], np.cumsum(lengths)])
        self._gaps = np.concatenate([[0.0], gaps, [0.0]])
        self._said = np.concatenate([[0.0], np.cumsum([token.length for token in tokens])])
        ends = [token.ends for token in tokens]
        self._last, self._end = len(tokens), len(lengths)
        kinds = np.array([{"sentence": 2, "clause": 1, "": 0}[each] for each in ends], np.int8)
        self._kinds = np.concatenate([[np.int8(2)], kinds])
        self._sentences = np.flatnonzero(self._kinds == 2)
        # Sums of the costs of ends without a pause, and of pauses that lie within words.
        unheard = np.array([_NO_PAUSE[each] for each in ends])
        self._unheard = np.concatenate([[0.0, 0.0], np.cumsum(unheard)])
        self._within = np.concatenate([[0.0, 0.0], np.cumsum(_inside_word(self._gaps[1:-1]))])
        self._parked = [np.full(len(self._sentences), np.inf) for _ in _UNWRITTEN]
        self._parked_at = [np.zeros(len(self._sentences), np.intp) for _ in _UNWRITTEN]
        self._states: list[_States] = []

    def run(self) -> list[Stretch]:
        for pause in range(self._end + 1):
            found = [_begin()] if pause == 0 else [*self._from_pauses(pause), *self._passed_over(pause)]
            states = self._without_sentences(_best(found), pause)
            self._states.append(states)
            self._park(states, pause)
        self._end_somewhere(self._states[-1])
        return self._path()

    def _end_somewhere(self, states: _States) -> None:
        """Let the text end unspoken after its cheapest place, if no way led to its end."""
        if not len(states.places) or states.places[-1] == self._last:
            return
        cheapest = int(np.argmin(states.costs))
        cost, origin = states.costs[[cheapest]] + _UNSPOKEN[-1][0], states.places[[cheapest]]
        end = _states(np.array([self._last], np.intp), cost, self._end, origin, 3)
        self._states[-1] = _best([states, end])

    def _from_pauses(self, pause: int) -> Iterator[_States]:
        """Yield the ways on which the words since an earlier pause are said."""
        first = max(0, pause - _MOST_PAUSES)
        for earlier in range(pause - 1, first - 1, -1):
            sound = self._clock[pause] - self._clock[earlier]
            within = self._within[pause] - self._within[earlier + 1]
            if earlier < pause - 1 and (sound > _MOST_SECONDS or within > _MOST_WITHIN):
                break
            states = self._states[earlier]
            if len(states.places):
                yield from self._said_since(states, earlier, pause, float(sound))
        noise = float(self._lengths[pause - 1])
        states = self._states[pause - 1]
        if noise <= _LONGEST_NOISE and len(states.places):
            costs = states.costs + _NOISE + _NOISE_SECOND * noise
            yield _states(states.places, costs, pause - 1, states.places, 1)

    def _said_since(self, states: _States, earlier: int, pause: int, sound: float) -> Iterator[_States]:
        letters = self._said[states.places]
        ideal = sound * self._rate
        reach = (_FAR * np.sqrt(_variance(sound)) + 0.25) * self._rate
        targets = self._targets(letters + max(ideal - reach, 0.3 * ideal), letters + ideal + 1.3 * reach)
        if not len(targets):
            return
        near = min(_NEAR_STATES, len(states.places))
        center = np.searchsorted(letters, self._said[targets] - ideal)
        origins = np.clip(center[:, None] + np.arange(-near, near + 1)[None, :], 0, len(letters) - 1)
        expected = (self._said[targets][:, None] - letters[origins]) / self._rate
        costs = _too_long_or_short(sound, expected)
        costs[targets[:, None] <= states.places[origins]] = np.inf
        costs += states.costs[origins] - self._unheard[states.places[origins] + 1]
        choice = np.argmin(costs, axis=1)
        rows = np.arange(len(targets))
        total = costs[rows, choice] + self._unheard[targets] + self._within[pause] - self._within[earlier + 1]
        total += self._at_pause(targets, pause)
        yield _states(targets, total, earlier, states.places[origins[rows, choice]], 0)

    def _targets(self, least: Array, most: Array) -> Numbers:
        """Return the places in the text that lie in any of some ranges of letters."""
        begins = np.searchsorted(self._said, least)
        ends = np.searchsorted(self._said, most, "right")
        first = int(begins.min())
        change = np.zeros(int(ends.max()) - first + 1, np.intp)
        np.add.at(change, begins - first, 1)
        np.add.at(change, ends - first, -1)
        return np.flatnonzero(np.cumsum(change)[:-1] > 0) + first

    def _at_pause(self, places: Numbers, pause: int) -> Array:
        """Return the costs of a pause at some places."""
        if pause == self._end:
            return np.zeros(len(places))
        gap = float(self._gaps[pause])
        sentence = 0.6 - 4.0 * min(gap, 0.4) / 0.4
        clause = 0.3 - 1.6 * min(gap, 0.16) / 0.16 + 1.5 * min(max(gap - 0.5, 0.0), 1.0)
        word = 0.7 + min(14 * max(0.0, gap - 0.06), 6.0)
        costs: Array = np.array([word, clause, sentence])[self._kinds[places]]
        return costs

    def _passed_over(self, pause: int) -> Iterator[_States]:
        """Yield the ways on which the sound since an earlier pause is not in the text."""
        edge = _AT_AN_EDGE if pause == self._end else 0.0
        for (once, second), parked, since in zip(_UNWRITTEN, self._parked, self._parked_at, strict=True):
            costs = parked + self._leniency * once + edge + second * self._clock[pause]
            possible = np.flatnonzero(np.isfinite(costs))
            places = self._sentences[possible]
            kinds = np.full(len(places), 2, np.int8)
            yield _States(places, costs[possible], since[possible], places, kinds)

    def _park(self, states: _States, pause: int) -> None:
        """Remember the ways that stand at the end of a sentence: sound may be passed over from here."""
        numbers = self._sentence_numbers(states)
        here = np.flatnonzero((self._sentences[numbers] == states.places) & (states.kinds != 2))
        numbers = numbers[here]
        edge = _AT_AN_EDGE if pause == 0 else 0.0
        for (_, second), parked, since in zip(_UNWRITTEN, self._parked, self._parked_at, strict=True):
            costs = states.costs[here] - second * self._clock[pause] + edge
            better = costs < parked[numbers]
            parked[numbers[better]] = costs[better]
            since[numbers[better]] = pause

    def _sentence_numbers(self, states: _States) -> Numbers:
        return np.minimum(np.searchsorted(self._sentences, states.places), len(self._sentences) - 1)

    def _without_sentences(self, states: _States, pause: int) -> _States:
        """Add the ways on which the next sentences are not said."""
        at, origins = np.full(len(self._sentences), np.inf), self._sentences
        numbers = self._sentence_numbers(states)
        here = self._sentences[numbers] == states.places
        at[numbers[here]] = states.costs[here]
        letters, costs = self._said[self._sentences], np.full(len(at), np.inf)
        for once, second in _UNSPOKEN:
            base = at - second / self._rate * letters
            best = np.minimum.accumulate(base)
            from_here = np.maximum.accumulate(np.where(base <= best, np.arange(len(base)), 0))
            total = (
                np.concatenate([[np.inf], best[:-1]]) + self._leniency * once + second / self._rate * letters
            )
            cheaper = total < costs
            costs = np.where(cheaper, total, costs)
            origins = np.where(cheaper, self._sentences[np.concatenate([[0], from_here[:-1]])], origins)
        lowest = states.costs.min() if len(states.costs) else 0.0
        good = (costs < at) & (costs <= lowest + _BEAM)
        if pause == self._end:
            good[-1] |= bool(costs[-1] < at[-1])
        left_out = _states(self._sentences[good], costs[good], pause, origins[good], 3)
        # What the way to the end of the text needs is kept, at whatever cost.
        needed = [self._last, int(origins[-1])] if pause == self._end else []
        return _kept(_best([states, left_out]), needed)

    def _path(self) -> list[Stretch]:
        """Follow the cheapest way back from the end of the text."""
        found: list[Stretch] = []
        pause, place = self._end, self._last
        while (pause, place) != (0, 0):
            states = self._states[pause]
            at = int(np.searchsorted(states.places, place))
            before, origin = int(states.before[at]), int(states.origins[at])
            earlier = self._states[before]
            cost = states.costs[at] - earlier.costs[int(np.searchsorted(earlier.places, origin))]
            kind = _KINDS[states.kinds[at]]
            found.append(Stretch(kind, (before, pause), (origin, place), float(cost)))
            pause, place = before, origin
        return found[::-1]


def _begin() -> _States:
    return _states(np.array([0], np.intp), np.array([0.0]), 0, np.array([0], np.intp), 0)


def _states(places: Numbers, costs: Array, before: int, origins: Numbers, kind: int) -> _States:
    count = len(places)
    return _States(places, costs, np.full(count, before, np.intp), origins, np.full(count, kind, np.int8))


def _best(found: Sequence[_States]) -> _States:
    """Return the cheapest way to each place."""
    if not found:
        empty = np.empty(0, np.intp)
        return _States(empty, np.empty(0), empty, empty, np.empty(0, np.int8))
    places = np.concatenate([each.places for each in found])
    costs = np.concatenate([each.costs for each in found])
    order = np.lexsort((costs, places))
    order = order[np.isfinite(costs[order])]
    first = np.concatenate([[True], np.diff(places[order]) > 0])[: len(order)]
    chosen = order[first]
    before = np.concatenate([each.before for each in found])
    origins = np.concatenate([each.origins for each in found])
    kinds = np.concatenate([each.kinds for each in found])
    return _States(places[chosen], costs[chosen], before[chosen], origins[chosen], kinds[chosen])


def _kept(states: _States, needed: Sequence[int]) -> _States:
    """Return the states that may still win; needed places are kept at any cost."""
    if not len(states.costs):
        return states
    limit = states.costs.min() + _BEAM
    if len(states.costs) > _MOST_STATES:
        limit = min(limit, np.partition(states.costs, _MOST_STATES)[_MOST_STATES])
    good = states.costs <= limit
    if needed:
        good |= np.isin(states.places, needed)
    return _States(
        states.places[good], states.costs[good], states.before[good], states.origins[good], states.kinds[good]
    )


def _variance(seconds: float | Array) -> float | Array:
    return _PER_SECOND * seconds + (_TEMPO * seconds) ** 2 + _EDGES


def _too_long_or_short(sound: float, expected: Array) -> Array:
    """Return the costs of sound of some length where the words are expected to take other lengths."""
    away = np.abs(sound - expected) / np.sqrt(_variance(np.maximum(expected, 0.0)))
    return np.where(away <= _HUBER, away**2, 2 * _HUBER * away - _HUBER**2) / 2


def _inside_word(gaps: Array) -> Array:
    """Return the costs of pauses that lie at no place between words."""
    return np.minimum(0.2 + 30 * np.maximum(gaps - 0.08, 0.0), 10.0)
