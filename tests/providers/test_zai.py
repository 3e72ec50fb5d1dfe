"""Z.ai's protocol: fields of both model families, its error codes, and the result's URL."""

from __future__ import annotations

import pytest

from tests.pictures import quarters
from voxweave_nb import ContentRefused, ProviderUnavailable, RequestRefused, SubmissionInDoubt, VideoConfig
from voxweave_nb.models import JobState
from voxweave_nb.providers.zai import Zai
from voxweave_nb.sandbox import Fault

from .adapter import cancelled, downloaded, fields_of, statuses_of, submit

NAME = "zai"


def test_the_body_has_exactly_these_fields(sandbox, samples):
    submit(NAME, samples, style="anime", fps=60, extra={"quality": "speed", "unknown": 1})
    fields = fields_of(sandbox)
    assert fields.pop("prompt").startswith("a quiet sea. ")
    assert fields == {
        "model": "cogvideox-3",
        "duration": 5,
        "size": "1280x720",
        "fps": 60,
        "with_audio": False,
        "quality": "speed",
        "request_id": "voxweave-1",
        "unknown": 1,  # the sandbox is a server of one's own
    }


def test_vidu_takes_aspect_ratio_and_style(sandbox, samples):
    submit(NAME, samples, model="viduq1-text", style="anime", aspect="9:16", resolution="1080p")
    assert fields_of(sandbox) == {
        "model": "viduq1-text",
        "prompt": "a quiet sea",
        "duration": 5,
        "aspect_ratio": "9:16",
        "style": "anime",
        "request_id": "voxweave-1",
    }


def test_status_words_are_parsed(sandbox, samples):
    sandbox.next_job(NAME, statuses=["PROCESSING", "QUEUED"])
    states = [status.state for status in statuses_of(NAME, samples)]
    assert states == ["running", "queued", "succeeded"]


def test_a_failed_job_has_its_words(sandbox, samples):
    sandbox.next_job(NAME, polls=1, fails="out of memory")
    status = statuses_of(NAME, samples)[-1]
    assert (status.state, status.refused) == (JobState.FAILED, False)
    assert "out of memory" in status.message


def test_refused_content_is_recognised(sandbox, samples):
    sandbox.next_job(NAME, polls=1, refused=True)
    assert statuses_of(NAME, samples)[-1].refused
    sandbox.fault("create", Fault.refuse_content(), provider=NAME)
    with pytest.raises(ContentRefused, match=r"HTTP 400.*unsafe or sensitive"):
        submit(NAME, samples)


@pytest.mark.parametrize(
    ("code", "kind", "says"),
    [
        ("1302", ProviderUnavailable, "is rate-limited"),
        ("1113", ProviderUnavailable, "locked or unpaid account"),
        ("1304", ProviderUnavailable, "has no quota left"),
        ("1211", ProviderUnavailable, "does not offer this model"),
        ("1222", ProviderUnavailable, "has taken this API offline"),
        ("1231", SubmissionInDoubt, "already has this request"),
        ("1214", RequestRefused, "rejected the request"),
    ],
)
@pytest.mark.parametrize("status", [200, 429])
def test_each_error_code_has_its_meaning(sandbox, samples, code, kind, says, status):
    body = {"error": {"code": code, "message": "no"}}
    sandbox.fault("create", Fault.status(status, body=body), provider=NAME)
    with pytest.raises(kind, match=says) as caught:
        submit(NAME, samples)
    assert type(caught.value) is kind
    assert getattr(caught.value, "overloaded", False) == (code == "1302")
    assert getattr(caught.value, "gone", False) == (code == "1222")


def test_the_clip_comes_from_the_results_url(sandbox, samples, tmp_path):
    assert downloaded(NAME, samples, tmp_path / "clip")[4:8] == b"ftyp"
    last = sandbox.history[-1]
    assert (last.step, last.leaked, last.path) == ("content", False, f"/zai/{sandbox.jobs[0].id}.mp4")


def test_a_job_cannot_be_cancelled(sandbox, samples):
    assert not cancelled(NAME, samples)
    assert [asked.step for asked in sandbox.history] == ["create"]


def test_an_unknown_model_lists_the_known():
    with pytest.raises(
        ProviderUnavailable, match="no model 'other'; choose one of: cogvideox-3, viduq1-text"
    ):
        Zai("k").plan(VideoConfig(model="other"), 5.0)
    assert Zai("k", "https://example.org/v4").plan(VideoConfig(model="other"), 5.0).model.name == "other"


@pytest.mark.parametrize(
    ("model", "size", "more"),
    [
        ("cogvideox-3", "1280x720", {"fps": 30, "with_audio": False, "duration": 5}),
        ("viduq1-image", "1920x1080", {"duration": 5}),
        ("vidu2-image", "1280x720", {"duration": 4}),
    ],
)
def test_an_image_is_sent_in_the_clips_size(sandbox, samples, model, size, more):
    submit(NAME, samples, model=model, image=quarters())
    fields = fields_of(sandbox)
    assert fields.pop("prompt").startswith("a quiet sea. ")
    assert fields.pop("image_url").startswith("data:image/jpeg;base64,")
    width, height = sandbox.jobs[0].image
    assert f"{width}x{height}" == size
    assert fields == {"model": model, "size": size, "request_id": "voxweave-1", **more}
