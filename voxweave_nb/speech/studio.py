"""Speaking a script: each sentence by an engine in a process of its own, joined with pauses, with exact captions."""

from __future__ import annotations

import asyncio
import os
import re
import unicodedata
import wave
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import SpeechError
from ..kept_files import KeptFiles
from ..media.narration import RATE
from ..media.sentences import gap_between, sentences
from ..media.subtitles import read_prose, read_subtitles, write_subtitles
from ..models import Word
from ..written import Script
from .align import align
from .breaks import break_words
from .engine import run_engine
from .speaking import Voice, find_voice, spoken_seconds
from .spoken import Speech
from .text import tokens_of

__all__ = ["captions_file", "read_words", "resolved", "sound_file", "speak"]

Samples = npt.NDArray[np.int16]

_LEAD = 0.1  # seconds of silence at both ends
_SILENT = 0.01  # of a sentence's peak; what is softer at its edges is cut off
_KEPT = 0.01  # seconds kept beyond those edges
_WINDOW = 0.005
_LOUD = 0.1  # root mean square of the voiced part of each sentence, of full scale: -20 dB
_MOST_GAIN, _PEAK = 3.0, 0.95

_UNSPOKEN = ("So", "Cs", "Co", "Cn", "Cc")  # categories of characters: emoji and control characters
_SURELY = 1.5  # times the limit: an estimate is not farther off
_SHORTER = "Shorten the text, or raise max_narration_seconds in Settings."

_DIRECTION = re.compile(r"\[[^\[\]]{0,200}\]")
_WRITING = {
    **dict.fromkeys(("ru", "uk", "bg", "sr", "mk", "kk", "be"), ("CYRILLIC",)),
    **dict.fromkeys(("ar", "fa", "ur"), ("ARABIC",)),
    **dict.fromkeys(("hi", "ne", "mr"), ("DEVANAGARI",)),
    "el": ("GREEK",), "he": ("HEBREW",), "ka": ("GEORGIAN",), "zh": ("CJK",), "ko": ("HANGUL", "CJK"),
    "ja": ("CJK", "HIRAGANA", "KATAKANA"), "ml": ("MALAYALAM",), "te": ("TELUGU",), "th": ("THAI",), "ta": ("TAMIL",),
}  # fmt: skip
"""Scripts that voices of a language read, as Unicode names them; others read Latin letters."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A spoken sentence and where it lies in the whole, in samples."""

    text: str
    start: int
    stop: int


def resolved(script: Script) -> Script:
    """Return a script whose voice is named, so that equal ones have the same file.

    Raises:
        SpeechError: The voice is unknown, or cannot read the text.
    """
    voice = find_voice(script.voice, script.language)
    _check_writing(script.text, voice)
    return replace(script, voice=voice.id)


def read_words(path: str | os.PathLike[str]) -> str:
    """Return the text of a file that is to be spoken.

    Raises:
        SpeechError: The file is missing, or is not a text, but for example subtitles.
    """
    from ..errors import SubtitleError

    if not Path(path).expanduser().is_file():
        raise SpeechError(
            f"The text cannot be spoken: the file {os.fspath(path)!r} is missing. Check the path."
        )
    try:
        found = read_prose(Path(path).expanduser())
    except SubtitleError as error:
        raise SpeechError(f"The text cannot be spoken: {error}") from error
    if found is None:
        raise SpeechError(
            f"{Path(path).name} is not a text to speak; a file of plain text was expected, without times or markup."
        )
    return found[0]


def sound_file(script: Script, kept: KeptFiles) -> Path:
    """Return the file that a resolved script is spoken to."""
    return kept.folder / script.file_name


def captions_file(script: Script, kept: KeptFiles) -> Path:
    """Return the file of the captions of a resolved script."""
    return sound_file(script, kept).with_suffix(".vtt")


async def speak(
    script: Script,
    *,
    kept: KeptFiles,
    work: Path,
    most_seconds: float,
    say: Callable[[str], None] = lambda _: None,
) -> Speech:
    """Speak a script, once: the same text, voice and settings are found again. Canceling the await ends it at once.

    Args:
        script: The script.
        kept: The private folder for the sound.
        work: A private folder for intermediate files.
        most_seconds: The longest narration, in seconds.
        say: Called with sentences about the progress.

    Raises:
        SpeechError: The voice is unknown, cannot read the text, it failed, or the result is too long.
    """
    script = resolved(script)
    voice = find_voice(script.voice)
    path, captions = sound_file(script, kept), captions_file(script, kept)
    if not (path.is_file() and captions.is_file()):
        await _make(script, voice, path, work=work, most_seconds=most_seconds, say=say)
    return await asyncio.to_thread(_opened, script, voice, path, captions)


