"""Thumbnails for scrubbing, and the best poster."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from voxweave_nb import VideoGenerationService
from voxweave_nb.render.thumbnails import best_moment, plan_tiles, write_sprite


@pytest.mark.parametrize(("duration", "tiles"), [(0.05, 1), (4.0, 4), (20.3, 21), (1800.0, 100)])
def test_one_tile_a_second_up_to_a_hundred(duration: float, tiles: int) -> None:
    plan = plan_tiles(duration, 30, max(1, int(duration * 30)))
    assert len(plan.frames) == tiles
    assert list(plan.frames) == sorted(plan.frames)


def test_the_track_covers_the_film(tmp_path: Path) -> None:
    plan = plan_tiles(12.4, 10, 124)
    images = np.zeros((len(plan.frames), 90, 160, 3), np.uint8)
    sprite, track = write_sprite(plan, images, 12.4, tmp_path)
    text = track.read_text()
    assert text.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nsprite.jpg#xywh=0,0,160,90")
    assert "--> 00:00:12.400\nsprite.jpg#xywh=320,90,160,90" in text
    with av.open(str(sprite)) as sheet:
        assert (sheet.streams.video[0].width, sheet.streams.video[0].height) == (1600, 180)


def test_the_poster_avoids_fades_and_the_title() -> None:
    plan = plan_tiles(20.0, 10, 200)
    scores = [9.0] * 4 + [1.0] * 8 + [5.0] + [1.0] * 6 + [9.0]
    assert best_moment(plan, scores, 10, 20.0) == pytest.approx(12.5)


@pytest.mark.slow
def test_a_saved_draft_keeps_its_thumbnails(narration_file: Path, tmp_path: Path) -> None:
    service = VideoGenerationService.local(output_dir=tmp_path / "out")
    video = service.submit(narration_file, quality="draft", resolution="4k").result()
    assert (video.width, video.height) == (640, 360)
    assert video.sprite is not None
    assert video.thumbnails is not None
    assert video.sprite.name in video.thumbnails.read_text()
    saved = video.save(tmp_path / "talk.mp4")
    assert saved.with_suffix(".sprite.jpg").exists()
    assert "talk.sprite.jpg#xywh=" in saved.with_suffix(".thumbnails.vtt").read_text()
