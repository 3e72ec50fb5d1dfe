"""Burning captions into a video: the ASS script, the fonts, and warnings about characters that no font can draw.

On a machine without fonts libass draws nothing and reports nothing. So Inter is laid out in a private font folder; the
system's fonts fill in for other writing systems.

On Linux libass finds fonts with fontconfig, which knows the weights of a variable font. On macOS and Windows it asks
CoreText or DirectWrite, which know nothing of that folder: there it loads one file for each weight from the folder
itself. Those files in `fonts/` are made by `scripts/make_fonts.py`, so that videos look alike everywhere.
"""

from __future__ import annotations

import re
import shutil
import sys
import unicodedata
from collections.abc import Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from ..models import Cue, SubtitleLook
from .ass import BY_FIRST_LETTER, AssStyle, ass_event, ass_script, ass_text
from .typeset import broken, fits_by_spaces
from .writing import in_direction

__all__ = [
    "WEIGHTS",
    "burn_script",
    "emoji_warning",
    "font_folder",
    "font_option",
    "glyph_warnings",
    "missing_glyphs",
    "size_warnings",
]

WEIGHTS = (400, 500, 600, 700, 800)
"""The weights of Inter that have a file of their own; another weight is drawn with the nearest."""

_MARGIN = 0.1  # of the width, at either side
_EM = 0.87  # of a size: Inter's letters are 0.7, those of most Chinese and Japanese fonts that fill in up to this
_PLENTY = 0.36  # of the height; a caption that covers more gets smaller letters
_SMALLEST = 0.5  # of the usual size
_MOST = 0.86  # of the height

_MISSING_GLYPH = re.compile(r"failed to find any fallback with glyph 0x([0-9A-Fa-f]+)")
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]")

_FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>FONTS</dir>
  <cachedir>CACHE</cachedir>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
