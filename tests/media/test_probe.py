"""Reading headers, even wrong ones."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from voxweave_nb import MediaError
from voxweave_nb.media.probe import probe

from .files import write_tone


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