async def _make(
    script: Script, voice: Voice, path: Path, *, work: Path, most_seconds: float, say: Callable[[str], None]
) -> None:
    """Speak a script to a file."""
    said = [(sentence, plain) for sentence in sentences(script.text) if (plain := _speakable(sentence))]
    if not said:
        raise SpeechError("The text has nothing that can be spoken; give words.")
    likely = spoken_seconds(script.text, rate=script.rate, pause=script.pause)
    if likely > _SURELY * most_seconds:
        raise SpeechError(
            f"The narration would last about {likely:.0f} s; at most {most_seconds:.0f} s are spoken. {_SHORTER}"
        )
    sounds: list[dict[str, Any]] = []

    def hear(message: dict[str, Any]) -> None:
        sounds.append(message)
        say(f"Speaking: sentence {len(sounds)} of {len(said)}")
        if message["stop"] / message["rate"] > most_seconds:
            raise SpeechError(
                f"The narration becomes longer than {most_seconds:.0f} s, which is the limit. {_SHORTER}"
            )

    say(f"Speaking {len(said)} sentences with {voice.name}")
    raw = work / "spoken.s16"
    order = {
        "do": "speak",
        "engine": voice.speaker,
        "voice": voice.id,
        "rate": script.rate,
        "sentences": [plain for _, plain in said],
        "to": str(raw),
    }
    await run_engine(order, work=work, on_message=hear)
    if len(sounds) != len(said):
        raise SpeechError(
            f"{voice.name} spoke {len(sounds)} of {len(said)} sentences and ended. Try it again, or take another "
            "voice."
        )
    texts = [sentence for sentence, _ in said]
    await asyncio.to_thread(_finish, script, texts, sounds, raw, voice, path)


def _opened(script: Script, voice: Voice, path: Path, captions: Path) -> Speech:
    with wave.open(str(path)) as file:
        seconds = file.getnframes() / file.getframerate()
    for each in (path, captions):
        each.touch()  # files that were not used for 90 days are removed
    return Speech(path, read_subtitles(captions).cues, script, voice, seconds)


