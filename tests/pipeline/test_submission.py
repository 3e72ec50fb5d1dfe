"""One submission: retried only after proof, reconciled when its answer is lost, stopped when it is cancelled."""

from __future__ import annotations

import asyncio
import time

import pytest

from voxweave_nb import GeneratedVideo, JobCanceled, SubmissionInDoubt, runtime
from voxweave_nb.job import JobReporter
from voxweave_nb.providers.types import Accepted

from .scripted import Asked, Scripted, ask, unavailable


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch):
    monkeypatch.setattr("voxweave_nb.pipeline.submission._LIST_PAUSES", (0.0, 0.01))


def test_a_rate_limited_submission_is_retried():
    limited = unavailable("a", overloaded=True, status=429, retry_after=0.05)
    first, second = Scripted("a", limited, limited, "3"), Scripted("b")
    asked = Asked(first, second, patience=5)
    assert asyncio.run(asked.submit()).job_id == "a-3"
    assert (first.submissions, second.submissions) == (3, 0)
    assert asked.said[:2] == ["a is rate-limited (HTTP 429); retrying in 0 s."] * 2


def test_patience_ends_with_the_next_provider():
    limited = unavailable("a", overloaded=True, status=429, retry_after=30.0)
    began = time.monotonic()
    assert ask(Scripted("a", limited), Scripted("b"), patience=2).job_id == "b-1"
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    "error", [SubmissionInDoubt("lost", provider="a"), unavailable("a", status=500)], ids=["lost", "500"]
)
def test_a_job_in_the_list_is_adopted(error):
    second = Scripted("b")
    accepted = ask(Scripted("a", error, lists="a-7"), second)
    assert (accepted.job_id, second.submissions) == ("a-7", 0)
    assert "its list shows that it accepted job a-7" in accepted.warnings[0]


def test_a_job_not_listed_stays_in_doubt():
    second = Scripted("b")
    with pytest.raises(SubmissionInDoubt):
        ask(Scripted("a", SubmissionInDoubt("lost", provider="a"), lists="nothing"), second)
    assert second.submissions == 0


def test_a_cancel_waits_for_the_answer_and_stops():
    slow = Scripted("a", 0.2)

    async def canceled() -> str:
        asked = Asked(slow)
        task = asyncio.ensure_future(asked.submit())
        while not slow.submissions:
            await asyncio.sleep(0)
        asked.job.cancel()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return asked.job.fate

    assert asyncio.run(canceled()) == "a has stopped job a-late; the work done until then may be billed"
    assert slow.canceled == ["a-late"]


def test_a_detached_submission_goes_on():
    slow = Scripted("a", 0.2)

    async def detached() -> str:
        asked = Asked(slow)
        task = asyncio.ensure_future(asked.submit())
        while not slow.submissions:
            await asyncio.sleep(0)
        asked.job.detach()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return asked.job.fate

    assert asyncio.run(detached()) == "a has just accepted it as job a-late, which goes on there"
    assert slow.canceled == []


def test_a_cancel_does_not_wait_for_ever(monkeypatch):
    monkeypatch.setattr("voxweave_nb.pipeline.submission._LAST_WORD", 0.05)
    silent = Scripted("a", 60.0)

    async def canceled() -> str:
        asked = Asked(silent)
        asked.job.cancel()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asked.submit(), 0.05)
        return asked.job.fate

    assert "may have accepted the job, and may bill it" in asyncio.run(canceled())


class Garbled(Scripted):
    """Returns its answer as it is."""

    async def submit(self, request):
        await super().submit(request)
        return self.answers[0]


@pytest.mark.parametrize("answer", [None, "job-1", Accepted(""), Accepted(None)], ids=str)
def test_a_wrong_kind_of_answer_is_in_doubt(answer):
    second = Scripted("b")
    with pytest.raises(SubmissionInDoubt, match="crashed during the submission"):
        ask(Garbled("a", answer), second)
    assert second.submissions == 0


def test_a_crash_in_the_list_leaves_the_doubt(monkeypatch):
    provider, second = Scripted("a", SubmissionInDoubt("lost", provider="a"), lists="a-7"), Scripted("b")
    monkeypatch.setattr(provider, "find", lambda *_: 1 / 0)
    with pytest.raises(SubmissionInDoubt, match="lost"):
        ask(provider, second)
    assert second.submissions == 0


def test_a_second_cancel_still_stops_the_job():
    slow = Scripted("a", 0.2)
    asked = Asked(slow)

    async def work(reporter: JobReporter) -> GeneratedVideo:
        await asked.submit()
        raise AssertionError

    running = runtime.submit(JobReporter(asked.job).drive(work))
    while not slow.submissions:
        time.sleep(0.01)
    asked.job.detach()
    asked.job.cancel()
    asked.job.cancel()
    with pytest.raises(JobCanceled, match="a has stopped job a-late"):
        asked.job.result(5)
    running.result(5)
    assert slow.canceled == ["a-late"]


def test_a_dripping_answer_is_a_doubt(monkeypatch):
    monkeypatch.setattr("voxweave_nb.pipeline.submission._longest_answer", lambda _: 0.05)
    second = Scripted("b")
    with pytest.raises(SubmissionInDoubt, match=r"a has not answered the submission within 0\.05 s"):
        ask(Scripted("a", 5.0), second)
    assert second.submissions == 0
