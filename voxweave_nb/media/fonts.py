"""Scripts that no font here can draw, found out before anything is made: libass itself is asked, once per script."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from ..child_environment import child_environment, creation_flags
from ..errors import VoxweaveError
from ..private_folders import new_private_folder
from .ass import AssStyle, ass_event, ass_script
from .burn import font_folder, font_option, missing_glyphs
from .ffmpeg import find_ffmpeg

__all__ = ["find_fonts", "fonts_known", "missing_fonts"]

_IN_INTER = frozenset({"LATIN", "GREEK", "CYRILLIC", "MODIFIER", "FULLWIDTH", "SUPERSCRIPT", "SUBSCRIPT"})
_NAMES = {
    "CJK": "Chinese",
    "HIRAGANA": "Japanese",
    "KATAKANA": "Japanese",
    "HANGUL": "Korean",
}
_LETTERS = 3  # of each script that are tried
_PREFIX = "voxweave-fonts-"
_TIMEOUT = 30.0  # seconds

_drawable: dict[str, bool] = {}
_asking = threading.Lock()


def fonts_known(text: str) -> bool:
    """Return True if it is known for all letters of a text whether they can be drawn."""
    return _drawable.keys() >= _letters(text).keys()


def missing_fonts(text: str, what: str) -> tuple[str, ...]:
    """Return a warning if a text has scripts that are known to have no font here; asks nobody.

    Args:
        text: The text that will be drawn.
        what: What it is, for the warning, such as `"the title"`.
    """
    missing = [script for script in _letters(text) if _drawable.get(script) is False]
    if not missing:
        return ()
    names = " and ".join(dict.fromkeys(_NAMES.get(script, script.capitalize()) for script in missing))
    return (
        f"No font here has {names} letters, so {what} will show boxes. Install a font that has them, such as one of "
        "the Noto family.",
    )


def find_fonts(text: str) -> None:
    """Ask libass which letters of a text it can draw, unless it is known; takes up to a second, for a new script.

    Without FFmpeg, or without libass in it, nothing becomes known.
    """
    with _asking:
        new = {script: letters for script, letters in _letters(text).items() if script not in _drawable}
        if new:
            _drawable.update(_drawn(new))


def _letters(text: str) -> dict[str, str]:
    """Return the first letters of each script that Inter does not have."""
    found = dict[str, str]()
    for character in dict.fromkeys(text):
        if character.isalpha() and not character.isascii():
            script = re.split("[ -]", unicodedata.name(character, "UNNAMED"))[0]
            if script not in _IN_INTER and len(found.get(script, "")) < _LETTERS:
                found[script] = found.get(script, "") + character
    return found


def _drawn(letters: Mapping[str, str]) -> dict[str, bool]:
    """Draw a frame with the letters of each script, and return which scripts have a font."""
    folder: Path | None = None
    try:
        folder = new_private_folder(_PREFIX)
        log = _log_of(folder, "".join(letters.values()))
    except (OSError, subprocess.SubprocessError, VoxweaveError):
        return {}
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
    missing = missing_glyphs(log)
    return {script: missing.isdisjoint(some) for script, some in letters.items()}


def _log_of(folder: Path, letters: str) -> str:
    """Return FFmpeg's log of drawing letters."""
    script = ass_script(
        320, 180, [AssStyle(name="Words")], [ass_event(0, 1, "Words", " ".join(letters))], wrap=True
    )
    (folder / "letters.ass").write_text(script, encoding="utf-8", newline="\n")
    source = ["-f", "lavfi", "-i", "color=black:s=320x180:d=0.1:r=10"]
    draw = ["-vf", f"ass=f=letters.ass{font_option()}", "-frames:v", "1", "-f", "null", "-"]
    done = subprocess.run(
        [find_ffmpeg().path, "-hide_banner", "-nostdin", "-v", "info", *source, *draw],
        cwd=folder,
        env=child_environment(**font_folder(folder)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=_TIMEOUT,
        check=True,
        creationflags=creation_flags(),
    )
    return done.stderr
