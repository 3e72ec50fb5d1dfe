"""Wrong calls of the panel are answered with the right one."""

from __future__ import annotations

from pathlib import Path

import pytest

from voxweave_nb import ConfigError, VideoConfig, VideoPanel


@pytest.mark.parametrize(
    ("arguments", "call"),
    [
        (["talk.mp3"], "VideoPanel(narration='talk.mp3')"),
        ([Path("talk.mp3")], "VideoPanel(narration='talk.mp3')"),
        (["talk.mp3", "talk.srt"], "VideoPanel(narration='talk.mp3', subtitles='talk.srt')"),
        (["zai", "talk.mp3"], "VideoPanel(provider='zai', narration='talk.mp3')"),
        ([VideoConfig(style="anime")], "VideoPanel(config=VideoConfig(style='anime'))"),
    ],
)
def test_a_positional_argument_is_answered_with_keywords(arguments, call):
    with pytest.raises(ConfigError) as error:
        VideoPanel(*arguments)
    assert str(error.value).startswith("VideoPanel takes a VideoGenerationService and keywords, not ")
    assert str(error.value).endswith(f"; write {call}.")
    assert "\n" not in str(error.value)


def test_a_service_stays_first(service):
    with pytest.raises(ConfigError, match=r"write VideoPanel\(service, narration='talk\.mp3'\)\."):
        VideoPanel(service, "talk.mp3")


def test_any_other_object_is_named(service):
    with pytest.raises(ConfigError, match="not 42; write VideoPanel"):
        VideoPanel(42)


def test_an_unknown_keyword_lists_the_valid_ones(service):
    with pytest.raises(ConfigError, match=r"no keyword 'colour'.*narration, subtitles, config, style"):
        VideoPanel(service, colour="red")


@pytest.mark.parametrize(
    ("wrong", "right"), [("naration", "narration"), ("subtitle", "subtitles"), ("styl", "style")]
)
def test_a_misspelt_keyword_gets_a_suggestion(service, wrong, right):
    with pytest.raises(ConfigError, match=rf"no keyword '{wrong}' \(did you mean '{right}'\?\)"):
        VideoPanel(service, **{wrong: "talk.mp3"})
