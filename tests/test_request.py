"""VideoRequest: the checked input of a video."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from voxweave_nb import VideoConfig
from voxweave_nb.request import VideoRequest


def test_a_request_is_compared_by_its_values():
    request = VideoRequest(Path("talk.mp3"), "1\n...", VideoConfig(style="anime"))
    assert request == VideoRequest(Path("talk.mp3"), "1\n...", VideoConfig(style="anime"))
    assert request != dataclasses.replace(request, subtitles=None)


def test_a_request_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        VideoRequest(Path("talk.mp3"), None, VideoConfig()).narration = Path("other.mp3")
