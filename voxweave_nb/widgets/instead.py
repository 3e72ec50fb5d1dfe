"""What the panel shows where ipywidgets' controls cannot be shown: the lines that do the same."""

from __future__ import annotations

import os
from html import escape

from ..config import VideoConfig
from . import texts

__all__ = ["HtmlPage", "marimo_page", "terminal_text"]

_IMPORTS = "from voxweave_nb import {names}\nservice = VideoGenerationService.default()"


class HtmlPage:
    """HTML that marimo displays."""

    def __init__(self, html: str) -> None:
        self._html = html

    def _mime_(self) -> tuple[str, str]:
        return "text/html", self._html


def terminal_text(
    narration: os.PathLike[str] | None, subtitles: str | os.PathLike[str] | None, config: VideoConfig
) -> str:
    """Return the text for a terminal.

    Args:
        narration: The narration that was chosen, or None.
        subtitles: The path of the subtitles, or their text, or None.
        config: The values of the panel's controls.
    """
    lines = (
        _IMPORTS.format(names="VideoConfig, VideoGenerationService"),
        f"job = service.submit({_arguments(_path(narration), subtitles, config)})",
        "job.result()",
    )
    code = "\n".join(f"    {line}" for line in "\n".join(lines).splitlines())
    return f"{texts.PANEL_IN_TERMINAL}\n\n{code}\n"


def marimo_page(subtitles: str | os.PathLike[str] | None, config: VideoConfig) -> str:
    """Return the page for marimo; the arguments are those of `terminal_text`."""
    names = "AudioInput, Player, VideoConfig, VideoGenerationService"
    cells = (
        "audio = AudioInput()\naudio",
        f"job = service.submit({_arguments('audio.narration()', subtitles, config)})\njob",
        "Player(await job)",
    )
    style = "margin:6px 0;padding:8px 12px;border:1px solid #8884;border-radius:6px;white-space:pre-wrap"
    code = "".join(
        f'<pre style="{style}">{escape(cell)}</pre>' for cell in (_IMPORTS.format(names=names), *cells)
    )
    text = escape(texts.PANEL_IN_MARIMO)
    return f'<div style="max-width:860px;line-height:1.5"><p>{text}</p>{code}</div>'


def _arguments(narration: str, subtitles: str | os.PathLike[str] | None, config: VideoConfig) -> str:
    more = [f"subtitles={_path(subtitles)}"] if subtitles is not None else []
    return ", ".join([narration, *more, *([f"config={config!r}"] if config != VideoConfig() else [])])


def _path(path: str | os.PathLike[str] | None) -> str:
    if path is None:
        return repr("talk.mp3")
    text = os.fspath(path)
    return repr("talk.srt" if "\n" in text else text)  # the text of subtitles is too long to show
