"""Other ways to write the options of a video."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from voxweave_nb import ConfigError, VideoConfig, VideoGenerationService, spellings


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *((each, "720p") for each in (720, "720", "720P", "1280x720", "1280×720", "HD", " hd ", (1280, 720))),
        *(
            (each, "1080p")
            for each in (1080, "1080", "1920x1080", "1920 x 1080", "Full HD", "full-hd", "FHD")
        ),
        *((each, "4k") for each in (2160, "4K", "2160p", "2160", "UHD", "3840x2160", "Ultra HD")),
    ],
)
def test_a_resolution_is_written_in_many_ways(written, meant):
    config = VideoConfig(resolution=written)
    assert (config.resolution, config.aspect) == (meant, "16:9")


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("1080x1920", (1080, 1920)),
        ("720x1280", (720, 1280)),
        ("2160X3840", (2160, 3840)),
        ("1080x1080", (1080, 1080)),
        ((720, 720), (720, 720)),
    ],
)
def test_a_size_names_its_aspect_too(written, size):
    assert VideoConfig(resolution=written).size == size
    assert VideoConfig().replace(resolution=written).size == size
    assert VideoConfig.of({"resolution": written}).size == size


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *(
            (each, "16:9")
            for each in ("landscape", "Wide", "16/9", "16x9", "16 : 9", (16, 9), 16 / 9, "1920x1080")
        ),
        *((each, "9:16") for each in ("portrait", "vertical", "9/16", (9, 16), [9, 16], 9 / 16, "1080x1920")),
        *((each, "1:1") for each in ("square", "Square", "1/1", (1, 1), "1:1")),
    ],
)
def test_an_aspect_is_written_in_many_ways(written, meant):
    assert VideoConfig(aspect=written).aspect == meant


@pytest.mark.parametrize(
    ("field", "written", "meant"),
    [
        ("format", ".mp4", "mp4"),
        ("format", "video/quicktime", "mov"),
        ("format", " .WebM", "webm"),
        ("prompt", None, ""),
        ("provider", "openai", "openai_sora"),
        ("provider", "OpenAI", "openai_sora"),
        ("provider", "z.ai", "zai"),
        ("subtitle_mode", "burn-in", "burn"),
        ("subtitle_mode", False, "none"),
        ("style", "three_d", "3d"),
    ],
)
def test_other_options_are_written_in_many_ways(field, written, meant):
    assert getattr(VideoConfig(**{field: written}), field) == meant


@pytest.mark.parametrize(
    ("field", "wrong", "suggested"),
    [
        ("aspect", "4:5", "9:16"),
        ("aspect", "4:3", "16:9"),
        ("aspect", "2.39:1", "16:9"),
        ("aspect", (4, 5), "9:16"),
        ("resolution", "1440p", "1080p"),
        ("resolution", "640x360", "720p"),
        ("resolution", 480, "720p"),
        ("style", "cinematik", "cinematic"),
        ("style", "photorealistic", "realistic"),
        ("format", "mkv", "webm"),
        ("quality", "high", "fine"),
        ("subtitle_mode", "hardsub", "burn"),
        ("subtitle_look", "outlines", "outline"),
    ],
)
def test_a_wrong_option_gets_a_suggestion(field, wrong, suggested):
    with pytest.raises(ConfigError) as caught:
        VideoConfig(**{field: wrong})
    assert str(caught.value).endswith(f"Did you mean {suggested!r}?")


@pytest.mark.parametrize(
    "wrong", [b"x" * 8_000_000, "x" * 8_000_000, [1] * 1_000_000, {"a": "b" * 10_000}, object()]
)
@pytest.mark.parametrize(
    "field",
    [
        "style",
        "resolution",
        "aspect",
        "format",
        "quality",
        "seed",
        "fps",
        "seconds",
        "reduce_motion",
        "provider",
        "wrong",
    ],
)
def test_a_refusal_is_a_short_sentence(field, wrong):
    with pytest.raises(ConfigError) as caught:
        VideoConfig(**{field: wrong})
    assert len(str(caught.value)) < 300


def test_a_size_against_the_aspect_is_refused():
    with pytest.raises(ConfigError, match="'1080x1920' is 9:16, but the aspect is 1:1"):
        VideoConfig(resolution="1080x1920", aspect="square")


@pytest.mark.parametrize(
    ("call", "suggested"),
    [
        (lambda: VideoConfig(styel="anime"), "style"),
        (lambda: VideoConfig.of(resolutoin="720p"), "resolution"),
        (lambda: VideoConfig().replace(promt="x"), "prompt"),
        (lambda: VideoGenerationService.local().submit("x.mp3", subtitel="x"), "subtitles"),
        (lambda: VideoGenerationService.local().submit("x.mp3", budgt=1), "budget"),
        (lambda: VideoGenerationService("openai_soar"), "openai_sora"),
    ],
)
def test_a_wrong_name_gets_a_suggestion(call, suggested):
    with pytest.raises(ConfigError, match=rf"Did you mean '{suggested}'\?"):
        call()


def test_a_service_knows_providers_by_other_names():
    service = VideoGenerationService("openai", api_key="sk-test")
    assert service.provider_name == "openai_sora"
    assert service.capabilities("openai") is service.capabilities("openai_sora")


def test_a_plug_in_of_that_name_wins(monkeypatch):
    point = EntryPoint("openai", "example:Provider", "voxweave_nb.providers")
    monkeypatch.setattr(spellings, "entry_points", lambda group: [point])
    assert VideoConfig(provider="openai").provider == "openai"
