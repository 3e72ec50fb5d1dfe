"""The controls for aspect ratio, resolution, format and subtitles."""

from __future__ import annotations

import pytest

from voxweave_nb import VideoConfig
from voxweave_nb.widgets.output_options import OutputOptions


@pytest.fixture
def changes() -> list[dict[str, str]]:
    return []


@pytest.fixture
def options(changes) -> OutputOptions:
    return OutputOptions(lambda: changes.append(True))


def test_another_aspect_keeps_the_resolution(options):
    options.show_config(VideoConfig(resolution="4k"))
    options._aspect.value = "9:16"
    assert VideoConfig(**options.fields).size == (2160, 3840)
    assert ("4k · 2160×3840", "4k") in options._resolution.options


def test_caption_style_is_offered_for_burnt_in_subtitles(options):
    assert options._caption_style.layout.display == "none"
    options.show_config(VideoConfig(subtitle_mode="burn", subtitle_look="large"))
    assert options._caption_style.layout.display == ""
    options._caption_style.value = "outline"
    assert options.fields["subtitle_look"] == "outline"
    options._subtitle_mode.value = "soft"
    assert options._caption_style.layout.display == "none"


def test_every_change_is_reported(options, changes):
    for control in options.children:
        reported = len(changes)
        control.value = control.options[1][1]
        assert len(changes) > reported


def test_a_shown_config_is_read_back(options):
    config = VideoConfig(
        aspect="1:1", resolution="720p", format="webm", subtitle_mode="sidecar", subtitle_look="outline"
    )
    options.show_config(config)
    assert VideoConfig(**options.fields) == config
