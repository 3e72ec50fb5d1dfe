"""The styles as data, one TOML file each.

How to add a style:

1. Write `styles/<name>.toml` like its neighbours, and add the name to `models.VideoStyle`.
2. Run `tests/styles`: it covers every file of the folder and names what is missing.
3. Run `scripts/styles <name>`, which renders the contact sheet and the panel's thumbnails, and look at them.

The keys:

- `label`, `tagline`: shown in the panel.
- `words`: sent to a text-to-video provider after the prompt.
- `prompts`: three or more examples for the panel, in words that the local renderer understands.
- `places`: the places that it can draw, in the words of `[place]` in `render/words.toml`; `scenic`: true if the prompt
  chooses the place, so that a place that is missing is said before a video is made.
- `backdrop`: one of `render/backdrops`; `daylight`: 0 night to 1 noon for a prompt without a time of day.
- `[[palettes]]`: at least one. The first represents the style; the prompt selects among all.
  `sky` (three colours, zenith to horizon), `ground` (near, far), `accents` (at least three), `light`, `ink`.
- `[[variations]]`: three places or compositions, each with a `name`, a `prompt` for its thumbnail, and the `words` that
  select it; a prompt without any of them selects one by its seed.
- `[shots]`: `transition` ("cut", "dissolve", "whip") and its `seconds`, `pace` (preferred seconds of a shot), `angles`
  (number of camera positions; each costs memory and a moment at the start), `framed` (false if a camera position is
  another composition instead of a nearer view, so that scenes with a framing of their own keep the first).
- `[type]`: typography: `color`, `glow` (colour, or "" for none), `rule` (colour of the line under a title, or ""),
  `weight` (100 to 900), `upper` (capitals), `spacing` (thousandths of an em), `place` ("top-left", "center",
  "bottom-left"), `scale` (1 is 6 % of the height), and `layout` ("title", or "lesson" for a headline and bullets).
- `[frame]`: `bloom` (glow of bright places, 0 to 1), `fade` (colour at both ends of the film; black by default), `fine`
  (above 1: frames are painted at a larger size), `quantizer` (H.264 quantizer at standard quality, 22 by default: lower
  is finer and larger; flat colours need less, grain hides more).
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
    """A style; the module's docstring describes the tables.

    Attributes:
        name: Its value in `VideoStyle`.
        label: Its display name.
        tagline: A description of one line.
        words: Text that is sent to a provider after the prompt.
        prompts: Example prompts.
        places: The places that it can draw.
        scenic: True if the prompt chooses the place.
        backdrop: Name of the local renderer's backdrop.
        daylight: 0 night to 1 noon, for a prompt without a time of day.
        palettes: Colours as `#rrggbb`: `sky`, `ground`, `accents`, `light`, `ink`.
        variations: Three places or compositions: `name`, `prompt` and `words`.
        shots: How a film is cut.
        type: How titles are set.
        frame: How frames are painted, finished and encoded.
    """

    name: str
    label: str
    tagline: str
    words: str
    prompts: tuple[str, ...]
    places: tuple[str, ...]
    scenic: bool
    backdrop: str
    daylight: float
    palettes: tuple[Mapping[str, Any], ...]
    variations: tuple[Mapping[str, Any], ...]
    shots: Mapping[str, Any]
    type: Mapping[str, Any]
    frame: Mapping[str, Any]

    @property
    def palette(self) -> Mapping[str, Any]:
        """The first palette, which represents the style."""
        return self.palettes[0]


@functools.cache
def load_style(style: VideoStyle | str) -> StyleSheet:
    """Load a style's sheet.

    Raises:
        ConfigError: Unknown style.
    """
    name = VideoStyle.parse(style).value
    # A resource, not a path: the package may be imported from a zip file.
    source = resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    table = tomllib.loads(source)
    # Read-only views, since the cache gives every caller the same sheet.
    return StyleSheet(
        name=name,
        label=table["label"],
        tagline=table["tagline"],
        words=table["words"],
        prompts=tuple(table["prompts"]),
        places=tuple(table["places"]),
        scenic=bool(table["scenic"]),
        backdrop=table["backdrop"],
        daylight=float(table["daylight"]),
        palettes=tuple(MappingProxyType(palette) for palette in table["palettes"]),
        variations=tuple(MappingProxyType(variation) for variation in table["variations"]),
        shots=MappingProxyType(table["shots"]),
        type=MappingProxyType(table["type"]),
        frame=MappingProxyType(table["frame"]),
    )
