"""Breaking timed words into captions that read well, by dynamic programming over the words.

A caption costs what its end and the break between its lines disturb, how much too fast it has to be read, and how much
too short it is; the cheapest whole wins. No caption has more than two lines, none is wider than a line may be.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..media.subtitles.words import is_mark
from ..media.typeset import letters_of
from ..models import Cue, Word
from .joints import Joint, joints_of
from .limits import Limits, limits_for, units_of
from .text import tokens_of

__all__ = ["break_words", "fits", "rebreak"]

Array = npt.NDArray[np.float64]

_CAPTION = 2.2  # of each caption, so that they are not cut up without need
_END = 2.5  # times what a break there disturbs
_TWO_LINES, _UNEVEN, _TOP_HEAVY = 1.0, 0.1, 1.0
_TWO_SENTENCES = 9.0  # of each sentence that ends within a caption
_FAST, _TOO_FAST = 0.9, 8.0  # of each character a second over what is easy, and over what is read at all
_TOO_SHORT = 20.0  # of each second
_SILENT, _SILENCE = 6.0, 0.7  # of each second of a pause within a caption that is longer
_MOST_WORDS = 90  # in a caption; fewer fit into two lines


@dataclass(frozen=True, slots=True)
class _Part:
    """A word, or a part of one that is wider than a line."""

    text: str
    gap: str
    start: float
    end: float
    word: Word


def break_words(
    words: Sequence[Word],
    text: str | None = None,
    *,
    limits: Limits | None = None,
    language: str | None = None,
    duration: float | None = None,
) -> list[Cue]:
    """Return the captions of words that have times; each has its words. 900 words take about a tenth of a second.

    Args:
        words: The words, in order.
        text: The text that they are from, which tells the spaces between them; without it, they are joined by a space,
            or by none in writing without spaces.
        limits: What a caption may be; by default what suits the script.
        language: A BCP 47 tag, where the language is known.
        duration: The narration's length in seconds; no caption ends later.
    """
    words = [word for word in words if word.text.strip()]
    if not words:
        return []
    limits = limits or limits_for(text or "".join(word.text for word in words), language)
    parts = [*_parts(words, text, limits)]
    ends = _Breaker(parts, limits, duration).ends()
    return [*_cues(parts, ends, limits, duration)]


def rebreak(
    cues: Sequence[Cue], *, limits: Limits | None = None, language: str | None = None
) -> tuple[list[Cue], int]:
    """Return captions of which those that are too long or too wide are broken, and how many were.

    The words of a caption whose times are known keep them. Other captions share their time by the length of the words;
    the parts then have no words, since these times are estimates.

    Args:
        cues: The captions, in order.
        limits: What a caption may be; by default what suits the script.
        language: A BCP 47 tag, where the language is known.
    """
    limits = limits or limits_for("".join(cue.text for cue in cues), language)
    done: list[Cue] = []
    count = 0
    for cue in cues:
        parts = [cue] if fits(cue, limits) else _broken(cue, limits)
        count += len(parts) > 1 or parts[0].text != cue.text
        done += parts
    return done, count


def fits(cue: Cue, limits: Limits) -> bool:
    """Return True if a caption keeps the limits of its lines and its time."""
    lines = cue.text.split("\n")
    narrow = len(lines) <= limits.lines and all(units_of(line) <= limits.line for line in lines)
    return narrow and cue.end - cue.start <= limits.longest + limits.lingers


def _broken(cue: Cue, limits: Limits) -> list[Cue]:
    text = " ".join(cue.text.split("\n"))
    whole = "".join(word.text for word in cue.words) == "".join(text.split()) and not is_mark(cue)
    words = cue.words if whole else tuple(_estimated(cue, text))
    parts = break_words(words, text, limits=replace(limits, apart=0.0), duration=cue.end)
    if not parts:
        return [cue]
    # The whole stays on screen as long as it was meant to.
    parts[0] = replace(parts[0], start=min(cue.start, parts[0].start))
    parts[-1] = replace(parts[-1], end=max(cue.end, parts[-1].end))
    return parts if whole else [replace(part, words=()) for part in parts]


def _estimated(cue: Cue, text: str) -> Iterator[Word]:
    tokens = [*tokens_of(text)]
    shares = np.concatenate([[0.0], np.cumsum([token.length + 0.01 for token in tokens])])
    times = cue.start + shares / shares[-1] * (cue.end - cue.start)
    for token, (start, end) in zip(tokens, itertools.pairwise(times), strict=True):
        yield Word(token.text, round(float(start), 3), round(float(end), 3), 0.5)


def _parts(words: Sequence[Word], text: str | None, limits: Limits) -> Iterator[_Part]:
    """Yield the words with what stands after them; those wider than a line in parts, which share their time."""
    gaps = _gaps(words, text)
    for word, gap in zip(words, gaps, strict=True):
        pieces = [word.text] if units_of(word.text) <= limits.line else _pieces(word.text, limits.line)
        ends = np.cumsum([len(piece) for piece in pieces]) / len(word.text)
        times = [word.start, *(round(word.start + (word.end - word.start) * float(end), 3) for end in ends)]
        for number, piece in enumerate(pieces):
            start, end = times[number], times[number + 1]
            single = word if len(pieces) == 1 else replace(word, text=piece, start=start, end=end)
            yield _Part(piece, gap if number == len(pieces) - 1 else "", start, end, single)


def _pieces(word: str, line: int) -> list[str]:
    """Split a word that is wider than a line, after signs where there are any."""
    found = [""]
    for piece in letters_of(word, 0.5 * line):
        for part in [piece] if units_of(piece) <= line else list(piece):
            if units_of(found[-1] + part) > line:
                found.append("")
            found[-1] += part
    return [piece for piece in found if piece]


def _gaps(words: Sequence[Word], text: str | None) -> list[str]:
    """Return what stands after each word: a space or nothing."""
    from .text import joined

    gaps, at = list[str](), 0
    for word, following in zip(words, [*words[1:], None], strict=True):
        place = text.find(word.text, at) if text is not None else -1
        if text is None or place < 0 or following is None:
            pair = joined([word.text, following.text]) if following else ""
            gaps.append(pair[len(word.text) : len(pair) - len(following.text)] if following else "")
        else:
            at = place + len(word.text)
            gaps.append(" " if text[at : at + 1].isspace() else "")
    return gaps


class _Breaker:
    """The cheapest ends of captions."""

    def __init__(self, parts: Sequence[_Part], limits: Limits, duration: float | None) -> None:
        self._limits = limits
        count = len(parts)
        self._joints: list[Joint] = joints_of([part.text for part in parts], [part.gap for part in parts])
        starts, ends = np.array([part.start for part in parts]), np.array([part.end for part in parts])
        self._starts = starts
        self._pauses = np.concatenate([np.maximum(starts[1:] - ends[:-1], 0.0), [np.inf]])
        widths = np.array([units_of(part.text) for part in parts])
        gaps = np.array([len(part.gap) for part in parts])
        # Where each word begins, and where it ends, in a line without breaks.
        self._right = np.cumsum(widths + gaps) - gaps
        self._left = np.concatenate([[0], self._right[:-1] + gaps[:-1]])
        heard = np.minimum(self._pauses, 0.5)
        disturbs = np.array([joint.disturbs for joint in self._joints])
        self._disturbs = np.maximum(disturbs - 8 * heard, 0.0)
        self._in_line = np.maximum(disturbs - 4 * heard, 0.0)
        sentence = np.array([joint.ends == "sentence" for joint in self._joints], float)
        self._sentences = np.concatenate([[0.0], np.cumsum(sentence)])
        silent = np.where(np.isfinite(self._pauses), np.maximum(self._pauses - _SILENCE, 0.0), 0.0)
        self._silence = np.concatenate([[0.0], np.cumsum(silent)])
        self._shown = _shown(starts, ends, limits, duration)
        self._units = 2.0 if limits.wide else 1.0
        self._count = count

    def ends(self) -> list[tuple[int, int, int]]:
        """Return each caption's first word, the first word of its second line (or of the next caption), and its end."""
        best, before = np.full(self._count + 1, np.inf), np.zeros(self._count + 1, np.intp)
        second = np.zeros(self._count + 1, np.intp)
        best[0] = 0.0
        for end in range(1, self._count + 1):
            first = self._first(end)
            costs, splits = self._costs(first, end)
            total = best[first:end] + costs
            choice = int(np.argmin(total))
            best[end], before[end], second[end] = total[choice], first + choice, splits[choice]
        found, at = [], self._count
        while at:
            found.append((int(before[at]), int(second[at]), at))
            at = int(before[at])
        return found[::-1]

    def _first(self, end: int) -> int:
        """Return the first word from which on all words up to an end may fit into two lines."""
        widest = self._right[end - 1] - self._limits.lines * (self._limits.line + 1)
        return min(end - 1, max(end - _MOST_WORDS, int(np.searchsorted(self._left, widest))))

    def _costs(self, first: int, end: int) -> tuple[Array, npt.NDArray[np.intp]]:
        """Return the cost of a caption from each word of a range to its end, and where its second line begins."""
        limits = self._limits
        starts = np.arange(first, end)
        width = self._right[end - 1] - self._left[first:end]
        seconds = np.maximum(self._shown[end - 1] - self._starts[first:end], 0.05)
        costs, splits = self._lines(first, end, width)
        speed = width / self._units / seconds
        costs += _FAST * np.maximum(speed - limits.speed, 0.0) + _TOO_FAST * np.maximum(
            speed - limits.most_speed + 0.3, 0.0
        )
        costs += _TOO_SHORT * np.maximum(limits.shortest - seconds, 0.0)
        costs += _TWO_SENTENCES * (self._sentences[end - 1] - self._sentences[first:end])
        costs += _SILENT * (self._silence[end - 1] - self._silence[first:end])
        costs += _CAPTION + (_END * self._disturbs[end - 1] if end < self._count else 0.0)
        spoken = self._starts[end - 1] - self._starts[first:end]
        costs[(spoken + limits.shortest > limits.longest) & (starts < end - 1)] += 1e4
        return costs, splits

    def _lines(self, first: int, end: int, width: Array) -> tuple[Array, npt.NDArray[np.intp]]:
        """Return what one line costs, or the best break into two, for a caption from each word of a range."""
        line = self._limits.line
        costs = np.where(width <= line, 0.0, np.inf)
        splits = np.full(end - first, end, np.intp)
        wide = np.flatnonzero(width > line)
        if len(wide):
            begin = first + wide
            places = np.arange(first + 1, end)
            upper = self._right[places - 1][None, :] - self._left[begin][:, None]
            lower = self._right[end - 1] - self._left[places]
            each = _TWO_LINES + self._in_line[places - 1] + _UNEVEN * np.abs(upper - lower)
            each = each + _TOP_HEAVY * (upper > lower)
            each[(upper > line) | (lower > line) | (places[None, :] <= begin[:, None])] = np.inf
            if each.shape[1]:
                choice = np.argmin(each, axis=1)
                costs[wide] = each[np.arange(len(wide)), choice]
                splits[wide] = places[choice]
        return costs, splits


