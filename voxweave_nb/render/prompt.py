"""What a prompt says to the local renderer: a seed, colours, light, and words for the scenes.

The words are data: `words.toml`.
"""

from __future__ import annotations

import functools
import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from ..styles import StyleSheet
from .scene import Color, Palette

__all__ = ["Reading", "hex_color", "read_prompt", "tint"]

_NO = {"no", "not", "without", "never"}


@dataclass(frozen=True)
class Reading:
    """What was read.

    Attributes:
        seed: A number from the whole prompt and the config's seed, the same on every machine.
        palette: The style's palette, steered.
        daylight: 0 deep night to 1 noon.
        variation: 0, 1 or 2: which of the style's variations; one whose words the prompt has, else by the seed.
        words: What scenes are told: `time`, `weather`, `place`, `tempo`, as far as the prompt has them.
        understood: The same and the colours, for a person.
    """

    seed: int
    palette: Palette
    daylight: float
    variation: int
    words: dict[str, str]
    understood: dict[str, str]


def read_prompt(prompt: str, seed: int | None, sheet: StyleSheet) -> Reading:
    """Reads a prompt for a style."""
    number = _seed(prompt, seed)
    found = {table: _find(prompt, list(entries)) for table, entries in _table().items()}
    colors = [hex_color(_table()["colors"][word]) for word in found["colors"]]
    hints = [hex_color(_table()["hints"][word]) for word in found["hints"]]
    chosen = _palette(sheet, number, found["time"], [*colors, *hints])
    words = {
        table: _table()[table][found[table][0]] for table in ("weather", "place", "tempo") if found[table]
    }
    if found["time"]:
        words["time"] = found["time"][0]
    understood = {**words, **({"colors": ", ".join(found["colors"][:2])} if colors else {})}
    named = _variation(prompt, sheet)
    if named is not None:
        understood["scene"] = sheet.variations[named]["name"]
    variation = number // 31 % len(sheet.variations) if named is None else named
    daylight = _table()["time"][words["time"]] if "time" in words else chosen.get("daylight", sheet.daylight)
    return Reading(number, _steered(chosen, colors), float(daylight), variation, words, understood)


def hex_color(text: str) -> Color:
    """`"#rrggbb"` as figures from 0 to 255."""
    return (float(int(text[1:3], 16)), float(int(text[3:5], 16)), float(int(text[5:7], 16)))


def tint(color: Color, toward: Color, amount: float) -> Color:
    """A colour turned toward another's hue while it stays as light as it was.

    Args:
        color: What is turned.
        toward: The hue, and by how much it may become more colourful.
        amount: 0 nothing to 1 fully.
    """
    light, a, b = _oklab(color)
    _, ta, tb = _oklab(toward)
    own, other = (a * a + b * b) ** 0.5, max(1e-4, (ta * ta + tb * tb) ** 0.5)
    strength = min(other, max(own, 0.35 * other)) / other if other > 0.03 else 1.0
    return _rgb((light, a + (ta * strength - a) * amount, b + (tb * strength - b) * amount))


def _seed(prompt: str, seed: int | None) -> int:
    text = f"{' '.join(prompt.lower().split())}\0{seed if seed is not None else ''}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


@functools.cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))


def _find(prompt: str, entries: list[str]) -> list[str]:
    """The entries in the order in which the prompt names them, each once; longer ones first where they overlap."""
    pattern = "|".join(re.escape(entry) for entry in sorted(entries, key=len, reverse=True))
    found: list[str] = []
    for match in re.finditer(rf"\b(?:{pattern})\b", prompt.lower()):
        before = re.findall(r"\w+", prompt.lower()[max(0, match.start() - 12) : match.start()])
        if match[0] not in found and not (before and before[-1] in _NO):
            found.append(match[0])
    return found


def _variation(prompt: str, sheet: StyleSheet) -> int | None:
    """The variation whose word the prompt has first."""
    owners = {word: number for number, one in enumerate(sheet.variations) for word in one["words"]}
    found = _find(prompt, list(owners))
    return owners[found[0]] if found else None


def _palette(sheet: StyleSheet, seed: int, times: list[str], colors: list[Color]) -> Mapping[str, Any]:
    """The palette for the time of day, where palettes tell theirs; then the one nearest in colour; else by the seed."""
    palettes = list(sheet.palettes)
    if times and any("daylight" in palette for palette in palettes):
        wanted = _table()["time"][times[0]]
        away = [abs(palette.get("daylight", sheet.daylight) - wanted) for palette in palettes]
        palettes = [palette for palette, gap in zip(palettes, away, strict=True) if gap <= min(away) + 0.08]
    if colors:
        return min(palettes, key=lambda palette: _apart(hex_color(palette["sky"][2]), colors[0]))
    return palettes[seed // 7 % len(palettes)]


def _apart(one: Color, other: Color) -> float:
    """How far two colours are apart in hue and strength, however light they are."""
    _, a, b = _oklab(one)
    _, c, d = _oklab(other)
    return (a - c) ** 2 + (b - d) ** 2


def _steered(chosen: Mapping[str, Any], colors: list[Color]) -> Palette:
    sky = [hex_color(color) for color in chosen["sky"]]
    ground = [hex_color(color) for color in chosen["ground"]]
    accents = [hex_color(color) for color in chosen["accents"]]
    light = hex_color(chosen["light"])
    if colors:
        first, second = colors[0], colors[min(1, len(colors) - 1)]
        # A single colour lights the picture; its shadows keep the palette's own, or all would be of one hue.
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


def _oklab(color: Color) -> tuple[float, float, float]:
    """Björn Ottosson's Oklab, in which equal steps look equal."""
    r, g, b = (((v / 255 + 0.055) / 1.055) ** 2.4 if v > 10.31475 else v / 255 / 12.92 for v in color)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _rgb(lab: tuple[float, float, float]) -> Color:
    light, a, b = lab
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    r, g, bl = (min(1.0, max(0.0, v)) for v in linear)
    return (_gamma(r), _gamma(g), _gamma(bl))


def _gamma(v: float) -> float:
    return 255.0 * (1.055 * v ** (1 / 2.4) - 0.055 if v > 0.0031308 else 12.92 * v)
