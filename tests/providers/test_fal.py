"""fal's queue: the narration as a data URI, failures in the result, and ids that survive the process."""

from __future__ import annotations

import json

import pytest

from tests.pictures import quarters
from voxweave_nb import ProviderError, ProviderUnavailable, SubmissionInDoubt, VideoConfig
from voxweave_nb.models import JobState
from voxweave_nb.providers.fal import Fal
from voxweave_nb.providers.http import Reply
from voxweave_nb.sandbox import Fault

from .adapter import cancelled, downloaded, fields_of, polled, run, statuses_of, submit

NAME = "fal"


def test_the_body_has_exactly_these_fields(sandbox, samples):
    submit(NAME, samples, extra={"guidance_scale": 4})
    fields = fields_of(sandbox)
    assert fields.pop("prompt").startswith("a quiet sea. ")
    assert fields.pop("audio_url").startswith("data:audio/wav;base64,")
    assert fields == {"guidance_scale": 4}
    assert sandbox.jobs[0].model == "fal-ai/ltx-2/audio-to-video"
    assert sandbox.jobs[0].seconds == pytest.approx(2.0)


def test_the_id_is_the_jobs_path(sandbox, samples):
    assert submit(NAME, samples) == f"fal-ai/ltx-2/requests/{sandbox.jobs[0].id}"


def test_status_words_are_parsed(sandbox, samples):
    sandbox.next_job(NAME, statuses=["IN_QUEUE", "IN_PROGRESS"])
    states = [status.state for status in statuses_of(NAME, samples)]
    assert states == ["queued", "running", "succeeded"]


def test_a_completed_job_may_have_failed(sandbox, samples):
    sandbox.next_job(NAME, polls=1, fails="out of memory")
    status = statuses_of(NAME, samples)[-1]
    assert (status.state, status.message, status.refused) == (JobState.FAILED, "out of memory", False)


def test_refused_content_stands_in_the_result(sandbox, samples):
    sandbox.next_job(NAME, polls=1, refused=True)
    status = statuses_of(NAME, samples)[-1]
    assert (status.state, status.refused) == (JobState.FAILED, True)


def test_an_unreadable_result_is_no_status(sandbox, samples):
    sandbox.next_job(NAME, polls=1)
    sandbox.fault("result", Fault.status(504), provider=NAME)
    with pytest.raises(ProviderError, match="did not report the status"):
        statuses_of(NAME, samples)


def test_the_clip_comes_from_the_results_url(sandbox, samples, tmp_path):
    assert downloaded(NAME, samples, tmp_path / "clip")[4:8] == b"ftyp"
    assert sandbox.history[-1].path == f"/fal/{sandbox.jobs[0].id}.mp4"
    assert not sandbox.history[-1].leaked


def test_a_running_job_is_cancelled(sandbox, samples):
    assert cancelled(NAME, samples)
    assert sandbox.jobs[0].canceled


def test_an_unknown_job_is_not_cancelled(sandbox):
    assert not run(NAME, lambda fal: fal.cancel("fal-ai/ltx-2/requests/nothing"))


def test_a_missing_model_hands_over(sandbox, samples):
    sandbox.fault("create", Fault.gone(), provider=NAME)
    with pytest.raises(ProviderUnavailable, match="does not have this model") as caught:
        submit(NAME, samples)
    assert not caught.value.gone  # another model may exist


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 520, 599])
def test_a_server_error_is_not_billed_by_fal(status):
    own, page = {"detail": "Internal server error", "error_type": "internal_error"}, "<h1>Bad gateway</h1>"
    at_fal, elsewhere = Fal("k"), Fal("k", "https://queue.example.org")
    replies = [Reply(status, {}, json.dumps(own), own), Reply(status, {}, page, None)]
    errors = [[type(fal.error_of(reply)) for reply in replies] for fal in (at_fal, elsewhere)]
    promised = ProviderUnavailable if status <= 504 else SubmissionInDoubt
    in_own_words = ProviderUnavailable if status == 503 else SubmissionInDoubt
    assert errors == [[promised, SubmissionInDoubt], [in_own_words, SubmissionInDoubt]]


@pytest.mark.parametrize(("duration", "seconds"), [(1.0, 2.0), (7.3, 7.3), (60.0, 10.0)])
def test_a_clip_lasts_two_to_ten_seconds(duration, seconds):
    plan = Fal("k").plan(VideoConfig(), duration)
    assert (plan.seconds, plan.usd) == (pytest.approx(seconds), pytest.approx(seconds * 0.10))


@pytest.mark.parametrize("seconds", [0.1, 0.9, 1.99])
def test_a_short_narration_is_padded_with_silence(sandbox, samples, seconds):
    samples.write_bytes(samples.read_bytes()[: int(seconds * 16_000) * 2])
    job_id = submit(NAME, samples)
    assert sandbox.jobs[0].seconds == pytest.approx(2.0)
    assert run(NAME, lambda provider: polled(provider, job_id))[-1].state is JobState.SUCCEEDED


@pytest.mark.parametrize("model", [None, "fal-ai/other/audio-to-video"])
def test_an_image_is_sent_as_first_frame(sandbox, samples, model):
    submit(NAME, samples, model=model, image=quarters())
    assert fields_of(sandbox)["image_url"].startswith("data:image/jpeg;base64,")
    assert sandbox.jobs[0].image == (1280, 720)
