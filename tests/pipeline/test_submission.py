"""One submission: retried only after proof, reconciled when its answer is lost, stopped when it is cancelled."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import replace

import pytest

from voxweave_nb import (
    ContentRefused,
    GeneratedVideo,
    JobCanceled,
    Listing,
    ProviderError,
    ProviderUnavailable,
    RequestRefused,
    SubmissionInDoubt,
    runtime,
)
from voxweave_nb.job import JobReporter
from voxweave_nb.journal import Journal, RunLedger
from voxweave_nb.pipeline import submission
from voxweave_nb.pipeline.submission import cancel_at_provider
from voxweave_nb.providers.types import Accepted

from ..journal.rows import accept
from ..journal.rows import ask as write_request
from .scripted import Asked, Scripted, ask, unavailable

LIST_PAUSES = submission._LIST_PAUSES


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch):
    monkeypatch.setattr("voxweave_nb.pipeline.submission._LIST_PAUSES", (0.0, 0.01))


@pytest.fixture
def pauses(monkeypatch) -> list[float]:
    """The pauses of a submission, none of which is waited for."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("voxweave_nb.pipeline.submission._sleep", sleep)
    return waited


@pytest.mark.slow
def test_a_rate_limited_submission_is_retried():
    limited = unavailable("a", overloaded=True, status=429, retry_after=0.05)
    first, second = Scripted("a", limited, limited, "3"), Scripted("b")
    asked = Asked(first, second, patience=5)
    assert asyncio.run(asked.submit()).job_id == "a-3"
    assert (first.submissions, second.submissions) == (3, 0)
    assert [said.rsplit(";")[0] for said in asked.said[:2]] == ["a is rate-limited (HTTP 429)"] * 2


@pytest.mark.parametrize("seconds", [0.0, -5.0, math.nan, 0.001, None], ids=str)
def test_a_hasty_retry_after_has_a_floor(seconds, pauses):
    limited = unavailable("a", overloaded=True, status=429, retry_after=seconds)
    first = Scripted("a", limited)
    assert ask(first, Scripted("b"), patience=10**6).job_id == "b-1"
    assert first.submissions == 8
    assert len(pauses) == 7
    bounds = [(0.5 * bound, bound) for bound in (1, 2, 4, 8, 16, 20, 20)]
    assert all(least <= pause <= most for pause, (least, most) in zip(pauses, bounds, strict=True))


@pytest.mark.parametrize(("seconds", "waits"), [(30.0, [30.0] * 7), (math.inf, [])], ids=str)
def test_a_long_retry_after_is_kept(seconds, waits, pauses):
    limited = unavailable("a", overloaded=True, status=429, retry_after=seconds)
    assert ask(Scripted("a", limited), Scripted("b"), patience=10**6).job_id == "b-1"
    assert pauses == waits


def test_patience_ends_with_the_next_provider():
    limited = unavailable("a", overloaded=True, status=429, retry_after=30.0)
    began = time.monotonic()
    assert ask(Scripted("a", limited), Scripted("b"), patience=2).job_id == "b-1"
    assert time.monotonic() - began < 10  # the pause would take 30


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


DOUBTS = (*range(300, 400), 408, 409, 425, 500, 501, 502, 504, 507, *range(520, 529), 599)
PROOFS = (400, 401, 402, 403, 404, 405, 410, 413, 415, 422)


@pytest.mark.parametrize("kind", [ProviderUnavailable, RequestRefused, ContentRefused])
def test_an_answer_without_proof_is_in_doubt(kind):
    for status in DOUBTS:
        second = Scripted("b")
        with pytest.raises(SubmissionInDoubt, match=f"it answered HTTP {status}: no.* was not sent again"):
            ask(Scripted("a", kind("no", provider="a", status=status)), second)
        assert second.submissions == 0


@pytest.mark.parametrize("status", PROOFS)
def test_an_answer_with_proof_hands_over(status):
    second = Scripted("b")
    assert ask(Scripted("a", unavailable("a", status=status)), second).job_id == "b-1"


def test_a_documented_answer_hands_over():
    second = Scripted("b")
    assert ask(Scripted("a", unavailable("a", status=500, source="its manual")), second).job_id == "b-1"


def test_a_person_may_choose_the_next():
    first = Scripted("a", SubmissionInDoubt("a is in doubt.", provider="a"))
    asked = Asked(first, Scripted("b"), on_doubt="next")
    accepted = asyncio.run(asked.submit())
    assert accepted.job_id == "b-1"
    assert asked.candidates.declined == {"a": "a is in doubt."}
    assert "may be paid twice" in accepted.warnings[0]


def test_a_doubt_outlives_the_last_provider():
    first = Scripted("a", SubmissionInDoubt("a is in doubt.", provider="a"))
    with pytest.raises(SubmissionInDoubt, match=r"a is in doubt\. .*b is failing\."):
        ask(first, Scripted("b", unavailable("b")), on_doubt="next")


class Listed(Scripted):
    """Loses the answer of its submission and shows scripted lists, the last one for ever."""

    def __init__(self, *listings: Listing | Exception) -> None:
        super().__init__("a", SubmissionInDoubt("lost", provider="a"), lists="nothing")
        self.listings, self.looks = list(listings), 0

    async def listing(self, request, since):
        self.looks += 1
        found = self.listings[min(self.looks, len(self.listings)) - 1]
        if isinstance(found, Exception):
            raise found
        return found


EMPTY = Listing(whole=True)


