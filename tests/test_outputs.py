"""The output folder: names, work folders, captions beside the video."""

from __future__ import annotations

import errno
import os
import re
import time
from pathlib import Path

import pytest

from voxweave_nb import ConfigError, Cue, SubtitleMode, VideoConfig
from voxweave_nb.outputs import FinishedFiles, publish, work_folder
from voxweave_nb.request import VideoRequest

REQUEST = VideoRequest(Path("My talk (1).mp3"), None, VideoConfig(style="anime"))
CUES = (Cue(0.0, 1.0, "hello"),)


def finished(work: Path, *, mode: SubtitleMode = SubtitleMode.SOFT, **more) -> FinishedFiles:
    video = work / "video.mp4"
    video.write_bytes(b"video")
    return FinishedFiles(video, CUES, mode, **more)


# Work folders


def test_a_work_folder_is_hidden_and_temporary(tmp_path):
    with work_folder(tmp_path / "out") as work:
        (work / "part").write_bytes(b"1")
        assert work.parent == (tmp_path / "out").resolve()
        assert work.name.startswith(".voxweave-")
    assert list((tmp_path / "out").iterdir()) == []


def test_an_error_deletes_the_work_folder(tmp_path):
    with pytest.raises(ZeroDivisionError), work_folder(tmp_path):
        _ = 1 / 0
    assert list(tmp_path.iterdir()) == []


def test_an_unusable_output_folder_is_a_config_error(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    with (
        pytest.raises(ConfigError, match=r"cannot be written to .*VOXWEAVE_OUTPUT_DIR"),
        work_folder(file / "out"),
    ):
        pass


def test_stale_work_folders_are_deleted(tmp_path):
    day = 24 * 3600
    for name, age in ((".voxweave-old", day + 60), (".voxweave-new", day - 60), ("mine", 2 * day)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    with work_folder(tmp_path):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == [".voxweave-new", "mine"]


# Publishing


def test_a_name_has_narration_style_and_time(tmp_path):
    with work_folder(tmp_path) as work:
        files = publish(finished(work), tmp_path, REQUEST)
    assert re.fullmatch(r"My-talk-1-anime-\d{8}-\d{6}\.mp4", files.video.name)
    assert files.video.read_bytes() == b"video"
    assert files.captions == files.video.with_suffix(".vtt")
    assert files.captions.read_text().startswith("WEBVTT")
    assert files.poster is None


@pytest.mark.parametrize("name", ["....mp3", "___.wav"])
def test_a_nameless_narration_gets_a_name(tmp_path, name):
    request = VideoRequest(Path(name), None, VideoConfig())
    with work_folder(tmp_path) as work:
        assert publish(finished(work), tmp_path, request).video.name.startswith("narration-cyberpunk-")


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "no hard links"])
def test_a_taken_name_is_numbered(tmp_path, monkeypatch, links):
    monkeypatch.setattr(time, "strftime", lambda form: "20260102-030405")
    if not links:
        monkeypatch.setattr(os, "link", refuse(errno.EPERM))
    for _ in range(3):
        with work_folder(tmp_path) as work:
            publish(finished(work, mode=SubtitleMode.NONE), tmp_path, REQUEST)
    stem = "My-talk-1-anime-20260102-030405"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"{stem}-2.mp4",
        f"{stem}-3.mp4",
        f"{stem}.mp4",
    ]


def test_another_error_of_a_link_is_raised(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "link", refuse(errno.ENOSPC))
    with work_folder(tmp_path) as work, pytest.raises(OSError, match="refused"):
        publish(finished(work), tmp_path, REQUEST)
    assert list(tmp_path.iterdir()) == []


def refuse(code: int):
    def link(source, target) -> None:
        raise OSError(code, "refused")

    return link


def test_the_poster_moves_with_the_video(tmp_path):
    with work_folder(tmp_path) as work:
        (work / "still.jpg").write_bytes(b"still")
        files = publish(finished(work, poster=work / "still.jpg"), tmp_path, REQUEST)
    assert files.poster == files.video.with_suffix(".jpg")
    assert files.poster.read_bytes() == b"still"


@pytest.mark.parametrize(
    ("mode", "endings"),
    [
        (SubtitleMode.SOFT, [".mp4", ".vtt"]),
        (SubtitleMode.BURN, [".mp4", ".vtt"]),
        (SubtitleMode.SIDECAR, [".mp4", ".srt", ".vtt"]),
        (SubtitleMode.NONE, [".mp4"]),
    ],
)
def test_the_mode_decides_the_caption_files(tmp_path, mode, endings):
    with work_folder(tmp_path) as work:
        files = publish(finished(work, mode=mode), tmp_path, REQUEST)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == endings
    assert (files.captions is None) == (mode is SubtitleMode.NONE)


def test_unreadable_subtitles_are_kept(tmp_path):
    source = tmp_path / "talk.xyz"
    source.write_bytes(b"\x89PNG")
    with work_folder(tmp_path / "out") as work:
        by_file = publish(finished(work, unreadable=source), tmp_path / "out", REQUEST).video
    with work_folder(tmp_path / "out") as work:
        by_text = publish(finished(work, unreadable="no subtitles"), tmp_path / "out", REQUEST).video
    assert by_file.with_name(f"{by_file.stem}.subtitles.xyz").read_bytes() == b"\x89PNG"
    assert by_text.with_suffix(".subtitles.txt").read_text() == "no subtitles"


def test_huge_unreadable_subtitles_are_not_kept(tmp_path):
    source = tmp_path / "talk.xyz"
    with source.open("wb") as file:
        file.truncate(5_000_001)
    with work_folder(tmp_path / "out") as work:
        publish(finished(work, unreadable=source), tmp_path / "out", REQUEST)
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".mp4", ".vtt"]
