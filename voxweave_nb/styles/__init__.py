"""The styles, as data: one TOML each.

How to add a style: write `styles/<name>.toml` like its neighbours and name it in `models.VideoStyle`.
`tests/styles` runs over the folder and says what is missing. What its tables hold:

- `label`, `tagline`: what a person reads in the panel.
- `words`: what a text-to-video provider is told besides the prompt.
- `scene`: which of `render/scenes` draws it; `daylight`: 0 night to 1 noon when the prompt says nothing.
- `[[palettes]]`: one or more whole palettes; the first is the style's face, the prompt's seed picks among all.
  `sky` (three colours, zenith to horizon), `ground` (near, far), `accents` (at least three), `light`, `ink`.
- `[[variations]]`: three places or compositions of the scene, each with a `name` and the `words` that ask for it; the
  prompt's seed picks one when it has none of them.
- `[shots]`: `join` ("cut", "dissolve" or "whip") and its `seconds`, `pace` (how many seconds a shot lasts if the
  narration lets it), `angles` (from how many sides the scene is built: each costs memory and a moment).
- `[type]`: how words are set: `color`, `glow` (colour, or "" for none), `rule` (colour of the line under a title, or
  ""), `weight` (100 to 900), `upper` (capitals), `spacing` (thousandths of the letter size), `place` ("top-left",
  "center", "bottom-left"), `scale` (1 is 6 % of the height), and `layout` ("title", or "lesson" for a headline and
  bullets).
- `[picture]`: `bloom` (0 to 1: how much bright places shine into their surroundings), `fade` (the colour that the
  film comes from and goes to; black if not given), `fine` (above 1: the scene is painted at a larger size),
  `quantizer` (how coarse the encoder may be at standard quality, as H.264 counts it: lower is finer and larger, 22 if
  not given; flat colours want less, grain hides more).
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any

from ..models import VideoStyle

__all__ = ["StyleSheet", "load_style"]


@dataclass(frozen=True)
class StyleSheet:
    """One style.

    Attributes:
        name: Its value in `VideoStyle`.
        label: Its name for a person.
        tagline: One line on it.
        words: What a provider is told besides the prompt.
        scene: The scene that draws it here.
        daylight: 0 night to 1 noon, when the prompt says nothing.
        palettes: Its colours as `#rrggbb`: `sky`, `ground`, `accents`, `light`, `ink`.
        variations: Three places or compositions: `name` and `words`.
        shots: How the film is cut; see the module's docstring.
        type: How words are set; see the module's docstring.
        picture: What is done with the frames; see there.
    """

    name: str
    label: str
    tagline: str
    words: str
    backdrop: str
    daylight: float
    palettes: tuple[Mapping[str, Any], ...]
    variations: tuple[Mapping[str, Any], ...]
    shots: Mapping[str, Any]
    type: Mapping[str, Any]
    frame: Mapping[str, Any]

    @property
    def palette(self) -> Mapping[str, Any]:
        """The style's face: its first palette."""
        return self.palettes[0]


@functools.cache
def load_style(style: VideoStyle | str) -> StyleSheet:
    """The sheet of a style.

    Raises:
        ConfigError: No style has that name.
    """
    name = VideoStyle.parse(style).value
    source = resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    table = tomllib.loads(source)
    return StyleSheet(
        name=name,
        label=table["label"],
        tagline=table["tagline"],
        words=table["words"],
        backdrop=table["backdrop"],
        daylight=float(table["daylight"]),
        palettes=tuple(MappingProxyType(palette) for palette in table["palettes"]),
        variations=tuple(MappingProxyType(variation) for variation in table["variations"]),
        shots=MappingProxyType(table["shots"]),
        type=MappingProxyType(table["type"]),
        frame=MappingProxyType(table["frame"]),
    )
