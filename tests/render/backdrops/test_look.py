"""Measurable properties of the look, on drawn frames and on decoded videos."""

from __future__ import annotations

import asyncio
import functools
import itertools
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from voxweave_nb.models import VideoStyle
from voxweave_nb.render.film import Film
from voxweave_nb.render.job import RenderJob
from voxweave_nb.render.preview import sample_job
from voxweave_nb.render.renderer import render

pytestmark = pytest.mark.slow


STYLES = [style.value for style in VideoStyle]


PROMPTS = [
    "a story", "rain on glass", "the sea at dawn", "how a market grows", "midnight in the city", "golden light",
    "snow in the mountains", "the brain", "a calm morning", "the red planet",
]  # fmt: skip


MakeJob = Callable[..., RenderJob]


@pytest.fixture(scope="module")
def narrated() -> RenderJob:
    """The bundled narration, small."""
    with tempfile.TemporaryDirectory() as folder:
        yield sample_job(Path(folder), "cyberpunk", width=320, height=180, fps=15, title="")


def drawn(job: RenderJob, places: tuple[float, ...]) -> list[np.ndarray]:
    """Return frames of shape (height, width, 3)."""
    film = Film(job)
    frame = np.empty((3, film.height, film.width), np.uint8)
    out = []
    for place in places:
        film.draw(round(place * (job.frames - 1)), frame)
        out.append(frame[[2, 0, 1]].transpose(1, 2, 0).copy())
    return out


@functools.cache
def filmed(style: str, text: str) -> tuple[np.ndarray, ...]:
    """Return all frames of an encoded film."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        job = replace(RenderJob.from_json(text), style=VideoStyle(style))
        asyncio.run(render(job, work / "out.mp4", work=work))
        with av.open(str(work / "out.mp4")) as container:
            return tuple(frame.to_ndarray(format="rgb24") for frame in container.decode(video=0))


def looks_of(image: np.ndarray) -> np.ndarray:
    """Return histograms of colour (lightness, red-green, yellow-blue) and of edges, and a grid of means."""
    red, green, blue = image.astype(float).transpose(2, 0, 1) / 255
    light, warm, yellow = (red + green + blue) / 3, red - green, (red + green) / 2 - blue
    down, across = np.gradient(light)
    edge, turn = np.hypot(down, across), np.arctan2(down, across) % np.pi
    found = [
        np.histogram(light, 10, (0, 1))[0],
        np.histogram(warm, 8, (-1, 1))[0],
        np.histogram(yellow, 8, (-1, 1))[0],
    ]
    found.append(np.histogram(turn, 8, (0, np.pi), weights=edge)[0] / max(1e-6, edge.sum()) * light.size)
    found.append(np.histogram(edge, [0, 0.004, 0.01, 0.025, 0.06, 0.15, 2])[0])
    for rows in np.array_split(np.arange(light.shape[0]), 5):
        for columns in np.array_split(np.arange(light.shape[1]), 3):
            field = np.ix_(rows, columns)
            found.append(np.array([light[field].mean(), edge[field].mean() * 8]) * light.size * 0.4)
    return np.sqrt(np.concatenate(found) / light.size)


def test_colours_and_edges_distinguish_the_styles(narrated: RenderJob) -> None:
    """Classify each film by the nearest of the seven styles' means, computed without that film."""
    looks = np.array(
        [
            [
                np.mean(
                    [
                        looks_of(p)
                        for p in drawn(replace(narrated, style=VideoStyle(s), prompt=prompt), (0.3, 0.7))
                    ],
                    0,
                )
                for prompt in PROMPTS
            ]
            for s in STYLES
        ]
    )
    right = sum(
        nearest(looks, style, number) == style
        for style in range(len(STYLES))
        for number in range(len(PROMPTS))
    )
    assert right / (len(STYLES) * len(PROMPTS)) >= 0.95


def nearest(looks: np.ndarray, style: int, number: int) -> int:
    """Return the style with the nearest mean by Mahalanobis distance."""
    kept = np.ones(looks.shape[:2], bool)
    kept[style, number] = False
    means = np.array([own[keep].mean(0) for own, keep in zip(looks, kept, strict=True)])
    rest = np.concatenate([own[keep] - mean for own, keep, mean in zip(looks, kept, means, strict=True)])
    spread = rest.T @ rest / len(rest)
    spread += 0.03 * np.trace(spread) / len(spread) * np.eye(len(spread))
    away = means - looks[style, number]
    return int(np.argmin(np.einsum("ij,jk,ik->i", away, np.linalg.inv(spread), away)))


@pytest.mark.parametrize("style", STYLES)
def test_nine_prompts_give_nine_images(style: str, narrated: RenderJob) -> None:
    images = [
        drawn(replace(narrated, style=VideoStyle(style), prompt=prompt), (0.5,))[0][::4, ::4].astype(float)
        for prompt in PROMPTS[:9]
    ]
    apart = [np.abs(a - b).mean() for n, a in enumerate(images) for b in images[n + 1 :]]
    assert min(apart) > 3


