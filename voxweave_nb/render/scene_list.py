"""A film's scenes: a list whose borders are its cuts, on whole frames."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ..errors import ConfigError

__all__ = ["FRAMINGS", "FilmScene", "Framing", "check_scenes", "first_frames", "framing_of"]

Framing = Literal["wide", "medium", "detail"]

FRAMINGS: tuple[Framing, ...] = ("wide", "medium", "detail")
"""How much of a place is seen, most first."""

_GAP = 0.05
"""Seconds by which a scene may start apart from the end of the one before."""

_END = 0.5
"""Seconds by which the last scene may end apart from the film: decoders differ in a narration's length."""

_FRAMING_WORDS: tuple[tuple[Framing, str], ...] = (
    ("detail", r"details?|close|closer|close-?up|macro|near|insert"),
    ("medium", r"medium|mid|middle"),
    ("wide", r"wide|wider|establishing|long|full|total|panorama|aerial"),
)


@dataclass(frozen=True, slots=True)
class FilmScene:
    """A scene of a film.

    Attributes:
        start: Seconds from the start of the film.
        end: Seconds from the start of the film; the next scene starts there.
        prompt: What to show in it; read before everything else. May be empty.
        spoken: The words spoken in it, read for what the prompt leaves open. May be empty.
        framing: A shot word such as `"wide"` or `"close-up"`; without one that is known, framings come in turn.
        variation: The name of the style's variation to draw; None lets the words choose.
        transition: How it starts.
        label: Text in a corner of the frame, such as its number in a draft; empty for none.
    """

    start: float
    end: float
    prompt: str = ""
    spoken: str = ""
    framing: str = ""
    variation: str | None = None
    transition: Literal["cut", "dissolve"] = "cut"
    label: str = ""


def framing_of(words: str) -> Framing | None:
    """Return the framing that a shot word names, such as `"wide"` for `"wide shot"`, or None."""
    return next(
        (name for name, known in _FRAMING_WORDS if re.search(rf"\b(?:{known})\b", words.lower())), None
    )


def first_frames(scenes: Iterable[FilmScene], fps: int) -> list[int]:
    """Return the number of each scene's first frame, rounded from its start, so that errors do not add up."""
    return [round(scene.start * fps) for scene in scenes]


def check_scenes(
    scenes: Sequence[FilmScene], *, duration: float, fps: int, variations: Sequence[str] = ()
) -> None:
    """Check that scenes fill a film without gaps.

    Args:
        scenes: The scenes; none is right too.
        duration: Seconds of the film.
        fps: Frames per second.
        variations: The names of the style's variations.

    Raises:
        ConfigError: There is a gap or an overlap, a scene is shorter than a frame, or a word is not known; the
            message names the scene, counted from 1.
    """
    for number, scene in enumerate(scenes, 1):
        if scene.transition not in ("cut", "dissolve"):
            raise ConfigError(f"Scene {number}: transition {scene.transition!r}; give 'cut' or 'dissolve'.")
        if scene.variation is not None and scene.variation not in variations:
            raise ConfigError(
                f"Scene {number}: variation {scene.variation!r} is not known; choose one of: {', '.join(variations)}."
            )
    if not scenes:
        return
    if abs(scenes[0].start) > _GAP:
        raise ConfigError(f"Scene 1 starts at {scenes[0].start:.2f} s; the first scene starts at 0.")
    for number, (before, after) in enumerate(itertools.pairwise(scenes), 2):
        if abs(after.start - before.end) > _GAP:
            raise ConfigError(
                f"Scene {number} starts at {after.start:.2f} s, but scene {number - 1} ends at {before.end:.2f} s; "
                "scenes follow each other without gaps."
            )
    if abs(scenes[-1].end - duration) > _END:
        raise ConfigError(
            f"Scene {len(scenes)} ends at {scenes[-1].end:.2f} s, but the narration at {duration:.2f} s; the last "
            "scene ends with the narration."
        )
    borders = [*first_frames(scenes, fps), round(duration * fps)]
    for number, (first, stop) in enumerate(itertools.pairwise(borders), 1):
        if stop <= first:
            raise ConfigError(
                f"Scene {number} is shorter than one frame of {1 / fps:.3f} s; merge it with another."
            )
