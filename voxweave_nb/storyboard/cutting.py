"""Cutting a narration into scenes that a model can make: at paragraph, sentence and clause ends, and in pauses.

`boundaries` finds the places for a cut, `cut` chooses among them by dynamic programming. A scene costs what is paid for
beyond its length, its distance from a target length, and a disturbance by its end; the cheapest whole wins. Every
narration can be cut: where nothing better is near, a cut lies between two words, or in speech without captions.
"""

from __future__ import annotations

import bisect
import itertools
import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..errors import ConfigError
from ..media.sentences import ending
from ..models import Cue
from ..validation import positive
from .lengths import MOST_SLACK, SCENE_SECONDS, ClipLengths
from .spoken import Silence, Transcript, silences

__all__ = ["Boundary", "ClipLengths", "Kind", "Span", "boundaries", "cut"]

Kind = Literal["end", "paragraph", "sentence", "clause", "pause", "word", "forced"]
"""The kind of a place: an end of the narration or of a paragraph, a sentence or a clause; a pause; between two words;
in speech whose words are not known."""

_DISTURBS: dict[Kind, float] = {
    "end": 0.0,
    "paragraph": 0.0,
    "sentence": 0.15,
    "clause": 1.0,
    "pause": 2.0,
    "word": 6.0,
    "forced": 7.0,
}
"""The disturbance of a cut, in the unit of all costs: two paid seconds that are not used cost 1."""

_PER_WASTED_SECOND, _PER_SCENE = 0.5, 0.35
# The pull to our own target, to it where clips are free, and to a target that was asked for.
_PULL, _PULL_FREE, _PULL_ASKED = 0.35, 1.0, 2.0
# For slowing a clip as far as is allowed; for a scene that is too short, and for the square of the seconds it lacks.
_SLOWED, _TOO_SHORT, _SHORT = 0.5, 1.0, 6.0

_LEAD = 0.25  # seconds before the next word, at most: a later scene seems to be late
_LONG_PAUSE = 0.6  # seconds; a pause as long as this may end a paragraph
_HEARD = 0.15  # seconds; the shortest pause between words that is one
_LINGERS = 0.3  # seconds that captions are off their words
_APART = 0.3  # seconds between two places
_GRID = 1.0  # seconds between places in speech without captions
_PARAGRAPH = 1.5  # times the usual pause between sentences


@dataclass(frozen=True, slots=True)
class Boundary:
    """A place where a scene may end.

    Attributes:
        time: Seconds from the start of the narration.
        kind: The kind of the place.
        pause: Seconds of silence there; 0 if there is none, or none is known.
    """

    time: float
    kind: Kind
    pause: float = 0.0

    @property
    def disturbs(self) -> float:
        """The disturbance of a cut here, from 0 for none to 7; less in a long pause."""
        if self.pause < _HEARD:
            return _DISTURBS[self.kind]
        by_pause = _DISTURBS["pause"] - 1.8 * min(self.pause / _LONG_PAUSE, 1.0)
        return min(_DISTURBS[self.kind], by_pause) - 0.3 * min(self.pause, 1.0) * (self.kind != "pause")


@dataclass(frozen=True, slots=True)
class Span:
    """The time of a scene.

    Attributes:
        start: Seconds from the start of the narration.
        end: Seconds from the start of the narration, after `start`.
        asked: Seconds of the clip to request; may be a little less than the scene, which is then slowed down.
        usd: The price of the clip in US dollars, or None if it is not known.
        opens: The kind of the place at its start.
        closes: The kind of the place at its end.
    """

    start: float
    end: float
    asked: float
    usd: float | None
    opens: Kind
    closes: Kind

    @property
    def seconds(self) -> float:
        """The length of the scene in seconds."""
        return self.end - self.start

    @property
    def slowdown(self) -> float:
        """The length of the scene over that of its clip, at least 1: a longer clip is trimmed, never played faster."""
        return max(1.0, self.seconds / self.asked)


def boundaries(
    cues: Sequence[Cue], pauses: Sequence[Silence], duration: float, *, longest: float = SCENE_SECONDS[1]
) -> tuple[Boundary, ...]:
    """Return the places where scenes may end, with both ends of the narration, in order.

    No place lies inside a word whose times are known (`Cue.words`), unless the word is longer than a clip.

    Args:
        cues: The captions; without any, the pauses alone count.
        pauses: Start and end of each pause that was heard, in seconds; see `media.pauses`.
        duration: The length of the narration in seconds, above 0.
        longest: Seconds of the longest scene, as `ClipLengths.longest` gives it: where better places are further apart,
            there are places between words.

    Raises:
        ConfigError: `duration` or `longest` is not above 0.
    """
    duration, longest = positive(duration, "duration"), positive(longest, "longest")
    heard = silences(pauses, duration)
    transcript = Transcript(cues, heard)
    words = _Words(transcript.intervals())
    places = [*_between_cues(transcript), *_within_cues(transcript), *_at_pauses(heard)]
    kept = _with_paragraphs(_apart([each for each in places if words.free(each.time)], duration))
    ends = Boundary(0.0, "end"), Boundary(duration, "end")
    return tuple(_filled([ends[0], *kept, ends[1]], transcript, words, longest))


