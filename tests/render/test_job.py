"""A render's parameters."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from voxweave_nb.models import VideoQuality
from voxweave_nb.render.job import RenderJob, rendered_fps
from voxweave_nb.render.scene_list import FilmScene

MakeJob = Callable[..., RenderJob]


def test_a_job_survives_json(make_job: MakeJob) -> None:
    job = make_job(
        title='Quotes "and" \\ braces {}',
        seed=2**62,
        reduce_motion=True,
        codec="vp9",
        quality=VideoQuality.FINE,
        scenes=(FilmScene(0.0, 2.0, "rain", transition="dissolve"), FilmScene(2.0, 4.0, spoken="Light.")),
    )
    assert RenderJob.from_json(job.to_json()) == job


@pytest.mark.parametrize(
    ("duration", "fps", "frames"), [(1.0, 30, 30), (1.01, 30, 31), (0.001, 24, 1), (20.3, 25, 508)]
)
def test_frames_cover_the_narration(duration: float, fps: int, frames: int, make_job: MakeJob) -> None:
    assert make_job(duration=duration, fps=fps).frames == frames


def test_a_scene_has_the_frames_of_the_film(make_job: MakeJob) -> None:
    scenes = (FilmScene(0.0, 1.31), FilmScene(1.31, 2.6), FilmScene(2.6, 4.0))
    parts = [make_job(fps=10, scenes=scenes, only=number).drawn for number in range(3)]
    assert parts == [range(13), range(13, 26), range(26, 40)]
    assert make_job(fps=10, scenes=scenes, only=2).seconds == 1.4
    assert (make_job(fps=10).drawn, make_job(fps=10).seconds) == (range(40), 4.0)


def test_upright_and_wide_frames_are_equally_fine(make_job: MakeJob) -> None:
    wide, tall = make_job(width=1280, height=720), make_job(width=720, height=1280)
    assert tall.inner() == wide.inner()[::-1]


def test_a_draft_has_at_most_24_frames() -> None:
    """Per second; a config that asks for fewer gets them."""
    assert [rendered_fps(fps, VideoQuality.DRAFT) for fps in (12, 24, 60)] == [12, 24, 24]
    assert rendered_fps(60, VideoQuality.STANDARD) == 60
