"""The journal's runs for a person: list, resume, cancel, spend, and identical requests."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from voxweave_nb import (
    BudgetExceeded,
    ConfigError,
    GenerationFailed,
    Job,
    JobCanceled,
    JobTimeout,
    Plan,
    Settings,
    SubmissionInDoubt,
    VideoConfig,
    VideoGenerationService,
)
from voxweave_nb.cli import main
from voxweave_nb.journal import AttemptOutcome, Journal, RunState
from voxweave_nb.models import JobState
from voxweave_nb.providers.base import Provider
from voxweave_nb.providers.types import ProviderStatus

from .journal.rows import accept, ask
from .pipeline.scripted import Scripted

RUNNING = ProviderStatus(JobState.RUNNING)


class Slow(Scripted):
    """Runs until a test says how it ends."""

    status_now: ProviderStatus = RUNNING

    async def status(self, job_id: str) -> ProviderStatus:
        return self.status_now


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", output_dir=tmp_path / "out", poll_interval=0.01)


def serve(settings: Settings, *providers: Provider) -> VideoGenerationService:
    return VideoGenerationService(providers, settings=settings)


def late(service: VideoGenerationService, narration: Path) -> Job:
    """Return a job that outlasted its deadline."""
    job = service.submit(narration, poll_tries=1)
    with pytest.raises(JobTimeout):
        job.result(30)
    return job


def in_doubt(settings: Settings, narration: Path) -> VideoGenerationService:
    """Return a service whose only run has lost its answer."""
    service = serve(settings, Scripted("a", SubmissionInDoubt("The answer was lost.", provider="a")))
    with pytest.raises(SubmissionInDoubt):
        service.submit(narration).result(30)
    return service


def test_runs_are_listed_newest_first(settings, narration_file):
    service = serve(settings, Slow("a"))
    jobs = [late(service, narration_file) for _ in range(3)]
    assert [run.id for run in service.history(limit=2)] == [jobs[2].id, jobs[1].id]
    assert [run.id for run in service.resumable()] == [job.id for job in jobs]


def test_an_unknown_run_names_the_journal(settings):
    with pytest.raises(ConfigError, match=r"The journal .*journal\.sqlite3 has no run 'nothing'"):
        serve(settings, Slow("a")).resume("nothing")


def test_a_failed_run_says_its_state(settings, narration_file):
    provider = Slow("a")
    provider.status_now = ProviderStatus(JobState.FAILED, message="out of memory")
    service = serve(settings, provider)
    job = service.submit(narration_file)
    with pytest.raises(GenerationFailed):
        job.result(30)
    with pytest.raises(ConfigError, match=r"cannot be resumed: its state is failed\. .*out of memory"):
        service.resume(job.id)


def test_a_run_at_work_is_not_taken(settings, narration_file):
    service = serve(settings, Slow("a"))
    job = service.submit(narration_file)
    while not job.provider_job_id:
        asyncio.run(asyncio.sleep(0.01))
    with pytest.raises(ConfigError, match="cannot be resumed: a living process is working on it"):
        service.resume(job.id)
    with pytest.raises(ConfigError, match="A living process is working on run"):
        asyncio.run(service.cancel(job.id))
    assert service.resume() == []
    job.cancel()
    with pytest.raises(JobCanceled):
        job.result(10)


def test_an_unseen_process_may_still_work(settings, narration_file, capsys, monkeypatch):
    """On a system that does not tell when a process began, a killed kernel looks like one at work for a while."""
    service = serve(settings, Slow("a"))
    job = late(service, narration_file)

    def beat(seconds_ago: float) -> None:
        values = ("another-machine 77 -", time.time() - seconds_ago, job.id)
        with service.journal.transaction() as db:
            db.execute("UPDATE runs SET owner = ?, beat = ? WHERE id = ?", values)

    beat(seconds_ago=10)
    assert service.resume() == []
    (run,) = service.perhaps_running()
    assert run.id == job.id
    assert 15 < run.lapses_in <= 20
    with pytest.raises(ConfigError, match=r"resumed yet\. .*may still be running.*try again in \d+ s"):
        service.resume(job.id)
    with pytest.raises(ConfigError, match=r"canceled from here yet\. .*try again in \d+ s"):
        asyncio.run(service.cancel(job.id))
    monkeypatch.setenv("VOXWEAVE_HOME", str(settings.home))
    assert main(["jobs", "--resume"]) == 0
    assert "1 job may still be running" in capsys.readouterr().out
    beat(seconds_ago=31)
    assert service.perhaps_running() == []
    assert [run.id for run in service.resumable()] == [job.id]


def test_a_resume_submits_nothing(settings, narration_file):
    provider = Slow("a")
    service = serve(settings, provider)
    job = late(service, narration_file)
    provider.status_now = ProviderStatus(JobState.FAILED, message="out of memory")
    again = service.resume(job.provider_job_id)
    assert again.id == job.id
    with pytest.raises(GenerationFailed, match="out of memory"):
        again.result(30)
    assert provider.submissions == 1
    assert service.resumable() == []


def test_a_resumed_run_can_be_late_again(settings, narration_file):
    service = serve(replace(settings, poll_tries=2), Slow("a"))
    job = late(service, narration_file)
    for _ in range(2):
        (again,) = service.resume()
        with pytest.raises(JobTimeout):
            again.result(30)
    assert [run.id for run in service.resumable()] == [job.id]


def test_a_run_in_doubt_is_resumed_by_name(settings, narration_file):
    service = in_doubt(settings, narration_file)
    (run,) = service.history()
    assert service.resume() == []
    with pytest.raises(SubmissionInDoubt, match="may have accepted and billed the job"):
        service.resume(run.id).result(30)
    assert service.history()[0].state == "ambiguous"


def test_a_crash_in_the_list_keeps_the_doubt(settings, narration_file, monkeypatch):
    service = in_doubt(settings, narration_file)
    (run,) = service.history()
    provider = Scripted("a", lists="a-7")
    monkeypatch.setattr(provider, "find", lambda *_: 1 / 0)
    again = serve(settings, provider).resume(run.id)
    with pytest.raises(SubmissionInDoubt, match="may have accepted and billed the job"):
        again.result(30)
    assert service.history()[0].state == "ambiguous"


def test_an_uninstalled_provider_keeps_the_run(settings, narration_file):
    job = late(serve(settings, Slow("a")), narration_file)
    service = VideoGenerationService("local", settings=settings)
    for _ in range(2):
        with pytest.raises(ConfigError, match="'a' is not installed"):
            service.resume(job.id).result(30)
    assert service.history()[0].state == "late"


def test_another_address_is_refused(settings, narration_file):
    provider = Slow("a")
    provider.base_url = "https://here.example/v1"
    job = late(serve(settings, provider), narration_file)
    moved = Slow("a")
    moved.base_url = "https://there.example/v1"
    service = serve(settings, moved)
    says = "was submitted to a at https://here.example/v1, but a is at https://there.example/v1 now"
    with pytest.raises(ConfigError, match=says):
        service.resume(job.id).result(30)
    with pytest.raises(ConfigError, match=says):
        asyncio.run(service.cancel(job.id))
    assert service.resumable()[0].id == job.id


@pytest.mark.parametrize(
    ("stops", "says"),
    [
        (True, "a has stopped job a-1; the work done until then may be billed"),
        (False, "a was asked to stop job a-1, which may still finish and be billed"),
    ],
)
def test_a_cancelled_run_says_its_fate(settings, narration_file, monkeypatch, stops, says):
    provider = Slow("a")
    service = serve(settings, provider)
    job = late(service, narration_file)

    async def cancel(job_id: str) -> bool:
        return stops

    monkeypatch.setattr(provider, "cancel", cancel)
    assert asyncio.run(service.cancel(job.id)) == says
    assert (service.history()[0].state, service.history()[0].message) == ("abandoned", says)
    with pytest.raises(ConfigError, match=r"The journal has no run .* that can be canceled"):
        asyncio.run(service.cancel(job.id))


def test_a_job_of_two_runs_is_not_stopped(settings, narration_file, monkeypatch):
    """Earlier releases adopted jobs of other runs: a cancel would delete the other one's paid video."""
    provider = Slow("a")
    service = serve(settings, provider)
    job = late(service, narration_file)
    journal = service.journal
    ask(journal, "thief")
    accept(journal, "thief", job.provider_job_id, provider="a", base_url=None)
    journal.release("thief")
    monkeypatch.setattr(provider, "cancel", lambda *_: 1 / 0)
    for run in (job.id, "thief"):
        says = asyncio.run(service.cancel(run))
        assert says == f"Job {job.provider_job_id} at a belongs to another run as well, so it was not stopped"


