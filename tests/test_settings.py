"""Settings: defaults, the environment, invalid values."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from voxweave_nb import ConfigError, Settings


def test_the_defaults_are_as_documented():
    settings = Settings.load({})
    assert settings == Settings()
    assert settings.output_dir == Path("voxweave_out")
    assert (settings.max_narration_seconds, settings.max_narration_bytes) == (1800, 512_000_000)
    assert (settings.embed_limit, settings.poll_interval, settings.poll_tries) == (8_000_000, 1.0, None)


@pytest.mark.parametrize("field", [f.name for f in dataclasses.fields(Settings)])
def test_arguments_win_over_environment_over_defaults(field):
    variable = f"VOXWEAVE_{field.upper()}"

    def value(**how: Any) -> str:
        return str(getattr(Settings.load(**how), field)).removesuffix(".0")

    low, high = ("next", "stop") if field == "on_doubt" else ("41", "42")
    assert value(environ={variable: low}) == low
    assert value(environ={variable: low}, **{field: high}) == high
    assert value(environ={variable: low}, **{field: None}) == low
    assert value(environ={variable: "  "}) == value(environ={})


def test_settings_are_read_from_the_real_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("VOXWEAVE_OUTPUT_DIR", str(tmp_path))
    assert Settings.load().output_dir == tmp_path


def test_a_tilde_in_the_output_folder_is_expanded(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Settings(output_dir="~/films").output_dir == tmp_path / "films"


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("max_narration_seconds", 0),
        ("poll_interval", "soon"),
        ("poll_tries", 0),
        ("deadline", 0),
        ("deadline", "soon"),
        ("embed_limit", -1),
        ("on_doubt", "go on"),
    ],
)
def test_an_invalid_setting_is_refused(field, wrong):
    with pytest.raises(ConfigError, match=field):
        Settings(**{field: wrong})


def test_embedding_can_be_switched_off():
    assert Settings(embed_limit=0).embed_limit == 0


def test_an_unknown_setting_lists_the_settings():
    with pytest.raises(
        ConfigError, match=r"Unknown setting 'output_folder'; the settings are: budget_usd, .*embed_limit"
    ):
        Settings.load({}, output_folder="films")


def test_patience_is_zero_or_more():
    assert Settings(patience=0).patience == 0
    with pytest.raises(ConfigError, match="of at least 0"):
        Settings(patience=-1)


def test_the_home_is_read_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("VOXWEAVE_HOME", str(tmp_path))
    assert Settings().home == tmp_path
    monkeypatch.setenv("VOXWEAVE_HOME", " ")
    assert Settings().home.name == "voxweave_nb"


def test_a_given_home_needs_no_platformdirs():
    code = (
        "import sys; from voxweave_nb.settings import Settings; Settings(home='x'); Settings(); "
        "print('platformdirs' in sys.modules)"
    )
    environ = {**os.environ, "VOXWEAVE_HOME": "y"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "False", done.stderr


def test_no_frame_of_load_holds_the_whole_environment(monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "sk-canary")
    monkeypatch.setenv("VOXWEAVE_POLL_TRIES", "many")
    with pytest.raises(ConfigError) as caught:
        Settings.load()
    trace, shown = caught.value.__traceback__, ""
    while trace := trace.tb_next:
        shown += repr(trace.tb_frame.f_locals)
    assert "poll_tries" in shown
    assert "canary" not in shown
