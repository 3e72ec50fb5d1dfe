"""Reading headers that are not as they should be."""

from __future__ import annotations

import struct
from pathlib import Path

from voxweave_nb.media.probe import probe


def wav(path: Path, title: bytes) -> Path:
    def chunk(name: bytes, content: bytes) -> bytes:
        return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)

    form = chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 16_000, 32_000, 2, 16))
    tags = chunk(b"LIST", b"INFO" + chunk(b"INAM", title))
    path.write_bytes(chunk(b"RIFF", b"WAVE" + form + tags + chunk(b"data", bytes(3200))))
    return path


def test_a_tag_in_another_encoding_does_not_make_a_file_unreadable(tmp_path):
    info = probe(wav(tmp_path / "old.wav", "café".encode("latin-1")))
    assert info.audio.sample_rate == 16_000
    assert info.tags["title"].startswith("caf")
    info.tags["title"].encode("utf-8")


def test_a_tag_in_utf_8_is_read_as_it_stands(tmp_path):
    assert probe(wav(tmp_path / "new.wav", "café".encode())).tags["title"] == "café"
