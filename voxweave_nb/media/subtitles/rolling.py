"""Captions that say a line several times, each time with a little more: every line is kept once, its words timed.

Automatic captions roll: a line comes again as the upper line of the next cue. Captions for reading along repeat a
sentence once for each spoken word, with that word marked or as the last one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ...models import Cue
from .words import is_mark, timed_words

__all__ = ["joined_words", "unrolled"]

_ADJACENT = 0.5  # seconds between two cues of one sentence
_STEPS = 3  # cues of a sentence that grows by a word each time
_ECHO = 0.05  # seconds of a cue that only holds the line which scrolls up
_FEWEST = 2  # repeated lines that make captions rolling
_SHARE = 0.5  # of neighbouring cues that repeat a line


def joined_words(cues: Sequence[Cue]) -> list[Cue]:
    """Merge the cues of a sentence that comes once for each word: with that word marked, or ending with it."""
    return _grown(_joined_marks(cues))


def _grown(cues: Sequence[Cue]) -> list[Cue]:
    """Merge the cues of a sentence that grows word by word."""
    done = list[Cue]()
    run = list[Cue]()
    for cue in [*cues, None]:
        if cue and run and not cue.words and _grows(run[-1], cue):
            run.append(cue)
            continue
        done += [_sentence(run)] if len(run) >= _STEPS else run
        run = [cue] if cue else []
    return done


def _grows(before: Cue, cue: Cue) -> bool:
    added = cue.text[len(before.text) :]
    follows = -_ECHO <= cue.start - before.end <= _ADJACENT
    return follows and cue.text.startswith(before.text) and added[:1].isspace() and len(added.split()) == 1


def _sentence(run: Sequence[Cue]) -> Cue:
    texts = ["", *(cue.text for cue in run)]
    parts = [
        (cue.start, cue.end, f"{cue.text[len(before) :]} ") for before, cue in zip(texts, run, strict=False)
    ]
    return Cue(run[0].start, run[-1].end, run[-1].text, timed_words(parts))


def _joined_marks(cues: Sequence[Cue]) -> list[Cue]:
    """Merge the cues of a sentence that comes once for each word, with that word marked; other marks are dropped."""
    done = list[Cue]()
    for _, run in itertools.groupby(_numbered_runs(cues), key=lambda item: item[0]):
        parts = [cue for _, cue in run]
        words = tuple(cue.words[0] for cue in parts if is_mark(cue))
        if len(words) > 1:
            done.append(replace(parts[0], end=max(cue.end for cue in parts), words=words))
        else:
            done += [replace(cue, words=()) if is_mark(cue) else cue for cue in parts]
    return done


def _numbered_runs(cues: Sequence[Cue]) -> Iterator[tuple[int, Cue]]:
    """Yield each cue with the number of its run: one text, its marks moving forwards, without pauses."""
    number, at, before = 0, 0, None
    for cue in cues:
        place = cue.text.find(cue.words[0].text, at) if is_mark(cue) else at
        runs = before is not None and cue.text == before.text and cue.start - before.end <= _ADJACENT
        if not runs or place < 0:
            number, at = number + 1, 0
            place = cue.text.find(cue.words[0].text) if is_mark(cue) else 0
        yield number, cue
        at = place + (len(cue.words[0].text) if is_mark(cue) else 0)
        before = cue


def unrolled(cues: Sequence[Cue]) -> tuple[list[Cue], int]:
    """Return cues with each line once if they roll, and the number of those that repeated a line."""
    repeats = [_repeated(before, cue) for before, cue in itertools.pairwise(cues)]
    count = sum(1 for lines in repeats if lines)
    neighbours = sum(cue.start - before.end <= _ADJACENT for before, cue in itertools.pairwise(cues))
    if count < _FEWEST or count < _SHARE * neighbours:
        return list(cues), 0
    done = list(cues[:1])
    for lines, cue in zip(repeats, cues[1:], strict=True):
        kept = cue.text.split("\n")[lines:]
        if kept:
            done.append(replace(cue, text="\n".join(kept)))
        else:
            done[-1] = replace(done[-1], end=max(done[-1].end, cue.end))
    return done, count


def _repeated(before: Cue, cue: Cue) -> int:
    """Return how many of a cue's first lines are the last ones of the cue before."""
    if not 0 <= cue.start - before.end <= _ADJACENT:
        return 0
    above, lines = before.text.split("\n"), cue.text.split("\n")
    most = min(len(above), len(lines))
    found = next((count for count in range(most, 0, -1) if above[-count:] == lines[:count]), 0)
    # A whole cue that comes again is a refrain, unless it is too short to be read.
    return found if found < len(lines) or cue.end - cue.start <= _ECHO else 0
