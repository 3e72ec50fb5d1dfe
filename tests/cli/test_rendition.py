"""`voxweave-nb rendition`."""

from __future__ import annotations

import shutil
from pathlib import Path

from voxweave_nb.cli import main
from voxweave_nb.media.probe import probe


def test_the_copys_path_is_printed(voxweave, narrated_clip, tmp_path):
    shutil.copy(narrated_clip, tmp_path / "talk.mp4")
    done = voxweave("rendition", "talk.mp4")
    assert done.returncode == 0, done.stderr
    copy = tmp_path / Path(done.stdout.strip())
    assert probe(copy).audio.codec.startswith("mp3")
    assert copy.parent == tmp_path


def test_a_missing_video_is_an_error(tmp_path, capsys):
    assert main(["rendition", str(tmp_path / "nothing.mp4")]) == 1
    assert "nothing.mp4 cannot be read (No such file or directory)" in capsys.readouterr().err
