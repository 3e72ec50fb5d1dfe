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
from .ass import AssStyle, ass_event, ass_script, ass_text

__all__ = ["WEIGHTS", "burn_script", "emoji_warning", "font_folder", "font_option", "glyph_warnings"]

WEIGHTS = (400, 500, 600, 700, 800)
"""The weights of Inter that have a file of their own; another weight is drawn with the nearest."""

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

    Args:
        cues: The captions; their text is plain, nothing in it is taken as a command.
        width: Width of the video, in pixels.
        height: Height of the video, in pixels.
        look: On a dark translucent box, with an outline and a shadow instead, or on the box in larger letters.
    """
    outlined = look is SubtitleLook.OUTLINE
    style = AssStyle(
        name="Default",
        size=round(height * (0.062 if look is SubtitleLook.LARGE else 0.047)),
        outline_color="&H00140F0C" if outlined else "&H59140F0C",
        back_color="&H80140F0C" if outlined else "&H59140F0C",
        box=not outlined,
        outline=round(height * 0.004, 1) if outlined else max(2, round(height * 0.011)),
        shadow=round(height * 0.002, 1) if outlined else 0,
        margin_left=round(width * 0.1),
        margin_right=round(width * 0.1),
        margin_vertical=round(height * 0.062),
    )
    events = [ass_event(cue.start, cue.end, "Default", f"{{\\b600}}{ass_text(cue.text)}") for cue in cues]
    return ass_script(width, height, [style], events, wrap=True)


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
    missing = {chr(int(code, 16)) for code in _MISSING_GLYPH.findall(log) if int(code, 16) <= 0x10FFFF}
    missing -= {"\n", "\u200b", "\u2060", "\ufe0f"}
    if not missing:
        return ()
    scripts = sorted({_writing_system(character) for character in missing})
    shown = " ".join(sorted(missing)[:12])
    return (
        f"No font here can draw {len(missing)} of the captions' characters ({', '.join(scripts)}: {shown}); the video "
        "shows boxes for them. Install a font that has them, or use soft subtitles.",
    )


def emoji_warning(cues: Sequence[Cue]) -> tuple[str, ...]:
    """Return a warning if captions contain emoji, which libass draws without colour or not at all."""
    if any(_EMOJI.search(cue.text) for cue in cues):
        return ("The captions contain emoji, which cannot be burnt in in colour; soft subtitles keep them.",)
    return ()


def _writing_system(character: str) -> str:
    return unicodedata.name(character, "unnamed").split()[0].capitalize()
