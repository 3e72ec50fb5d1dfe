"""A clip that is not what was planned is said to be so."""

from __future__ import annotations

import pytest

from voxweave_nb import VideoConfig, VideoGenerationService
from voxweave_nb.media.probe import VideoStream
from voxweave_nb.pipeline.delivery import differences
from voxweave_nb.providers.types import Model, Plan

from .test_video import make, settings


def clip_of(width: int, height: int, seconds: float) -> VideoStream:
    return VideoStream("h264", width, height, 24.0, "yuv420p", "", seconds)


def plan_of(seconds: float = 8.0, size: tuple[int, int] = (1280, 720), duration: float = 8.0) -> Plan:
    return Plan(Model("m"), size, seconds, "sea", None, provider="a", duration=duration, config=VideoConfig())


@pytest.mark.parametrize("clip", [clip_of(1280, 720, 8.0), clip_of(1280, 720, 8.4), clip_of(1280, 720, 0.0)])
def test_a_clip_as_planned_has_no_difference(clip):
    assert differences(plan_of(), clip, to=(1920, 1080)) == []


@pytest.mark.parametrize(
    ("clip", "words"),
    [
        (
            clip_of(1280, 720, 5.0),
            "a delivered a clip of 5.0 s instead of 8.0 s; it is repeated to fill 8.0 s.",
        ),
        (clip_of(1280, 720, 16.0), "a delivered a clip of 16.0 s instead of 8.0 s."),
        (
            clip_of(1280, 704, 8.0),
            "a delivered 1280x704 instead of 1280x720; it is scaled and cropped to 1920x1080.",
        ),
        (clip_of(640, 360, 8.0), "a delivered 640x360 instead of 1280x720; it is scaled to 1920x1080."),
        (clip_of(1920, 1080, 8.0), "a delivered 1920x1080 instead of 1280x720."),
    ],
)
def test_a_difference_is_a_sentence(clip, words):
    assert differences(plan_of(), clip, to=(1920, 1080)) == [words]


def test_a_planned_repetition_is_not_said_again():
    short = plan_of(seconds=4.0, duration=10.0)
    assert differences(short, clip_of(1280, 720, 4.0), to=(1280, 720)) == []


@pytest.mark.slow
def test_the_video_carries_the_warning(sandbox, narration_file, tmp_path):
    sandbox.next_job("zai", size=(640, 480))
    service = VideoGenerationService(
        "zai", api_key=sandbox.key("zai"), base_url=sandbox.base_url("zai"), settings=settings(tmp_path)
    )
    video = make(service, narration_file)
    words = "zai delivered 640x480 instead of 1280x720; it is scaled and cropped to 1280x720."
    assert words in video.warnings
    sandbox.next_job("zai", size=(1280, 720))
    assert not any("delivered" in warning for warning in make(service, narration_file).warnings)


@pytest.mark.slow
def test_a_resumed_video_carries_the_warning(sandbox, narration_file, tmp_path, monkeypatch):
    sandbox.next_job("zai", size=(640, 480))
    service = VideoGenerationService("zai", settings=settings(tmp_path, home=tmp_path / "home"))
    with monkeypatch.context() as broken:
        broken.setattr("voxweave_nb.pipeline.video.publish", None)
        with pytest.raises(TypeError):
            make(service, narration_file)
    (job,) = service.resume()
    assert any(warning.startswith("zai delivered 640x480") for warning in job.result(60).warnings)
