"""A finished video as text, as JSON and as a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from voxweave_nb import GeneratedVideo, Provenance, SubtitleMode, VideoConfig
from voxweave_nb.cli.output import as_json, as_text, write_page


@pytest.fixture
def video(tmp_path: Path) -> GeneratedVideo:
    """Three bytes under the name of a video, with a warning."""
    path = tmp_path / "sea.mp4"
    path.write_bytes(b"mp4")
    config = VideoConfig(prompt="a quiet sea")
    provenance = Provenance(
        "zai", "cogvideox-3", "job-1", config, "talk.mp3", 0.0, 2.0, {"fal": "no key"}, usd=0.2
    )
    return GeneratedVideo(
        path, None, None, 2.0004, 1280, 720, SubtitleMode.SOFT, provenance, warnings=("The clip was cut.",)
    )


def test_the_path_comes_after_the_warnings(video):
    assert as_text(video).splitlines() == ["warning: The clip was cut.", str(video.path)]


def test_json_has_the_facts_and_more(video):
    facts = json.loads(as_json(video, page="sea.html"))
    assert facts["path"] == str(video.path)
    assert (facts["duration"], facts["size"], facts["captions"]) == (2.0, 3, None)
    assert (facts["provider"], facts["job_id"], facts["usd"]) == ("zai", "job-1", 0.2)
    assert facts["declined"] == {"fal": "no key"}
    assert "a quiet sea" in facts["config"]
    assert facts["page"] == "sea.html"


def test_the_page_lies_beside_the_video(video):
    page = write_page(video)
    assert page == video.path.with_suffix(".html")
    assert 'src="sea.mp4"' in page.read_text(encoding="utf-8")
