"""The options of a video: what they become, and what their help says."""

from __future__ import annotations

import argparse

import pytest

from voxweave_nb import ConfigError, VideoConfig, VideoGenerationService, VideoStyle
from voxweave_nb.cli.options import Parser, add_video_options, config_fields, poll_options, service_for


def parse(*words: str) -> argparse.Namespace:
    parser = Parser(prog="video")
    add_video_options(parser)
    return parser.parse_args(words)


def test_only_given_options_become_config_fields():
    assert config_fields(parse()) == {}
    args = parse(
        "--style", "Anime", "--subtitle-mode", "burn", "--title", "", "--reduce-motion", "--seed", "0"
    )
    fields = config_fields(args)
    assert fields == {
        "style": VideoStyle.ANIME,
        "subtitle_mode": "burn",
        "title": "",
        "reduce_motion": True,
        "seed": 0,
    }
    assert VideoConfig(**fields).style is VideoStyle.ANIME


@pytest.mark.parametrize(
    ("words", "size"),
    [
        (["--resolution", "1080x1920"], (1080, 1920)),
        (["--resolution", "HD"], (1280, 720)),
        (["--resolution=720", "--aspect=portrait"], (720, 1280)),
    ],
)
def test_a_size_is_written_in_many_ways(words, size):
    assert VideoConfig(**config_fields(parse(*words))).size == size


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (["--titel", "x"], "--title"),
        (["--aspect", "4:5"], "9:16"),
        (["--subtitles-mode", "burn"], "--subtitle-mode"),
    ],
)
def test_a_wrong_word_gets_a_suggestion(words, near):
    with pytest.raises(ConfigError, match=rf"Did you mean '{near}'\? `"):
        parse(*words)


def test_extras_become_a_dictionary():
    words = ["--extra", "negative_prompt=people, text", "--extra", "width=832", "--extra=guidance_scale=4.5"]
    words += [
        "--extra",
        "audio_reference=true",
        "--extra",
        "empty=",
        "--extra",
        "sizes=[1, 2]",
        "--extra",
        "a=b=c",
    ]
    words += ["--extra", "nothing=nan", "--extra", "width=640"]
    assert config_fields(parse(*words))["extra"] == {
        "negative_prompt": "people, text",
        "width": 640,
        "guidance_scale": 4.5,
        "audio_reference": True,
        "empty": "",
        "sizes": [1, 2],
        "a": "b=c",
        "nothing": "nan",
    }


@pytest.mark.parametrize("word", ["width", "=1", " =1"])
def test_an_extra_needs_a_name(word):
    with pytest.raises(ConfigError, match=r"expected NAME=VALUE"):
        parse("--extra", word)


def test_a_key_is_no_extra():
    with pytest.raises(ConfigError, match="api_key"):
        VideoConfig(**config_fields(parse("--extra", "api_key=sk-1")))


def test_only_a_single_provider_is_a_field():
    assert config_fields(parse("--provider", "zai"))["provider"] == "zai"
    assert "provider" not in config_fields(parse("--provider", "zai, local"))


def test_named_providers_become_the_services_chain(tmp_path):
    service = service_for(parse("--provider", "zai, local", "--output-dir", str(tmp_path)))
    assert service.chain == ("zai", "local")
    assert service.settings.output_dir == tmp_path


def test_without_a_provider_the_default_builds_the_service():
    assert service_for(parse(), VideoGenerationService.local).chain == ("local",)


def test_poll_options_must_be_above_zero():
    args = parse("--poll-interval", "0.5", "--poll-tries", "3")
    assert poll_options(args) == {"poll_interval": 0.5, "poll_tries": 3}
    with pytest.raises(ConfigError, match="--poll-tries is 0; give a number above 0"):
        poll_options(parse("--poll-tries", "0"))


def test_help_names_every_choice_and_default():
    parser = Parser(prog="video")
    add_video_options(parser, resolution="720p")
    text = " ".join(parser.format_help().split())
    assert "720p, 1080p, 4k (default: 720p)" in text
    assert all(style.value in text for style in VideoStyle)
    assert "soft (a track in the video file)" in text
    assert "(default: cyberpunk)" in text


def test_a_wrong_option_raises_instead_of_exiting():
    with pytest.raises(ConfigError, match="`video --help` lists the options"):
        parse("--colour", "blue")
