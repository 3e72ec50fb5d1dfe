"""A lab is opened by its name; what has changed since is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import write_narration
from tests.lab.fields import states
from voxweave_nb import ConfigError, VideoConfig
from voxweave_nb.lab.opening import user_name


@pytest.mark.slow
def test_another_narration_keeps_the_old_variants(lab, open_lab, tmp_path):
    lab.run().result(120)
    other = open_lab(narration=write_narration(tmp_path / "other.wav", 1.5))
    assert "narration has changed" in other.warnings[0]
    assert states(other) == ["made"] * 4
    assert other.grid("a harbour at dawn", style="anime")[0].state == "to make"
    assert open_lab(base=VideoConfig(style="anime")).warnings[-1].startswith("The base config has changed")


@pytest.mark.parametrize("name", ["", "a/b", "..", "a:b", "x" * 61, 7])
def test_a_bad_name_gets_a_sentence(open_lab, name):
    with pytest.raises(ConfigError, match="name"):
        open_lab(name)


def test_a_lab_without_narration_needs_a_folder(open_lab):
    with pytest.raises(ConfigError, match="lab 'other' does not exist"):
        open_lab("other", narration=None)


def test_lab_json_is_plain(lab):
    values = json.loads((lab.path / "lab.json").read_text())
    assert values["base"] == {"quality": "draft", "provider": "zai"}
    assert Path(values["narration"]).is_file()


@pytest.mark.parametrize(
    ("user", "rater"), [("ada", "ada"), ("root", "me"), ("jovyan", "me"), ("vscode", "me")]
)
def test_a_name_that_many_share_is_me(user, rater, monkeypatch):
    monkeypatch.setenv("LOGNAME", user)
    assert user_name() == rater
