"""Reading headers, even wrong ones."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from voxweave_nb import MediaError
from voxweave_nb.media.probe import VideoLength, probe, video_length

from .files import cut_off, write_clip, write_tone


def wav(path: Path, title: bytes) -> Path:
    def chunk(name: bytes, content: bytes) -> bytes:
        return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)

    form = chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 16_000, 32_000, 2, 16))
    tags = chunk(b"LIST", b"INFO" + chunk(b"INAM", title))
    path.write_bytes(chunk(b"RIFF", b"WAVE" + form + tags + chunk(b"data", bytes(3200))))
    return path


def test_a_tag_in_another_encoding_is_tolerated(tmp_path):
    info = probe(wav(tmp_path / "old.wav", "café".encode("latin-1")))
    assert info.audio.sample_rate == 16_000
    assert info.tags["title"].startswith("caf")
    info.tags["title"].encode("utf-8")


def test_a_tag_in_utf8_is_read_unchanged(tmp_path):
    assert probe(wav(tmp_path / "new.wav", "café".encode())).tags["title"] == "café"


def test_probing_lists_the_streams(clips):
    info = probe(clips / "long.mp4")
    assert (info.video.codec, info.video.fps, info.audio.codec) == ("h264", 30.0, "aac")


def test_matroska_keeps_the_length_in_a_tag(tmp_path):
    info = probe(write_tone(tmp_path / "a.mka", "libopus", 2.0))
    assert info.audio.duration == pytest.approx(2.0, abs=0.05)


def test_a_file_that_is_not_media_is_refused(tmp_path):
    (tmp_path / "a.mp4").write_text("no media")
    with pytest.raises(MediaError, match=r"a\.mp4 cannot be opened as audio or video"):
        probe(tmp_path / "a.mp4")


@pytest.mark.parametrize("suffix", ["mp4", "webm"])
def test_a_cut_off_video_is_measured(tmp_path, suffix):
    source = write_clip(tmp_path / "source.mp4", size="64x48", seconds=3.0)
    whole = video_length(source)
    assert (whole.seconds, whole.missing) == (pytest.approx(3.0, abs=0.1), pytest.approx(0.0, abs=0.1))
    cut = cut_off(source, tmp_path / f"cut.{suffix}", webm=suffix == "webm")
    assert probe(cut).duration == pytest.approx(3.0, abs=0.1)
    length = video_length(cut)
    assert 0.1 < length.seconds < 2.2
    assert length.seconds + length.missing == pytest.approx(3.0, abs=0.1)


def test_sound_alone_has_no_video_length(tmp_path):
    assert video_length(write_tone(tmp_path / "talk.flac", "flac", 0.5)) == VideoLength(0.0)


def test_longer_sound_is_not_a_shortfall(tmp_path):
    clip = write_clip(tmp_path / "clip.mkv", size="64x48", seconds=1.0)
    assert video_length(clip).missing == pytest.approx(0.0, abs=0.1)
