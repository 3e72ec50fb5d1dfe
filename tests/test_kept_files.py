"""Files for what is given as bytes."""

from __future__ import annotations

import errno
import os
import stat
import sys

import pytest

from voxweave_nb import NarrationError, Settings
from voxweave_nb.kept_files import BLOCK, KeptFiles, blocks_of


@pytest.fixture
def kept(tmp_path):
    return KeptFiles(tmp_path, 1000)


@pytest.mark.parametrize(
    ("name", "data", "ending"),
    [
        ("", b"RIFF\x00\x00\x00\x00WAVEfmt ", ".wav"),
        ("", b"ID3\x04", ".mp3"),
        ("", b"\xff\xfb\x90", ".mp3"),
        ("", b"\x00\x00\x00\x20ftypM4A ", ".m4a"),
        ("", b"fLaC", ".flac"),
        ("", b"OggS", ".ogg"),
        ("", b"what is it", ""),
        ("My Talk.MP3", b"RIFF", ".mp3"),
        ("../../etc/passwd.x y", b"fLaC", ".flac"),
    ],
)
def test_the_ending_tells_the_format(kept, name, data, ending):
    path = kept.keep([data], name=name)
    assert path.parent == kept.folder
    assert path.suffix == ending
    assert path.read_bytes() == data


def test_the_name_is_the_persons(kept):
    assert kept.keep([b"x"], name="My talk.mp3").name.startswith("My-talk-")


def test_a_refused_file_leaves_nothing(kept):
    for blocks in ([], [b""], [b"x" * 600, b"x" * 600]):
        with pytest.raises(NarrationError):
            kept.keep(blocks, name="a.wav")
    assert list(kept.folder.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps permissions in access lists")
def test_nobody_else_can_read_them(kept):
    path = kept.keep([b"x"], name="a.wav")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.folder.stat().st_mode) == 0o700


def test_an_old_file_is_removed(kept):
    old, used = kept.keep([b"old"], name=""), kept.keep([b"used"], name="")
    for path in (old, used):
        os.utime(path, (0, 0))
    kept.keep([b"used"], name="")
    assert [path.read_bytes() for path in kept.folder.iterdir()] == [b"used"]


def test_a_full_disk_is_told(kept, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("voxweave_nb.kept_files.tempfile.mkstemp", full)
    with pytest.raises(NarrationError, match=r"No space left on device\). Make room there"):
        kept.keep([b"x"], name="")


def test_memory_is_flat_in_the_size():
    class Endless:
        most = 0

        def read(self, size: int) -> bytes:
            self.most = max(self.most, size)
            return bytes(size)

    endless = Endless()
    with pytest.raises(NarrationError, match="more than 4 MB"):
        KeptFiles(None, 4_000_000).keep(blocks_of(endless), name="")
    assert endless.most == BLOCK


def test_the_limit_is_that_of_the_settings(tmp_path):
    kept = KeptFiles.of(Settings(home=tmp_path, max_narration_bytes=7))
    assert (kept.folder.parent, kept.most) == (tmp_path, 7)
