"""Google's interactions API: the video format, statuses, and videos by URL or in the answer."""

from __future__ import annotations

import base64

import pytest

from tests.pictures import quarters
from voxweave_nb import DownloadFailed, ProviderUnavailable, VideoConfig
from voxweave_nb.models import JobState
from voxweave_nb.providers.gemini import Gemini
from voxweave_nb.sandbox import Fault

from .adapter import cancelled, downloaded, fields_of, run, statuses_of, submit

NAME = "gemini"


def test_the_body_has_exactly_these_fields(sandbox, samples):
    submit(NAME, samples, aspect="9:16", resolution="1080p", seconds=8)
    fields = fields_of(sandbox)
    assert fields.pop("input").startswith("a quiet sea. ")
    assert fields == {
        "model": "gemini-omni-1.2-flash",
        "background": True,
        "store": True,
        "response_format": {
            "type": "video",
            "aspect_ratio": "9:16",
            "resolution": "1080p",
            "delivery": "uri",
            "duration": "8s",
        },
    }


def test_without_seconds_the_model_chooses(sandbox, samples):
    submit(NAME, samples)
    assert "duration" not in fields_of(sandbox)["response_format"]
    plan = Gemini("k").plan(VideoConfig(), 12.5)
    assert plan.seconds == 0
    assert any("chooses the clip's length" in warning and "12.5 s" in warning for warning in plan.warnings)


def test_status_words_are_parsed(sandbox, samples):
    sandbox.next_job(NAME, statuses=["queued", "in_progress"])
    states = [status.state for status in statuses_of(NAME, samples)]
    assert states == ["queued", "running", "succeeded"]


def test_a_failed_or_refused_job_has_words(sandbox, samples):
    sandbox.next_job(NAME, polls=1, fails="out of memory")
    failed = statuses_of(NAME, samples)[-1]
    assert (failed.state, failed.refused) == (JobState.FAILED, False)
    assert "out of memory" in failed.message
    sandbox.next_job(NAME, polls=1, refused=True)
    assert statuses_of(NAME, samples)[-1].refused


def test_success_without_a_video_is_failure(sandbox, samples):
    sandbox.next_job(NAME, polls=1, also={"output_video": ..., "steps": ...})
    status = statuses_of(NAME, samples)[-1]
    assert (status.state, status.message) == (JobState.FAILED, "it finished without a video")


def test_the_clip_is_downloaded_with_the_key(sandbox, samples, tmp_path):
    assert downloaded(NAME, samples, tmp_path / "clip")[4:8] == b"ftyp"
    assert sandbox.history[-1].path.endswith(":download?alt=media")
    assert sandbox.history[-1].status == 200


def test_a_clip_in_the_answer_is_decoded(sandbox, samples, tmp_path):
    video = {"type": "video", "data": base64.b64encode(b"the clip").decode()}
    sandbox.next_job(NAME, polls=1, also={"output_video": ..., "steps": [{"content": [video]}]})
    assert downloaded(NAME, samples, tmp_path / "clip") == b"the clip"


def test_a_clip_that_cannot_be_decoded_fails(sandbox, samples, tmp_path):
    sandbox.next_job(NAME, polls=1, also={"output_video": {"type": "video", "data": "*"}})
    with pytest.raises(DownloadFailed, match="cannot be decoded"):
        downloaded(NAME, samples, tmp_path / "clip")


def test_a_running_job_is_cancelled(sandbox, samples):
    assert cancelled(NAME, samples)
    assert sandbox.jobs[0].canceled


def test_an_unknown_job_is_not_cancelled(sandbox):
    assert not run(NAME, lambda gemini: gemini.cancel("nothing"))


def test_a_wrong_key_hands_over(sandbox, samples):
    body = {"error": {"code": 400, "message": "API key not valid."}}
    sandbox.fault("create", Fault.status(400, body=body), provider=NAME)
    with pytest.raises(ProviderUnavailable, match="rejected the key"):
        submit(NAME, samples)


def test_an_image_is_a_part_of_the_input(sandbox, samples):
    submit(NAME, samples, aspect="9:16", image=quarters())
    image, text = fields_of(sandbox)["input"]
    assert image.pop("data")
    assert image == {"type": "image", "mime_type": "image/jpeg"}
    assert sandbox.jobs[0].image == (720, 1280)
    assert text["text"].startswith("a quiet sea. ")
