"""Subtitle texts and files that several tests use."""

from __future__ import annotations

import re
from pathlib import Path

from voxweave_nb.media.subtitles import read_subtitles

FIELD = Path(__file__).parents[2] / "data" / "field"
"""Files that people really have."""

ONE = "1\n00:00:01,000 --> 00:00:02,000\nHello\n"

SCRIPT_HEAD = (
    "[Script Info]\nScriptType: v4.00+\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, "
    "MarginV, Effect, Text\n"
)

NASTY = [
    "-->", "->", "00:00:01,000 --> 00:00:02,000", "0:01 -> 0:02", "0:01 → 0:02", "0:01 --&gt; 0:02", "1984", "2", "<b>",
    "</b>", "</ b>", "< b >", "<i", "<script>alert(1)</script>", "<00:01.000>", "<3", "a < b > c", "&", "&amp;",
    "&lt;b&gt;", "&#60;", "{\\an8}", "{\\b1}bold{\\b0}", "{note}", "{y:i}", "{", "\\N", "\\n", "C:\\new\\Here", "NOTE",
    "WEBVTT", "STYLE", "Dialogue: 0", "[Script Info]", "<html>", "e\u0301", "深海", "שלום", "🌊", "\u00a0", "\u3000",
    "<br>", "\u2060", "<\u2060b>", "--\u2060>",
]  # fmt: skip
"""Text that players would take for something else."""


def dialogue(words: str, start: str = "0:00:01.00", end: str = "0:00:02.00") -> str:
    return f"Dialogue: 0,{start},{end},Default,,0,0,0,,{words}\n"


def write_srt(folder: Path, words: str, encoding: str) -> Path:
    """Write a file with a cue for every line."""
    cues = (
        f"{number}\n00:00:{number:02d},000 --> 00:00:{number:02d},900\n{line}\n\n"
        for number, line in enumerate(words.split("\n"), 1)
    )
    path = folder / "talk.srt"
    path.write_bytes("".join(cues).encode(encoding))
    return path


def words_of(path: Path) -> str:
    return "\n".join(cue.text for cue in read_subtitles(path).cues)


def as_read(text: str) -> str:
    """Cues are read with single spaces and no space or blank line at the edges."""
    lines = (re.sub("  +", " ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def times_and_texts(text: str) -> list[tuple[float, float, str]]:
    return [(cue.start, cue.end, cue.text) for cue in read_subtitles(text).cues]
