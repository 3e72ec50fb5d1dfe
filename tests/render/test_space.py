"""The camera, and the pixels that shapes cover."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from voxweave_nb.render.space import Camera, Runs, framed, shadow


def test_a_camera_sees_its_target_centred() -> None:
    camera = Camera(0.7, 0.3, 5.0, 400.0, 160.0, 90.0, (1.0, 0.5, -2.0))
    x, y, away = camera.see(np.array([[1.0, 0.5, -2.0]], np.float32))
    assert (x[0], y[0], away[0]) == pytest.approx((160.0, 90.0, 5.0), abs=1e-3)


def test_nearer_places_are_drawn_farther_apart() -> None:
    camera = Camera(0.0, 0.0, 5.0, 400.0, 160.0, 90.0)
    x, y, away = camera.see(np.array([[1, 0, -1], [1, 0, 2], [0, 1, 0]], np.float32))
    assert 160 < x[0] < x[1]
    assert away[1] < away[0]
    assert y[2] < 90 == y[0]


def test_the_horizon_is_an_infinitely_far_floor() -> None:
    camera = Camera(0.0, 0.2, 5.0, 400.0, 160.0, 90.0)
    _, y, _ = camera.see(np.array([[0, 0, -1e6]], np.float32))
    assert y[0] == pytest.approx(camera.horizon, abs=0.1)


def test_runs_cover_pixels_inside_the_axis() -> None:
    runs = Runs(np.array([5.0, -9.0, 19.5], np.float32), np.array([2.0, 2.0, 2.0], np.float32), 20)
    assert runs.first.tolist() == [3, 0, 17]
    assert runs.count.tolist() == [4, 0, 3]
    assert runs.away[: runs.count[0]] == pytest.approx([-1.5, -0.5, 0.5, 1.5])
    assert runs.spread(np.array([1, 2, 3])).tolist() == [1, 1, 1, 1, 3, 3, 3]


def test_a_shadow_darkens_its_ellipse_only() -> None:
    planes = np.full((3, 40, 60), 200, np.float32)
    shadow(planes, 30, 20, 10, 5, 0.5)
    assert planes[0, 20, 30] == pytest.approx(100, abs=4)
    assert (planes[:, :14] == 200).all()
    assert (planes[:, :, 41:] == 200).all()
    shadow(planes, 500, 20, 10, 5, 0.5)


def test_a_framing_chooses_paths_by_distance() -> None:
    paths = [SimpleNamespace(away=away) for away in (1.2, 0.7, 1.0, 0.9, 0.98)]
    assert framed(paths, "") == tuple(paths)
    assert [path.away for path in framed(paths, "wide")] == [1.2]
    assert [path.away for path in framed(paths, "medium")] == [1.0, 0.9, 0.98]
    assert [path.away for path in framed(paths, "detail")] == [0.7]
