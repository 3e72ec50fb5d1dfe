"""Telling a pasted text from a path."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["is_pasted_text"]

_LONGEST_PATH = 1_024  # characters
_LONGEST_NAME = 255  # bytes
_ENDING = re.compile(r"\.\w{1,8}$")  # of a file
_SENTENCE = re.compile(r"[^\s.]\s.*[.!?…:;,]$|[。！？、，؟،।॥۔]", re.DOTALL)
_FEWEST_WORDS = 4
_QUOTES = "\"'`“”‘’„«» "  # around a path that was copied


def is_pasted_text(source: str) -> bool:
    """Return True if a string is a text rather than the path of a file.

    A text has several lines, reads like a sentence, or is too long for a path. A file that exists is never a text.
    """
    line = source.strip().strip(_QUOTES)
    if "\n" in line or "\r" in line or len(line) > _LONGEST_PATH:
        return True
    if not line or _exists(line):
        return False
    if any(len(part.encode("utf-8", "replace")) > _LONGEST_NAME for part in re.split(r"[/\\]", line)):
        return True
    if source.endswith(("\n", "\r")) and not _ENDING.search(line):
        return True
    return bool(_SENTENCE.search(line)) or (
        len(line.split()) >= _FEWEST_WORDS and not _ENDING.search(line) and not re.search(r"[/\\]", line)
    )


def _exists(line: str) -> bool:
    try:
        return Path(line).expanduser().exists()
    except (OSError, ValueError, RuntimeError):  # too long, with a zero byte, or of a user who does not exist
        return False
