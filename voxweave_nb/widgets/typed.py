"""What a person types for a file: the path that it means, and a line that says what was found there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from .. import runtime
from ..errors import VoxweaveError
from ..inputs import is_address, named_path, near_file, unquoted
from ..pasted import is_pasted_text
from ..settings import Settings
from ..timecode import clock
from . import texts
from .elements import set_visible, warnings_html

__all__ = [
    "Finding",
    "FoundLine",
    "find_captions",
    "find_image",
    "find_narration",
    "find_subtitles",
    "typed_path",
]

_CODECS = {"mp3float": "MP3", "opus": "Opus", "vorbis": "Vorbis"}
_FORMATS = {"srt": "SRT", "webvtt": "WebVTT", "ass": "ASS"}


@dataclass(frozen=True)
class Finding:
    """What was found at a typed path.

    Attributes:
        text: One sentence or a few facts; empty for nothing to say.
        usable: False if a video cannot be made with it.
        warnings: What would differ, in sentences.
    """

    text: str
    usable: bool = True
    warnings: tuple[str, ...] = ()


def typed_path(typed: str) -> Path | None:
    """Return the path that was typed, as `inputs.named_path` reads it; None for nothing."""
    return named_path(typed) if unquoted(typed) else None


def find_narration(typed: str, settings: Settings) -> Finding:
    """Look at a narration: its length and codec, or the reason why it cannot be used."""
    return _find(typed, lambda path: _narration(path, settings), "narration")


def find_subtitles(typed: str) -> Finding:
    """Look at a subtitle file: the number of captions and the format, or the reason why it cannot be used."""
    return find_captions(typed) if is_pasted_text(typed) else _find(typed, _subtitles, "captions")


def find_image(typed: str) -> Finding:
    """Look at an image: its size and format, or the reason why it cannot be used."""
    return _find(typed, _image, "image")


def find_captions(pasted: str) -> Finding:
    """Look at pasted subtitles, as `find_subtitles` does at a file."""
    path = None if "\n" in pasted.strip() else typed_path(pasted)
    if path is None:
        return _subtitles(pasted) if pasted.strip() else Finding("")
    if is_address(pasted):
        return Finding(texts.URL_NOT_FETCHED, usable=False)
    if path.suffix.lower() in (".srt", ".vtt", ".ass"):
        return Finding(texts.PASTED_PATH, usable=False)
    return _subtitles(f"{pasted}\n")


def _find(typed: str, look: Callable[[Path], Finding], kind: str) -> Finding:
    path = typed_path(typed)
    if path is None:
        return Finding("")
    if is_address(typed):
        return Finding(texts.URL_NOT_FETCHED, usable=False)
    try:
        if path.is_dir():
            return Finding(texts.FOLDER, usable=False)
        if path.is_file():
            return look(path)
        parent = path.absolute().parent
        text = texts.NO_FILE if parent.is_dir() else texts.NO_FOLDER
        text = text.format(folder=parent)
        hint = near_file(path.absolute(), kind)
        return Finding(f"{text}.{hint}" if hint else text, usable=False)
    except (OSError, ValueError):  # a name that no file can have
        return Finding(texts.NO_PATH, usable=False)


def _narration(path: Path, settings: Settings) -> Finding:
    from ..media.probe import probe

    try:
        info = probe(path)
    except VoxweaveError as error:
        return Finding(str(error), usable=False)
    if info.audio is None:
        return Finding(texts.NO_SOUND, usable=False)
    codec = info.audio.codec
    kind = "WAV" if info.container == "wav" else _CODECS.get(codec, codec.upper())
    facts = [clock(info.duration)] if info.duration else []
    facts += [kind, *([texts.SOUND_OF_VIDEO] if info.video else [])]
    size = path.stat().st_size
    if info.duration > settings.max_narration_seconds:
        facts.append(texts.TOO_LONG.format(limit=clock(settings.max_narration_seconds)))
    elif size > settings.max_narration_bytes:
        facts.append(texts.TOO_LARGE.format(limit=f"{settings.max_narration_bytes / 1e6:.0f} MB"))
    else:
        return Finding(", ".join(facts))
    return Finding(", ".join(facts), usable=False)


def _image(path: Path) -> Finding:
    from ..media.first_frame import check_image

    try:
        found = check_image(path)
    except VoxweaveError as error:
        return Finding(str(error), usable=False)
    return Finding(f"{found.width}x{found.height}, {found.format}")


def _subtitles(source: Path | str) -> Finding:
    from ..media.subtitles import read_prose, read_subtitles

    try:
        if prose := read_prose(source):
            text, warnings = prose
            words = texts.WORDS.format(count=len(text.split()))
            return Finding(f"{words}, {texts.ALIGNED}", warnings=tuple(warnings))
        read = read_subtitles(source)
    except VoxweaveError as error:
        return Finding(str(error), usable=False)
    count = texts.ONE_CAPTION if len(read.cues) == 1 else texts.CAPTIONS.format(count=len(read.cues))
    facts = (count, _FORMATS.get(read.format, read.format), texts.UNTIL.format(end=clock(read.cues[-1].end)))
    return Finding(", ".join(facts), warnings=read.warnings)


class FoundLine(widgets.HTML):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """A line under a field that says what was found; hidden while there is nothing to say."""

    def __init__(self) -> None:
        self._turn = 0
        super().__init__()
        set_visible(self, False)

    def look(self, find: Callable[..., Finding], typed: str, *args: Any) -> None:
        """Show what a function finds on another thread; of several calls, the last one counts; returns at once."""
        self._turn += 1
        if typed.strip():
            runtime.submit(self._look(self._turn, find, (typed, *args)))
        else:
            self._show(Finding(""))

    async def _look(self, turn: int, find: Callable[..., Finding], args: tuple[Any, ...]) -> None:
        if turn != self._turn:
            return
        finding = await asyncio.to_thread(find, *args)
        if turn == self._turn:
            self._show(finding)

    def _show(self, finding: Finding) -> None:
        look = "vx-note" if finding.usable else "vx-note vx-over"
        line = f'<div class="{look}" role="status">{escape(finding.text)}</div>' if finding.text else ""
        self.value = line + warnings_html(finding.warnings)
        set_visible(self, bool(line))
