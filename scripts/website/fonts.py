"""Make the website's font from the package's own Inter: Latin letters only, as WOFF2."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from cache import cached
from fontTools import subset

HERE = Path(__file__).resolve()
LETTERS = "U+0020-017F,U+2010-2026,U+2030-203A,U+20AC,U+2122,U+2190-2193,U+2212,U+2248,U+2264-2265,U+00D7"


def inter() -> Path:
    """Return a folder with `inter.woff2`, all weights in one file."""
    return cached("font", [HERE], _make)


def _make(folder: Path) -> None:
    with as_file(files("fontpkg_inter") / "files" / "Inter[opsz,wght].ttf") as source:
        words = [
            str(source),
            f"--unicodes={LETTERS}",
            "--flavor=woff2",
            f"--output-file={folder / 'inter.woff2'}",
        ]
        subset.main([*words, "--layout-features=kern,liga,calt,ccmp,locl,mark,mkmk,tnum,case"])
