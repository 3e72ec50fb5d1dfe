"""Runs that were left are resumed from where they stand, and nothing is submitted twice."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.systems import KILL, interrupt
from voxweave_nb import (
    BudgetExceeded,
    ConfigError,
    DownloadFailed,
    JobCanceled,
    JobTimeout,
    JournalError,
    MediaError,
    ProviderUnavailable,
    Settings,
    SubmissionInDoubt,
    VideoGenerationService,
    VoxweaveError,
    runtime,
)
from voxweave_nb.__main__ import main
from voxweave_nb.journal import Journal, Run
from voxweave_nb.media.probe import probe
from voxweave_nb.sandbox import Fault

from .rows import old_journal

SMALL = {"resolution": "720p", "fps": 4, "prompt": "a quiet sea"}
ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow  # each makes a whole video, most of them two


def accepted(job) -> None:
    """Wait until a provider has accepted the job."""

    async def follow() -> None:
        async for event in job.events():
            if job.provider_job_id or event.state.final:
                return

    asyncio.run(follow())
    assert job.provider_job_id


def error_of(job, kind: type[VoxweaveError]) -> VoxweaveError:
    with pytest.raises(kind) as caught:
        job.result(60)
    return caught.value


# From where it stands


def test_a_job_past_its_deadline_is_polled_on(serve, sandbox, narration_file):
    sandbox.next_job("zai", polls=6)
    job = serve().submit(narration_file, config=SMALL, poll_tries=2)
    late = error_of(job, JobTimeout)
    assert serve().history()[0].state == "late"
    again = serve().resume(late.job_id)
    assert again.id == job.id
    video = again.result(60)
    assert probe(video.path).audio is not None
    assert (sandbox.submissions("zai"), serve().history()[0].state) == (1, "finished")


def test_a_failed_download_is_made_later(serve, sandbox, narration_file):
    sandbox.fault("content", Fault.status(403), provider="zai", times=1)
    job = serve().submit(narration_file, config=SMALL)
    error_of(job, DownloadFailed)
    (run,) = serve().resumable()
    assert (run.state, run.attempt.job_id) == ("accepted", job.provider_job_id)
    (again,) = serve().resume()
    again.result(60)
    assert sandbox.submissions("zai") == 1


def left_with_its_clip(serve, narration: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a run whose clip was downloaded and could not be assembled."""

    async def fail(*_: object, **__: object) -> None:
        raise MediaError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr("voxweave_nb.media.assemble.assemble", fail)
        error_of(serve().submit(narration, config=SMALL), MediaError)
    (run,) = serve().resumable()
    return run


def test_a_clip_on_disk_is_not_downloaded_again(serve, sandbox, narration_file, monkeypatch):
    """The clip was paid for, so it is kept until the video is finished."""
    run = left_with_its_clip(serve, narration_file, monkeypatch)
    assert run.state == "downloaded"
    assert run.attempt.clip.is_file()
    asked = len(sandbox.history)
    serve().resume(run.id).result(60)
    assert len(sandbox.history) == asked
    assert not run.attempt.clip.exists()


def test_a_damaged_clip_is_downloaded_again(serve, sandbox, narration_file, monkeypatch):
    run = left_with_its_clip(serve, narration_file, monkeypatch)
    run.attempt.clip.write_bytes(b"half")
    serve().resume(run.id).result(60)
    assert sandbox.jobs[0].fetched == 2


def test_expired_content_says_so(serve, sandbox, narration_file):
    sandbox.next_job("openai_sora", polls=1, expired=True)
    job = serve("openai_sora").submit(narration_file, config=SMALL)
    error = error_of(job, DownloadFailed)
    assert "40" in str(error.status)
    assert "expired" in str(error) or "not found" in str(error).lower()


def test_without_a_list_a_person_settles_doubt(serve, sandbox, narration_file):
    sandbox.fault("create", Fault.reset_after(), provider="zai")
    job = serve().submit(narration_file, config=SMALL)
    error_of(job, SubmissionInDoubt)
    assert serve().history()[0].state == "ambiguous"
    assert serve().resume() == []  # in doubt, and reconciled already
    with pytest.raises(SubmissionInDoubt, match="may have accepted and billed the job"):
        serve().resume(job.id).result(30)
    assert sandbox.submissions("zai") == 1
    assert serve().spend().rows[0].in_doubt == 1