@pytest.mark.parametrize("style", STYLES)
def test_frames_are_not_flat(style: str, narrated: RenderJob) -> None:
    """Lightness has enough entropy (bits) and range."""
    for image in drawn(replace(narrated, style=VideoStyle(style)), (0.2, 0.5, 0.8)):
        light = image.mean(2)
        share = np.histogram(light, 64, (0, 256))[0] / light.size
        share = share[share > 0]
        assert -(share * np.log2(share)).sum() > 2.4
        assert np.percentile(light, 98) - np.percentile(light, 2) > 45


@pytest.mark.parametrize("style", STYLES)
def test_motion_follows_the_voice(style: str, narrated: RenderJob) -> None:
    """Motion between frames correlates with loudness, and not with shuffled loudness."""
    job = replace(narrated, style=VideoStyle(style), prompt="a story")
    film, light = Film(job), [frame.mean(2) for frame in filmed(style, job.to_json())]
    count = len(light)
    motion = np.array([0.0, *(np.abs(b - a).mean() for a, b in itertools.pairwise(light))])
    shots = np.array([film.shot_at(n / job.fps).number for n in range(count)])
    kept = np.array(
        [1.5 < n / job.fps < job.duration - 1.8 and not film.in_transition(n) for n in range(count)]
    )
    kept[1:] &= shots[1:] == shots[:-1]
    for shot in set(shots):
        motion[shots == shot] /= max(1e-6, float(np.median(motion[kept & (shots == shot)])))
    level = np.array([film.sound.at(n).level for n in range(count)])
    assert alike(motion, level, kept) >= 0.4
    order = np.random.default_rng(5)
    pieces = [level[n : n + 8] for n in range(0, count, 8)]
    wrong = [
        alike(motion, np.concatenate([pieces[n] for n in order.permutation(len(pieces))]), kept)
        for _ in range(8)
    ]
    assert abs(float(np.mean(wrong))) < 0.15


def alike(motion: np.ndarray, level: np.ndarray, kept: np.ndarray) -> float:
    """Return the correlation of both, smoothed over a third of a second, with outliers clipped at 98 %."""
    soft = np.ones(5) / 5
    motion = np.convolve(np.minimum(motion, np.percentile(motion[kept], 98)), soft, "same")
    return float(np.corrcoef(motion[kept], np.convolve(level, soft, "same")[kept])[0, 1])


@pytest.mark.parametrize("style", STYLES)
def test_flashes_stay_below_three_a_second(style: str, narrated: RenderJob) -> None:
    """WCAG 2.3.1 on decoded frames: pairs of opposing changes over a quarter of the frame."""
    job = replace(narrated, style=VideoStyle(style), prompt="a story")
    frames = np.array([frame[::6, ::6] for frame in filmed(style, job.to_json())], np.float32) / 255
    linear = np.where(frames <= 0.04045, frames / 12.92, ((frames + 0.055) / 1.055) ** 2.4)
    light = linear @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    assert flashes(light, job.fps, 0.10, dark=0.80) <= 3
    red = np.clip(320 * (linear[..., 0] - linear[..., 1] - linear[..., 2]), 0, None)
    assert flashes(red, job.fps, 20.0, dark=np.inf) <= 3


def flashes(values: np.ndarray, fps: int, least: float, dark: float) -> float:
    """Return the most flashes per second over a quarter of the frame: pairs of opposing changes of `least`."""
    low = high = values[0]
    way = np.zeros(values[0].shape)
    turns = np.zeros((len(values), *values[0].shape), bool)
    for index, now in enumerate(values):
        low, high = np.minimum(low, now), np.maximum(high, now)
        up = (now - low >= least) & (low < dark) & (way <= 0)
        down = (high - now >= least) & (now < dark) & (way >= 0)
        turns[index] = up | down
        way = np.where(up, 1.0, np.where(down, -1.0, way))
        low, high = np.where(up | down, now, low), np.where(up | down, now, high)
    worst = 0.0
    for start in range(max(1, len(values) - fps)):
        pairs = turns[start : start + fps].sum(0) / 2
        worst = max(worst, float(np.percentile(pairs, 75)))
    return worst


@pytest.mark.parametrize("style", STYLES)
def test_a_film_can_be_looped_without_a_jump(style: str, narrated: RenderJob) -> None:
    frames = filmed(style, replace(narrated, style=VideoStyle(style), prompt="a story").to_json())
    assert np.abs(frames[0].astype(float) - frames[-1]).mean() < 10


@pytest.mark.parametrize("style", STYLES)
def test_skies_and_walls_have_no_bands(style: str, narrated: RenderJob) -> None:
    """In smooth areas, lightness changes by single steps."""
    image = drawn(
        replace(narrated, style=VideoStyle(style), prompt="a story", width=1280, height=720), (0.5,)
    )[0]
    light = image.astype(float).mean(2)
    blocks = light[: light.shape[0] // 8 * 8, : light.shape[1] // 16 * 16].reshape(
        -1, 8, light.shape[1] // 16, 16
    )
    rows = blocks.mean(3)
    even = (np.abs(blocks - rows[..., None]).max((1, 3)) < 4) & (np.ptp(rows, axis=1) < 8)
    steps = np.abs(np.diff(rows, axis=1)).max(1)
    assert even.mean() > 0.02
    assert np.percentile(steps[even], 95) < 2.5
