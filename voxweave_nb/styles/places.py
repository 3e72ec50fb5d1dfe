"""Places in a prompt, and the places that a style can draw: one list for the panel, the command line and the result.

A style's places are in its TOML; the words for them are the table `[place]` of `render/words.toml`.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources

from ..models import VideoStyle
from . import StyleSheet, load_style

__all__ = ["draws", "find_words", "missing_places", "place_words", "places_in", "variation_of_place"]

_NEGATIONS = {"no", "not", "without", "never"}
_ARTICLES = {"a", "an", "the", "any"}


def find_words(prompt: str, entries: Iterable[str]) -> list[str]:
    """Return the entries that a prompt names, each once, in the prompt's order; those after "no" are left out."""
    # Longer entries come first, so that "golden hour" is not read as "golden".
    pattern = "|".join(re.escape(entry) for entry in sorted(entries, key=len, reverse=True))
    found: list[str] = []
    for match in re.finditer(rf"\b(?:{pattern})\b", prompt.lower()):
        before = re.findall(r"\w+", prompt.lower()[max(0, match.start() - 16) : match.start()])
        if before[-1:] and before[-1] in _ARTICLES:
            del before[-1]
        if match[0] not in found and not (before and before[-1] in _NEGATIONS):
            found.append(match[0])
    return found


@functools.cache
def place_words() -> Mapping[str, str]:
    """Return the words that name a place, with the place that each one names."""
    source = resources.files("voxweave_nb").joinpath("render", "words.toml").read_text(encoding="utf-8")
    table: Mapping[str, str] = tomllib.loads(source)["place"]
    return table


def places_in(prompt: str) -> list[str]:
    """Return the places that a prompt names, each once, in the prompt's order."""
    return list(dict.fromkeys(place_words()[word] for word in find_words(prompt, place_words())))


def missing_places(prompt: str, style: VideoStyle | str) -> list[str]:
    """Return a sentence for each place of a prompt that a style cannot draw; none for a style that is not a place."""
    sheet = load_style(style)
    if not sheet.scenic:
        return []
    return [_missing(place, sheet) for place in places_in(prompt) if place not in sheet.places]


def draws(sheet: StyleSheet) -> str:
    """Return the places of a style in a sentence."""
    if not sheet.scenic:
        return "The prompt steers colour, time and title, not the place."
    return f"Places: {', '.join(sheet.places)}."


def variation_of_place(sheet: StyleSheet, place: str) -> int | None:
    """Return the number of the first variation whose words name a place, or None."""
    for number, variation in enumerate(sheet.variations):
        if any(place_words().get(word) == place for word in variation["words"]):
            return number
    return None


def _missing(place: str, sheet: StyleSheet) -> str:
    others = [style.value for style in VideoStyle if place in load_style(style).places]
    if not others:
        return f"{sheet.name} has no {place}, nor has any other style."
    names = " and ".join(filter(None, (", ".join(others[:-1]), others[-1])))
    return f"{sheet.name} has no {place}; {names} {'do' if len(others) > 1 else 'does'}."
