"""Small pictures for scrubbing, and the best frame."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from voxweave_nb import VideoGenerationService
from voxweave_nb.render.job import RenderJob
from voxweave_nb.render.renderer import parts_of, render
from voxweave_nb.render.thumbnails import best_moment, move_sprite, plan_tiles, write_sprite

MakeJob = Callable[..., RenderJob]


@pytest.mark.parametrize(("duration", "tiles"), [(0.05, 1), (4.0, 4), (20.3, 21), (1800.0, 100)])
def test_a_tile_a_second_and_never_more_than_a_hundred(duration: float, tiles: int) -> None:
    plan = plan_tiles(duration, 30, max(1, int(duration * 30)))
    assert len(plan.frames) == tiles
    assert list(plan.frames) == sorted(plan.frames)


def test_the_track_covers_the_film_and_names_its_own_sheet(tmp_path: Path) -> None:
    plan = plan_tiles(12.4, 10, 124)
    pictures = np.zeros((len(plan.frames), 90, 160, 3), np.uint8)
    sprite, track = move_sprite(*write_sprite(plan, pictures, 12.4, tmp_path), tmp_path / "talk.mp4")
    text = track.read_text()
    assert text.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:01.000\ntalk.sprite.jpg#xywh=0,0,160,90")
    assert "--> 00:00:12.400\ntalk.sprite.jpg#xywh=320,90,160,90" in text
    with av.open(str(sprite)) as sheet:
        assert (sheet.streams.video[0].width, sheet.streams.video[0].height) == (1600, 180)


def test_the_best_frame_is_neither_in_a_fade_nor_under_the_title() -> None:
    plan = plan_tiles(20.0, 10, 200)
    scores = [9.0] * 4 + [1.0] * 8 + [5.0] + [1.0] * 6 + [9.0]
    assert best_moment(plan, scores, 10, 20.0) == pytest.approx(12.5)


def test_frames_are_cut_into_parts_at_whole_pictures(make_job: MakeJob) -> None:
    job = make_job(duration=61.0, fps=30)
    parts = parts_of(job, 4)
    assert parts[0][0] == 0
    assert parts[-1][1] == job.frames
    assert all(first % 60 == 0 for first, _ in parts)
    assert parts_of(make_job(duration=4.0), 8) == [(0, 48)]


@pytest.mark.slow
def test_parts_rendered_side_by_side_are_one_film(make_job: MakeJob, tmp_path: Path) -> None:
    pictures = {}
    for processes in (1, 2):
        work = tmp_path / str(processes)
        work.mkdir()
        job = make_job(duration=17.0, fps=10)
        done = asyncio.run(render(job, work / "out.mp4", work=work, processes=processes))
        assert done.sprite is not None
        assert done.thumbnails is not None
        assert len(re.findall("xywh", done.thumbnails.read_text())) == 17
        with av.open(str(work / "out.mp4")) as container:
            pictures[processes] = [
                f.to_ndarray(format="gray").astype(float) for f in container.decode(video=0)
            ]
    assert len(pictures[1]) == len(pictures[2]) == 170
    apart = [np.abs(a - b).mean() for a, b in zip(pictures[1], pictures[2], strict=True)]
    assert max(apart) < 3


@pytest.mark.slow
def test_a_draft_is_small_and_has_its_thumbnails_also_once_saved(
    narration_file: Path, tmp_path: Path
) -> None:
    service = VideoGenerationService.local(output_dir=tmp_path / "out")
    video = service.submit(narration_file, quality="draft", resolution="4k").result()
    assert (video.width, video.height) == (640, 360)
    assert video.sprite is not None
    assert video.thumbnails is not None
    assert video.sprite.name in video.thumbnails.read_text()
    saved = video.save(tmp_path / "talk.mp4")
    assert saved.with_suffix(".sprite.jpg").exists()
    assert "talk.sprite.jpg#xywh=" in saved.with_suffix(".thumbnails.vtt").read_text()
