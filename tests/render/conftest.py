"""Sound to render from, and small jobs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voxweave_nb.models import Cue, VideoStyle
from voxweave_nb.render.job import RenderJob

RATE = 16_000


def speech(seconds: float, seed: int = 1) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Return bursts of noise with pauses, like syllables and sentences."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE)) / RATE
    syllables = np.clip(np.sin(2 * np.pi * 3.1 * time), 0, 1) ** 0.5
    sentences = (time % 2.0 < 1.3).astype(float)
    voice = (
        np.sin(2 * np.pi * 140 * time)
        + 0.5 * np.sin(2 * np.pi * 900 * time)
        + 0.3 * rng.normal(size=len(time))
    )
    return (6000 * voice * syllables * sentences).clip(-32000, 32000).astype("<i2")


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of four seconds of raw samples."""
    path = tmp_path_factory.mktemp("spoken") / "samples.s16"
    speech(4.0).tofile(path)
    return path


@pytest.fixture
def make_job(spoken: Path) -> Callable[..., RenderJob]:
    """Return a function that makes jobs, of four seconds at 320x180 by default."""

    def make(style: str = "cyberpunk", **changes: Any) -> RenderJob:
        values: dict[str, Any] = {
            "samples": str(spoken),
            "duration": 4.0,
            "cues": [Cue(0.2, 1.4, "Sound becomes light."), Cue(3.1, 3.9, "Light becomes a city.")],
            "style": VideoStyle(style),
            "width": 320,
            "height": 180,
            "fps": 12,
            "prompt": "rain on neon glass",
        }
        return RenderJob(**{**values, **changes})

    return make
