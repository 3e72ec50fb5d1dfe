"""`voxweave-nb captions`, and `generate --speak`."""

from __future__ import annotations

import pytest

from tests.speech.voices import STORY, say, write_wav
from voxweave_nb.cli import main


@pytest.fixture
def talk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "talk.txt").write_text(" ".join(STORY[:3]), encoding="utf-8")
    return write_wav(tmp_path / "talk.wav", say(STORY[:3]).samples)


def test_a_text_becomes_a_file_beside(talk, capsys):
    assert main(["captions", "talk.wav", "--text", "talk.txt"]) == 0
    said = capsys.readouterr()
    assert said.out.strip() == "talk.srt"
    assert "captions, aligned" in said.err
    assert "The ferry leaves at six" in talk.with_suffix(".srt").read_text("utf-8")
    assert main(["captions", "talk.wav", "--text", "talk.txt"]) == 2
    assert "talk.srt exists. Choose another name with --to, or add --overwrite" in capsys.readouterr().err


def test_captions_are_heard_and_printed(talk, aviary, capsys):
    assert main(["captions", "talk.wav", "--to", "-", "--quiet"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("1\n00:00:0")
    assert said.err == ""


def test_another_ending_is_refused(talk, capsys):
    assert main(["captions", "talk.wav", "--to", "talk.doc"]) == 2
    assert "end its name in .srt or .vtt" in capsys.readouterr().err


def test_a_text_file_is_spoken(talk, aviary, capsys):
    line = [
        "generate",
        "--speak",
        "talk.txt",
        "--rate",
        "2",
        "--style",
        "3d",
        "--quality",
        "draft",
        "--quiet",
    ]
    assert main(line) == 0
    assert "the-ferry-leaves-at-six" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("generate", "Give an audio file, or --speak FILE"),
        ("generate talk.wav --speak talk.txt", "leave one of them out"),
        ("generate talk.wav --rate 2", "--rate is for a text that is spoken"),
        ("generate --speak nowhere.txt", "cannot be spoken"),
    ],
)
def test_a_wrong_line_gets_a_sentence(talk, capsys, line, says):
    assert main(line.split()) in (1, 2)
    assert says in capsys.readouterr().err