def test_an_unanswered_submission_is_reconciled_after_a_crash(serve, sandbox, narration_file):
    """The state that a process leaves which is killed before the answer arrives."""
    service = serve("openai_sora")
    job = service.submit(narration_file, config=SMALL)
    job.result(60)
    with service.journal.transaction() as db:
        db.execute("UPDATE attempts SET outcome = 'sent', job_id = NULL, clip = NULL")
        db.execute("UPDATE runs SET state = 'requested', result = NULL")
    (again,) = serve("openai_sora").resume()
    video = again.result(60)
    assert video.provenance.job_id == job.provider_job_id
    assert sandbox.submissions("openai_sora") == 1


def test_ended_and_held_runs_are_not_resumed(serve, sandbox, narration_file):
    service = serve()
    with pytest.raises(ConfigError, match="has no run 'nothing'"):
        service.resume("nothing")
    done = service.submit(narration_file, config=SMALL)
    done.result(60)
    with pytest.raises(ConfigError, match=f"Run {done.id} is finished.*there is nothing to resume"):
        service.resume(done.id)
    sandbox.next_job("zai", polls=10**6)
    held = service.submit(narration_file, config=SMALL)
    accepted(held)
    with pytest.raises(ConfigError, match="a living process is working on it"):
        serve().resume(held.id)
    held.cancel()


def test_a_changed_narration_is_a_warning(serve, sandbox, tmp_path, narration_file):
    sandbox.next_job("zai", polls=4)
    talk = tmp_path / "talk.wav"
    talk.write_bytes(narration_file.read_bytes())
    error_of(serve().submit(talk, config=SMALL, poll_tries=1), JobTimeout)
    from tests.conftest import write_narration

    write_narration(talk, seconds=1.0)
    (again,) = serve().resume()
    assert any("has changed since the request" in said for said in again.result(60).warnings)


def test_a_missing_narration_leaves_the_run_unchanged(serve, sandbox, tmp_path, narration_file):
    sandbox.next_job("zai", polls=4)
    talk = tmp_path / "talk.wav"
    talk.write_bytes(narration_file.read_bytes())
    error_of(serve().submit(talk, config=SMALL, poll_tries=1), JobTimeout)
    talk.unlink()
    (again,) = serve().resume()
    error_of(again, VoxweaveError)
    assert serve().resumable()[0].state == "late"


def test_another_address_is_not_asked_for_the_job(serve, sandbox, narration_file, monkeypatch):
    sandbox.next_job("zai", polls=4)
    job = serve().submit(narration_file, config=SMALL, poll_tries=1)
    error_of(job, JobTimeout)
    monkeypatch.setenv("ZAI_BASE_URL", "https://elsewhere.example/v4")
    with pytest.raises(ConfigError, match=r"was submitted to zai at http://127.*is at https://elsewhere"):
        serve().resume(job.id).result(30)
    assert serve().resumable()[0].id == job.id


def test_an_old_releases_run_is_resumed(serve, sandbox, narration_file, tmp_path):
    """Its late run, made to name a job that the sandbox really has."""
    sandbox.next_job("zai", polls=4)
    error_of(serve().submit(narration_file, config=SMALL, poll_tries=1), JobTimeout)
    (here,) = serve().resumable()
    home, run = old_journal(tmp_path / "old"), "20231114-221320-aaaa11"
    with sqlite3.connect(home / "journal.sqlite3") as old:
        old.execute(
            "UPDATE creates SET provider = 'zai', base_url = ?, job_id = ? WHERE run = ?",
            (here.attempt.base_url, here.attempt.job_id, run),
        )
        old.execute(
            "UPDATE runs SET narration = ?, narration_sha = ?, output_dir = ?, config = ? WHERE id = ?",
            (str(here.narration), here.narration_sha, str(here.output_dir), json.dumps(SMALL), run),
        )
    old.close()
    settings = Settings(home=home, output_dir=tmp_path / "out", poll_interval=0.02, http_timeout=2)
    service = VideoGenerationService("zai", settings=settings)
    video = service.resume(run).result(60)
    assert video.path.is_file()
    assert (video.captions.is_file(), sandbox.submissions("zai")) == (True, 1)
    assert service.history()[1].state == "finished"