def test_an_id_of_two_runs_stops_neither(settings, narration_file, monkeypatch):
    provider = Slow("a")
    service = serve(settings, provider)
    job = late(service, narration_file)
    ask(service.journal, "other")
    accept(service.journal, "other", job.provider_job_id, provider="b", base_url="https://b/v1")
    service.journal.release("other")
    with pytest.raises(ConfigError, match=rf"several runs: other, {job.id}\."):
        asyncio.run(service.cancel(job.provider_job_id))
    with pytest.raises(ConfigError, match=rf"several runs: other, {job.id}\."):
        service.resume(job.provider_job_id)
    assert provider.canceled == []


def test_cancelling_a_lost_answer_names_the_risk(settings, narration_file):
    service = in_doubt(settings, narration_file)
    says = asyncio.run(service.cancel(service.history()[0].id))
    assert says == "a never answered: it may have accepted the job, and may bill it"


def test_two_resumes_of_one_run_exclude_each_other(settings, narration_file):
    service = serve(settings, Slow("a"))
    job = late(service, narration_file)
    first = service.resume(job.id)
    with pytest.raises(ConfigError, match="a living process is working on it"):
        service.resume(job.id)
    first.detach()
    with pytest.raises(JobCanceled, match="resume it with"):
        first.result(30)
    service.resume(job.id).detach()


