"""The parser of all commands, and the help that it prints."""

from __future__ import annotations

import re

import pytest

from voxweave_nb import ConfigError, __version__
from voxweave_nb.cli.parser import command_parser

COMMANDS = [
    "generate",
    "demo",
    "storyboard",
    "captions",
    "rendition",
    "styles",
    "providers",
    "lab",
    "jobs",
    "spend",
    "sandbox",
]


def test_help_lists_every_command_with_its_purpose(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    listed = re.findall(r"^    (\w+) +\S", command_parser().format_help(), re.MULTILINE)
    assert listed == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_within_eighty_columns(command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as ended:
        command_parser().parse_args([command, "--help"])
    assert ended.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"usage: voxweave-nb {command}")
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("command", ["generate talk.mp3", "demo", "prompt-lab run sea"])
def test_a_mistyped_option_points_to_its_command(command):
    with pytest.raises(ConfigError) as refused:
        command_parser().parse_args([*command.split(), "--quite"])
    name = " ".join(command.split()[: 2 if "lab" in command else 1])
    assert str(refused.value) == (
        f"unrecognized arguments: --quite. Did you mean '--quiet'? `voxweave-nb {name} --help` lists the options."
    )


def test_an_option_of_another_command_is_not_suggested():
    with pytest.raises(ConfigError) as refused:
        command_parser().parse_args(["providers", "--promt", "rain"])
    assert "Did you mean" not in str(refused.value)


def test_version_is_printed(capsys):
    with pytest.raises(SystemExit):
        command_parser().parse_args(["--version"])
    assert capsys.readouterr().out == f"voxweave-nb {__version__}\n"