def _finish(
    script: Script,
    texts: Sequence[str],
    sounds: Sequence[dict[str, Any]],
    raw: Path,
    voice: Voice,
    path: Path,
) -> None:
    """Join the sentences, find their words, and write both files; the sound last, in one step."""
    samples, rate = np.fromfile(raw, "<i2"), int(sounds[0]["rate"])
    pieces = [np.zeros(round(_LEAD * rate), np.int16)]
    parts: list[_Part] = []
    at, after = len(pieces[0]), _paragraph_ends(script.text, texts)
    for number, (text, sound) in enumerate(zip(texts, sounds, strict=True)):
        piece = _even(_trimmed(samples[sound["start"] : sound["stop"]], rate))
        if not len(piece):
            continue
        parts.append(_Part(text, at, at + len(piece)))
        last = number == len(texts) - 1
        gap = np.zeros(
            round((_LEAD if last else script.pause * (2 if after[number] else 1)) * rate), np.int16
        )
        pieces += [piece, gap]
        at += len(piece) + len(gap)
    if not parts:
        raise SpeechError(
            f"{voice.name} spoke nothing of the text. It may be of another language; take another voice."
        )
    whole = np.concatenate(pieces)
    cues = break_words(
        _words(parts, whole, rate),
        _joined([part.text for part in parts]),
        language=script.language or voice.language,
        duration=len(whole) / rate,
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = raw.with_name("speech.wav")
    with wave.open(str(new), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(whole.astype("<i2").tobytes())
    path.with_suffix(".vtt").write_text(write_subtitles(cues, "webvtt"), encoding="utf-8", newline="\n")
    _moved(new, path)


def _moved(new: Path, path: Path) -> None:
    """Move a file into place at once, also from another disk."""
    import shutil

    beside = path.with_name(f".new-{path.name}")
    shutil.copyfile(new, beside)
    beside.chmod(0o600)
    beside.replace(path)


def _words(parts: Sequence[_Part], whole: Samples, rate: int) -> list[Word]:
    """Return the words: where each sentence begins and ends is known, and its words are found in its sound."""
    found = align(_joined([part.text for part in parts]), _resampled(whole, rate))
    aligned = [sentence.cue.words for sentence in found.sentences]
    whole_found = found.fits and len(aligned) == len(parts)
    words: list[Word] = []
    for number, part in enumerate(parts):
        start, end = part.start / rate, part.stop / rate
        tokens = [*tokens_of(part.text)]
        inner = aligned[number] if whole_found else ()
        if len(inner) != len(tokens) or any(not start - 0.3 < word.start < end + 0.3 for word in inner):
            inner = _spread([token.text for token in tokens], [token.length for token in tokens], start, end)
        words += _within(inner, start, end)
    return words


def _spread(texts: Sequence[str], lengths: Sequence[float], start: float, end: float) -> tuple[Word, ...]:
    shares = np.concatenate([[0.0], np.cumsum([max(length, 0.1) for length in lengths])])
    times = start + (end - start) * shares / shares[-1]
    return tuple(Word(text, float(times[k]), float(times[k + 1]), 0.5) for k, text in enumerate(texts))


def _within(words: Sequence[Word], start: float, end: float) -> list[Word]:
    """Return the words of a sentence, the first and last of which keep to its exact edges."""
    done: list[Word] = []
    for number, word in enumerate(words):
        begin = start if not number else min(max(word.start, done[-1].end), end)
        stop = end if number == len(words) - 1 else min(max(word.end, begin), end)
        done.append(replace(word, start=round(begin, 4), end=round(stop, 4)))
    return done


def _speakable(sentence: str) -> str:
    """Return a sentence without directions and emoji; empty if nothing is left to say."""
    bare = _DIRECTION.sub(" ", sentence)
    kept = "".join(
        " " if unicodedata.category(each) in _UNSPOKEN or "\ufe00" <= each <= "\ufe0f" else each
        for each in bare
    )
    return " ".join(kept.split()) if any(each.isalnum() for each in kept) else ""


def _joined(texts: Sequence[str]) -> str:
    whole = ""
    for text in texts:
        whole += gap_between(whole, text) + text
    return whole


def _paragraph_ends(text: str, texts: Sequence[str]) -> list[bool]:
    """Return for each sentence whether a paragraph ends after it."""
    bounds = [" ".join(each.split())[-24:] for each in re.split(r"\n\s*\n", text) if each.strip()]
    ends = [False] * len(texts)
    at = 0
    for bound in bounds:
        for number in range(at, len(texts)):
            if " ".join(texts[number].split()).endswith(bound[-len(texts[number]) :]):
                ends[number], at = True, number + 1
                break
    return ends


def _trimmed(samples: Samples, rate: int) -> Samples:
    """Return a sentence without the silence around it, so that its captions begin with its sound."""
    window = max(1, round(_WINDOW * rate))
    count = len(samples) // window
    if not count:
        return samples[:0]
    peaks = np.abs(samples[: count * window].astype(np.int32)).reshape(count, window).max(axis=1)
    loud = np.flatnonzero(peaks > max(_SILENT * peaks.max(), 8))
    if not len(loud):
        return samples[:0]
    kept = round(_KEPT * rate)
    return samples[max(0, loud[0] * window - kept) : (loud[-1] + 1) * window + kept]


def _even(samples: Samples) -> Samples:
    """Return a sentence as loud as the others, without clipping."""
    if not len(samples):
        return samples
    sound = samples.astype(np.float32) / 32_768
    peak = float(np.abs(sound).max())
    voiced = sound[np.abs(sound) > 0.02 * peak]
    level = float(np.sqrt(np.mean(voiced**2))) if len(voiced) else 0.0
    gain = min(_LOUD / max(level, 1e-6), _MOST_GAIN, _PEAK / max(peak, 1e-6))
    return np.round(sound * gain * 32_767).astype(np.int16)


def _resampled(samples: Samples, rate: int) -> Samples:
    """Return samples at the rate of the aligner, which looks at loudness and coarse bands alone."""
    if rate == RATE:
        return samples
    if rate > RATE:  # a short average keeps what lies above from folding down
        width = max(1, round(rate / RATE))
        smooth = np.convolve(samples.astype(np.float32), np.full(width, 1 / width, np.float32), "same")
    else:
        smooth = samples.astype(np.float32)
    times = np.arange(int(len(samples) * RATE / rate)) * (rate / RATE)
    found: Samples = np.interp(times, np.arange(len(samples)), smooth).astype(np.int16)
    return found


def _check_writing(text: str, voice: Voice) -> None:
    """Refuse a text of which a voice cannot read most letters, before it speaks something else."""
    letters = Counter(unicodedata.name(each, "").split(" ")[0] for each in text if each.isalpha())
    expected = _WRITING.get(voice.language.split("-")[0].lower(), ("LATIN",))
    known = sum(count for name, count in letters.items() if name in expected)
    if letters and known * 2 < letters.total():
        most = letters.most_common(1)[0][0].capitalize()
        raise SpeechError(
            f"The voice {voice.name} cannot read this text, whose letters are mostly {most}. Choose a voice of its "
            "language, with voice= the path of a Piper voice (NAME.onnx)."
        )