# Finished by another process in between


@pytest.fixture
def overtaken(settings, narration_file, tmp_path, monkeypatch) -> tuple[VideoGenerationService, Job]:
    """A late job that another process finishes after it was listed, just before it is taken."""
    service = serve(settings, Slow("a"))
    job = late(service, narration_file)
    video = (
        VideoGenerationService("local", settings=settings)
        .submit(narration_file, config={"quality": "draft", "fps": 5})
        .result(60)
    )
    take = Journal.take

    def take_late(journal: Journal, run: str) -> object:
        other = Journal(journal.home)
        assert take(other, run)
        other.end(run, RunState.FINISHED, message="done elsewhere", result=video.as_dict())
        other.close()
        return take(journal, run)

    monkeypatch.setattr(Journal, "take", take_late)
    return service, job


def assert_still_finished(service: VideoGenerationService, job: Job) -> None:
    run = service.journal.run(job.id)
    assert (run.state, run.message, run.held) == ("finished", "done elsewhere", False)
    assert service.made_before(job.request.narration, config=job.request.config).id == job.id
    again = service.submit(job.request.narration, config=job.request.config, reuse=True)
    assert again.result(30) == service.result_of(run)
    assert service._pool.get("a").submissions == 1


@pytest.mark.slow
def test_a_run_finished_meanwhile_is_not_resumed(overtaken):
    service, job = overtaken
    with pytest.raises(ConfigError, match="is finished, there is nothing to resume: done elsewhere"):
        service.resume(job.id)
    assert_still_finished(service, job)


@pytest.mark.slow
def test_resuming_all_skips_what_was_finished_meanwhile(overtaken):
    service, job = overtaken
    assert service.resume() == []
    assert_still_finished(service, job)


@pytest.mark.slow
def test_a_run_finished_meanwhile_is_not_cancelled(overtaken, monkeypatch):
    service, job = overtaken
    monkeypatch.setattr(service._pool.get("a"), "cancel", lambda _: pytest.fail("cancelled at the provider"))
    with pytest.raises(ConfigError, match=r"that can be canceled: its state is finished\. done elsewhere"):
        asyncio.run(service.cancel(job.id))
    assert_still_finished(service, job)


def test_a_resume_continues_the_newest_attempt(settings, narration_file, monkeypatch):
    """The answer that was lost is found by another process before this one takes the run."""
    service = in_doubt(settings, narration_file)
    (run,) = service.history()
    take = Journal.take

    def take_late(journal: Journal, name: str) -> object:
        journal.settle(run.attempt.id, AttemptOutcome.ACCEPTED, job_id="a-7")
        return take(journal, name)

    monkeypatch.setattr(Journal, "take", take_late)
    provider = Slow("a")
    provider.status_now = ProviderStatus(JobState.FAILED, message="out of memory")
    with pytest.raises(GenerationFailed, match="a-7 at a failed: out of memory"):
        serve(settings, provider).resume(run.id).result(30)