# Nothing gets lost on the way


def late(serve, sandbox, narration, provider="zai"):
    """Return a job that outlasted its deadline and is still running."""
    sandbox.next_job(provider, polls=10**6)
    job = serve(provider).submit(narration, config=SMALL, poll_tries=1)
    error_of(job, JobTimeout)
    return job


def test_an_unwritten_job_id_is_written_later(serve, sandbox, narration_file, monkeypatch):
    answers = iter([JournalError("The disk is full.", path=Path("journal"))])
    settle = Journal.settle

    def full_once(journal: Journal, *given: object, **more: object) -> None:
        if error := next(answers, None):
            raise error
        settle(journal, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Journal, "settle", full_once)
    job = late(serve, sandbox, narration_file)
    assert any(job.provider_job_id in said for said in job.warnings)
    assert serve().history()[0].attempt.job_id == job.provider_job_id


def test_doubt_stays_while_the_server_is_down(serve, sandbox, narration_file, monkeypatch):
    service = serve("openai_sora")
    job = service.submit(narration_file, config=SMALL)
    job.result(60)
    with service.journal.transaction() as db:
        db.execute("UPDATE attempts SET outcome = 'sent', job_id = NULL, clip = NULL")
        db.execute("UPDATE runs SET state = 'requested', result = NULL")

    async def down(*_: object) -> None:
        raise ProviderUnavailable("It cannot be reached.", provider="openai_sora")

    with monkeypatch.context() as patch:
        patch.setattr("voxweave_nb.providers.openai_sora.OpenAiSora.listing", down)
        error_of(serve("openai_sora").resume(job.id), ProviderUnavailable)
    assert serve().history()[0].state == "ambiguous"
    assert serve("openai_sora").resume(job.id).result(60).provenance.job_id == job.provider_job_id


def test_a_job_cancelled_at_the_provider_has_ended(serve, sandbox, narration_file):
    job = late(serve, sandbox, narration_file, "gemini")
    service = serve("gemini")
    asyncio.run(runtime.wait(runtime.submit(service._pool.get("gemini").cancel(job.provider_job_id))))
    error_of(service.resume(job.id), JobCanceled)
    assert serve().history()[0].state == "canceled"
    assert serve().resumable() == []


def test_an_undecodable_narration_name_is_written_down(serve, sandbox, tmp_path, narration_file):
    talk = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.wav"))
    try:
        talk.write_bytes(narration_file.read_bytes())
    except OSError:
        pytest.skip("this file system takes no such name")
    sandbox.next_job("zai", polls=3)
    error_of(serve().submit(talk, config=SMALL, poll_tries=1), JobTimeout)
    assert serve().history()[0].narration == talk
    (again,) = serve().resume()
    assert again.result(60).path.is_file()


def test_stopping_while_assembling_keeps_the_clip(serve, sandbox, narration_file, monkeypatch):
    begun = threading.Event()

    async def slow(*_: object, **__: object) -> None:
        begun.set()
        await asyncio.sleep(60)

    with monkeypatch.context() as patch:
        patch.setattr("voxweave_nb.media.assemble.assemble", slow)
        job = serve().submit(narration_file, config=SMALL)
        assert begun.wait(30)
        job.detach()
        assert f"resume it with service.resume('{job.id}')" in str(error_of(job, JobCanceled))
    assert serve().resume(job.id).result(60).path.is_file()


def test_a_job_cancelled_while_submitting_is_not_resumed(serve, sandbox, narration_file):
    sandbox.fault("create", Fault.delay(0.5), provider="gemini")
    job = serve("gemini").submit(narration_file, config=SMALL)
    while not (serve().history() and serve().history()[0].attempts):
        threading.Event().wait(0.01)
    job.cancel()
    assert "has stopped job" in str(error_of(job, JobCanceled))
    assert (serve().history()[0].state, serve().resumable()) == ("canceled", [])


