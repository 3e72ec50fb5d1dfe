"""Moving words to where their letters sound, with a model that is learnt from the narration itself.

Between two pauses it is known which words are said, and about when. Each letter has an average spectrum; letters and
frames are assigned to each other by dynamic programming, the averages are computed anew, and so on for a few rounds
("flat start" training of a hidden Markov model, as in Rabiner 1989, with one state a letter). An `s` hisses and a `t`
is silent in all alphabets, so nothing about the language has to be known. In writing with thousands of characters, and
in recordings that are too short to learn from, words stay where their length puts them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .hearing import HOP, Floats, Heard
from .text import Token

__all__ = ["Passage", "Sounds", "moved_words"]

_MOST_KINDS = 70  # of letters; more are not an alphabet
_LEAST_EACH = 6  # letters of a kind that are needed on average
_ROUNDS = 4
_PARTS = 8  # numbers that describe the shape of a spectrum
_WEIGHT = 0.3  # of a frame's evidence, since neighbouring frames tell the same
_NEAR, _PER_FRAME = (
    0.16,
    0.16,
)  # seconds that letters are off their usual place, and what a frame there counts
_SKIPPED = 2.0  # cost of a letter that does not sound
_RARE = 25.0  # frames that count as heard of every letter before it is heard
_LEAST_SPREAD = 0.35
_BATCH = 48
_SILENT, _ANY = 0, 1  # the kinds of what is between words, and of numbers, which are not spelt out
_FAR = -1e9
_BEGINS = 0.028  # seconds from the first sample of a letter's first frame, half a window, to where the letter is heard


@dataclass(frozen=True, slots=True)
class Passage:
    """Words that are said without a pause that matters.

    Attributes:
        start: Seconds from the start of the narration.
        end: Seconds from the start of the narration.
        tokens: The words.
        starts: The estimated start of each word in seconds.
    """

    start: float
    end: float
    tokens: Sequence[Token]
    starts: Sequence[float]


@dataclass(slots=True)
class _Chain:
    """The letters of a passage: their kinds, their estimated frames, and the first of each word."""

    first: int  # frame
    frames: int
    kinds: npt.NDArray[np.intp]
    places: Floats
    heads: npt.NDArray[np.intp]


@dataclass(frozen=True)
class Sounds:
    """The result of learning.

    Attributes:
        starts: The start of each word of each passage in seconds, or None if nothing could be learnt.
        gains: How much better the letters explain each passage than the same ones backwards, per frame.
    """

    starts: list[list[float]] | None
    gains: list[float]


def moved_words(passages: Sequence[Passage], heard: Heard) -> Sounds:
    """Return the starts of the words of all passages, moved to where their letters sound."""
    alphabet = _alphabet(passages)
    if alphabet is None:
        return Sounds(None, [])
    chains = [_chain(passage, alphabet, len(heard.level)) for passage in passages]
    features = _features(heard)
    model = _Model(features, len(alphabet) + 2)
    paths = [_even(chain) for chain in chains]
    scores: list[float] = []
    for _ in range(_ROUNDS):
        model.learn(chains, paths)
        found = _found(chains, model)
        paths, scores = [path for path, _ in found], [score for _, score in found]
    starts = [
        [(chain.first + int(np.searchsorted(path, head))) * HOP + _BEGINS for head in chain.heads]
        for chain, path in zip(chains, paths, strict=True)
    ]
    return Sounds(starts, _gains(chains, scores, model))


def _gains(chains: Sequence[_Chain], own: Sequence[float], model: _Model) -> list[float]:
    backwards = [
        _Chain(chain.first, chain.frames, chain.kinds[::-1], chain.places, chain.heads) for chain in chains
    ]
    other = [score for _, score in _found(backwards, model)]
    return [(a - b) / max(1, chain.frames) for a, b, chain in zip(own, other, chains, strict=True)]


def _alphabet(passages: Sequence[Passage]) -> dict[str, int] | None:
    """Return the number of each letter, or None if there are too many of them to learn each."""
    counts: dict[str, int] = {}
    for passage in passages:
        for token in passage.tokens:
            for letter in _spelt(token.text):
                counts[letter] = counts.get(letter, 0) + 1
    if not counts or len(counts) > _MOST_KINDS or sum(counts.values()) < _LEAST_EACH * len(counts):
        return None
    return {letter: number + 2 for number, letter in enumerate(sorted(counts))}


def _spelt(word: str) -> str:
    """Return the letters of a word, without accents; Korean syllables are taken apart."""
    plain = unicodedata.normalize("NFD", word.casefold()) if not word.isascii() else word.lower()
    return "".join(character for character in plain if character.isalpha())


def _chain(passage: Passage, alphabet: dict[str, int], count: int) -> _Chain:
    first, last = round(passage.start / HOP), min(round(passage.end / HOP), count)
    kinds: list[int] = []
    places: list[float] = []
    heads: list[int] = []
    ends = [*passage.starts[1:], passage.end]
    for token, start, end in zip(passage.tokens, passage.starts, ends, strict=True):
        spelt = [alphabet[letter] for letter in _spelt(token.text)]
        digits = sum(character.isdigit() for character in token.text)
        own = spelt + [_ANY] * max(0, round(token.length) - len(spelt) if digits else 0)
        own = own or [_ANY] * round(token.length)
        heads.append(len(kinds))
        if not own:
            continue
        middles = start + (np.arange(len(own)) + 0.5) / len(own) * (end - start)
        kinds += own
        places += [float(middle / HOP - first) for middle in middles]
    if heads and not kinds:
        kinds, places = [_ANY], [0.0]
    return _Chain(
        first,
        max(1, last - first),
        np.array(kinds, np.intp),
        np.array(places, np.float32),
        np.minimum(np.array(heads, np.intp), max(0, len(kinds) - 1)),
    )


def _features(heard: Heard) -> Floats:
    """Return the shape of each frame's spectrum, its loudness, and how both change."""
    bands = np.clip(heard.bands, 0.0, 60.0)
    count = bands.shape[1]
    turns = np.cos(np.pi / count * (np.arange(count) + 0.5)[:, None] * np.arange(_PARTS)[None, :])
    shape = (bands @ turns).astype(np.float32)
    padded = np.pad(shape, ((2, 2), (0, 0)), mode="edge")
    change = padded[4:] - padded[:-4]
    both = np.concatenate([shape, change], axis=1)
    spoken = heard.level > np.percentile(heard.level, 20)
    spread = both[spoken].std(axis=0) if spoken.any() else both.std(axis=0)
    return np.asarray((both - both[spoken].mean(axis=0)) / np.maximum(spread, 1e-3), np.float32)


