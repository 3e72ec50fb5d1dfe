"""Prompts for scenes: the bible, the person's prompt, the scene's own words, and a shot word.

Models read sentences better than lists of key words, so the words of a scene are kept as they are spoken, up to 200
characters. The shots change from scene to scene, so that a cut looks like one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .cutting import Span

__all__ = ["MOST_WORDS", "full_prompt", "room_for", "scene_prompt", "shortened", "shots_of"]

MOST_WORDS = 200
"""Characters of a scene's own words in its prompt, at most."""

_FEWEST_WORDS = 24  # characters; a shorter rest says nothing
_WIDE, _MEDIUM, _DETAIL = "Wide shot", "Medium shot", "Close-up detail"
_NAMES_SHOT = re.compile(
    r"\b(?:close-?\s?ups?|(?:wide|medium|long|full|establishing|aerial|drone|macro|over-the-shoulder)[\s-]shots?|"
    r"extreme (?:wide|close)|bird'?s[\s-]eye|point of view|pov)\b",
    re.IGNORECASE,
)
_ENDS = re.compile(r"(?<=[.!?…])\s|(?<=[。！？])|(?<=[,;:–—،؛])\s|(?<=[，；、：])")
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？", "।", "؟", "։")


def shots_of(spans: Sequence[Span]) -> list[str]:
    """Return a shot word for each scene, never the same for two that follow each other.

    The first and the last scene, and those that begin a paragraph, are wide where the one before is not; between them
    medium shots and details alternate.
    """
    found: list[str] = []
    for number, span in enumerate(spans):
        before = found[-1] if found else ""
        opening = number in (0, len(spans) - 1) or span.opens == "paragraph"
        if opening and before != _WIDE:
            found.append(_WIDE)
        else:
            last = next((shot for shot in reversed(found) if shot != _WIDE), _DETAIL)
            found.append(_MEDIUM if last == _DETAIL else _DETAIL)
    return found


def scene_prompt(
    words: str, *, prompt: str = "", shot: str = "", bible: str = "", room: int | None = None
) -> str:
    """Return the prompt of a scene without the bible: the person's prompt, the scene's own words and a shot word.

    The own words are shortened at the end of a clause or a word; the person's prompt is never shortened here. A shot
    word is left out if the person's prompt or the bible names a shot.

    Args:
        words: What is spoken in the scene; may be empty.
        prompt: The person's prompt for the whole film; may be empty.
        shot: A shot word, such as `"Wide shot"`; may be empty.
        bible: The words that begin the prompt of every scene; may be empty.
        room: The largest number of characters, or None for no limit.
    """
    shot = "" if _NAMES_SHOT.search(f"{bible} {prompt}") else shot
    least = _joined(prompt, shot)
    if room is not None and len(least) > room:
        return prompt
    most = MOST_WORDS if room is None else min(MOST_WORDS, room - len(least) - 2)
    return _joined(prompt, shortened(" ".join(words.split()), most), shot)


def full_prompt(bible: str, prompt: str, limit: int | None = None) -> tuple[str, str]:
    """Return a scene's prompt behind the bible, and a warning if it was cut, else an empty text.

    Args:
        bible: The words that begin the prompt of every scene; may be empty.
        prompt: The scene's prompt, as `scene_prompt` returns it or a person wrote it.
        limit: The longest prompt of the model in characters, or None for no limit.
    """
    whole = _joined(bible, prompt)
    if limit is None or len(whole) <= limit:
        return whole, ""
    cut = whole[:limit].rsplit(None, 1)[0] if " " in whole[:limit] else whole[:limit]
    return (
        cut,
        f"The model takes prompts of {limit} characters: the last {len(whole) - len(cut)} were cut off.",
    )


def room_for(bible: str, limit: int | None) -> int | None:
    """Return the number of characters that a model's limit leaves for a scene's prompt behind the bible."""
    return None if limit is None else max(0, limit - len(_joined(bible)) - bool(bible.strip()))


def _joined(*parts: str) -> str:
    """Return parts as sentences, each with a sign at its end."""
    cleaned = [" ".join(part.split()) for part in parts if part.strip()]
    return " ".join(
        part if part.endswith(_SENTENCE_ENDS) else f"{part.rstrip(',;:–—- ')}." for part in cleaned
    )


def shortened(words: str, most: int) -> str:
    """Return the beginning of some words, to the last end of a clause that fits, else to the last word."""
    if len(words) <= most:
        return words
    if most < _FEWEST_WORDS:
        return ""
    ends = [match.start() for match in _ENDS.finditer(words) if most / 2 <= match.start() <= most]
    if ends:
        return words[: ends[-1]].rstrip(" ,;:–—،；，、：")
    head = words[: most + 1]
    return head.rsplit(None, 1)[0] if " " in head else words[:most]
