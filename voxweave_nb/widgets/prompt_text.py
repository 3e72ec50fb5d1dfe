"""The prompt's length as text, and the earlier prompts that the arrow keys bring back."""

from __future__ import annotations

from collections.abc import Iterable

from ..config import MAX_PROMPT
from . import texts

__all__ = ["length_html", "recent_prompts"]

_RECENT_CHARACTERS = 8_000
"""Characters of all earlier prompts together; they are part of the notebook's state."""


def recent_prompts(prompts: Iterable[str]) -> list[str]:
    """Return earlier prompts for the arrow keys: each once, newest first, as many as fit `_RECENT_CHARACTERS`."""
    room, kept = _RECENT_CHARACTERS, []
    for prompt in dict.fromkeys(filter(None, prompts)):
        room -= len(prompt)
        if room < 0:
            break
        kept.append(prompt)
    return kept


def length_html(length: int, limit: int | None) -> str:
    """Return the prompt's length as HTML, with a warning if it is over the model's limit.

    Args:
        length: The prompt's length in characters.
        limit: The longest prompt that the model accepts, in characters, or None if it has no limit.
    """
    most = min(limit or MAX_PROMPT, MAX_PROMPT)
    text = (texts.CHARACTERS_OF if limit else texts.CHARACTERS).format(count=length, limit=most)
    over = texts.CHARACTERS_OVER.format(over=length - most) if length > most else ""
    return f'<div class="vx-note vx-count{" vx-over" if over else ""}">{text}{over}</div>'
