"""Colours: their type, a video's palette, mixing and tinting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Color", "Palette", "hex_color", "hex_text", "hue_distance", "mix", "tint"]

Color: TypeAlias = tuple[float, float, float]
"""Red, green, blue from 0 to 255."""


@dataclass(frozen=True)
class Palette:
    """The colours of one video: a palette of its style, adjusted by the prompt.

    Attributes:
        sky: Three colours from the zenith to the horizon.
        ground: Near and far ground.
        accents: At least three colours for lights and for marks that are told apart by colour.
        light: The colour of the main light: sun, moon, lamp.
        ink: The colour of type and dark shapes.
    """

    sky: tuple[Color, Color, Color]
    ground: tuple[Color, Color]
    accents: tuple[Color, ...]
    light: Color
    ink: Color


def hex_color(text: str) -> Color:
    """Parse `"#rrggbb"`."""
    return (float(int(text[1:3], 16)), float(int(text[3:5], 16)), float(int(text[5:7], 16)))


def hex_text(color: Color) -> str:
    """Format a colour as `"#rrggbb"`."""
    return "#" + "".join(f"{round(value):02x}" for value in color)


def mix(a: Color, b: Color, t: float) -> Color:
    """Return the colour a fraction `t` of the way from one to the other."""
    return (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t)


def tint(color: Color, toward: Color, amount: float) -> Color:
    """Return a colour turned toward another's hue, with its own lightness.

    Args:
        color: The colour to turn.
        toward: The hue, and the most colourful that the result may become.
        amount: 0 (unchanged) to 1 (the full hue).
    """
    light, a, b = _to_oklab(color)
    _, ta, tb = _to_oklab(toward)
    own, other = (a * a + b * b) ** 0.5, max(1e-4, (ta * ta + tb * tb) ** 0.5)
    strength = min(other, max(own, 0.35 * other)) / other if other > 0.03 else 1.0
    return _from_oklab((light, a + (ta * strength - a) * amount, b + (tb * strength - b) * amount))


def hue_distance(one: Color, other: Color) -> float:
    """Return the squared distance of two colours in hue and chroma, ignoring lightness."""
    _, a, b = _to_oklab(one)
    _, c, d = _to_oklab(other)
    return (a - c) ** 2 + (b - d) ** 2


def _to_oklab(color: Color) -> tuple[float, float, float]:
    """Convert to Björn Ottosson's Oklab, in which equal distances look equal."""
    r, g, b = (((v / 255 + 0.055) / 1.055) ** 2.4 if v > 10.31475 else v / 255 / 12.92 for v in color)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _from_oklab(lab: tuple[float, float, float]) -> Color:
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
    return (_srgb(r), _srgb(g), _srgb(bl))


def _srgb(v: float) -> float:
    """Return an sRGB value, 0 to 255, of a linear one, 0 to 1."""
    return 255.0 * (1.055 * v ** (1 / 2.4) - 0.055 if v > 0.0031308 else 12.92 * v)
