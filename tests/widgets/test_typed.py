"""What a person types for a file, and what is said of it."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from tests.conftest import write_narration
from tests.pictures import noise, picture
from tests.widgets.actions import wait_for
from voxweave_nb import Settings
from voxweave_nb.inputs import clean_path, is_address
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.media.rendition import encode_mp3
from voxweave_nb.sample import sample_narration, sample_subtitles
from voxweave_nb.widgets.typed import (
    Finding,
    FoundLine,
    find_captions,
    find_image,
    find_narration,
    find_subtitles,
    typed_path,
)

TALK = sample_subtitles().read_text(encoding="utf-8")
URLS = ["https://example.org/talk.mp3", '"HTTP://example.org/a b.srt"', "s3://talks/one.wav"]


def narration(typed: object, **limits: float) -> Finding:
    return find_narration(str(typed), Settings(**limits))


@pytest.mark.parametrize(
    "typed", ["a b.mp3", '"a b.mp3"', "'a b.mp3'", " “a b.mp3” ", "«a b.mp3»", "file:///a%20b.mp3"]
)
def test_quotes_and_file_are_stripped(typed):
    assert typed_path(typed) in (Path("a b.mp3"), Path("/a b.mp3"))


@pytest.mark.parametrize("typed", ["", "  ", '""', "' '"])
def test_nothing_typed_is_no_path(typed):
    assert typed_path(typed) is None
    assert narration(typed) == find_subtitles(typed) == find_captions(typed.strip("\"'")) == Finding("")


@pytest.mark.parametrize("typed", ["it's.mp3", '"', "C:\\talks\\one.mp3", "file:///talk.mp3", "talk.mp3"])
def test_a_path_is_no_url(typed):
    assert not is_address(typed)


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("find", [narration, find_subtitles, find_captions])
def test_a_url_is_said_not_to_be_fetched(find, url):
    assert find(url) == Finding(
        "A URL is not fetched. Download the file, then enter its path or upload it.", usable=False
    )


def test_a_narrations_length_and_codec_are_told(tmp_path):
    talk = write_narration(tmp_path / "talk.wav", 12.0)
    asyncio.run(encode_mp3(talk, tmp_path / "talk.mp3", duration=12.0))
    assert narration(tmp_path / "talk.mp3") == Finding("0:12, MP3")
    assert narration(f"'{talk}'") == Finding("0:12, WAV")
    assert narration(sample_narration()) == Finding("0:20, AAC")


def test_the_limits_are_told(tmp_path):
    talk = write_narration(tmp_path / "talk.wav", 12.0)
    longer = narration(talk, max_narration_seconds=10)
    assert longer == Finding("0:12, WAV, longer than the limit of 0:10", usable=False)
    larger = narration(talk, max_narration_bytes=1_000)
    assert larger.text.startswith("0:12, WAV, larger than the limit of ")
    assert not larger.usable


def test_the_sound_of_a_video_is_a_narration(narrated_clip, tmp_path):
    assert narration(narrated_clip).text.endswith("AAC, the sound of a video")
    copy = ["-v", "error", "-i", str(narrated_clip), "-an", "-c", "copy", str(tmp_path / "silent.mp4")]
    subprocess.run([find_ffmpeg().path, *copy], check=True)
    silent = narration(tmp_path / "silent.mp4")
    assert silent == Finding("This file has no sound.", usable=False)


@pytest.mark.parametrize("find", [narration, find_subtitles])
def test_a_missing_file_is_told(find, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find("talk.mp3") == Finding(f"No such file in {tmp_path}", usable=False)
    assert find("talks/one.mp3") == Finding(f"No such folder: {tmp_path / 'talks'}", usable=False)
    assert find(str(tmp_path)) == Finding("A folder. Add the name of a file in it.", usable=False)
    told = find("x" * 5000)
    assert told.text.startswith(
        "Not a path of a file" if find is narration else "The pasted subtitles are not in a known format"
    )
    assert not told.usable
    assert not find("a\0b").usable


@pytest.mark.parametrize(
    ("find", "typed", "meant"),
    [
        (narration, "tlak.wav", "talk.wav"),
        (narration, "talk.mp3", "talk.wav"),
        (narration, "talk", "talk.wav"),
        (find_subtitles, "tlak.srt", "talk.srt"),
        (find_subtitles, "talk.vtt", "talk.srt"),
        (find_image, "tal.png", "talk.jpg"),
    ],
)
def test_a_similar_name_is_suggested(find, typed, meant, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("talk.wav", "talk.srt", "talk.jpg", "other.mp3"):
        (tmp_path / name).touch()
    assert find(typed).text == f"No such file in {tmp_path}. Did you mean {meant!r}?"


@pytest.mark.parametrize("typed", ["~nobody-of-that-name/talk.mp3", "`talk.mp3`", "a b\\ c.mp3"])
def test_what_is_typed_is_what_is_submitted(typed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a b c.mp3").touch()
    assert typed_path(typed) == clean_path(typed)


def test_a_damaged_narration_is_told(tmp_path):
    (tmp_path / "broken.mp3").write_text("no sound at all")
    found = narration(tmp_path / "broken.mp3")
    assert found.text.startswith("broken.mp3 cannot be opened")
    assert not found.usable


def test_captions_are_counted(tmp_path):
    (tmp_path / "one.srt").write_text("1\n00:00:00,000 --> 00:00:02,000\nOnly this\n")
    assert find_subtitles(str(tmp_path / "one.srt")) == Finding("1 caption, SRT, until 0:02")
    pasted = find_captions(TALK)
    assert pasted == find_subtitles(str(sample_subtitles()))
    assert pasted.usable
    assert " captions, SRT, until 0:" in pasted.text


def test_repairs_are_told_while_typing():
    found = find_captions("1\n00:00:02,000 --> 00:00:01,000\nBackwards\n")
    assert found.usable
    assert "with the end before the start" in " ".join(found.warnings)


def test_a_pasted_path_is_told_apart():
    assert find_captions("talks/one.srt") == Finding(
        "This looks like a path: choose File path for it.", usable=False
    )


def test_the_last_look_counts():
    line, looked = FoundLine(), []

    def find(typed: str) -> Finding:
        looked.append(typed)
        return Finding(f"<{typed}>", usable=typed != "bad")

    for typed in ("a", "ab", "bad"):
        line.look(find, typed)
    wait_for(lambda: "&lt;bad&gt;" in line.value)
    assert "vx-over" in line.value
    assert looked[-1] == "bad"
    line.look(find, " ")
    assert (line.value, line.layout.display) == ("", "none")


def test_an_image_is_decoded_before_it_is_praised(tmp_path):
    assert find_image(str(picture(tmp_path / "map.webp"))) == Finding("400x300, WebP")
    broken = noise(tmp_path / "broken.png")
    broken.write_bytes(broken.read_bytes()[:-500])
    found = find_image(str(broken))
    assert (found.usable, "broken.png is damaged" in found.text) == (False, True)
    assert find_image("") == Finding("")
