"""Muxing without FFmpeg."""

from __future__ import annotations

import pytest

from voxweave_nb import MediaError
from voxweave_nb.media.probe import probe
from voxweave_nb.media.remux import remux

from .files import write_tone


@pytest.mark.parametrize("clip", ["short", "long"])
def test_the_clip_fills_the_narrations_length(clips, tmp_path, clip):
    narration = write_tone(tmp_path / "talk.flac", "flac", 2.0)
    to = tmp_path / "out.mp4"
    remux(clips / f"{clip}.mp4", narration, to, duration=2.0, metadata={"title": "Deep"})
    info = probe(to)
    assert (info.video.codec, info.audio.codec, info.tags["title"]) == ("h264", "aac", "Deep")
    assert info.video.duration == pytest.approx(2.0, abs=0.1)
    assert info.audio.duration == pytest.approx(2.0, abs=0.1)


def test_without_narration_the_clips_sound_stays(clips, tmp_path):
    remux(clips / "long.mp4", None, tmp_path / "out.mp4", duration=3.0, metadata={})
    assert probe(tmp_path / "out.mp4").audio == probe(clips / "long.mp4").audio


def test_a_codec_that_does_not_fit_is_refused(clips, tmp_path):
    narration = write_tone(tmp_path / "talk.flac", "flac", 1.0)
    with pytest.raises(MediaError, match="could not be joined without FFmpeg"):
        remux(clips / "long.mp4", narration, tmp_path / "out.webm", duration=1.0, metadata={})