</fontconfig>
"""


def burn_script(cues: Sequence[Cue], width: int, height: int, look: SubtitleLook = SubtitleLook.BOX) -> str:
    """Return the ASS script that draws the captions in semi-bold Inter, inside the safe area.

    Lines without spaces are broken to fit; a caption that would cover much of the frame gets smaller letters.

    Args:
        cues: The captions; their text is plain, nothing in it is taken as a command.
        width: Width of the video, in pixels.
        height: Height of the video, in pixels.
        look: On a dark translucent box, with an outline and a shadow instead, or on the box in larger letters.
    """
    outlined = look is SubtitleLook.OUTLINE
    size = _size(height, look)
    style = AssStyle(
        name="Default",
        size=size,
        outline_color="&H00140F0C" if outlined else "&H59140F0C",
        back_color="&H80140F0C" if outlined else "&H59140F0C",
        box=not outlined,
        outline=round(height * 0.004, 1) if outlined else max(2, round(height * 0.011)),
        shadow=round(height * 0.002, 1) if outlined else 0,
        margin_left=round(width * _MARGIN),
        margin_right=round(width * _MARGIN),
        margin_vertical=round(height * 0.062),
        encoding=BY_FIRST_LETTER,
    )
    events = []
    for cue in cues:
        fitted, rows = _fitted(cue.text, size, width, height)
        smaller = f"\\fs{fitted}" if fitted < size else ""
        words = ass_text("\n".join(rows))
        events.append(ass_event(cue.start, cue.end, "Default", f"{{\\b600{smaller}}}{words}"))
    return ass_script(width, height, [style], events, wrap=True)


def size_warnings(
    cues: Sequence[Cue], width: int, height: int, look: SubtitleLook = SubtitleLook.BOX
) -> tuple[str, ...]:
    """Return a warning if captions are too long for the frame; arguments as in `burn_script`."""
    size = _size(height, look)
    fitted = [(cue, *_fitted(cue.text, size, width, height)) for cue in cues]
    smaller = [cue for cue, own, rows in fitted if own < size and _covers(rows, own, width) <= height * _MOST]
    over = [cue for cue, own, rows in fitted if _covers(rows, own, width) > height * _MOST]
    said = []
    if smaller:
        said.append(
            f"{_captions(smaller)} long for a frame of {width}x{height} and drawn in smaller letters."
        )
    if over:
        said.append(
            f"{_captions(over)} too long for a frame of {width}x{height} and will be cut off. Split them into shorter "
            "ones, or use soft subtitles."
        )
    return tuple(said)


def _captions(cues: Sequence[Cue]) -> str:
    first = f"{cues[0].text[:30]}…".replace("\n", " ")
    return f"The caption {first!r} is" if len(cues) == 1 else f"{len(cues)} captions, such as {first!r}, are"


def _size(height: int, look: SubtitleLook) -> int:
    return round(height * (0.062 if look is SubtitleLook.LARGE else 0.047))


def _fitted(text: str, size: int, width: int, height: int) -> tuple[int, list[str]]:
    """Return the size of the letters, and the lines; libass breaks those further that have spaces."""
    fitted = size
    while True:
        rows = _rows(text, fitted, width)
        if _covers(rows, fitted, width) <= height * _PLENTY or fitted <= size * _SMALLEST:
            return fitted, rows
        fitted = min(fitted - 1, round(fitted * 0.93))


def _widest(size: int, width: int) -> float:
    """Return the width of a line in em."""
    return width * (1 - 2 * _MARGIN) / (size * _EM)


def _rows(text: str, size: int, width: int) -> list[str]:
    widest = _widest(size, width)
    rows = list[str]()
    for line in text.split("\n"):
        if fits_by_spaces(line, widest):
            rows.append(line)
        else:
            rows += in_direction(line, broken(line, widest))
    return rows


def _covers(rows: Sequence[str], size: int, width: int) -> float:
    """Return the height of lines in pixels, with those that libass breaks."""
    return size * sum(len(broken(row, _widest(size, width))) for row in rows)


def font_folder(work: Path) -> dict[str, str]:
    """Lay out Inter and a private fontconfig in a work folder.

    Returns:
        The environment variables with which FFmpeg, run in that folder, finds them; its filter needs `font_option` too.
    """
    fonts = work / "fonts"
    if not fonts.is_dir():
        fonts.mkdir()
        for number, font in enumerate(_font_files()):
            # The fonts' own names hold brackets, which FFmpeg's filters would need escaped.
            with resources.as_file(font) as path:
                shutil.copyfile(path, fonts / f"inter-{number}.ttf")
    config = work / "fonts.conf"
    text = _FONTCONFIG.replace("FONTS", _xml(fonts)).replace("CACHE", _xml(work / "fontcache"))
    config.write_text(text, encoding="utf-8", newline="\n")
    return {"FONTCONFIG_FILE": str(config)}


def font_option() -> str:
    """Return the option that makes FFmpeg's filters `ass` and `subtitles` use the fonts of `font_folder`, with a colon.

    It is empty where fontconfig finds them.
    """
    return "" if _has_fontconfig() else ":fontsdir=fonts"


def _has_fontconfig() -> bool:
    return sys.platform not in ("darwin", "win32")


def _font_files() -> list[Traversable]:
    variable = resources.files("fontpkg_inter") / "files"
    source = variable if _has_fontconfig() else resources.files(__package__) / "fonts"
    return sorted(
        (file for file in source.iterdir() if file.name.endswith(".ttf")), key=lambda file: file.name
    )


def _xml(path: Path) -> str:
    return str(path.absolute()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def glyph_warnings(log: str) -> tuple[str, ...]:
    """Return a warning about the characters that libass found no font for, or nothing.

    Args:
        log: FFmpeg's log at level `info`.
    """
    missing = missing_glyphs(log)
    if not missing:
        return ()
    scripts = sorted({_writing_system(character) for character in missing})
    shown = " ".join(sorted(missing)[:12])
    return (
        f"No font here can draw {len(missing)} of the captions' characters ({', '.join(scripts)}: {shown}); the video "
        "shows boxes for them. Install a font that has them, or use soft subtitles.",
    )


def missing_glyphs(log: str) -> set[str]:
    """Return the visible characters that libass found no font for, from FFmpeg's log at level `info`."""
    missing = {chr(int(code, 16)) for code in _MISSING_GLYPH.findall(log) if int(code, 16) <= 0x10FFFF}
    return missing - {"\n", "\u200b", "\u200e", "\u200f", "\u2060", "\ufe0f"}


def emoji_warning(cues: Sequence[Cue]) -> tuple[str, ...]:
    """Return a warning if captions contain emoji, which libass draws without colour or not at all."""
    if any(_EMOJI.search(cue.text) for cue in cues):
        return ("The captions contain emoji, which cannot be burnt in in colour; soft subtitles keep them.",)
    return ()


def _writing_system(character: str) -> str:
    return unicodedata.name(character, "unnamed").split()[0].capitalize()
