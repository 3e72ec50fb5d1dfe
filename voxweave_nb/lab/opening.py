"""Opening a lab: a new one, or one that was left, whose narration or base may have changed since."""

from __future__ import annotations

import getpass
import hashlib
import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..config import VideoConfig
from ..errors import ConfigError
from ..journal import file_sha
from ..request import check_narration, check_subtitles
from ..validation import text
from .folder import LabFolder, Purpose
from .records import ME, Source

__all__ = ["Opened", "checked_name", "open_lab", "user_name"]

# Users of containers, hubs and rented machines: no person's name.
_SHARED_NAMES = (
    "", "app", "codespace", "debian", "ec2-user", "gitpod", "jovyan", "jupyter", "node", "nobody", "root",
    "sagemaker-user", "ubuntu", "user", "vscode",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opened:
    """A lab that was opened.

    Attributes:
        purpose: What it is for.
        narration: The narration's file, or None if it is not there.
        subtitles: The subtitles, or None.
        warnings: What has changed since it was left.
    """

    purpose: Purpose
    narration: Path | None
    subtitles: Path | str | None
    warnings: tuple[str, ...]


def open_lab(
    folder: LabFolder,
    name: str,
    narration: str | os.PathLike[str] | None,
    subtitles: str | os.PathLike[str] | None,
    base: VideoConfig | Mapping[str, Any] | None,
) -> Opened:
    """Open a lab, or begin one; `lab.json` is written if it is new or something has changed.

    Raises:
        ConfigError: `lab.json` is damaged, or a new lab has no narration.
        NarrationError: The narration does not exist.
        SubtitleError: The subtitle file does not exist.
    """
    before = folder.purpose()
    if narration is None:
        if before is None:
            raise ConfigError(
                f"The lab {name!r} does not exist in {folder.path.parent}. Give a narration to begin one."
            )
        audio = _found(before.narration)
        words = check_subtitles(subtitles) if subtitles is not None else _stored_subtitles(before.subtitles)
        shown = before.narration
        source = (
            before.source if subtitles is None else replace(before.source, subtitles=_subtitles_sha(words))
        )
        kept = before.subtitles if subtitles is None else str(words or "")
    else:
        audio, words = check_narration(narration), check_subtitles(subtitles)
        shown, kept = str(audio), str(words or "")
        source = Source(file_sha(audio), _subtitles_sha(words))
    options = VideoConfig.of(base).as_dict() if base is not None or before is None else dict(before.base)
    now = Purpose.new(shown, kept, source, options)
    if before is not None:
        now = replace(now, group=before.group, created=before.created)
    if now != before:
        folder.save_purpose(now)
    return Opened(now, audio, words, tuple(_changes(before, now)) if before is not None else ())


def checked_name(name: Any) -> str:
    """Return a name that can name a folder on every system.

    Raises:
        ConfigError: The name is empty, too long, or has a sign that a folder's name may not have.
    """
    checked = unicodedata.normalize("NFC", text(name, "name", 60))
    if (
        not checked
        or re.search(r'[<>:"/\\|?*\x00-\x1f]', checked)
        or checked.startswith(".")
        or checked.endswith(".")
    ):
        raise ConfigError(
            f"The lab's name is {name!r}; give one of up to 60 letters, digits, blanks, - and _. It names the folder."
        )
    return checked


def user_name() -> str:
    """Return the name of the user on this machine, or `me` where it is one that many share, as in a container."""
    try:
        name = getpass.getuser()[:80]
    except (OSError, KeyError, ImportError):
        name = ""
    return ME if name.lower() in _SHARED_NAMES else name


def _found(path: str) -> Path | None:
    return Path(path) if path and Path(path).is_file() else None


def _stored_subtitles(stored: str) -> Path | str | None:
    """Return the subtitles of a stored purpose: a path of a file that is there, or the text."""
    return stored if "\n" in stored else _found(stored)


def _subtitles_sha(subtitles: Path | str | None) -> str:
    if subtitles is None:
        return ""
    content = subtitles.read_bytes() if isinstance(subtitles, Path) else subtitles.encode()
    return hashlib.sha256(content).hexdigest()


def _changes(before: Purpose, now: Purpose) -> list[str]:
    """Return a sentence for each thing that the lab is for and that has changed."""
    found = []
    if before.source.narration != now.source.narration:
        found.append("The narration has changed; the variants made with the old one are kept as they are.")
    if before.source.subtitles != now.source.subtitles:
        found.append("The subtitles have changed; the variants made with the old ones are kept as they are.")
    if dict(before.base) != dict(now.base):
        found.append(
            "The base config has changed; new variants start from the new one, the old ones are kept."
        )
    return found