def cut(
    places: Sequence[Boundary],
    lengths: ClipLengths,
    target: float | None = None,
) -> list[Span]:
    """Return the scenes, in order and without gaps.

    Args:
        places: The places where scenes may end, as `boundaries` returns them; the first and last are the ends.
        lengths: The clip lengths of the model and their prices.
        target: Preferred seconds of a scene; by default 8, or the longest clip if clips are paid by the video.

    Raises:
        ConfigError: There are fewer than two places, they are not in order, or `target` is not above 0.
    """
    pull = _PULL_ASKED if target is not None else _PULL_FREE if lengths.free else _PULL
    target = lengths.target if target is None else positive(target, "target")
    if len(places) < 2 or any(after.time <= before.time for before, after in itertools.pairwise(places)):
        raise ConfigError("The places for cuts are not in order; give those that boundaries() returns.")
    places = _bridged(places, lengths.longest)
    chosen = _cheapest(places, _ScenePrice(lengths, target, pull), lengths.longest)
    return [_span(before, after, lengths) for before, after in itertools.pairwise(chosen)]


def _span(before: Boundary, after: Boundary, lengths: ClipLengths) -> Span:
    asked = lengths.asked(after.time - before.time)
    assert asked is not None  # no two places are chosen that are further apart than a clip
    return Span(before.time, after.time, asked, lengths.usd(asked), before.kind, after.kind)


def _cheapest(places: Sequence[Boundary], price: _ScenePrice, longest: float) -> list[Boundary]:
    """Return the places whose scenes cost least in all: the cheapest way to each place, from first to last."""
    times, disturbs = [each.time for each in places], [each.disturbs for each in places]
    most = longest + 1e-6
    costs, before, first = [0.0], [0], 0
    for now in range(1, len(times)):
        time = times[now]
        while time - times[first] > most:
            first += 1
        cost, best = min(
            (costs[earlier] + price(time - times[earlier]), earlier) for earlier in range(first, now)
        )
        costs.append(cost + disturbs[now])
        before.append(best)
    chosen, at = [], len(places) - 1
    while at:
        chosen.append(places[at])
        at = before[at]
    return [places[0], *chosen[::-1]]


class _ScenePrice:
    """The cost of a scene by its length in seconds, without that of its end."""

    def __init__(self, lengths: ClipLengths, target: float, pull: float) -> None:
        self._lengths, self._target, self._pull = lengths, target, pull
        self._shortest = min(SCENE_SECONDS[0], target / 2)
        self._paid: dict[float, float] = {}

    def __call__(self, seconds: float) -> float:
        asked = self._lengths.asked(seconds) or seconds
        cost = self._pull * ((seconds - self._target) / self._target) ** 2
        if seconds < self._shortest:
            cost += _TOO_SHORT + _SHORT * (self._shortest - seconds) ** 2
        if asked < seconds:
            cost += _SLOWED * (seconds / asked - 1) / MOST_SLACK
        # Free clips waste nothing, however much of them is left out.
        if not self._lengths.free:
            if asked not in self._paid:
                self._paid[asked] = self._lengths.paid_seconds(asked)
            cost += _PER_SCENE + _PER_WASTED_SECOND * (self._paid[asked] - seconds)
        return cost


class _Words:
    """The times of words, for the rule that no cut lies inside one."""

    def __init__(self, intervals: Sequence[Silence]) -> None:
        self._intervals, self._starts = intervals, [start for start, _ in intervals]

    def _around(self, time: float) -> Silence | None:
        number = bisect.bisect_left(self._starts, time) - 1
        if number < 0 or time >= self._intervals[number][1]:
            return None
        return self._intervals[number]

    def free(self, time: float) -> bool:
        """Return True if a time lies inside no word; its start and end are not inside."""
        return self._around(time) is None

    def nearest_free(self, time: float) -> float:
        """Return the nearest time that lies inside no word."""
        word = self._around(time)
        return time if word is None else min(word, key=lambda edge: abs(edge - time))


def _in_silence(start: float, end: float) -> float:
    """Return the time of a cut in a pause: its middle, but at most `_LEAD` before the next word."""
    return max((start + end) / 2, end - _LEAD)


def _between_cues(transcript: Transcript) -> Iterator[Boundary]:
    """Yield a place between each two captions that do not overlap."""
    spoken = -math.inf
    for number, (cue, following) in enumerate(itertools.pairwise(transcript.cues)):
        _, last, known = transcript.span(number)
        begins, _, known_after = transcript.span(number + 1)
        spoken = max(spoken, last)
        off = 0.0 if known and known_after else _LINGERS
        if begins < spoken - off:
            continue
        start, end = (spoken, begins) if begins >= spoken else ((spoken + begins) / 2,) * 2
        start, end = _heard_around(transcript, start, end, known, known_after)
        kind = ending(cue.text, following.text) or ("pause" if end - start >= _HEARD else "word")
        yield Boundary(_in_silence(start, end), kind, end - start)  # type: ignore[arg-type]


