"""Chapters: in the file, where players find them, and as a track for pages."""

from __future__ import annotations

import asyncio
import re
import subprocess

import pytest

from voxweave_nb import Cue, SubtitleMode, VideoFormat
from voxweave_nb.media.assemble import assemble, embed_subtitles
from voxweave_nb.media.chapters import chapter_track
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.media.narration import open_narration
from voxweave_nb.media.subtitles import read_subtitles

from .files import write_clip

CHAPTERS = (
    Cue(0.0, 0.8, "Far below = the waves; #1 \\ n"),
    Cue(0.8, 1.4, "二 <b>lines</b>\nof text"),
    Cue(1.4, 2.0, ""),
)
TITLES = ["Far below = the waves; #1 \\ n", "二 <b>lines</b> of text", "Scene 3"]
CAPTIONS = (Cue(0.2, 0.9, "Far below the waves"),)


@pytest.mark.parametrize("mode", [SubtitleMode.SOFT, SubtitleMode.BURN, SubtitleMode.NONE])
@pytest.mark.parametrize("container", list(VideoFormat))
def test_every_container_has_the_chapters(tmp_path, narration_file, container, mode):
    done = made(tmp_path, narration_file, container, mode)
    assert read(done.path) == [(0.0, TITLES[0]), (0.8, TITLES[1]), (1.4, TITLES[2])]
    assert done.subtitle_mode is mode
    assert [track.codec for track in done.info.subtitles] == (
        [] if mode is not SubtitleMode.SOFT else ["webvtt" if container is VideoFormat.WEBM else "mov_text"]
    )


def test_captions_added_later_keep_the_chapters(tmp_path, narration_file):
    done = made(tmp_path, narration_file, VideoFormat.MP4, SubtitleMode.NONE)
    work = tmp_path / "later"
    work.mkdir()
    again = asyncio.run(
        embed_subtitles(done.path, CAPTIONS, mode=SubtitleMode.SOFT, work=work, to=work / "new.mp4")
    )
    assert [title for _, title in read(again.path)] == TITLES


def made(work, narration_file, container, mode):
    clip = write_clip(work / "clip.mp4", size="128x72", seconds=2.5)
    opened = open_narration(narration_file, work=work, max_seconds=60, max_bytes=10**9)
    how = {"size": (128, 72), "format": container, "subtitle_mode": mode, "fps": 30, "metadata": {}}
    return asyncio.run(assemble(clip, opened, CAPTIONS, work=work, chapters=CHAPTERS, **how))


def read(path) -> list[tuple[float, str]]:
    """Return the chapters as FFmpeg reads them: start in seconds, and title."""
    command = [find_ffmpeg().path, "-v", "error", "-i", str(path), "-f", "ffmetadata", "-"]
    said = subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8")
    found = re.findall(r"TIMEBASE=1/(\d+)\nSTART=(\d+)\nEND=\d+\ntitle=(.*)", said)
    return [(int(start) / int(base), re.sub(r"\\(.)", r"\1", title)) for base, start, title in found]


def test_the_track_has_the_same_chapters():
    track = chapter_track(CHAPTERS)
    assert track.startswith("WEBVTT")
    cues = read_subtitles(track).cues
    assert [(cue.start, cue.end) for cue in cues] == [(0.0, 0.8), (0.8, 1.4), (1.4, 2.0)]
    assert "&lt;b&gt;" in track


def test_a_long_title_ends_at_a_word():
    track = chapter_track([Cue(0, 1, "word " * 40)])
    title = track.strip().splitlines()[-1]
    assert len(title) <= 80
    assert title.endswith("word…")
