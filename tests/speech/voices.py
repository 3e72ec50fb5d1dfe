"""A made-up voice whose truth is known: hums for vowels, hisses for fricatives, silence and a click for stops."""

from __future__ import annotations

import re
import wave
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from voxweave_nb.media.narration import RATE
from voxweave_nb.speech.text import tokens_of

STORY = [
    "The ferry leaves at six, and the gulls follow it out.",
    "Nobody waves.",
    "On the far side of the bay, past the old salt works, a single lamp is burning in a window.",
    "She has left it on since March.",
    "It rained for eleven days, and then it stopped.",
    "Is anyone still there?",
    "The postman thinks so, because every Friday a yellow envelope lies on the step.",
    "He takes it along without a word, and the lamp goes out for a minute.",
    "Then it burns again.",
    "That is how they talk.",
]


@dataclass
class Speech:
    """Samples, and start and end of each sentence and each word in seconds."""

    samples: np.ndarray
    sentences: list[tuple[float, float]] = field(default_factory=list)
    words: list[list[tuple[float, float]]] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE


BURST = 200  # samples of a stop that are heard
STOPS = "ptkbdgq"


def _letter(kind: str, seconds: float, rng: np.random.Generator) -> np.ndarray:
    count = max(1, round(seconds * RATE))
    time = np.arange(count) / RATE
    fade = np.minimum(1, np.minimum(np.arange(count) + 1, count - np.arange(count)) / (0.006 * RATE))
    if kind in "szxcjf":
        hiss = np.diff(rng.standard_normal(count + 1), prepend=0)[:count]
        return 0.05 * fade * hiss
    if kind in STOPS:
        sound = np.zeros(count)
        sound[-min(count, BURST) :] = 0.08 * rng.standard_normal(min(count, BURST))
        return sound
    if kind in "mnlrwvhy":
        return 0.15 * fade * np.sin(2 * np.pi * 230 * time)
    formant = {"a": 750, "e": 520, "i": 310, "o": 480, "u": 340}.get(kind, 300 + ord(kind) % 500)
    return fade * sum(
        0.2 / n * np.sin(2 * np.pi * f * time) for n, f in enumerate((130, formant, 2.2 * formant), 1)
    )


def say(
    sentences: Sequence[str],
    *,
    seed: int = 1,
    pace: float = 15.0,
    pause: tuple[float, float] = (0.2, 0.5),
    lead: float = 0.3,
) -> Speech:
    """Read sentences aloud, with pauses between them and short ones at most commas.

    Args:
        sentences: The sentences.
        seed: Varies pace and pauses.
        pace: Letters a second.
        pause: The shortest and the longest pause between sentences, in seconds.
        lead: Seconds of silence at both ends.
    """
    rng = np.random.default_rng(seed)
    speech = Speech(np.zeros(0))
    parts = [np.zeros(round(lead * RATE))]
    at = len(parts[0])
    for number, sentence in enumerate(sentences):
        tempo = pace * rng.uniform(0.9, 1.1)
        words: list[tuple[float, float]] = []
        tokens = [*tokens_of(sentence)]
        for place, token in enumerate(tokens):
            letters = re.findall(r"\w", token.text.lower()) or []
            seconds = token.length / tempo * rng.uniform(0.85, 1.15)
            begun = at
            for letter in letters:
                parts.append(_letter(letter, seconds / len(letters), rng))
                at += len(parts[-1])
            if not place and letters and letters[0] in STOPS:  # nothing is heard before it opens
                begun += max(0, round(seconds / len(letters) * RATE) - BURST)
            words.append((begun / RATE, at / RATE))
            gap = 0.0
            if place == len(tokens) - 1:
                gap = rng.uniform(*pause) if number < len(sentences) - 1 else lead
            elif token.ends == "clause" and rng.random() < 0.7:
                gap = rng.uniform(0.1, 0.2)
            parts.append(np.zeros(round(gap * RATE)))
            at += len(parts[-1])
        speech.words.append(words)
        speech.sentences.append((words[0][0], words[-1][1]))
    speech.samples = (np.clip(np.concatenate(parts), -1, 1) * 32000).astype(np.int16)
    return speech


def write_wav(path: Path, samples: np.ndarray, rate: int = RATE) -> Path:
    """Write samples to a WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def with_noise(samples: np.ndarray, below: float, seed: int = 2) -> np.ndarray:
    """Return speech with noise that is so many decibels softer."""
    loud = np.sqrt(np.mean(samples.astype(float) ** 2))
    noise = np.random.default_rng(seed).standard_normal(len(samples)) * loud * 10 ** (-below / 20)
    return np.clip(samples + noise, -32767, 32767).astype(np.int16)


def music(seconds: float, loud: float = 0.1) -> np.ndarray:
    """Return chords that change every two seconds, with a plucked note at each half second."""
    time = np.arange(round(seconds * RATE)) / RATE
    roots = np.array([220.0, 196.0, 174.6, 164.8])[(time // 2).astype(int) % 4]
    pad = sum(np.sin(2 * np.pi * roots * ratio * time) for ratio in (1, 1.26, 1.5))
    pluck = np.exp(-6 * (time % 0.5)) * sum(np.sin(2 * np.pi * 2 * k * roots * time) / k for k in range(1, 6))
    return (loud * 0.3 * (pad + pluck) * 32000).astype(np.int16)