class _Model:
    """The average spectrum of each kind of letter, and its spread."""

    def __init__(self, features: Floats, kinds: int) -> None:
        self._features, self._kinds = features, kinds
        self._means = np.zeros((kinds, features.shape[1]), np.float32)
        self._spreads = np.ones_like(self._means)

    def learn(self, chains: Sequence[_Chain], paths: Sequence[npt.NDArray[np.intp]]) -> None:
        """Compute the averages anew, of the frames that each kind has on some paths."""
        frames = np.concatenate(
            [
                np.arange(chain.first, chain.first + len(path))
                for chain, path in zip(chains, paths, strict=True)
            ]
        )
        kinds = np.concatenate([chain.kinds[path] for chain, path in zip(chains, paths, strict=True)])
        kept = frames < len(self._features)
        values, kinds = self._features[frames[kept]], kinds[kept]
        belongs = np.zeros((self._kinds, len(kinds)), np.float32)
        belongs[kinds, np.arange(len(kinds))] = 1.0
        counts = belongs.sum(axis=1)[:, None]
        mean, spread = values.mean(axis=0), values.var(axis=0)
        self._means = (belongs @ values + _RARE * mean) / (counts + _RARE)
        squares = (belongs @ values**2 + _RARE * (spread + mean**2)) / (counts + _RARE)
        self._spreads = np.maximum(squares - self._means**2, _LEAST_SPREAD)
        # A number may sound like anything.
        self._means[_ANY], self._spreads[_ANY] = mean, spread + 1e-3

    def scores(self, first: int, frames: int) -> Floats:
        """Return the evidence of each frame for each kind."""
        values = self._features[first : first + frames]
        inverse = 1 / self._spreads
        apart = values**2 @ inverse.T - 2 * values @ (self._means * inverse).T
        apart += ((self._means**2) * inverse + np.log(self._spreads)).sum(axis=1)[None, :]
        return (-0.5 * _WEIGHT * apart).astype(np.float32)


