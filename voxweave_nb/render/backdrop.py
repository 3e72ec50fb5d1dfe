"""The contract of a backdrop, and the recipe for a new one.

How to add a backdrop:

1. Write `backdrops/<name>.py` with one subclass of `Backdrop` and set `name`.
2. Build everything that does not move in `prepare`: skies, skylines, tables of angles. It runs once.
3. Put state that depends on earlier frames into `follow`, which is called for every frame in order and draws nothing.
4. Draw one frame in `paint`, in place, without new large arrays. It must not change the state that `follow` keeps: a
   dissolve paints two shots at one moment, and a film may be started in its middle.
5. Look different in each of the three variations (`stage.variation`), from each angle, and in each shot.
6. Register it in `backdrops/__init__.py` (one line) and name it in a style's TOML (`backdrop = "<name>"`).
7. Run `tests/render/backdrops`: the contract test covers every registered backdrop.

Frames are painted as three float32 planes of red, green and blue, shape (3, height, width), from 0 to 255. Planes are
4 to 16 times faster here than interleaved pixels. One float64 constant in an expression makes it 50 times slower: keep
every array, and every scalar that meets an array, float32.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from .arrays import Planes
from .colors import Palette

__all__ = ["Backdrop", "Moment", "Stage", "base_size", "is_wide"]


def is_wide(width: int, height: int) -> bool:
    """Return True for 16:9 or wider; square and upright frames are laid out from top to bottom."""
    return width >= 1.6 * height


def base_size(width: int, height: int) -> float:
    """Return the pixels that other sizes are fractions of: a wide frame's height, less in a narrow frame."""
    # In a narrow frame, objects that span a wide frame must still fit from side to side.
    return float(height) if is_wide(width, height) else 0.78 * min(width, height)


@dataclass(frozen=True)
class Stage:
    """The parameters of a backdrop.

    Attributes:
        width: Pixels of the planes, the inner size; FFmpeg scales it to the video's.
        height: Pixels of the planes.
        fps: Frames per second.
        frames: Number of frames of the video.
        seed: A number derived from the prompt and the config's seed.
        palette: The colours.
        daylight: 0 deep night, 0.5 dawn or dusk, 1 noon; from the prompt, or the style's default.
        words: Keywords found in the prompt, such as `{"time": "dawn", "weather": "rain"}`.
        reduce_motion: No flashes, no glitches, a slow camera.
        variation: 0, 1 or 2: which of the style's places or compositions to show.
        angle: Camera position: 0 for the first, 1 for the next shot's.
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
        """Return a random generator that depends on the seed and the salt only."""
        return np.random.default_rng([self.seed & 0xFFFFFFFF, self.seed >> 32, salt])


@dataclass(frozen=True)
class Moment:
    """The narration at one frame; features are 0 to 1 and smoothed (fast rise, slow fall).

    Attributes:
        index: The frame's number.
        time: Seconds from the start.
        progress: 0 at the first frame, 1 at the last.
        level: Loudness.
        bass: Loudness below 150 Hz.
        treble: Loudness above 4 kHz.
        onset: 1 at the start of a syllable, falling to 0 within a fifth of a second.
        bands: 48 bands of the spectrum, low to high, shape (48,), float32.
        voice: 1 during speech, falling to 0 in pauses over half a second.
        flow: Integral of the loudness since the start, in seconds of full loudness.
        shot: The shot's number.
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
        """Seconds of the backdrop's own time: close to `time`, faster during speech, slow in pauses."""
        return 0.22 * self.time + 2.0 * self.flow


class Backdrop(ABC):
    """An animated background; see the recipe in the module's docstring."""

    name: ClassVar[str]

    independent_angles: ClassVar[bool] = True
    """True if its angles share no large arrays, so that each may be built in a process of its own."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.prepare()

    @abstractmethod
    def prepare(self) -> None:
        """Build everything that does not change from frame to frame; runs once."""

    def follow(self, moment: Moment) -> None:  # noqa: B027 - most backdrops keep no state
        """Update the state for one frame; called for every frame from 0 in order, before it is painted."""

    @abstractmethod
    def paint(self, planes: Planes, moment: Moment) -> None:
        """Draw one frame over the previous contents of `planes`."""