@pytest.fixture
def patience(monkeypatch):
    """The real pauses between looks into a list, on a clock that does not wait."""
    now = [1000.0]

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr("voxweave_nb.pipeline.submission._LIST_PAUSES", LIST_PAUSES)
    monkeypatch.setattr("voxweave_nb.pipeline.submission._sleep", sleep)
    monkeypatch.setattr("voxweave_nb.pipeline.submission._now", lambda: now[0])


def test_a_job_missing_for_long_was_not_taken(patience):
    first, second = Listed(EMPTY), Scripted("b")
    asked = Asked(first, second)
    assert asyncio.run(asked.submit()).job_id == "b-1"
    assert "did not take the job: its list of jobs, read in full" in asked.candidates.declined["a"]
    assert first.looks >= 5


@pytest.mark.parametrize(
    "listings",
    [
        [Listing()],
        [ProviderError("no list", provider="a")],
        [ZeroDivisionError()],
        [Listing(("x", "y"), ("x", "y"), whole=True)],
        [Listing((), ("x",), whole=True)],
        [*[EMPTY] * 3, Listing((), ("x",), whole=True)],
        [*[EMPTY] * 4, Listing()],
    ],
    ids=["not whole", "no list", "crash", "two", "fields differ", "late and different", "cut off at last"],
)
def test_a_list_with_a_doubt_stops(patience, listings):
    second = Scripted("b")
    with pytest.raises(SubmissionInDoubt):
        ask(Listed(*listings), second)
    assert second.submissions == 0


def test_a_job_that_is_listed_late_is_adopted(patience):
    first, second = Listed(EMPTY, EMPTY, Listing(("a-7",), ("a-7",), whole=True)), Scripted("b")
    assert ask(first, second).job_id == "a-7"
    assert second.submissions == 0


def test_a_later_job_in_the_list_is_proof(tmp_path):
    journal = Journal(tmp_path / "home")
    first, second = Listed(EMPTY, Listing(jobs=frozenset({"later"}), whole=True)), Scripted("b")
    for run in ("run", "other"):
        write_request(journal, run)
    listing = first.listing

    async def after_a_later_job(request, since):
        if first.looks:
            accept(journal, "other", "later", provider="a", base_url=None)
        return await listing(request, since)

    first.listing = after_a_later_job
    asked = Asked(first, second, ledger=RunLedger(journal, "run", budgets={}))
    assert asyncio.run(asked.submit()).job_id == "b-1"
    assert first.looks == 2
    assert [one.outcome for one in journal.run("run").attempts] == ["refused", "accepted"]
    journal.close()


def test_a_known_job_is_not_adopted(tmp_path):
    journal = Journal(tmp_path / "home")
    for run in ("run", "other"):
        write_request(journal, run)
    accept(journal, "other", "a-7", provider="a", base_url=None)
    first = Scripted("a", SubmissionInDoubt("lost", provider="a"), lists="a-7")
    with pytest.raises(SubmissionInDoubt):
        ask(first, ledger=RunLedger(journal, "run", budgets={}))
    assert journal.run("run").state == "ambiguous"
    journal.close()


def test_a_cancel_while_looking_names_the_risk(monkeypatch):
    monkeypatch.setattr("voxweave_nb.pipeline.submission._LIST_PAUSES", (0.0, 60.0))
    first = Listed(EMPTY)

    async def canceled() -> str:
        asked = Asked(first)
        task = asyncio.ensure_future(asked.submit())
        while not first.looks:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return asked.job.fate

    assert asyncio.run(canceled()) == "a gave no clear answer: it may have accepted the job, and may bill it"


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
    for step in (asked.job.detach, asked.job.cancel, asked.job.cancel):
        step()
        runtime.submit(asyncio.sleep(0.01)).result(5)  # the loop has taken it
    with pytest.raises(JobCanceled, match="a has stopped job a-late"):
        asked.job.result(5)
    running.result(5)
    assert slow.canceled == ["a-late"]


class FreeScripted(Scripted):
    def __init__(self, *answers: object) -> None:
        super().__init__("here", *answers)
        self.capabilities = replace(self.capabilities, free=True, cancel=False)

    async def cancel(self, job_id: str) -> bool:
        return False


def test_a_free_provider_never_bills():
    second = Scripted("b")
    asked = Asked(FreeScripted(OSError("No space left on device")), second)
    assert asyncio.run(asked.submit()).job_id == "b-1"
    with pytest.raises(ProviderUnavailable, match="No space left") as caught:
        ask(FreeScripted(OSError("No space left on device")))
    assert "bill" not in str(caught.value)
    assert "bill" not in asyncio.run(cancel_at_provider(FreeScripted(), "1"))


def test_a_dripping_answer_is_a_doubt(monkeypatch):
    monkeypatch.setattr("voxweave_nb.pipeline.submission._longest_answer", lambda _: 0.05)
    second = Scripted("b")
    with pytest.raises(SubmissionInDoubt, match=r"a has not answered the submission within 0\.05 s"):
        ask(Scripted("a", 5.0), second)
    assert second.submissions == 0


def test_the_accepted_price_counts_as_spent(tmp_path):
    class Stating(Scripted):
        async def submit(self, request):
            return replace(await super().submit(request), usd=5.0)

    journal = Journal(tmp_path)
    write_request(journal, "run")
    ask(Stating("a"), ledger=RunLedger(journal, "run", budgets={}))
    assert journal.spent("journal") == 5.0
    journal.close()
