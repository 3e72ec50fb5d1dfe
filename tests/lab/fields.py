"""Made-up fields of variants with known scores, and votes on them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from voxweave_nb.config import VideoConfig
from voxweave_nb.lab.records import Choice, Source, Variant, Vote

if TYPE_CHECKING:
    from voxweave_nb.lab.prompt_lab import PromptLab

SOURCE = Source("ab" * 32)


def variant(seed: int = 0, **axes: str) -> Variant:
    """A variant with these choices."""
    return Variant.of(VideoConfig(prompt=" ".join(axes.values()) or "rain", seed=seed), axes, SOURCE)


def grid() -> list[Variant]:
    """Twelve variants: three places at two times in two moods."""
    axes = itertools.product(["harbour", "forest", "city"], ["dawn", "dusk"], ["calm", "wild"])
    return [variant(place=place, time=time, mood=mood) for place, time, mood in axes]


def duel(left: Variant, right: Variant, choice: str = "left", at: float = 0.0, **more) -> Vote:
    """A vote on two variants."""
    return Vote.of(left.id, right.id, Choice(choice), at=at, **more)


def cast(variants: Sequence[Variant], scores: Sequence[float], count: int, seed: int = 0) -> list[Vote]:
    """Votes on random pairs, by people who vote as Bradley and Terry say."""
    rng, votes = np.random.default_rng(seed), []
    for at in range(count):
        left, right = rng.choice(len(variants), 2, replace=False)
        wins = rng.random() < 1 / (1 + np.exp(scores[right] - scores[left]))
        votes.append(duel(variants[left], variants[right], "left" if wins else "right", float(at)))
    return votes


def film(name: str = "a.mp4") -> dict[str, object]:
    """A video's record as a lab keeps it."""
    provenance = {
        "provider": "local", "model": None, "job_id": "1", "config": {}, "narration": "talk.wav", "created": 1.0,
        "seconds": 2.0, "declined": {}, "understood": {}, "usd": 0.0, "version": "1",
    }  # fmt: skip
    return {
        "path": f"videos/{name}", "captions": None, "poster": None, "sprite": None, "thumbnails": None,
        "duration": 2.0, "width": 640, "height": 360, "subtitle_mode": "none", "cues": [], "warnings": [],
        "provenance": provenance,
    }  # fmt: skip


def states(lab: PromptLab) -> list[str]:
    """The states of a lab's variants."""
    return [each.state for each in lab.variants]
