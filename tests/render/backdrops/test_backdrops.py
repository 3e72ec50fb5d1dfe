"""The contract of every registered backdrop."""

from __future__ import annotations

import functools
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from voxweave_nb.models import VideoQuality, VideoStyle
from voxweave_nb.render.backdrops import BACKDROPS, load_backdrop
from voxweave_nb.render.film import Film
from voxweave_nb.render.job import RenderJob
from voxweave_nb.styles import load_style

STYLES = [style.value for style in VideoStyle]


MakeJob = Callable[..., RenderJob]


@functools.cache
def _frames(text: str, count: int) -> list[np.ndarray]:
    film = Film(RenderJob.from_json(text))
    return [film.paint(index).clip(0, 255) for index in range(count)]


def frames(job: RenderJob, count: int = 24) -> list[np.ndarray]:
    return _frames(job.to_json(), count)


@pytest.mark.parametrize("name", sorted(BACKDROPS))
def test_a_backdrop_is_registered_under_its_name(name: str) -> None:
    assert load_backdrop(name).name == name


def test_every_style_has_a_registered_backdrop() -> None:
    assert {load_style(style).backdrop for style in STYLES} <= set(BACKDROPS)


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
def test_a_backdrop_fills_the_planes_with_float32(style: str, make_job: MakeJob) -> None:
    for image in frames(make_job(style)):
        assert image.dtype == np.float32
        assert image.shape[0] == 3
        assert np.isfinite(image).all()


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
def test_frames_ignore_the_planes_previous_contents(style: str, make_job: MakeJob) -> None:
    film = Film(make_job(style))
    film._planes[...] = np.inf  # a sum or a difference of it stays, or warns, which is an error here
    for index, earlier in enumerate(frames(make_job(style))[:10]):
        assert np.array_equal(film.paint(index).clip(0, 255), earlier)


@pytest.mark.slow
@pytest.mark.parametrize("change", [{"prompt": "how bees dance"}, {"seed": 5}], ids=str)
@pytest.mark.parametrize("style", STYLES)
def test_another_prompt_or_seed_gives_another_frame(
    style: str, change: dict[str, object], make_job: MakeJob
) -> None:
    film = Film(make_job(style, **change))
    film.paint(0)
    assert np.abs(film.paint(23).clip(0, 255) - frames(make_job(style))[-1]).mean() > 2.0


@pytest.mark.parametrize("style", STYLES)
def test_a_frame_is_not_flat(style: str, make_job: MakeJob) -> None:
    light = frames(make_job(style))[-1].mean(0)
    assert np.percentile(light, 98) - np.percentile(light, 2) > 25


@pytest.mark.parametrize("style", STYLES)
def test_frames_follow_the_sound(style: str, make_job: MakeJob, tmp_path: Path) -> None:
    silent = tmp_path / "silent.s16"
    np.zeros(4 * 16_000, "<i2").tofile(silent)
    film = Film(make_job(style, samples=str(silent)))
    apart = [
        np.abs(film.paint(index).clip(0, 255) - loud).mean()
        for index, loud in enumerate(frames(make_job(style)))
    ]
    assert max(apart[12:]) > 0.8


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (426, 240)])
def test_a_backdrop_takes_other_sizes(style: str, width: int, height: int, make_job: MakeJob) -> None:
    film = Film(make_job(style, width=width, height=height, quality=VideoQuality.DRAFT))
    for index in (0, 30):
        assert np.isfinite(film.paint(index)).all()


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("duration", [0.05, 2 / 3])
def test_a_backdrop_takes_very_short_narrations(style: str, duration: float, make_job: MakeJob) -> None:
    film = Film(make_job(style, duration=duration, fps=30, width=160, height=90))
    for index in range(film.job.frames):
        assert np.isfinite(film.paint(index)).all()


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
def test_nothing_flashes_when_motion_is_reduced(style: str, make_job: MakeJob) -> None:
    """The mean lightness changes by less than a tenth of its range from frame to frame."""
    film = Film(make_job(style, reduce_motion=True, fps=30, width=160, height=90))
    light = [film.paint(index).clip(0, 255).mean() for index in range(90)][25:]
    assert np.abs(np.diff(light)).max() < 12


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
def test_memory_does_not_grow_with_frames(style: str, make_job: MakeJob) -> None:
    film = Film(make_job(style))
    for index in range(20):
        film.paint(index)
    tracemalloc.start()
    try:
        for index in range(20, 46):
            film.paint(index)
        assert tracemalloc.get_traced_memory()[0] < 400_000
    finally:
        tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.parametrize("size", [(180, 320), (180, 180)], ids=["9:16", "1:1"])
@pytest.mark.parametrize("style", STYLES)
def test_a_narrow_frame_is_filled(style: str, size: tuple[int, int], make_job: MakeJob) -> None:
    film = Film(make_job(style, width=size[0], height=size[1]))
    for index in range(16):
        image = film.paint(index).clip(0, 255)
    assert np.isfinite(image).all()
    assert image.shape[1] / image.shape[2] == pytest.approx(size[1] / size[0], rel=0.03)
    edges = image[:, 0], image[:, -1], image[:, :, 0], image[:, :, -1]
    assert all(edge.mean() > 1.0 for edge in edges)
