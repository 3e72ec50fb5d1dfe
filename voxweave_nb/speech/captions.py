"""Captions with the times of their words, where they are from, and what is doubtful about them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError, SubtitleError
from ..models import Cue, Word, percent
from ..pasted import is_pasted_text
from ..timecode import clock
from .doubts import Doubt

if TYPE_CHECKING:
    from ..media.narration import Narration

__all__ = ["AUTO", "Captions", "aligned_captions", "caption_warnings", "captions_for", "recognised_captions"]

AUTO = "auto"
"""Given as subtitles, it asks for what a recogniser hears."""

_MOST_TOLD = 3
_LEAST_SURE = 0.5  # of the words of a caption, on average


@dataclass(frozen=True, slots=True)
class Captions:
    """The captions of a narration.

    Attributes:
        cues: The captions, at most two lines each, with their words.
        source: `"aligned"` if a text without times was given, `"given"` if it had times, and `"recognised (whisper
            tiny.en)"`, with the recogniser and its weights, if nothing was given.
        doubts: What does not fit the narration: sentences that are not said, and speech that is not written.
        fits: False if the text seems to be another one than what is said.
        warnings: What was repaired in captions that were given, in sentences.
        language: A BCP 47 tag, if a recogniser has found it, or an empty text.
    """

    cues: tuple[Cue, ...]
    source: str
    doubts: tuple[Doubt, ...] = ()
    fits: bool = True
    warnings: tuple[str, ...] = ()
    language: str = ""

    @property
    def words(self) -> tuple[Word, ...]:
        """The words of all captions whose times are known."""
        return tuple(word for cue in self.cues for word in cue.words)

    def subtitles_text(self) -> str:
        """Return the captions as WebVTT, with the times of words: the form in which `submit` takes them."""
        from ..media.subtitles import write_subtitles

        return write_subtitles(self.cues, "webvtt")

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Write the captions to a file.

        Args:
            path: The file, `.srt` or `.vtt`; only the latter keeps the times of words.
            overwrite: Replace a file that exists.

        Raises:
            ConfigError: The file has another ending.
            FileExistsError: The file exists.
        """
        from ..media.subtitles import write_subtitles

        target = Path(path).expanduser()
        kind = {".srt": "srt", ".vtt": "webvtt"}.get(target.suffix.lower())
        if kind is None:
            raise ConfigError(f"Captions cannot be saved as {target.name!r}; end its name in .srt or .vtt.")
        with target.open("w" if overwrite else "x", encoding="utf-8", newline="\n") as file:
            file.write(write_subtitles(self.cues, kind))
        return target

    def __repr__(self) -> str:
        until = f" until {clock(self.cues[-1].end)}" if self.cues else ""
        doubts = f", {len(self.doubts)} doubts" if self.doubts else ""
        return f"<Captions: {len(self.cues)}{until}, {self.source}{doubts}>"


def captions_for(source: Path | str, narration: Narration) -> Captions:
    """Return the captions of a narration from a text: with times, as a subtitle file has them, or without.

    Args:
        source: A file, or the text of one.
        narration: The narration.

    Raises:
        SubtitleError: The text cannot be read, has no words, or no speech was heard.
    """
    from ..media.subtitles import read_prose, read_subtitles

    prose = read_prose(source)
    if prose is not None:
        text, warnings = prose
        path = source if isinstance(source, Path) else None if is_pasted_text(source) else Path(source)
        return aligned_captions(text, narration, path=path, warnings=warnings)
    read = read_subtitles(source, duration=narration.duration)
    return Captions(read.cues, "given", warnings=read.warnings)


def aligned_captions(
    text: str, narration: Narration, *, path: Path | None = None, warnings: Sequence[str] = ()
) -> Captions:
    """Return the captions of a text without times, which is aligned with the narration.

    Args:
        text: The text.
        narration: The narration.
        path: The file that the text is from, for errors.
        warnings: Guesses that were made when the text was read.

    Raises:
        SubtitleError: The text has no words, or no speech was heard.
    """
    from .align import align
    from .breaks import break_words

    found = align(text, narration.samples)
    if not found.words:
        raise SubtitleError(" ".join(doubt.why for doubt in found.doubts), path=path)
    cues = break_words(found.words, found.text, duration=narration.duration)
    return Captions(tuple(cues), "aligned", found.doubts, found.fits, tuple(warnings))


async def recognised_captions(
    narration: Narration,
    *,
    work: Path,
    model: str | None = None,
    language: str | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Captions:
    """Return the captions that a recogniser hears, in a process of its own; canceling the await ends it at once.

    Args:
        narration: The narration.
        work: A private folder.
        model: The name of a recogniser, or the path or name of weights; None for the first that can be used.
        language: A BCP 47 tag; None if it is to be found.
        say: Called with sentences about the progress.

    Raises:
        SpeechError: No recogniser can be used, or it failed.
        SubtitleError: Nobody speaks.
    """
    from .engine import run_engine
    from .recognise import find_recogniser

    engine, weights = await asyncio.to_thread(find_recogniser, model, language)
    say(f"Listening with {engine}")
    answer: dict[str, Any] = {}

    def hear(message: dict[str, Any]) -> None:
        if "progress" in message:
            say(f"Listening with {engine}: {percent(message['progress'])}")
        else:
            answer.update(message)

    order = {
        "do": "recognise",
        "engine": engine,
        "model": weights,
        "language": language,
        "samples": str(narration.samples),
    }
    await run_engine(order, work=work, on_message=hear)
    return await asyncio.to_thread(_recognised, answer, narration)


def _recognised(answer: Mapping[str, Any], narration: Narration) -> Captions:
    from .breaks import break_words
    from .hearing import listen
    from .snapping import snapped

    given = [Word(*values) for values in answer.get("words", ()) if str(values[0]).strip()]
    if not given:
        raise SubtitleError(f"No speech was heard in {narration.path.name}, so there is nothing to caption.")
    heard, language = listen(narration.samples), str(answer.get("language", ""))
    words = [word for word in snapped(given, heard) if word.start < narration.duration]
    cues = break_words(words, str(answer.get("text", "")), language=language, duration=narration.duration)
    doubts = tuple(
        Doubt(
            cue,
            f"At {clock(cue.start)} the words are hard to hear: {' '.join(cue.text.split())!r} may be wrong.",
        )
        for cue in cues
        if cue.words and sum(word.sure for word in cue.words) < _LEAST_SURE * len(cue.words)
    )
    source = f"recognised ({answer.get('name', '')})"
    return Captions(tuple(cues), source, doubts, language=language)


def caption_warnings(captions: Captions) -> tuple[str, ...]:
    """Return the doubts about captions as at most a few sentences."""
    told = [doubt.why for doubt in captions.doubts[:_MOST_TOLD]]
    more = len(captions.doubts) - len(told)
    if more:
        others = "place" if more == 1 else "places"
        told.append(f"The text and the narration differ in {more} more {others}.")
    return (*captions.warnings, *told)