def _even(chain: _Chain) -> npt.NDArray[np.intp]:
    """Return the letter of each frame by the estimated places."""
    middles = (chain.places[1:] + chain.places[:-1]) / 2
    return np.searchsorted(middles, np.arange(chain.frames) + 0.5).astype(np.intp)


def _found(chains: Sequence[_Chain], model: _Model) -> list[tuple[npt.NDArray[np.intp], float]]:
    """Return the best letter for each frame of each passage, and its score; passages of like length go together."""
    order = sorted(range(len(chains)), key=lambda number: chains[number].frames)
    found: dict[int, tuple[npt.NDArray[np.intp], float]] = {}
    for at in range(0, len(order), _BATCH):
        numbers = order[at : at + _BATCH]
        for number, result in zip(numbers, _best([chains[number] for number in numbers], model), strict=True):
            found[number] = result
    return [found[number] for number in range(len(chains))]


def _best(chains: Sequence[_Chain], model: _Model) -> Iterator[tuple[npt.NDArray[np.intp], float]]:
    longest = max(chain.frames for chain in chains)
    letters = max(len(chain.kinds) for chain in chains)
    evidence = np.full((longest, len(chains), letters), _FAR, np.float32)
    for number, chain in enumerate(chains):
        scores = model.scores(chain.first, chain.frames)
        away = (np.arange(len(scores))[:, None] - chain.places[None, :]) * HOP / _NEAR
        evidence[: len(scores), number, : len(chain.kinds)] = (
            scores[:, chain.kinds] - 0.5 * _PER_FRAME * away**2
        )
    steps = np.zeros(evidence.shape, np.int8)
    now = np.full((len(chains), letters + 2), _FAR, np.float32)
    now[:, 2] = evidence[0, :, 0]
    if letters > 1:
        now[:, 3] = evidence[0, :, 1] - _SKIPPED
    totals = np.empty((longest, len(chains), letters), np.float32)
    totals[0] = now[:, 2:]
    for frame in range(1, longest):
        stay, on, over = now[:, 2:], now[:, 1:-1], now[:, :-2] - _SKIPPED
        best = np.maximum(stay, on)
        step = (on > stay).astype(np.int8)
        skipped = over > best
        step[skipped] = 2
        steps[frame] = step
        totals[frame] = np.maximum(best, over) + evidence[frame]
        now[:, 2:] = totals[frame]
    for number, chain in enumerate(chains):
        yield _back(steps[:, number], totals[:, number], chain)


def _back(steps: npt.NDArray[np.int8], totals: Floats, chain: _Chain) -> tuple[npt.NDArray[np.intp], float]:
    last, at = chain.frames - 1, len(chain.kinds) - 1
    if at and totals[last, at - 1] - _SKIPPED > totals[last, at]:
        at -= 1
    score = float(totals[last, at])
    path = np.empty(chain.frames, np.intp)
    for frame in range(last, -1, -1):
        path[frame] = at
        at = max(0, at - int(steps[frame, at]))
    return path, score
