"""A finished video as text, as JSON and as a page."""

from __future__ import annotations

import argparse
import io
import json
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from voxweave_nb import GeneratedVideo, Provenance, ProviderUnavailable, SubtitleMode, VideoConfig
from voxweave_nb.cli import main
from voxweave_nb.cli.output import as_json, as_text, write_page
from voxweave_nb.errors import printable


@pytest.fixture
def video(tmp_path: Path) -> GeneratedVideo:
    """Three bytes under the name of a video, with a warning."""
    path = tmp_path / "sea.mp4"
    path.write_bytes(b"mp4")
    config = VideoConfig(prompt="a quiet sea")
    provenance = Provenance(
        "zai", "cogvideox-3", "job-1", config, "talk.mp3", 0.0, 2.0, {"fal": "no key"}, usd=0.2
    )
    return GeneratedVideo(
        path, None, None, 2.0004, 1280, 720, SubtitleMode.SOFT, provenance, warnings=("The clip was cut.",)
    )


def test_the_path_comes_after_the_warnings(video):
    assert as_text(video).splitlines() == ["warning: The clip was cut.", str(video.path)]


def test_a_warning_of_the_bar_is_not_repeated(video):
    assert as_text(video, told=video.warnings) == str(video.path)


def test_json_has_the_facts_and_more(video):
    facts = json.loads(as_json(video, page="sea.html"))
    assert facts["path"] == str(video.path)
    assert (facts["duration"], facts["size"], facts["captions"]) == (2.0, 3, None)
    assert (facts["provider"], facts["job_id"], facts["usd"]) == ("zai", "job-1", 0.2)
    assert facts["declined"] == {"fal": "no key"}
    assert "a quiet sea" in facts["config"]
    assert facts["page"] == "sea.html"


def test_the_page_lies_beside_the_video(video):
    page = write_page(video)
    assert page == video.path.with_suffix(".html")
    assert 'src="sea.mp4"' in page.read_text(encoding="utf-8")


class Terminal(io.TextIOWrapper):
    """A stream in an old encoding, as Windows has when the output goes to a file."""

    def __init__(self, encoding: str, *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, newline="")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def text(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
@pytest.mark.parametrize("options", [[], ["--json"], ["--json", "--quiet"]], ids=str)
def test_any_encoding_can_be_written(encoding, options, narration_file, tmp_path, monkeypatch):
    out, err = Terminal(encoding), Terminal(encoding, terminal=True)
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setattr("sys.stderr", err)
    talk = tmp_path / "海と空 → café.wav"
    talk.write_bytes(narration_file.read_bytes())
    command = ["generate", str(talk), "--provider", "local", "--resolution", "720p", "--fps", "4"]
    assert main([*command, "--output-dir", str(tmp_path / "out"), "--prompt", "海", *options]) == 0
    if options:
        assert Path(json.loads(out.text())["path"]).exists()
    assert out.text().endswith("\n")


ATTACK = "ok\x1b]52;c;aGFjaw==\x07 \x9d52;c;aGFjaw==\x9c \x1b[2J\x08\x7f\u202e\rgone\ttab\nnext"


def test_no_control_character_reaches_a_terminal():
    shown = printable(ATTACK)
    assert not [
        letter for letter in shown if unicodedata.category(letter) in ("Cc", "Cf") and letter not in "\n\t"
    ]
    assert shown.startswith("ok]52;c;aGFjaw==")
    assert printable("a\r\nb") == "a\nb"
    assert printable("plain café 海 👩\u200d🚀") == "plain café 海 👩\u200d🚀"


def test_an_error_with_control_characters_is_cleaned(monkeypatch, capsys):
    def fail(_: object) -> int:
        raise ProviderUnavailable(ATTACK, provider="zai")

    parser = argparse.ArgumentParser()
    parser.set_defaults(run=fail)
    monkeypatch.setattr("voxweave_nb.cli.command_parser", lambda: parser)
    assert main([]) == 1
    assert not set(capsys.readouterr().err) & set("\x1b\x07\x08\x7f\x9c\x9d\r\u202e")


def test_texts_of_a_video_are_cleaned(video):
    attacked = replace(video, warnings=(ATTACK,))
    assert not set(as_text(attacked)) & set("\x1b\x07\x08\x7f\x9c\x9d\r\u202e")