def _heard_around(
    transcript: Transcript, start: float, end: float, known: bool, known_after: bool
) -> Silence:
    """Return the pause that was heard between two captions, or the gap between them if none was.

    The times of captions are often off by a little; times of words are believed, on their side.
    """
    low, high = start - (0 if known else _LINGERS), end + (0 if known_after else _LINGERS)
    heard = transcript.pauses_in(low, high)
    pause = max(heard, key=lambda each: min(each[1], high) - max(each[0], low), default=None)
    if pause is None:
        return start, end
    begin, stop = max(pause[0], start) if known else pause[0], min(pause[1], end) if known_after else pause[1]
    return (begin, stop) if stop >= begin else (start, end)


def _within_cues(transcript: Transcript) -> Iterator[Boundary]:
    """Yield the places inside captions: after punctuation where times are known, and in pauses."""
    for number, cue in enumerate(transcript.cues):
        if not transcript.span(number)[2] and not transcript.pauses_in(cue.start, cue.end):
            continue
        for said, following in itertools.pairwise(transcript.words(number)):
            pause = following.start - said.end
            if pause <= 0 and not said.known:
                continue
            kind = ending(said.text, following.text) or ("pause" if pause >= _HEARD else "")
            if kind:
                yield Boundary(_in_silence(said.end, following.start), kind, pause)  # type: ignore[arg-type]


def _at_pauses(heard: Sequence[Silence]) -> Iterator[Boundary]:
    for start, end in heard:
        yield Boundary(_in_silence(start, end), "pause", end - start)


def _apart(places: Sequence[Boundary], duration: float) -> list[Boundary]:
    """Return the places in order; of those that are close together, the one where a cut disturbs least."""
    times: list[float] = []
    kept: list[Boundary] = []
    for each in sorted(places, key=lambda place: (place.disturbs, place.time)):
        at = bisect.bisect_left(times, each.time)
        near = [*times[max(0, at - 1) : at + 1], 0.0, duration]
        if 0 < each.time < duration and all(abs(each.time - other) >= _APART for other in near):
            times.insert(at, each.time)
            kept.insert(at, each)
    return kept


def _with_paragraphs(places: Sequence[Boundary]) -> list[Boundary]:
    """Return the places; a sentence that is followed by an unusually long pause ends a paragraph."""
    usual = [each.pause for each in places if each.kind == "sentence"]
    least = max(_LONG_PAUSE, _PARAGRAPH * statistics.median(usual)) if usual else math.inf
    return [
        replace(each, kind="paragraph") if each.kind == "sentence" and each.pause >= least else each
        for each in places
    ]


def _filled(
    places: Sequence[Boundary], transcript: Transcript, words: _Words, longest: float
) -> Iterator[Boundary]:
    """Yield the places, and more of them where two are further apart than a scene may be long."""
    yield places[0]
    for before, after in itertools.pairwise(places):
        if after.time - before.time > longest:
            more = [before, *_word_ends(transcript, words, before.time, after.time), after]
            for first, second in itertools.pairwise(more):
                yield from _grid(first.time, second.time, words) if second.time - first.time > longest else ()
                yield second
        else:
            yield after


def _word_ends(transcript: Transcript, words: _Words, start: float, end: float) -> Iterator[Boundary]:
    """Yield the places between words in a part of the narration."""
    last = start
    for number, cue in enumerate(transcript.cues):
        if cue.end <= start or cue.start >= end:
            continue
        for said, following in itertools.pairwise(transcript.words(number)):
            time = _in_silence(said.end, max(said.end, following.start))
            if last + _APART <= time <= end - _APART and words.free(time):
                last = time
                yield Boundary(time, "word" if said.known else "forced", max(0.0, following.start - said.end))


def _grid(start: float, end: float, words: _Words) -> Iterator[Boundary]:
    """Yield places at regular distances, moved out of words."""
    last = start
    for step in range(1, math.ceil((end - start) / _GRID)):
        time = words.nearest_free(start + step * _GRID)
        if last + _APART <= time <= end - _APART:
            last = time
            yield Boundary(time, "forced")


def _bridged(places: Sequence[Boundary], longest: float) -> list[Boundary]:
    """Return the places, with more where two are further apart than the longest scene."""
    found = [places[0]]
    for before, after in itertools.pairwise(places):
        parts = math.ceil((after.time - before.time) / longest - 1e-9)
        step = (after.time - before.time) / max(1, parts)
        found += [Boundary(before.time + step * part, "forced") for part in range(1, parts)]
        found.append(after)
    return found
