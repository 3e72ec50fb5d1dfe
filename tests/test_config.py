"""What a person asks for: defaults, what cannot be, a repr that makes it again, and no key anywhere."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb import (
    ConfigError,
    Settings,
    SubtitleLook,
    SubtitleMode,
    VideoAspect,
    VideoConfig,
    VideoFormat,
    VideoResolution,
    VideoStyle,
)
from voxweave_nb.config import MAX_PROMPT

PLAIN = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.lists(st.integers(), max_size=3)
NAMES = st.sampled_from(["quality", "camera_fixed", "aspect", "watermark", "größe"])
CONFIGS = st.builds(
    VideoConfig,
    style=st.sampled_from(VideoStyle) | st.sampled_from([s.value for s in VideoStyle]),
    resolution=st.sampled_from(VideoResolution),
    aspect=st.sampled_from(VideoAspect),
    format=st.sampled_from(VideoFormat),
    prompt=st.text(max_size=200),
    subtitle_mode=st.sampled_from(SubtitleMode),
    subtitle_look=st.sampled_from(SubtitleLook),
    provider=st.none() | st.text(max_size=20),
    model=st.none() | st.text(max_size=20),
    seed=st.none() | st.integers(0, 2**63 - 1),
    seconds=st.none() | st.floats(min_value=0.001, max_value=1e6),
    fps=st.integers(1, 60),
    title=st.none() | st.text(max_size=50),
    reduce_motion=st.booleans(),
    extra=st.dictionaries(NAMES, PLAIN, max_size=3),
)


# What it is


def test_nothing_but_defaults_is_cyberpunk_at_1080p_in_mp4_with_soft_subtitles():
    config = VideoConfig()
    assert (config.style, config.resolution, config.format) == ("cyberpunk", "1080p", "mp4")
    assert (config.subtitle_mode, config.prompt, config.provider) == ("soft", "", None)


def test_strings_become_members():
    config = VideoConfig(style="3D", resolution="4K", format="WebM", subtitle_mode="burn")
    assert config.style is VideoStyle.THREE_D
    assert config.resolution is VideoResolution.UHD
    assert config.format is VideoFormat.WEBM
    assert config.subtitle_mode is SubtitleMode.BURN


def test_a_config_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        VideoConfig().style = "anime"
    with pytest.raises(TypeError):
        VideoConfig(extra={"quality": 1}).extra["quality"] = 2


def test_what_was_given_as_extra_may_change_later_without_changing_the_config():
    given_extra = {"quality": 1}
    config = VideoConfig(extra=given_extra)
    given_extra["quality"] = 2
    assert config.extra["quality"] == 1


def test_replace_changes_some_fields_and_keeps_the_rest():
    config = VideoConfig(style="anime", seed=3, extra={"quality": 1}).replace(style="biotech", fps=24)
    assert config == VideoConfig(style="biotech", seed=3, extra={"quality": 1}, fps=24)


def test_of_takes_a_config_a_mapping_or_nothing():
    assert VideoConfig.of() == VideoConfig()
    assert VideoConfig.of({"style": "anime"}, fps=24) == VideoConfig(style="anime", fps=24)
    assert VideoConfig.of(VideoConfig(style="anime"), fps=24) == VideoConfig(style="anime", fps=24)


def test_text_loses_what_no_file_may_hold_and_the_blanks_around():
    assert VideoConfig(prompt="  rain\x00 on glass \n").prompt == "rain on glass"


def test_a_seed_beyond_what_a_float_can_hold_is_kept_exactly():
    assert VideoConfig(seed=2**53 + 1).seed == 2**53 + 1


# The line that makes it again


def test_the_repr_shows_only_what_is_not_a_default():
    assert repr(VideoConfig()) == "VideoConfig()"
    shown = repr(VideoConfig(style="anime", prompt="it's rain"))
    assert shown == """VideoConfig(style='anime', prompt="it's rain")"""


@given(CONFIGS)
def test_the_repr_makes_an_equal_config(config):
    again = eval(repr(config), {"VideoConfig": VideoConfig})
    assert again == config
    assert hash(again) == hash(config)


@given(CONFIGS)
def test_a_config_survives_pickling_and_copying(config):
    for again in (pickle.loads(pickle.dumps(config)), copy.copy(config), copy.deepcopy(config)):
        assert again == config
        assert repr(again) == repr(config)


@given(CONFIGS)
def test_replace_with_nothing_is_the_same_config(config):
    assert config.replace() == config


# What cannot be


@pytest.mark.parametrize(
    ("field", "wrong", "says"),
    [
        ("style", "cubist", "realistic, anime, 3d, cinematic, biotech, cyberpunk, educational"),
        ("style", None, "choose one of"),
        ("resolution", "480p", "720p, 1080p, 4k"),
        ("format", "avi", "mp4, mov, webm"),
        ("subtitle_mode", "hard", "soft, burn, sidecar, none"),
        ("subtitle_look", "neon", "box, outline, large"),
        ("seconds", -1, "number above 0"),
        ("seconds", 0, "number above 0"),
        ("seconds", float("nan"), "number above 0"),
        ("seconds", float("inf"), "number above 0"),
        ("seconds", "long", "number above 0"),
        ("seconds", True, "number above 0"),
        ("fps", 0, "from 1 to 60"),
        ("fps", 61, "from 1 to 60"),
        ("fps", 29.97, "from 1 to 60"),
        ("fps", True, "from 1 to 60"),
        ("seed", -1, "of at least 0"),
        ("seed", 1.5, "of at least 0"),
        ("prompt", "x" * (MAX_PROMPT + 1), "10,001 characters; at most 10,000"),
        ("prompt", 7, "give text"),
        ("title", "x" * 201, "at most 200"),
        ("provider", 7, "give text"),
        ("reduce_motion", 1, "True or False"),
        ("extra", ["quality"], "mapping"),
    ],
)
def test_what_cannot_be_is_answered_with_what_can(field, wrong, says):
    with pytest.raises(ConfigError) as caught:
        VideoConfig(**{field: wrong})
    assert says in str(caught.value)


@pytest.mark.parametrize("make", [VideoConfig.of, VideoConfig().replace], ids=["of", "replace"])
def test_a_field_that_is_not_there_is_answered_with_those_that_are(make):
    with pytest.raises(
        ConfigError, match=r"no field 'stile'; there are: style, resolution, aspect, format"
    ) as caught:
        make(stile="anime")
    assert "reduce_motion" in str(caught.value)


# Keys


@pytest.mark.parametrize(
    "name",
    ["api_key", "API-KEY", "apikey", "token", "access_token", "client_secret", "Authorization", "password"],
)
def test_a_key_is_refused_without_being_repeated(name):
    with pytest.raises(ConfigError, match=r"api_key=") as caught:
        VideoConfig(extra={name: "sk-very-private"})
    assert "sk-very-private" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_key_deeper_in_extra_is_refused_too():
    with pytest.raises(ConfigError, match="'Authorization'"):
        VideoConfig(extra={"headers": {"Authorization": "Bearer sk-very-private"}})


def test_a_name_in_extra_is_text():
    with pytest.raises(ConfigError, match="names are text"):
        VideoConfig(extra={7: "seven"})


# Settings


def test_settings_have_the_promised_defaults():
    settings = Settings.load({})
    assert settings == Settings()
    assert settings.output_dir == Path("voxweave_out")
    assert (settings.max_narration_seconds, settings.max_narration_bytes) == (1800, 512_000_000)
    assert (settings.embed_limit, settings.poll_interval, settings.poll_tries) == (8_000_000, 1.0, 300)


@pytest.mark.parametrize("field", [f.name for f in dataclasses.fields(Settings)])
def test_an_argument_wins_over_the_environment_which_wins_over_the_default(field):
    variable = f"VOXWEAVE_{field.upper()}"

    def value(**how: Any) -> str:
        return str(getattr(Settings.load(**how), field)).removesuffix(".0")

    assert value(environ={variable: "41"}) == "41"
    assert value(environ={variable: "41"}, **{field: "42"}) == "42"
    assert value(environ={variable: "41"}, **{field: None}) == "41"
    assert value(environ={variable: "  "}) == value(environ={})


def test_settings_are_read_from_the_real_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("VOXWEAVE_OUTPUT_DIR", str(tmp_path))
    assert Settings.load().output_dir == tmp_path


def test_a_home_is_understood_in_the_output_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Settings(output_dir="~/films").output_dir == tmp_path / "films"


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("max_narration_seconds", 0), ("poll_interval", "soon"), ("poll_tries", 0), ("embed_limit", -1)],
)
def test_a_setting_that_cannot_be_is_refused(field, wrong):
    with pytest.raises(ConfigError, match=field):
        Settings(**{field: wrong})


def test_embedding_can_be_switched_off():
    assert Settings(embed_limit=0).embed_limit == 0


def test_a_setting_that_is_not_there_is_answered_with_those_that_are():
    with pytest.raises(
        ConfigError, match=r"output_folder is no setting; there are: budget_usd, .*embed_limit"
    ):
        Settings.load({}, output_folder="films")


def test_patience_may_be_none_at_all_and_never_negative():
    assert Settings(patience=0).patience == 0
    with pytest.raises(ConfigError, match="of at least 0"):
        Settings(patience=-1)
