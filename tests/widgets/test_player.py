"""The player, driven from Python and by the messages of a page."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import pytest
from ipywidgets.embed import dependency_state

from voxweave_nb import (
    ConfigError,
    Cue,
    GeneratedVideo,
    Player,
    Provenance,
    SubtitleError,
    SubtitleMode,
    VideoConfig,
)
from voxweave_nb.environment import FrontEnd

CUES = (Cue(0.0, 1.0, "Far below"), Cue(1.0, 2.0, "it <glows>"))


def generated(folder: Path, **more) -> GeneratedVideo:
    video = folder / "film.mp4"
    video.write_bytes(b"not really a film" * 400_000)
    (folder / "film.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nFar below\n", encoding="utf-8")
    config = VideoConfig(style="anime", prompt="a lake at dawn")
    facts = {
        "path": video, "captions": folder / "film.vtt", "poster": None, "duration": 2.0, "width": 1280, "height": 720,
        "subtitle_mode": SubtitleMode.SOFT, "cues": CUES,
        "provenance": Provenance("local", None, "1", config, "talk.wav", 0.0, 1.0),
    }  # fmt: skip
    return GeneratedVideo(**{**facts, **more})


@pytest.fixture
def video(tmp_path) -> GeneratedVideo:
    return generated(tmp_path)


@pytest.fixture
def told(monkeypatch) -> list:
    said: list = []
    monkeypatch.setattr(
        Player, "send", lambda _, content, buffers=None: said.append((content, buffers or []))
    )
    return said


def test_a_result_brings_its_captions_title_and_settings(video):
    player = Player(video)
    assert player._facts["title"] == "a lake at dawn"
    assert eval(player._facts["settings"]) == video.provenance.config
    assert player._cues == [[0.0, 1.0, "Far below"], [1.0, 2.0, "it <glows>"]]
    assert player._facts["size"] == video.size
    assert (player.path, player.way) == (video.path, "")


def test_a_path_takes_a_caption_file(video):
    player = Player(video.path, captions=video.captions, title="A talk")
    assert player._facts["title"] == "A talk"
    assert player.cues == (Cue(0.0, 1.0, "Far below"),)
    assert set(player._facts["files"]) == {"video", "captions"}
    assert Player(video.path, captions=CUES).cues == CUES


def test_missing_files_are_refused(video, tmp_path):
    with pytest.raises(ConfigError, match="does not exist"):
        Player(tmp_path / "nothing.mp4")
    with pytest.raises(SubtitleError):
        Player(video.path, captions=tmp_path / "nothing.vtt")
    with pytest.raises(TypeError, match="subtitles"):
        Player(video, subtitles="talk.srt")


def test_without_a_video_nothing_is_shown(video):
    player = Player()
    assert (player._facts, player.path) == ({}, None)
    player.show(video)
    assert player.path == video.path


def test_places_are_relative_to_the_notebook(video, tmp_path, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "talks" / "one.ipynb"))
    monkeypatch.chdir(tmp_path)
    assert Player(video)._facts["files"]["video"]["places"] == ["../film.mp4", "film.mp4"]
    monkeypatch.setenv("JPY_SESSION_NAME", "0b6ac42e")
    assert Player(video)._facts["files"]["video"]["places"] == ["film.mp4"]


def test_the_kernel_sends_pieces_of_a_video(video, told):
    player = Player(video)
    player._on_message(player, {"kind": "pull", "what": "video", "turn": "t-1", "seq": 1}, [])
    content, buffers = told[-1]
    assert (content["kind"], content["turn"], content["seq"]) == ("piece", "t-1", 1)
    assert buffers == [video.path.read_bytes()[4 * 2**20 :]]
    assert len(json.dumps(player._facts)) < 2000


def test_a_deleted_file_is_reported(video, told):
    player = Player(video)
    video.path.unlink()
    player._on_message(player, {"kind": "pull", "what": "video", "turn": "t-1", "seq": 0}, [])
    assert told[-1][0] == {"kind": "gone", "what": "video", "turn": "t-1", "name": "film.mp4"}
    player._on_message(player, {"kind": "pull", "what": "../secrets", "turn": "t-2", "seq": 0}, [])
    assert told[-1][0]["kind"] == "gone"


def test_the_page_reports_the_source(video):
    player = Player(video)
    player._on_message(player, {"kind": "way", "way": "server"}, [])
    assert player.way == "server"
    player._on_message(player, {"kind": "way", "way": "by post"}, [])
    assert "Something unexpected" in player.error


@pytest.fixture
def told_a_copy(told, monkeypatch):
    """What the page is told, and a wait for the answer to a request for a copy."""
    answered = threading.Event()

    def send(_, content, buffers=None):
        told.append((content, buffers or []))
        if content.get("what") or content.get("error"):
            answered.set()

    monkeypatch.setattr(Player, "send", send)

    def ask(player: Player, **message) -> dict:
        answered.clear()
        player._on_message(player, {"kind": "rendition", "turn": "t-1", **message}, [])
        assert answered.wait(60)
        return told[-1][0]

    return ask


def test_the_kernel_makes_a_copy_with_mp3(narrated_clip, tmp_path, told, told_a_copy, monkeypatch):
    monkeypatch.chdir(tmp_path)
    player = Player(shutil.copy(narrated_clip, tmp_path / "film.mp4"))
    assert player._facts["codecs"] == {"video": "h264", "audio": "aac"}
    answer = told_a_copy(player, format="mp4")
    (copy,) = tmp_path.glob("film.mp4.rendition-*.mp4")
    assert (answer["turn"], answer["what"], answer["mime"]) == ("t-1", "rendition.mp4", "video/mp4")
    assert (answer["size"], answer["places"]) == (copy.stat().st_size, [copy.name])
    assert answer["tail"] == copy.read_bytes()[-32:].hex()
    player._on_message(player, {"kind": "pull", "what": "rendition.mp4", "turn": "t-2", "seq": 0}, [])
    assert told[-1][1] == [copy.read_bytes()]
    player._on_message(player, {"kind": "way", "way": "kernel", "rendition": "mp4"}, [])
    assert (player.way, player.rendition) == ("kernel", "mp4")


def test_a_copy_that_cannot_be_made_is_explained(video, told_a_copy):
    assert "film.mp4 cannot be opened" in told_a_copy(Player(video), format="mp4")["error"]
    assert "avi" in told_a_copy(Player(video), format="avi")["error"]


def test_pieces_are_as_large_as_asked(video, told):
    player = Player(video)
    player._on_message(player, {"kind": "pull", "what": "video", "turn": "t", "seq": 2, "bytes": 2**20}, [])
    assert told[-1][1] == [video.path.read_bytes()[2 * 2**20 : 3 * 2**20]]


def test_it_can_be_driven_from_python(video, told):
    player = Player(video)
    player.play()
    player.seek(1.5)
    player.pause()
    assert [content for content, _ in told] == [
        {"kind": "play"},
        {"kind": "seek", "to": 1.5},
        {"kind": "pause"},
    ]


def test_a_long_transcript_is_not_saved(video, told):
    cues = [Cue(place, place + 0.9, f"line {place}") for place in range(2500)]
    player = Player(video, captions=cues)
    assert 0 < len(player._cues) < 1000
    player._on_message(player, {"kind": "cues"}, [])
    assert len(player._cues) + len(told[-1][0]["cues"]) == 2500
    assert len(json.dumps(dependency_state([player]))) < 60_000


def test_thumbnails_are_read_from_their_track(video, tmp_path):
    sprite, track = tmp_path / "film.jpg", tmp_path / "film.thumbnails.vtt"
    sprite.write_bytes(b"jpeg")
    track.write_text(
        "WEBVTT\n\n00:00.000 --> 00:01.000\nfilm.jpg#xywh=0,0,160,90\n\n"
        "00:01.000 --> 01:00:02.500\nfilm.jpg#xywh=160,0,160,90\n"
    )
    player = Player(video, sprite=sprite, thumbnails=track)
    assert player._facts["tiles"] == [
        [0.0, 1.0, 0.0, 0.0, 160.0, 90.0],
        [1.0, 3602.5, 160.0, 0.0, 160.0, 90.0],
    ]


def test_a_reader_without_a_kernel_sees_the_video(video):
    data = Player(video)._repr_mimebundle_()[0]
    assert "<video" in data["text/html"]
    assert "Transcript (2 lines)" in data["text/html"]


def test_a_page_without_files_gets_no_places(video, monkeypatch):
    monkeypatch.setattr("voxweave_nb.widgets.video_facts.front_end", lambda: FrontEnd.COLAB)
    assert Player(video)._facts["files"]["video"]["places"] == []
