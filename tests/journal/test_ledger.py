"""The ledger: what it writes for one run, and that a journal that breaks on the way loses no paid job."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.systems import needs_modes
from voxweave_nb import (
    BudgetExceeded,
    ContentRefused,
    GenerationFailed,
    JobCanceled,
    JobTimeout,
    JournalError,
    MediaError,
    ProviderUnavailable,
    SubmissionInDoubt,
)
from voxweave_nb.journal import (
    AttemptOutcome,
    Journal,
    RunLedger,
    RunState,
    file_sha,
    ledger,
    without_secrets,
)

from .rows import ask

INTENT = {
    "provider": "zai",
    "model": "m",
    "base_url": "https://me:sk-secret@z/v4?key=sk-secret",
    "request_id": "r-1",
    "usd": 0.2,
}


@pytest.fixture
def book(journal: Journal) -> RunLedger:
    """The ledger of a run that was requested."""
    ask(journal)
    return RunLedger(journal, "run-1", budgets={"run": 0.5})


def submit(book: RunLedger, outcome: AttemptOutcome = AttemptOutcome.ACCEPTED, **more: object) -> int:
    """Write a submission and its outcome."""

    async def both() -> int:
        attempt = await book.intend(**{**INTENT, **more})
        await book.settle(attempt, outcome, job_id="job-1" if outcome is AttemptOutcome.ACCEPTED else None)
        return attempt

    return asyncio.run(both())


# What it writes


def test_a_submission_is_written_without_secrets(book, journal):
    submit(book, scene="scene-2")
    attempt = journal.run("run-1").attempt
    assert (attempt.base_url, attempt.job_id, attempt.scene) == ("https://z/v4", "job-1", "scene-2")
    assert (attempt.outcome, attempt.usd) == (AttemptOutcome.ACCEPTED, 0.2)


def test_its_budget_stops_a_submission(book):
    submit(book)
    submit(book)
    with pytest.raises(BudgetExceeded, match="for this video"):
        submit(book)


def test_a_status_is_written_once(book, journal):
    submit(book)

    async def report() -> None:
        for status in ("queued", "running", "running", "succeeded"):
            await book.status("job-1", status)

    asyncio.run(report())
    written = [data["status"] for _, name, data in journal.steps("run-1") if name == "status"]
    assert written == ["queued", "running", "succeeded"]


def test_a_clip_is_written_with_its_hash(book, journal, tmp_path):
    submit(book)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"clip")
    asyncio.run(book.downloaded("job-1", clip))
    attempt = journal.run("run-1").attempt
    assert (attempt.clip, attempt.clip_sha) == (clip, file_sha(clip))


@needs_modes
def test_a_downloaded_clip_becomes_private(book, journal):
    submit(book)
    clip = journal.clips / "run-1-abc.video"
    clip.write_bytes(b"clip")
    clip.chmod(0o644)
    asyncio.run(book.downloaded("job-1", clip))
    assert clip.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("usd", [math.nan, math.inf, -math.inf, -100.0, -0.01, "free"])
@pytest.mark.parametrize("budgets", [{}, {"day": 1.0}], ids=["no budget", "budget"])
@pytest.mark.parametrize("journaled", [True, False])
def test_an_impossible_price_is_never_sent(journal, usd, budgets, journaled):
    ask(journal)
    book = RunLedger(journal if journaled else None, "run-1", budgets=budgets, unknown_prices=True)
    with pytest.raises(ProviderUnavailable, match=r"zai .* price.*Nothing was sent"):
        asyncio.run(book.intend(**{**INTENT, "usd": usd}))
    assert journal.run("run-1").attempts == ()


def test_the_accepted_price_replaces_the_estimate(journal):
    ask(journal)
    book = RunLedger(journal, "run-1", budgets={"journal": 6.0})

    async def both(usd: object) -> None:
        attempt = await book.intend(**INTENT)
        await book.settle(attempt, AttemptOutcome.ACCEPTED, job_id="job-1", usd=usd)

    for usd in (5.0, None, math.nan, -1.0, math.inf, "dear"):
        asyncio.run(both(usd))
    assert [attempt.usd for attempt in journal.run("run-1").attempts] == [5.0, *[0.2] * 5]
    with pytest.raises(BudgetExceeded, match=r"\$6\.00 is spent"):
        asyncio.run(both(0.0))


def test_a_reported_cost_is_written(book, journal):
    submit(book)
    asyncio.run(book.cost("job-1", 0.17))
    assert journal.run("run-1").attempt.usd_actual == 0.17
    assert journal.spend().usd == pytest.approx(0.17)


@pytest.mark.parametrize("usd", [-1.0, float("nan"), float("inf")])
def test_an_impossible_cost_is_ignored(book, journal, usd):
    submit(book)
    asyncio.run(book.cost("job-1", usd))
    assert journal.run("run-1").usd == pytest.approx(0.2)


def test_without_a_journal_nothing_is_written():
    book = RunLedger(None, "run-1", budgets={})
    assert submit(book) == 0
    asyncio.run(book.failed(MediaError("The disk is full."), stopped=False))
    asyncio.run(book.keep_alive())  # ends at once


# How a run ends


@pytest.mark.parametrize(
    ("outcome", "error", "stopped", "state"),
    [
        (None, GenerationFailed("no", provider="zai"), False, RunState.FAILED),
        (None, asyncio.CancelledError(), False, RunState.CANCELED),
        (AttemptOutcome.REFUSED, MediaError("no"), False, RunState.FAILED),
        (AttemptOutcome.SENT, MediaError("no"), False, RunState.IN_DOUBT),
        (AttemptOutcome.SENT, SubmissionInDoubt("no", provider="zai"), False, RunState.IN_DOUBT),
        (AttemptOutcome.IN_DOUBT, MediaError("no"), False, RunState.IN_DOUBT),
        (AttemptOutcome.ACCEPTED, JobTimeout("no", provider="zai", job_id="job-1"), False, RunState.LATE),
        (AttemptOutcome.ACCEPTED, MediaError("no"), False, RunState.ACCEPTED),
        (AttemptOutcome.ACCEPTED, asyncio.CancelledError(), False, RunState.ACCEPTED),
        (AttemptOutcome.ACCEPTED, asyncio.CancelledError(), True, RunState.CANCELED),
        (
            AttemptOutcome.ACCEPTED,
            JobCanceled("no"),
            False,
            RunState.CANCELED,
        ),
        (AttemptOutcome.ACCEPTED, GenerationFailed("no", provider="zai"), False, RunState.FAILED),
    ],
)
def test_an_error_leaves_the_right_state(book, journal, outcome, error, stopped, state):
    if outcome is AttemptOutcome.SENT:
        asyncio.run(book.intend(**INTENT))
    elif outcome is not None:
        submit(book, outcome)
    asyncio.run(book.failed(error, stopped=stopped))
    run = journal.run("run-1")
    assert (run.state, run.held) == (state, False)
    assert run.message == (str(error) or type(error).__name__)


@pytest.mark.parametrize(
    "error", [ContentRefused("no", provider="fal"), GenerationFailed("no", provider="fal"), JobCanceled("no")]
)
def test_an_earlier_doubt_outlives_the_next_provider(book, journal, error):
    submit(book, AttemptOutcome.IN_DOUBT)
    submit(book, AttemptOutcome.REFUSED)
    asyncio.run(book.failed(error, stopped=False))
    run = journal.run("run-1")
    assert (run.state, run.resumable) == (RunState.IN_DOUBT, True)


def test_a_finished_video_is_written_with_its_result(book, journal):
    submit(book)
    asyncio.run(book.finished({"path": "video.mp4"}, "done"))
    run = journal.run("run-1")
    assert (run.state, run.result, run.message) == (RunState.FINISHED, {"path": "video.mp4"}, "done")


# Leases


def test_a_released_run_can_be_taken(book, journal):
    asyncio.run(book.release())
    assert journal.take("run-1")


def test_a_run_is_kept_alive_until_cancelled(book, journal, monkeypatch):
    monkeypatch.setattr(ledger, "BEAT", 0.01)
    beats: list[list[str]] = []
    answers: Iterator[Exception | None] = iter([JournalError("busy", path=journal.path), None, None])

    def beat(runs: list[str]) -> None:
        beats.append(runs)
        if error := next(answers, None):
            raise error

    monkeypatch.setattr(journal, "beat", beat)

    async def live() -> None:
        alive = asyncio.ensure_future(book.keep_alive())
        while len(beats) < 3:  # the first one failed, and did no harm
            await asyncio.sleep(0.005)
        alive.cancel()

    asyncio.run(asyncio.wait_for(live(), 10))
    assert beats[:3] == [["run-1"]] * 3


# A journal that breaks on the way


def test_a_failed_write_warns_and_is_made_later(journal, monkeypatch):
    ask(journal)
    warnings: list[str] = []
    book = RunLedger(journal, "run-1", budgets={}, warn=warnings.append)
    attempt = asyncio.run(book.intend(**INTENT))

    def full(*_: object, **__: object) -> None:
        raise JournalError("The disk is full.", path=journal.path)

    with monkeypatch.context() as patch:
        patch.setattr(journal, "settle", full)
        asyncio.run(book.settle(attempt, AttemptOutcome.ACCEPTED, job_id="job-1"))
        asyncio.run(book.status("job-1", "running"))
    assert all("The disk is full." in warning for warning in warnings)
    assert "Keep the provider's id of the job: job-1." in warnings[0]
    assert journal.run("run-1").attempt.job_id is None
    asyncio.run(book.status("job-1", "succeeded"))
    assert [name for _, name, _ in journal.steps("run-1")] == [
        "requested",
        "intent",
        "accepted",
        "status",
        "status",
    ]


@pytest.mark.parametrize("bad", [object(), 1 << 70])
def test_a_bad_value_blocks_no_later_write(journal, bad):
    ask(journal)
    warnings: list[str] = []
    book = RunLedger(journal, "run-1", budgets={}, warn=warnings.append)
    submit(book)
    asyncio.run(book.failed_at_provider(bad, "boom"))
    asyncio.run(book.finished({"path": "x"}, "Done"))
    assert journal.run("run-1").state is RunState.FINISHED
    (warning,) = warnings
    assert warning.startswith("The journal could not be written.")


def test_an_unwritten_intent_must_not_be_sent(book, journal):
    journal.close()
    with pytest.raises(JournalError, match="cannot be used"):
        asyncio.run(book.intend(**INTENT))


# Secrets


def test_no_key_of_an_address_is_kept():
    assert (
        without_secrets("https://me:sk-secret@gpu-box:8000/v1?key=sk-secret#x") == "https://gpu-box:8000/v1"
    )
    assert without_secrets("") is None


def test_a_hash_is_the_files_sha256(tmp_path: Path):
    file = tmp_path / "file"
    file.write_bytes(b"")
    assert file_sha(file) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
