"""VideoConfig: defaults, invalid values, a repr that evaluates to an equal config, and no secrets."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import os
import pickle
from pathlib import Path

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
    VideoProvider,
    VideoResolution,
    VideoStyle,
)
from voxweave_nb.config import MAX_PROMPT
from voxweave_nb.request import VideoRequest
from voxweave_nb.styles import load_style

from .samples import OPTIONS, SAVED, unpickle

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


# Values


def test_the_defaults_are_as_documented():
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


def test_extra_is_copied():
    given_extra = {"quality": 1}
    config = VideoConfig(extra=given_extra)
    given_extra["quality"] = 2
    assert config.extra["quality"] == 1


def test_replace_keeps_the_other_fields():
    config = VideoConfig(style="anime", seed=3, extra={"quality": 1}).replace(style="biotech", fps=24)
    assert config == VideoConfig(style="biotech", seed=3, extra={"quality": 1}, fps=24)


def test_of_takes_a_config_mapping_or_nothing():
    assert VideoConfig.of() == VideoConfig()
    assert VideoConfig.of({"style": "anime"}, fps=24) == VideoConfig(style="anime", fps=24)
    assert VideoConfig.of(VideoConfig(style="anime"), fps=24) == VideoConfig(style="anime", fps=24)


def test_text_is_stripped_of_blanks_and_nul():
    assert VideoConfig(prompt="  rain\x00 on glass \n").prompt == "rain on glass"


@pytest.mark.parametrize("provider", VideoProvider)
def test_a_provider_may_be_an_enum_member(provider):
    config = VideoConfig(provider=provider)
    assert config == VideoConfig(provider=provider.value)
    assert config.as_dict() == {"provider": provider.value}
    assert type(config.provider) is str


def test_a_large_seed_stays_exact():
    assert VideoConfig(seed=2**53 + 1).seed == 2**53 + 1


# Repr, pickle, copy


def test_the_repr_leaves_out_defaults():
    assert repr(VideoConfig()) == "VideoConfig()"
    shown = repr(VideoConfig(style="anime", prompt="it's rain"))
    assert shown == """VideoConfig(style='anime', prompt="it's rain")"""


@given(CONFIGS)
def test_the_repr_evaluates_to_an_equal_config(config):
    again = eval(repr(config), {"VideoConfig": VideoConfig})
    assert again == config
    assert hash(again) == hash(config)


@given(CONFIGS)
def test_a_config_survives_pickling_and_copying(config):
    for again in (pickle.loads(pickle.dumps(config)), copy.copy(config), copy.deepcopy(config)):
        assert again == config
        assert repr(again) == repr(config)


@given(CONFIGS)
def test_replace_with_nothing_is_an_equal_config(config):
    assert config.replace() == config


# Invalid values


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
        ("prompt", "x" * (MAX_PROMPT + 1), "10,001 characters; the limit is 10,000"),
        ("prompt", 7, "give text"),
        ("title", "x" * 201, "the limit is 200"),
        ("provider", 7, "give text"),
        ("reduce_motion", 1, "True or False"),
        ("variation", "sea", "cyberpunk has no variation 'sea'; choose one of: grid, boulevard, harbour."),
        ("variation", 0, "choose one of: grid"),
        ("variation", True, "choose one of: grid"),
        ("variation", "x" * 1000, "choose one of: grid"),
        ("extra", ["quality"], "mapping"),
    ],
)
def test_an_invalid_value_lists_the_valid_ones(field, wrong, says):
    with pytest.raises(ConfigError) as caught:
        VideoConfig(**{field: wrong})
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("given", "name"), [(" Harbour", "harbour"), (1, "grid"), (3, "harbour"), (None, None)]
)
def test_a_variation_is_a_name_or_number(given, name):
    config = VideoConfig(variation=given)
    assert config.variation == name
    assert VideoConfig.of(config.as_dict()) == config


@pytest.mark.parametrize("style", VideoStyle)
def test_every_variation_of_a_style_is_taken(style):
    assert list(style.variations) == [each["name"] for each in load_style(style).variations]
    assert [VideoConfig(style=style, variation=name).variation for name in style.variations] == [
        *style.variations
    ]


def test_a_variation_belongs_to_its_style():
    with pytest.raises(ConfigError, match="anime has no variation 'harbour'; choose one of: blossom meadow"):
        VideoConfig(variation="harbour").replace(style="anime")


@pytest.mark.parametrize("make", [VideoConfig.of, VideoConfig().replace], ids=["of", "replace"])
def test_an_unknown_field_lists_the_fields(make):
    with pytest.raises(
        ConfigError, match=r"no field 'stile'; the fields are: style, resolution, aspect, format"
    ) as caught:
        make(stile="anime")
    assert "reduce_motion" in str(caught.value)


# Secrets


@pytest.mark.parametrize(
    "name",
    ["api_key", "API-KEY", "apikey", "token", "access_token", "client_secret", "Authorization", "password"],
)
def test_a_secret_is_refused_and_not_repeated(name):
    with pytest.raises(ConfigError, match=r"api_key=") as caught:
        VideoConfig(extra={name: "sk-very-private"})
    assert "sk-very-private" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_nested_secret_is_refused():
    with pytest.raises(ConfigError, match="'Authorization'"):
        VideoConfig(extra={"headers": {"Authorization": "Bearer sk-very-private"}})


def test_a_name_in_extra_is_text():
    with pytest.raises(ConfigError, match="names are text"):
        VideoConfig(extra={7: "seven"})


@pytest.mark.parametrize("extra", [{"keyframe_interval": 2}, {"num_tokens": 512}, {"max_keypoints": 17}])
def test_a_harmless_option_is_kept(extra):
    assert VideoConfig(extra=extra).extra == extra


# Earlier releases


def test_a_config_of_an_earlier_release_opens():
    assert VideoConfig.of(SAVED["config"]) == VideoConfig(**OPTIONS)
    assert VideoConfig.of(SAVED["config"]).as_dict() == SAVED["config"] == OPTIONS


def test_a_pickle_of_an_earlier_release_opens():
    assert unpickle("config") == VideoConfig(**OPTIONS)


@pytest.mark.skipif(os.name == "nt", reason="the pickles have POSIX paths")
def test_pickles_that_name_moved_classes_open():
    with pytest.warns(DeprecationWarning, match="Settings is now in"):
        settings = unpickle("settings")
    home = Path("/home/someone/voxweave")
    assert settings == Settings(output_dir="films", home=home, budget_usd=5, poll_tries=7)
    with pytest.warns(DeprecationWarning, match="VideoRequest is now in"):
        request = unpickle("request")
    subtitles = "1\n00:00:00,000 --> 00:00:01,000\nhi\n"
    assert request == VideoRequest(Path("talk.mp3"), subtitles, VideoConfig(**OPTIONS))


@pytest.mark.parametrize(("name", "module"), [("Settings", "settings"), ("VideoRequest", "request")])
def test_a_moved_name_still_works(name, module):
    from voxweave_nb import config

    with pytest.warns(DeprecationWarning, match=rf"{name} is now in voxweave_nb\.{module}"):
        old = getattr(config, name)
    assert old is getattr(importlib.import_module(f"voxweave_nb.{module}"), name)


def test_an_unknown_name_is_an_attribute_error():
    from voxweave_nb import config

    with pytest.raises(AttributeError, match="no attribute 'Setings'"):
        config.Setings  # noqa: B018