def test_cancelling_a_finished_video_delivers_it(serve, sandbox, narration_file, tmp_path, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    end = Journal.end

    def slow(journal: Journal, *given: object, **more: object) -> None:
        begun.set()
        go_on.wait(30)
        end(journal, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Journal, "end", slow)
    job = serve().submit(narration_file, config=SMALL)
    assert begun.wait(30)
    job.cancel()
    go_on.set()
    assert job.result(30).path.is_file()
    assert list((tmp_path / "home" / "clips").iterdir()) == []


# Leases


def test_a_resume_detached_at_once_releases_its_lease(serve, sandbox, narration_file):
    job = late(serve, sandbox, narration_file)
    for _ in range(2):
        again = serve().resume(job.id)
        again.detach()
        error_of(again, JobCanceled)


def test_a_resume_without_output_folder_releases_its_lease(serve, sandbox, narration_file, tmp_path):
    job = late(serve, sandbox, narration_file)
    (tmp_path / "out").rmdir()
    (tmp_path / "out").write_text("no folder")
    for _ in range(2):
        assert "cannot be written to" in str(error_of(serve().resume(job.id), ConfigError))


def test_a_job_is_cancelled_only_at_its_address(serve, sandbox, narration_file, monkeypatch):
    job = late(serve, sandbox, narration_file, "gemini")
    monkeypatch.setenv("GEMINI_BASE_URL", "https://elsewhere.example/v1beta")
    for _ in range(2):
        with pytest.raises(
            ConfigError, match=r"was submitted to gemini at http://127.*is at https://elsewhere"
        ):
            asyncio.run(serve("gemini").cancel(job.id))
    assert serve().resumable()[0].id == job.id


# Detaching and cancelling


@pytest.mark.parametrize("on_interrupt", ["detach", "cancel"])
def test_a_cancelled_await_detaches_or_cancels_by_choice(serve, sandbox, narration_file, on_interrupt):
    sandbox.next_job("gemini", polls=10**6)
    job = serve("gemini").submit(narration_file, config=SMALL, on_interrupt=on_interrupt)
    accepted(job)

    async def give_up() -> None:
        task = asyncio.ensure_future(job._wait())
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(give_up())
    words = "goes on at gemini.*service.resume" if on_interrupt == "detach" else "has stopped job"
    with pytest.raises(JobCanceled, match=words):
        job.result(10)
    assert sandbox.jobs[0].canceled == (on_interrupt == "cancel")
    assert bool(serve("gemini").resumable()) == (on_interrupt == "detach")


def test_a_job_detached_and_cancelled_is_cancelled(serve, sandbox, narration_file):
    sandbox.next_job("gemini", polls=10**6)
    job = serve("gemini").submit(narration_file, config=SMALL)
    accepted(job)
    job.detaching = True
    assert job.cancel()
    with pytest.raises(JobCanceled, match="has stopped job"):
        job.result(10)
    assert sandbox.jobs[0].canceled


def test_a_detached_job_can_be_cancelled(serve, sandbox, narration_file):
    sandbox.next_job("gemini", polls=10**6)
    job = serve("gemini").submit(narration_file, config=SMALL)
    accepted(job)
    job.detach()
    error_of(job, JobCanceled)
    said = asyncio.run(serve("gemini").cancel(job.id))
    assert "has stopped job" in said
    assert (sandbox.jobs[0].canceled, serve().history()[0].state) == (True, "abandoned")
    with pytest.raises(ConfigError, match=r"no run .* that can be canceled"):
        asyncio.run(serve("gemini").cancel(job.id))


# Paying once


def test_an_identical_request_is_reused_on_demand(serve, sandbox, narration_file):
    first = serve().submit(narration_file, config=SMALL).result(60)
    again = serve().submit(narration_file, config=SMALL, reuse=True).result(60)
    assert again == first
    assert sandbox.submissions("zai") == 1
    other = serve().submit(narration_file, config=SMALL, reuse=True, seed=7).result(60)
    assert other.path != first.path
    serve().submit(narration_file, config=SMALL).result(60)
    assert sandbox.submissions("zai") == 3


def test_an_unseen_subtitle_look_changes_no_request(serve, sandbox, narration_file):
    large, words = (
        {"subtitle_look": "large"},
        {"subtitles": "1\n00:00:00,100 --> 00:00:01,000\nunder the waves\n"},
    )
    first = serve().submit(narration_file, config=SMALL, **words).result(60)
    assert serve().submit(narration_file, config=SMALL, reuse=True, **words, **large).result(60) == first
    burn = {"subtitle_mode": "burn", **words}
    serve().submit(narration_file, config=SMALL, **burn).result(60)
    serve().submit(narration_file, config=SMALL, reuse=True, **burn, **large).result(60)
    assert sandbox.submissions("zai") == 3


def test_a_deleted_result_is_made_again(serve, sandbox, narration_file):
    serve().submit(narration_file, config=SMALL).result(60).path.unlink()
    assert serve().submit(narration_file, config=SMALL, reuse=True).result(60).path.is_file()
    assert sandbox.submissions("zai") == 2


def test_an_exceeded_budget_stops_before_sending(serve, sandbox, narration_file):
    job = serve().submit(narration_file, config=SMALL, budget=0.10)
    error_of(job, BudgetExceeded)
    assert sandbox.submissions("zai") == 0
    service = serve(budget_usd_per_day=0.30)
    service.submit(narration_file, config=SMALL).result(60)
    error_of(service.submit(narration_file, config=SMALL), BudgetExceeded)
    assert sandbox.submissions("zai") == 1
    assert service.spend().usd == pytest.approx(0.20)


def test_an_estimate_names_the_price_before(serve, sandbox):
    estimate = serve(["zai", "local"]).estimate(5.0, resolution="720p")
    assert dict(estimate.prices) == {"zai": 0.20, "local": 0.0}
    assert (estimate.low, estimate.high, str(estimate)) == (0.0, 0.20, "$0.00 to $0.20")
    assert str(serve("gateway").estimate(5.0)) == "price not known"
    assert str(serve("local").estimate(5.0)) == "free"


def test_without_a_journal_only_free_providers_work(sandbox, narration_file, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    settings = Settings(home=tmp_path / "file" / "home", output_dir=tmp_path / "out", poll_interval=0.02)
    error_of(
        VideoGenerationService("zai", settings=settings).submit(narration_file, config=SMALL), JournalError
    )
    assert sandbox.submissions("zai") == 0
    video = VideoGenerationService("local", settings=settings).submit(narration_file, config=SMALL).result(60)
    assert any("is not in the journal" in said for said in video.warnings)


def test_no_key_enters_the_journal(serve, sandbox, narration_file, tmp_path):
    echo = {"error": {"code": "1214", "message": f"bad key {sandbox.key('zai')}"}}
    sandbox.fault("create", Fault.status(400, body=echo), provider="zai")
    error_of(serve().submit(narration_file, config=SMALL), VoxweaveError)
    serve().submit(narration_file, config=SMALL).result(60)
    content = b"".join(path.read_bytes() for path in (tmp_path / "home").glob("journal*"))
    assert b"a quiet sea" in content
    assert sandbox.key("zai").encode() not in content


# Processes


@pytest.mark.parametrize(
    "ending", [signal.SIGTERM, signal.SIGINT, KILL], ids=["SIGTERM", "SIGINT", "SIGKILL"]
)
def test_an_ended_process_leaves_its_job_resumable(serve, sandbox, narration_file, tmp_path, ending):
    """A restarted kernel ends in one of these ways."""
    sandbox.next_job("gemini", seconds=1.5)
    script = (
        "import sys, time; from voxweave_nb import *; from pathlib import Path\n"
        f"home, out, talk = {str(tmp_path / 'home')!r}, {str(tmp_path / 'out')!r}, {str(narration_file)!r}\n"
        "settings = Settings(home=Path(home), output_dir=Path(out), poll_interval=0.05)\n"
        "job = VideoGenerationService('gemini', settings=settings).submit(talk, resolution='720p', fps=4)\n"
        "while not job.provider_job_id: time.sleep(0.01)\n"
        # One long sleep would not notice an interrupt that comes just before it.
        "print('taken', flush=True)\nwhile True: time.sleep(0.05)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout.readline().strip() == "taken"
        process.kill() if ending == KILL else interrupt(process, ending)
        process.wait(20)
    assert not sandbox.jobs[0].canceled
    (job,) = serve("gemini").resume()
    assert job.result(60).path.is_file()
    assert sandbox.submissions("gemini") == 1


@pytest.mark.slow
def test_a_process_ending_while_submitting_awaits_the_answer(serve, sandbox, narration_file, tmp_path):
    sandbox.fault("create", Fault.delay(1.0), provider="zai")
    script = (
        "from voxweave_nb import *; from pathlib import Path\n"
        f"settings = Settings(home=Path({str(tmp_path / 'home')!r}), output_dir=Path({str(tmp_path / 'out')!r}))\n"
        "service = VideoGenerationService('zai', settings=settings)\n"
        f"job = service.submit({str(narration_file)!r}, resolution='720p', fps=4)\n"
        "input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        while not sandbox.submissions("zai"):
            assert process.poll() is None
            threading.Event().wait(0.01)
        process.communicate("\n", timeout=60)  # ends it while the answer is on its way
    assert process.returncode == 0
    (job,) = serve().resume()
    assert job.result(60).path.is_file()
    assert sandbox.submissions("zai") == 1


def test_two_services_never_poll_one_job_at_once(serve, sandbox, narration_file):
    for number in range(6):
        sandbox.next_job("zai", polls=4)
        error_of(serve().submit(narration_file, config=SMALL, poll_tries=1, seed=number), JobTimeout)
    found: list[list] = []
    threads = [threading.Thread(target=lambda: found.append(serve().resume())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    jobs = [job for some in found for job in some]
    assert len(jobs) == len({job.id for job in jobs}) == 6
    for job in jobs:
        job.result(60)


# In a terminal


def test_jobs_and_spend_read_well_in_eighty_columns(
    serve, sandbox, narration_file, tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("VOXWEAVE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["jobs"]) == 0
    assert "empty" in capsys.readouterr().out
    video = (
        serve()
        .submit(narration_file, config=SMALL, prompt="rain on neon glass, seen from above " * 3)
        .result(60)
    )
    sandbox.next_job("zai", polls=4)
    late = serve().submit(narration_file, config=SMALL, poll_tries=1)
    error_of(late, JobTimeout)
    assert main(["jobs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert re.search(rf"{late.id} +late +zai +0\.20 +a quiet sea", lines[1])
    assert lines[2].endswith("…")
    assert main(["jobs", "--show", video.provenance.job_id]) == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("finished", "intent", "accepted", "downloaded", str(video.path)))
    assert main(["spend"]) == 0
    assert "0.40" in capsys.readouterr().out
    assert main(["jobs", "--resume"]) == 0
    assert str(tmp_path / "out") in capsys.readouterr().out
    assert main(["jobs", "--resume"]) == 0
    assert "nothing to resume" in capsys.readouterr().out
    assert main(["jobs", "--prune", "0"]) == 0
    assert "Deleted 2 jobs from the journal" in capsys.readouterr().out
    assert main(["jobs", "--show", "nothing"]) == 2


def test_an_empty_journal_is_small(tmp_path):
    journal = Journal(tmp_path / "home")
    assert sum(path.stat().st_size for path in journal.home.iterdir()) < 200_000
    journal.close()


def test_a_single_step_submission_is_journaled_and_budgeted(serve, sandbox, narration_file):
    service = serve(budget_usd=0.30)
    job_id = asyncio.run(service.create_video_job(narration_file, config=SMALL))
    assert service.resumable()[0].attempt.job_id == job_id
    with pytest.raises(BudgetExceeded):
        asyncio.run(service.create_video_job(narration_file, config=SMALL))
    assert sandbox.submissions("zai") == 1
    assert service.resume(job_id).result(60).path.is_file()
