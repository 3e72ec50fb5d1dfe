"""The contract of a scene, and the recipe for a new one.

How to add a scene:

1. Write `scenes/<name>.py` with one subclass of `Scene` and set `name`.
2. Build everything that does not move in `prepare`: skies, skylines, tables of angles. It runs once.
3. What a frame remembers of those before it goes into `follow`, which hears every frame in order and draws nothing.
4. Draw one frame in `paint`, into the planes that are handed in, in place, without new large arrays. It changes nothing
   that `follow` keeps: a dissolve paints two shots of one moment, and a film may be begun in its middle.
5. Look different in each of the three variations (`stage.variation`), from each angle, and in each shot.
6. Name it in `scenes/__init__.py` (one line) and in a style's TOML (`scene = "<name>"`).
7. `tests/render/test_scenes.py` runs over the registry and says what is missing.

A picture is three float32 planes of red, green and blue, shape (3, height, width), from 0 to 255. Planes are
4 to 16 times faster than interleaved pixels here, and one float64 constant in an expression costs 50 times:
keep every array and every scalar that meets an array float32.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Moment", "Palette", "Planes", "Scene", "Stage", "is_wide", "measure"]

Planes: TypeAlias = npt.NDArray[np.float32]
"""Float32, shape (3, height, width) in red, green, blue, from 0 to 255."""

Color: TypeAlias = tuple[float, float, float]
"""Red, green, blue from 0 to 255."""


def is_wide(width: int, height: int) -> bool:
    """Whether a picture is 16:9 or wider; what is not, square or upright, is laid out from top to bottom."""
    return width >= 1.6 * height


def measure(width: int, height: int) -> float:
    """What sizes in a picture are shares of, in pixels.

    A wide picture's height; less in a narrow one, so that what goes from side to side there still does.
    """
    return float(height) if is_wide(width, height) else 0.78 * min(width, height)


@dataclass(frozen=True)
class Palette:
    """The colours of one video: the style's own, steered by the prompt.

    Attributes:
        sky: Three colours from the zenith to the horizon.
        ground: Near and far ground.
        accents: At least three colours for what shines or is told apart.
        light: The colour of the main light: sun, moon, lamp.
        ink: The colour of type and dark shapes.
    """

    sky: tuple[Color, Color, Color]
    ground: tuple[Color, Color]
    accents: tuple[Color, ...]
    light: Color
    ink: Color


@dataclass(frozen=True)
class Stage:
    """What a scene is given once.

    Attributes:
        width: Pixels of the planes (the inner size; FFmpeg scales it to the video's).
        height: Pixels of the planes.
        fps: Frames per second.
        frames: How many frames the video has.
        seed: A number made of the prompt and the config's seed: same seed, same scene.
        palette: The colours.
        daylight: 0 deep night, 0.5 dawn or dusk, 1 noon, as read from the prompt or the style's own.
        words: What was read in the prompt, such as `{"time": "dawn", "weather": "rain"}`.
        reduce_motion: No flashes, no glitches, a slow camera.
        variation: 0, 1 or 2: which of the style's places or compositions this is.
        angle: From where it is seen: 0 the first way, 1 another, for the next shot.
    """

    width: int
    height: int
    fps: int
    frames: int
    seed: int
    palette: Palette
    daylight: float
    words: dict[str, str]
    reduce_motion: bool
    variation: int = 0
    angle: int = 0

    def rng(self, salt: int = 0) -> np.random.Generator:
        """A random generator that depends on the seed and the salt alone."""
        return np.random.default_rng([self.seed & 0xFFFFFFFF, self.seed >> 32, salt])


@dataclass(frozen=True)
class Moment:
    """The narration at one frame; every figure is 0 to 1 and smoothed (fast rise, slow fall).

    Attributes:
        index: The frame's number.
        time: Seconds from the start.
        progress: 0 at the first frame, 1 at the last.
        level: Loudness.
        bass: Loudness below 150 Hz.
        treble: Loudness above 4 kHz.
        onset: 1 at the start of a syllable, falling to 0 within a fifth of a second.
        bands: 48 bands of the spectrum, low to high, shape (48,), float32.
        voice: 1 while somebody speaks, falling to 0 in pauses over half a second.
        flow: Loudness added up since the start, in seconds of full voice: what hurries with the voice and rests in its
            pauses moves by this.
        shot: The number of the shot.
        into: Seconds since the shot began.
        along: 0 at the shot's first frame, 1 at its last.
    """

    index: int
    time: float
    progress: float
    level: float
    bass: float
    treble: float
    onset: float
    bands: npt.NDArray[np.float32]
    voice: float
    flow: float = 0.0
    shot: int = 0
    into: float = 0.0
    along: float = 0.0

    @property
    def clock(self) -> float:
        """Seconds by which the world moves: about the time, but it hurries with the voice and idles in its pauses."""
        return 0.22 * self.time + 2.0 * self.flow


class Scene(ABC):
    """One way of moving; see the recipe in the module's docstring."""

    name: ClassVar[str]

    apart: ClassVar[bool] = True
    """Whether views from several angles share nothing large, so that each may be prepared in a process of its own."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.prepare()

    @abstractmethod
    def prepare(self) -> None:
        """Builds what does not change from frame to frame; runs once."""

    def follow(self, moment: Moment) -> None:  # noqa: B027 - most scenes remember nothing
        """Hears one frame; they come in order, the first with index 0, each before it is painted."""

    @abstractmethod
    def paint(self, planes: Planes, moment: Moment) -> None:
        """Draws one frame over whatever `planes` holds."""
