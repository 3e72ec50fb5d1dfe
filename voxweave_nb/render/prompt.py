"""Reading a prompt for the local renderer: a seed, colours, light, and keywords for the backdrops.

The keywords are data: `words.toml`.
"""

from __future__ import annotations

import functools
import hashlib
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from ..styles import StyleSheet
from ..styles.places import find_words, variation_of_place
from .colors import Color, Palette, hex_color, hue_distance, tint

__all__ = ["Found", "Reading", "compose", "find", "read_prompt", "seed_of"]

_TABLES = ("colors", "hints", "time", "weather", "place", "tempo")
"""The tables of `words.toml` with keywords."""


@dataclass(frozen=True)
class Reading:
    """The result of reading a prompt.

    Attributes:
        seed: A number from the whole prompt and the config's seed, the same on every machine.
        palette: A palette of the style, adjusted to the prompt's colours.
        daylight: 0 deep night to 1 noon.
        variation: 0, 1 or 2: the style's variation that is asked for or that the prompt names, else chosen by the seed.
        words: Keywords for the backdrops: `time`, `weather`, `tempo` and a `place` that it can draw, as far as found.
        understood: The keywords and colours, for display.
    """

    seed: int
    palette: Palette
    daylight: float
    variation: int
    words: dict[str, str]
    understood: dict[str, str]


@dataclass(frozen=True)
class Found:
    """The keywords of a text, before one is chosen.

    Attributes:
        words: The keywords by table of `words.toml`, each list in the text's order.
        places: The places that the style can draw, in the text's order.
        variation: The number of the style's variation that the text names, or None.
    """

    words: Mapping[str, Sequence[str]]
    places: Sequence[str]
    variation: int | None


def read_prompt(prompt: str, seed: int | None, sheet: StyleSheet, variation: str | None = None) -> Reading:
    """Read a prompt for a style; `variation` is the name of the style's variation to draw, whatever the prompt says."""
    number = seed_of(prompt, seed)
    return compose(find(prompt, sheet), number, sheet, variation=variation, turn=number // 7)


def find(text: str, sheet: StyleSheet, *, spoken: bool = False) -> Found:
    """Find the keywords of a text for a style.

    Args:
        text: A prompt, or words of a narration.
        sheet: The style.
        spoken: Leave out the words that a narration often uses with another meaning (`[spoken]` in `words.toml`).
    """
    left_out = frozenset(_table()["spoken"]["other"]) if spoken else frozenset()
    found = {
        table: find_words(text, [entry for entry in _table()[table] if entry not in left_out])
        for table in _TABLES
    }
    named = [_table()["place"][word] for word in found["place"]]
    drawn = [place for place in dict.fromkeys(named) if place in sheet.places or not sheet.scenic]
    variation = _named_variation(text, sheet, left_out)
    if variation is None and drawn and sheet.scenic:
        variation = variation_of_place(sheet, drawn[0])
    return Found(found, drawn, variation)


def compose(found: Found, number: int, sheet: StyleSheet, *, variation: str | None, turn: int) -> Reading:
    """Return the reading of some keywords.

    Args:
        found: The keywords.
        number: The seed.
        sheet: The style.
        variation: The name of the variation to draw; None takes the one that was found, else one by the seed.
        turn: The palette among those that fit the keywords, counted from 0 and round again.
    """
    words = {
        table: _table()[table][found.words[table][0]] for table in ("weather", "tempo") if found.words[table]
    }
    colors = [hex_color(_table()["colors"][word]) for word in found.words["colors"]]
    hints = [hex_color(_table()["hints"][word]) for word in found.words["hints"]]
    chosen = _choose_palette(sheet, turn, list(found.words["time"]), [*colors, *hints])
    if found.places:
        words["place"] = found.places[0]
    if found.words["time"]:
        words["time"] = found.words["time"][0]
    understood = {**words, **({"colors": ", ".join(found.words["colors"][:2])} if colors else {})}
    names = [each["name"] for each in sheet.variations]
    named = found.variation if variation is None else names.index(variation)
    if named is not None:
        understood["scene"] = names[named]
    chosen_variation = number // 31 % len(names) if named is None else named
    daylight = _table()["time"][words["time"]] if "time" in words else chosen.get("daylight", sheet.daylight)
    return Reading(number, _adjusted(chosen, colors), float(daylight), chosen_variation, words, understood)


def seed_of(prompt: str, seed: int | None) -> int:
    """Return the number that a prompt and a config's seed stand for, the same on every machine."""
    # Not Python's hash(), which differs from process to process.
    text = f"{' '.join(prompt.lower().split())}\0{seed if seed is not None else ''}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


@functools.cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))


def _named_variation(text: str, sheet: StyleSheet, left_out: Collection[str]) -> int | None:
    """Return the number of the first variation that a text names, or None."""
    owners = {
        word: number
        for number, one in enumerate(sheet.variations)
        for word in one["words"]
        if word not in left_out
    }
    found = find_words(text, list(owners))
    return owners[found[0]] if found else None


def _choose_palette(sheet: StyleSheet, turn: int, times: list[str], colors: list[Color]) -> Mapping[str, Any]:
    """Choose one of the style's palettes: by time of day if palettes have one, then by colour, else by turn."""
    palettes = list(sheet.palettes)
    if times and any("daylight" in palette for palette in palettes):
        wanted = _table()["time"][times[0]]
        away = [abs(palette.get("daylight", sheet.daylight) - wanted) for palette in palettes]
        palettes = [palette for palette, gap in zip(palettes, away, strict=True) if gap <= min(away) + 0.08]
    if colors:
        return min(palettes, key=lambda palette: hue_distance(hex_color(palette["sky"][2]), colors[0]))
    return palettes[turn % len(palettes)]


def _adjusted(chosen: Mapping[str, Any], colors: list[Color]) -> Palette:
    """Return a style's palette tinted with the prompt's colours."""
    sky = [hex_color(color) for color in chosen["sky"]]
    ground = [hex_color(color) for color in chosen["ground"]]
    accents = [hex_color(color) for color in chosen["accents"]]
    light = hex_color(chosen["light"])
    if colors:
        first, second = colors[0], colors[min(1, len(colors) - 1)]
        # With a single colour, shadows keep most of the palette's own: else the whole frame would have one hue.
        deep = 1.0 if len(colors) > 1 else 0.3
        sky = [
            tint(sky[0], second, 0.55 * deep),
            tint(sky[1], second, 0.75 * deep**0.5),
            tint(sky[2], first, 0.7),
        ]
        ground = [tint(ground[0], second, 0.5 * deep), tint(ground[1], first, 0.75 * deep**0.4)]
        light = tint(light, first, 0.6)
        accents = [*colors[:2], *accents][: max(3, len(accents))]
    return Palette(
        sky=(sky[0], sky[1], sky[2]),
        ground=(ground[0], ground[1]),
        accents=tuple(accents),
        light=light,
        ink=hex_color(chosen["ink"]),
    )
