"""The images that stand for the styles in the panel are images of what is made."""

from __future__ import annotations

import runpy
from pathlib import Path

import av
import numpy as np
import pytest

from tests.render.rendering import decoded
from voxweave_nb.models import VideoStyle

MADE_BY = Path(__file__).parents[2] / "scripts" / "make_styles.py"


@pytest.mark.slow
@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("style", VideoStyle)
def test_a_card_shows_its_rendered_frame(style: VideoStyle, number: int) -> None:
    """Fails after a visible change: look at the new frames, then run `scripts/styles`."""
    styles = runpy.run_path(str(MADE_BY))
    painted = av.VideoFrame.from_ndarray(
        styles["card_still"](style, styles["prompts"](style)[number]), "rgb24"
    )
    ((card, *_), _) = decoded(styles["card"](style, number))
    height, width = card.shape[:2]
    seen = painted.reformat(width=width, height=height, interpolation="LANCZOS").to_ndarray(format="rgb24")
    apart = np.abs(seen.astype(float) - card)
    assert apart.mean() < 8
    assert np.corrcoef(seen.ravel(), card.ravel())[0, 1] > 0.95