@pytest.mark.slow
def test_identical_requests_are_found(settings, narration_file, tmp_path):
    service = VideoGenerationService("local", settings=settings)
    config = {"quality": "draft", "fps": 5}
    assert service.made_before(narration_file, config=config) is None
    video = service.submit(narration_file, config=config).result(60)
    run = service.made_before(narration_file, config=config)
    assert run is not None
    assert service.result_of(run) == video
    assert service.made_before(narration_file, config=config, seed=7) is None
    assert service.submit(narration_file, config=config, reuse=True).result(60) == video
    with pytest.raises(ConfigError, match="is finished, there is nothing to resume"):
        service.resume(run.id)
    video.path.unlink()
    assert service.made_before(narration_file, config=config) is None
    assert service.result_of(run) is None


@pytest.mark.slow
@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are text there")
def test_an_undecodable_folder_is_reused(sandbox, tmp_path, narration_file):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/out\xff"))
    settings = Settings(home=tmp_path / "home", output_dir=folder, poll_interval=0.01)
    service = VideoGenerationService("zai", settings=settings)
    small = {"resolution": "720p", "fps": 4, "prompt": "a quiet sea"}
    videos = [service.submit(narration_file, config=small, reuse=True).result(60) for _ in range(2)]
    assert videos[0].path == videos[1].path
    assert len(sandbox.jobs) == 1


def test_spend_counts_what_was_accepted(settings, narration_file):
    service = serve(settings, Slow("a"))
    late(service, narration_file)
    (row,) = service.spend().rows
    assert (row.provider, row.jobs, row.usd, row.unknown) == ("a", 1, 0, 1)


class Paid(Slow):
    """Its clips cost 60 cents."""

    def plan(self, config: VideoConfig, duration: float) -> Plan:
        return replace(super().plan(config, duration), usd=0.6)


def test_a_budget_survives_a_damaged_journal(settings, narration_file):
    """At a cap of 1.00 a second submission of 0.60 is never sent, also when the first one is forgotten."""
    service = serve(replace(settings, budget_usd=1.0), Paid("a"))
    late(service, narration_file)
    journal = service.journal
    journal.close()
    journal.path.write_bytes(b"no database" * 1000)
    service = serve(replace(settings, budget_usd=1.0), Paid("a"))
    job = service.submit(narration_file)
    with pytest.raises(BudgetExceeded, match="start_budget_anew"):
        job.result(30)
    assert any("start_budget_anew" in warning for warning in job.warnings)
    assert "damaged-" in str(service.spend())
    says = service.start_budget_anew()
    assert service.journal.set_aside.name in says
    assert service.start_budget_anew().startswith("Nothing to start anew")
    late(service, narration_file)
    with pytest.raises(BudgetExceeded, match=r"\$0\.60 is spent"):
        service.submit(narration_file).result(30)


def test_a_removed_journal_leaves_no_ghost(settings, narration_file):
    """A job that is submitted after the removal is in the journal that is there, and the old spend is not forgotten."""
    service = serve(replace(settings, budget_usd=1.0), Paid("a"))
    late(service, narration_file)
    shutil.rmtree(settings.home)
    with pytest.raises(BudgetExceeded, match=r"removed before .* is not known"):
        service.submit(narration_file).result(30)
    service.start_budget_anew()
    job = late(service, narration_file)
    other = Journal(settings.home)
    assert other.run(job.id).state == "late"
    other.close()


@pytest.mark.parametrize("usd", [float("nan"), float("inf"), -100.0])
def test_an_impossible_price_hands_over(settings, narration_file, monkeypatch, usd):
    broken, spare = Paid("a"), Slow("b")
    plan = broken.plan
    monkeypatch.setattr(broken, "plan", lambda *asked: replace(plan(*asked), usd=usd))
    service = serve(settings, broken, spare)
    late(service, narration_file)
    assert (broken.submissions, spare.submissions) == (0, 1)
    (run,) = service.history()
    assert [one.provider for one in run.attempts] == ["b"]
