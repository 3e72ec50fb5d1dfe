"""GeneratedVideo and Provenance: files, saving, JSON, and values saved by earlier releases."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.systems import symlink
from voxweave_nb import ConfigError, Cue, GeneratedVideo, Provenance, SubtitleMode, VideoConfig

from .samples import OPTIONS, SAVED, finished_video, unpickle

SHEET, TRACK = "a b.sprite.jpg", "a b.thumbnails.vtt"


@pytest.fixture
def video(tmp_path) -> GeneratedVideo:
    return finished_video(tmp_path / "voxweave_out")


@pytest.fixture
def with_thumbnails(video) -> GeneratedVideo:
    sheet, track = video.path.with_name(SHEET), video.path.with_name(TRACK)
    sheet.write_bytes(b"\xff\xd8")
    track.write_text(f"WEBVTT\n\n00:00.000 --> 00:01.000\n{SHEET}#xywh=0,0,160,90\n")
    chapters = video.path.with_name("a b.chapters.vtt")
    chapters.write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nShore\n")
    return replace(video, sprite=sheet, thumbnails=track, chapters=chapters)


# Files


def test_the_files_exist_and_begin_with_the_video(with_thumbnails):
    video = with_thumbnails
    srt = video.path.with_suffix(".srt")
    srt.write_text("1")
    stills = (video.sprite, video.thumbnails)
    assert video.files == (video.path, video.captions, video.poster, srt, *stills, video.chapters)
    srt.unlink()
    video.poster.unlink()
    assert video.files == (video.path, video.captions, *stills, video.chapters)
    assert video.size == 1000


def test_saving_copies_the_companion_files(video, tmp_path):
    saved = video.save(tmp_path / "film" / "sea.mp4")
    assert sorted(path.name for path in saved.parent.iterdir()) == ["sea.jpg", "sea.mp4", "sea.vtt"]


def test_saved_thumbnails_name_the_saved_sprite(with_thumbnails, tmp_path):
    with_thumbnails.save(tmp_path / "sea.mp4")
    assert (tmp_path / "sea.sprite.jpg").read_bytes() == b"\xff\xd8"
    assert "sea.sprite.jpg#xywh=0,0,160,90" in (tmp_path / "sea.thumbnails.vtt").read_text()
    assert "Shore" in (tmp_path / "sea.chapters.vtt").read_text()


def test_saving_replaces_nothing_unless_told(video, tmp_path):
    taken = tmp_path / "sea.vtt"
    taken.write_text("mine")
    with pytest.raises(FileExistsError, match=r"sea\.vtt exists"):
        video.save(tmp_path / "sea.mp4")
    assert not (tmp_path / "sea.mp4").exists()
    video.save(tmp_path / "sea.mp4", overwrite=True)
    assert taken.read_text() == "WEBVTT\n"


def test_saving_follows_no_dangling_link(video, tmp_path):
    symlink(tmp_path / "sea.mp4", tmp_path / "elsewhere")
    with pytest.raises(FileExistsError, match=r"sea\.mp4 exists"):
        video.save(tmp_path / "sea.mp4")
    assert not (tmp_path / "elsewhere").exists()


def test_saving_under_another_suffix_is_refused(video, tmp_path):
    with pytest.raises(ValueError, match=r"does not end in \.mp4"):
        video.save(tmp_path / "sea.webm")


def test_saving_into_a_folder_keeps_the_name(video, tmp_path):
    folder = Path(tmp_path / "films")
    folder.mkdir()
    assert video.save(folder) == folder / "a b.mp4"


def test_saving_onto_itself_changes_nothing(video):
    assert video.save(video.path, overwrite=True) == video.path
    assert video.size == 1000


def test_a_rendition_belongs_to_its_video(video, narrated_clip, tmp_path):
    shutil.copy(narrated_clip, video.path)
    copy = video.rendition()
    assert copy == video.rendition("mp4")
    assert video.files[-1] == copy
    saved = video.save(tmp_path / "film" / "sea.mp4")
    assert sorted(path.name for path in saved.parent.iterdir()) == ["sea.jpg", "sea.mp4", "sea.vtt"]


def test_there_is_no_rendition_as_mov(video):
    with pytest.raises(ConfigError, match="choose mp4 or webm"):
        video.rendition("mov")


# Text


def test_the_provenance_names_who_declined(video):
    origin = replace(
        video.provenance, provider="zai", model="cogvideox-3", usd=0.2,
        declined={"openai_sora": "openai_sora is out of order: <503>.", "fal": "fal: has no key", "own": "Too tired."},
    )  # fmt: skip
    assert origin.story == (
        "Provider: zai (cogvideox-3), about $0.20; openai_sora declined: it is out of order: <503>; "
        "fal declined: it has no key; own declined: Too tired"
    )


@pytest.mark.parametrize(
    ("model", "usd", "text"),
    [
        (None, None, "zai"),
        ("zai", 0.0, "zai"),
        ("cogvideox-3", None, "zai (cogvideox-3)"),
        ("cogvideox-3", 1234.5, "zai (cogvideox-3), about $1,234.50"),
        (None, 0.0034, "zai, about $0.0034"),
    ],
)
def test_the_maker_has_model_and_price(video, model, usd, text):
    assert replace(video.provenance, provider="zai", model=model, usd=usd).maker == text


def test_the_text_counts_the_warnings(video):
    assert str(video) == f"{video.path} (1280x720, 12.5 s, provider: local)"
    assert str(replace(video, warnings=("a",))).endswith("provider: local, 1 warning)")
    assert str(replace(video, warnings=("a", "b"))).endswith("provider: local, 2 warnings)")


# JSON and pickle


def test_a_video_survives_json(with_thumbnails):
    video = replace(with_thumbnails, warnings=("Sent as 1280x720.",))
    values = json.loads(json.dumps(video.as_dict()))
    assert GeneratedVideo.from_dict(values) == video
    assert GeneratedVideo.from_dict(values, embed_limit=7).embed_limit == 7


def test_a_video_survives_pickling(with_thumbnails):
    assert pickle.loads(pickle.dumps(with_thumbnails)) == with_thumbnails


EARLIER = GeneratedVideo(
    path=Path("/videos/talk-anime.webm"),
    captions=Path("/videos/talk-anime.vtt"),
    poster=Path("/videos/talk-anime.jpg"),
    duration=12.5,
    width=2160,
    height=3840,
    subtitle_mode=SubtitleMode.BURN,
    provenance=Provenance(
        "zai", "cogvideox-3", "task-7", VideoConfig(**OPTIONS), "talk.mp3", 1_790_000_000.0, 42.5,
        declined={"openai_sora": "openai_sora has no key"}, understood={"time": "dawn"}, usd=0.2, version="0.1.0.dev0",
    ),
    cues=(Cue(0.0, 1.5, "first\nline"), Cue(1.5, 3.25, "second")),
    warnings=("Sent as 1280x720.",),
    sprite=Path("/videos/talk-anime.sprite.jpg"),
    thumbnails=Path("/videos/talk-anime.thumbnails.vtt"),
)  # fmt: skip


def test_a_video_of_an_earlier_release_opens():
    assert GeneratedVideo.from_dict(SAVED["video"]) == EARLIER


def test_a_video_saved_before_thumbnails_opens():
    values = {name: value for name, value in SAVED["video"].items() if name not in {"sprite", "thumbnails"}}
    assert GeneratedVideo.from_dict(values) == replace(EARLIER, sprite=None, thumbnails=None)


@pytest.mark.skipif(os.name == "nt", reason="the pickle has POSIX paths")
def test_a_pickle_of_an_earlier_release_opens():
    assert unpickle("video") == EARLIER


def test_a_description_has_path_length_and_captions(tmp_path):
    video = replace(finished_video(tmp_path / "out"), warnings=("The clip is shorter.",))
    path, facts, captions, warning = video.description.splitlines()
    assert path == str(tmp_path / "out" / "a b.mp4")
    assert facts == "0:12 (12.5 s), 1280x720, 0.0 MB, Provider: local"
    assert captions == f"2 captions as a track in the video: {tmp_path / 'out' / 'a b.vtt'}"
    assert warning == "warning: The clip is shorter."


def test_a_deleted_video_is_described_too(tmp_path):
    video = finished_video(tmp_path / "out")
    video.path.unlink()
    assert "the file was moved or deleted" in video.description


def test_the_repr_is_one_line(tmp_path):
    video = finished_video(tmp_path / "out")
    assert repr(video) == f"<GeneratedVideo {video}>"
