"""The names of renditions: they tell videos apart, and earlier contents of the same one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from voxweave_nb import VideoFormat
from voxweave_nb.renditions import rendition_path, renditions_of


@pytest.fixture
def video(tmp_path) -> Path:
    path = tmp_path / "a [b].mp4"
    path.write_bytes(b"film" * 50_000)
    return path


def test_a_name_has_the_videos_own(video):
    path = rendition_path(video)
    assert path.parent == video.parent
    assert path.name.startswith("a [b].mp4.rendition-")
    assert path.suffix == ".mp4"
    assert rendition_path(video, VideoFormat.WEBM).suffix == ".webm"


def test_the_same_video_has_one_name(video):
    assert rendition_path(video) == rendition_path(video)


@pytest.mark.parametrize("place", [0, -1], ids=["start", "end"])
def test_changed_contents_have_another_name(video, place):
    before, modified = rendition_path(video), video.stat().st_mtime_ns
    content = bytearray(video.read_bytes())
    content[place] ^= 1
    video.write_bytes(content)
    os.utime(video, ns=(modified, modified))
    assert rendition_path(video) != before


def test_a_later_date_is_another_name(video):
    before = rendition_path(video)
    os.utime(video, ns=(1, 1))
    assert rendition_path(video) != before


def test_renditions_are_found_also_old_ones(video):
    old = video.with_name("a [b].mp4.rendition-00000000.webm")
    others = [video.with_name(name) for name in ("a [b].webm.rendition-00000000.mp4", "a b.mp4", "other.mp4")]
    for path in (old, rendition_path(video), *others):
        path.touch()
    assert set(renditions_of(video)) == {old, rendition_path(video)}
