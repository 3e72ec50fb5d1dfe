"""Estimates of the seconds that a variant takes: its weight in the progress of a lab's run."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from ..config import VideoConfig
from ..errors import VoxweaveError
from ..models import VideoQuality
from ..service import VideoGenerationService

__all__ = ["expected_seconds"]

_REMEMBERED = 60
"""The newest runs of the journal whose times are looked at."""

_FULL_HD = 1920 * 1080 * 30
"""Pixels a second that the local renderer draws in about a second."""

_DRAFT = 0.12
"""Seconds of work for a second of a draft, whose size and rate are given."""

_START = 2.0
"""Seconds for which a local render starts and its video is muxed."""

_WAIT, _FACTOR = 30.0, 4.0
"""Of a model that made no video yet: seconds in its queue, and seconds of work for a second of video."""


def expected_seconds(service: VideoGenerationService, seconds: float) -> Callable[[VideoConfig], float]:
    """Return a function that tells how many seconds a video takes: as its model took before, else a guess.

    Args:
        service: The service; its journal remembers how long models took.
        seconds: The length of the narration in seconds.
    """
    known = _times(service)

    def expected(config: VideoConfig) -> float:
        try:
            plan = service.plan(seconds, config)
        except VoxweaveError:  # it cannot be made, which takes no time
            return 1.0
        if plan.provider == "local":
            width, height = plan.size
            share = width * height * config.fps / _FULL_HD
            draft = config.quality is VideoQuality.DRAFT
            return _START + seconds * (_DRAFT if draft else max(_DRAFT, share))
        made = known.get((plan.provider, plan.model.name))
        # What is paid for by the second of video takes its time by it too.
        return seconds * made if made else _WAIT + _FACTOR * plan.seconds

    return expected


def _times(service: VideoGenerationService) -> dict[tuple[str, str | None], float]:
    """Return the seconds of work for a second of narration that each model took lately, by provider and model."""
    found: dict[tuple[str, str | None], list[float]] = {}
    try:
        runs = service.history(_REMEMBERED)
    except VoxweaveError:  # without a journal, guesses are good enough
        return {}
    for run in runs:
        took = (run.result or {}).get("provenance", {}).get("seconds")
        if run.attempt is not None and took and run.seconds:
            found.setdefault((run.attempt.provider, run.attempt.model), []).append(took / run.seconds)
    return {key: statistics.median(values) for key, values in found.items()}
