"""What a page is told of a video before it plays it."""

from __future__ import annotations

from tests.samples import finished_video
from voxweave_nb import Cue
from voxweave_nb.widgets.video_facts import (
    cues_for_page,
    describe,
    file_facts,
    files_of,
    first_cues,
    read_cues,
)


def test_a_result_is_described(tmp_path):
    video = finished_video(tmp_path / "out")
    files = files_of(video.path, video, {})
    assert {name: each.suffix for name, each in files.items()} == {
        "video": ".mp4",
        "captions": ".vtt",
        "poster": ".jpg",
    }
    facts = describe(files, video, len(video.cues))
    assert (facts["title"], facts["cues"], facts["burnt"]) == ("a slow dawn", 2, False)
    assert (facts["width"], facts["height"], facts["duration"]) == (1280, 720, 12.5)
    assert facts["files"]["poster"]["name"] == "a b.jpg"


def test_a_title_may_be_empty(tmp_path):
    video = finished_video(tmp_path / "out")
    facts = describe(files_of(video.path, video, {}), video, 0, title="", settings="")
    assert (facts["title"], facts["settings"]) == ("", "")


def test_a_file_is_known_by_its_end(tmp_path):
    path = tmp_path / "film.webm"
    path.write_bytes(b"0123456789" * 10)
    assert file_facts(path) == {"mime": "video/webm", "size": 100, "tail": (b"89" + b"0123456789" * 3).hex()}


def test_long_captions_are_cut():
    cues = tuple(Cue(number, number + 1, "words " * 20) for number in range(500))
    some = first_cues(cues)
    assert 0 < len(some) < 100
    assert cues_for_page(some[:1]) == [[0, 1, "words " * 20]]
    assert read_cues(None, cues) == cues


def test_chapters_are_told_from_their_track(tmp_path):
    video = finished_video(tmp_path / "out")
    track = tmp_path / "a.chapters.vtt"
    track.write_text("WEBVTT\n\n00:00.000 --> 00:05.500\nShore &amp; sea\n\n00:05.500 --> 00:12.500\nNight\n")
    facts = describe(files_of(video.path, video, {"chapters": track}), video, 0)
    assert facts["chapters"] == [[0.0, 5.5, "Shore & sea"], [5.5, 12.5, "Night"]]
    assert describe(files_of(video.path, video, {}), video, 0)["chapters"] == []
