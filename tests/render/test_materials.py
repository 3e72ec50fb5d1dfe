"""Materials of balls."""

from __future__ import annotations

from voxweave_nb.render.materials import Material, Studio

STUDIO = Studio((255, 240, 220), (90, 120, 255), (80, 90, 120), (60, 60, 80), (30, 30, 40))


MATERIAL = Material((200, 80, 90), STUDIO)


def test_a_material_is_as_bright_in_every_size():
    means = [MATERIAL.image(side).mean() for side in (16, 64, 256)]
    assert max(means) - min(means) < 3
    assert MATERIAL.image(128, 1 / 8).std() < MATERIAL.image(128).std()
