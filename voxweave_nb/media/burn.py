"""Captions drawn into the picture: our own style, our own font, and honesty about letters that it lacks.

A person's own SubStation script is never drawn: it could take gigabytes. With no font on a machine libass draws
nothing and says nothing, so Inter comes along in a private font folder; the system's fonts fill in for other scripts.
"""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from ..models import Cue, SubtitleLook
from ..timecode import ass_time

__all__ = ["ass_text", "burn_style", "emoji_warning", "font_folder", "glyph_warnings"]

_LACKING = re.compile(r"failed to find any fallback with glyph 0x([0-9A-Fa-f]+)")
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]")

_FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>FONTS</dir>
  <cachedir>CACHE</cachedir>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
</fontconfig>
"""


def burn_style(cues: Sequence[Cue], width: int, height: int, look: SubtitleLook = SubtitleLook.BOX) -> str:
    """A SubStation script that draws the cues, semi-bold, inside the safe area.

    Args:
        cues: What to draw; the text is plain and nothing in it is taken as a command.
        width: The picture's width in pixels.
        height: The picture's height in pixels.
        look: On a soft dark box, with an outline and a shadow instead, or on the box with larger letters.
    """
    size, edge = round(height * (0.062 if look is SubtitleLook.LARGE else 0.047)), round(height * 0.062)
    if look is SubtitleLook.OUTLINE:
        border = f"&H00140F0C,&H80140F0C,0,0,0,0,100,100,0,0,1,{height * 0.004:.1f},{height * 0.002:.1f}"
    else:
        border = f"&H59140F0C,&H59140F0C,0,0,0,0,100,100,0,0,3,{max(2, round(height * 0.011))},0"
    style = (
        f"Style: Default,Inter,{size},&H00FFFFFF,&H00FFFFFF,{border},2,"
        f"{round(width * 0.1)},{round(width * 0.1)},{edge},1"
    )
    head = [
        "[Script Info]",
        "ScriptType: v4.00+",
        f"PlayResX: {width}",
        f"PlayResY: {height}",
        "WrapStyle: 0",
        "ScaledBorderAndShadow: yes",
        "YCbCr Matrix: TV.709",
        "",
        "[V4+ Styles]",
        "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, "
        "Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, "
        "MarginR, MarginV, Encoding",
        style,
        "",
        "[Events]",
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text",
    ]
    lines = [
        f"Dialogue: 0,{ass_time(cue.start)},{ass_time(cue.end)},Default,,0,0,0,,{{\\b600}}{ass_text(cue.text)}"
        for cue in cues
    ]
    return "\n".join([*head, *lines, ""])


def ass_text(text: str) -> str:
    """Text in which libass sees no command: braces are escaped, a joiner disarms a backslash."""
    safe = text.replace("\\", "\\\u2060").replace("{", "\\{").replace("}", "\\}")
    return "\\N".join(line.strip() for line in safe.split("\n") if line.strip())


def font_folder(work: Path) -> dict[str, str]:
    """Lays out Inter and a private fontconfig in a work folder.

    Returns:
        The variables that make FFmpeg, run in that folder, find them.
    """
    fonts = work / "fonts"
    if not fonts.is_dir():
        fonts.mkdir()
        source = resources.files("fontpkg_inter") / "files"
        for number, font in enumerate(sorted(source.iterdir(), key=lambda entry: entry.name)):
            with resources.as_file(
                font
            ) as path:  # the names hold brackets, which filters would have to escape
                shutil.copyfile(path, fonts / f"inter-{number}.ttf")
    config = work / "fonts.conf"
    text = _FONTCONFIG.replace("FONTS", _xml(fonts)).replace("CACHE", _xml(work / "fontcache"))
    config.write_text(text, encoding="utf-8")
    return {"FONTCONFIG_FILE": str(config)}


def _xml(path: Path) -> str:
    return str(path.absolute()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def glyph_warnings(said: str) -> tuple[str, ...]:
    """What libass complained about at log level `info`, as one sentence that names the scripts."""
    lacking = {chr(int(code, 16)) for code in _LACKING.findall(said) if int(code, 16) <= 0x10FFFF}
    lacking -= {"\n", "\u200b", "\u2060", "\ufe0f"}
    if not lacking:
        return ()
    scripts = sorted({_script(character) for character in lacking})
    shown = " ".join(sorted(lacking)[:12])
    return (
        f"No font here can draw {len(lacking)} of the captions' characters ({', '.join(scripts)}: {shown}); they are "
        "boxes in the picture. Install a font for them, or use soft subtitles.",
    )


def emoji_warning(cues: Sequence[Cue]) -> tuple[str, ...]:
    """A sentence where captions hold emoji, which libass draws without colour or not at all."""
    if any(_EMOJI.search(cue.text) for cue in cues):
        return ("The captions hold emoji, which cannot be burnt in in colour; soft subtitles keep them.",)
    return ()


def _script(character: str) -> str:
    return unicodedata.name(character, "unnamed").split()[0].capitalize()
