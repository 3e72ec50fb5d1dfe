"""The delivered clip against its plan: what a provider makes is not always what was ordered."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..providers.types import Plan

if TYPE_CHECKING:
    from ..media.probe import VideoStream

__all__ = ["differences"]

_SAME_SHAPE = 0.01
"""Largest difference in log(width / height) at which scaling crops nothing that anyone sees."""

_SAME_LENGTH = 0.5
"""Seconds by which a clip may differ: models count in blocks of frames."""


def differences(plan: Plan, clip: VideoStream, *, to: tuple[int, int]) -> list[str]:
    """Return a sentence for each difference between a clip and its plan.

    Args:
        plan: The plan that was sent.
        clip: The clip's video stream, in the size that is shown.
        to: The video's width and height in pixels.
    """
    found = []
    if clip.duration and plan.seconds and abs(clip.duration - plan.seconds) > _SAME_LENGTH:
        short = clip.duration < plan.duration - 0.05
        repeated = f"; it is repeated to fill {plan.duration:.1f} s" if short else ""
        found.append(f"a clip of {clip.duration:.1f} s instead of {plan.seconds:.1f} s{repeated}")
    size = (clip.width, clip.height)
    if size != plan.size:
        apart = abs(math.log(clip.width / clip.height * to[1] / to[0]))
        scaled = "scaled and cropped" if apart >= _SAME_SHAPE else "scaled"
        after = "" if size == to else f"; it is {scaled} to {to[0]}x{to[1]}"
        found.append(f"{clip.width}x{clip.height} instead of {plan.size[0]}x{plan.size[1]}{after}")
    return [f"{plan.provider} delivered {words}." for words in found]