def _shown(starts: Array, ends: Array, limits: Limits, duration: float | None) -> Array:
    """Return until when a caption can be shown that ends with each word."""
    last = np.inf if duration is None else duration
    following = np.concatenate([starts[1:], [np.inf]])
    free = np.minimum(ends + limits.lingers, last)
    joined = (following - ends < limits.closed) | (following - limits.apart < free)
    return np.where(joined, np.maximum(following - limits.apart, starts), free)


def _cues(
    parts: Sequence[_Part],
    ends: Sequence[tuple[int, int, int]],
    limits: Limits,
    duration: float | None,
) -> Iterator[Cue]:
    shown = _shown(
        np.array([part.start for part in parts]), np.array([part.end for part in parts]), limits, duration
    )
    starts = [_start(parts, first, float(shown[end - 1]), limits) for first, _, end in ends]
    for number, (first, second, end) in enumerate(ends):
        lines = [_line(parts[first:second]), _line(parts[second:end])]
        start = starts[number]
        room = starts[number + 1] - limits.apart if number + 1 < len(ends) else (duration or np.inf)
        wanted = max(float(shown[end - 1]), start + limits.shortest)
        until = round(max(min(wanted, max(room, start + 0.05), start + limits.longest), start + 0.001), 3)
        words = tuple(
            replace(part.word, start=min(part.start, until), end=min(part.end, until))
            for part in parts[first:end]
        )
        yield Cue(start, until, "\n".join(line for line in lines if line), words)


def _start(parts: Sequence[_Part], first: int, until: float, limits: Limits) -> float:
    """Return when a caption is shown: with its first word, or in the pause before it, if it would be too short."""
    start = parts[first].start
    before = parts[first - 1].end if first else 0.0
    early = max(before + limits.apart, until - limits.shortest, start - limits.lingers)
    return round(min(start, early), 3)


def _line(parts: Sequence[_Part]) -> str:
    return "".join(part.text + part.gap for part in parts).strip()
