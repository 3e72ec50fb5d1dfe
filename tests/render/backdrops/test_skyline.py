"""A row of buildings with lights."""

from __future__ import annotations

import numpy as np

from voxweave_nb.render.backdrops.skyline import BEACONS, Skyline, SkylineLook, glyph

LOOK = SkylineLook(
    top=(20.0, 20.0, 40.0),
    foot=(30.0, 30.0, 60.0),
    rim=(90.0, 80.0, 90.0),
    neon=((255.0, 0.0, 128.0), (0.0, 255.0, 255.0)),
    warm=(255.0, 210.0, 140.0),
    tall=(0.5, 0.2),
    wide=(0.06, 0.15),
    pitch=4,
    lit=0.5,
    signs=50,
    cell=1.0,
    seen=0.5,
    dip=0.3,
)


def drawn(gain: float, x: float = 0.0) -> np.ndarray:
    row = Skyline(np.random.default_rng(3), width=160, height=90, ground=60, reach=12, look=LOOK)
    planes = np.zeros((3, 90, 160), np.float32)
    row.paint(planes, np.full(BEACONS.stop, gain, np.float32), x)
    return planes


def test_gains_switch_the_lights() -> None:
    dark, lit = drawn(0.0), drawn(1.0)
    assert dark.max() < 100
    assert lit.max() > 200
    assert (lit >= dark).all()


def test_buildings_stand_on_the_ground() -> None:
    planes = drawn(0.0)
    assert not planes[:, 60:].any()
    assert planes[:, 59].any(0).mean() > 0.9


def test_a_row_moves_by_whole_pixels() -> None:
    assert np.abs(drawn(1.0, 3.0)[:, :, 3:] - drawn(1.0)[:, :, :-3]).max() < 1.5


def test_a_glyph_is_made_of_dots() -> None:
    letters = [glyph(np.random.default_rng(seed)) for seed in range(20)]
    assert all(letter.shape == (5, 4) and set(np.unique(letter)) <= {0.0, 1.0} for letter in letters)
    assert min(letter.sum() for letter in letters) >= 7
