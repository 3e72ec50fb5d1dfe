"""The steps of a video one by one, each at the provider that it is for."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from voxweave_nb import (
    BudgetExceeded,
    ConfigError,
    GenerationFailed,
    JobTimeout,
    ProviderUnavailable,
    Settings,
    VideoGenerationService,
)
from voxweave_nb.providers.types import Accepted, ClipRequest
from voxweave_nb.sandbox import Sandbox

from .journal.rows import accept, ask

T = TypeVar("T")
SMALL = {"resolution": "720p", "fps": 4, "prompt": "a quiet sea"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", output_dir=tmp_path / "out", poll_interval=0.02, http_timeout=2)


@pytest.fixture
def service(sandbox: Sandbox, settings: Settings) -> VideoGenerationService:
    return VideoGenerationService(["zai", "gemini"], settings=settings)


def run(step: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(step)


def asked(sandbox: Sandbox, step: str) -> set[str]:
    return {request.provider for request in sandbox.history if request.step == step}


def test_an_upload_honours_provider_and_config(service, sandbox, narration_file):
    assert run(service.upload_audio(narration_file)) == ""  # the first of the chain takes none
    for how in ({"provider": "gateway"}, {"config": {"provider": "gateway"}}):
        assert run(service.upload_audio(narration_file, **how)).startswith(sandbox.url)
    assert asked(sandbox, "upload") == {"gateway"}


def test_a_submission_honours_provider_and_config(service, sandbox, narration_file):
    run(service.create_video_job(narration_file, config=SMALL, provider="gemini"))
    run(service.create_video_job(narration_file, config={**SMALL, "provider": "openai_sora"}))
    run(service.create_video_job(narration_file, config=SMALL))
    assert [job.provider for job in sandbox.jobs] == ["gemini", "openai_sora", "zai"]


def test_later_steps_ask_the_journals_provider(service, sandbox, narration_file, tmp_path):
    job_id = run(service.create_video_job(narration_file, config=SMALL, provider="gemini"))
    assert run(service.poll_video_status(job_id)).state == "succeeded"
    clip = run(service.download_video(job_id, tmp_path / "clip.mp4"))
    assert clip.read_bytes()[4:8] == b"ftyp"
    assert asked(sandbox, "poll") == asked(sandbox, "content") == {"gemini"}


def test_a_named_provider_wins_over_the_journals(service, sandbox, narration_file):
    job_id = run(service.create_video_job(narration_file, config=SMALL, provider="gemini"))
    for how in ({"provider": "openai_sora"}, {"config": {"provider": "gateway"}}):
        with pytest.raises(JobTimeout):
            run(service.poll_video_status(job_id, interval=0.01, tries=1, **how))
    assert asked(sandbox, "poll") == {"openai_sora", "gateway"}


def test_an_id_at_two_providers_is_not_guessed(service, sandbox, narration_file):
    job_id = run(service.create_video_job(narration_file, config=SMALL, provider="gemini"))
    mine = service.history()[0].id
    for other in ("openai_sora", "gateway"):
        ask(service.journal, other)
        accept(service.journal, other, job_id, provider=other, base_url=None)
        with pytest.raises(ConfigError, match=rf"several runs: .*{mine}\."):
            run(service.poll_video_status(job_id))
    assert asked(sandbox, "poll") == set()
    for other in ("openai_sora", "gateway"):
        service.journal.end(other, "failed")
    assert run(service.poll_video_status(job_id)).state == "succeeded"


def test_two_runs_at_one_provider_are_asked(service, sandbox, narration_file):
    job_id = run(service.create_video_job(narration_file, config=SMALL, provider="gemini"))
    ask(service.journal, "other")
    accept(service.journal, "other", job_id, provider="gemini", base_url="https://before/v1")
    assert run(service.poll_video_status(job_id)).state == "succeeded"


def test_an_unknown_job_goes_to_the_first(service, sandbox):
    with pytest.raises(JobTimeout, match="and 2 status requests, 2 of which failed"):
        run(service.poll_video_status("nobodys", interval=0.01, tries=2))
    assert asked(sandbox, "poll") == {"zai"}


def test_polling_works_without_a_journal(sandbox, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    settings = Settings(home=tmp_path / "file" / "home", output_dir=tmp_path / "out")
    service = VideoGenerationService("zai", settings=settings)
    with pytest.raises(JobTimeout):
        run(service.poll_video_status("nobodys", interval=0.01, tries=1))


def test_a_reference_is_sent_not_uploaded(service, sandbox, narration_file):
    reference = run(service.upload_audio(narration_file, provider="gateway"))
    run(service.create_video_job(narration_file, audio_reference=reference, config=SMALL, provider="gateway"))
    steps = [request.step for request in sandbox.history]
    assert steps == ["upload", "create"]
    assert sandbox.history[-1].fields["audio_url"] == reference


def test_a_submission_can_be_resumed(service, sandbox, narration_file):
    job_id = run(service.create_video_job(narration_file, config=SMALL))
    (left,) = service.resumable()
    assert (left.attempt.job_id, left.attempt.provider) == (job_id, "zai")
    assert left.id.startswith("voxweave-")


def test_a_submission_under_way_is_kept_alive(service, sandbox, narration_file, monkeypatch):
    beats: list[list[str]] = []
    beaten = threading.Event()

    def beat(runs: list[str]) -> None:
        beats.append(runs)
        beaten.set()

    send = service._pool.get("zai").submit

    async def submit(request: ClipRequest) -> Accepted:
        assert await asyncio.to_thread(beaten.wait, 10)
        return await send(request)

    monkeypatch.setattr("voxweave_nb.journal.ledger.BEAT", 0.01)
    monkeypatch.setattr(service.journal, "beat", beat)
    monkeypatch.setattr(service._pool.get("zai"), "submit", submit)
    run(service.create_video_job(narration_file, config=SMALL))
    assert beats[0] == [service.history()[0].id]


def test_budgets_hold_for_single_submissions(sandbox, settings, narration_file):
    service = VideoGenerationService("zai", settings=replace(settings, budget_usd_per_video=0.1))
    with pytest.raises(BudgetExceeded):
        run(service.create_video_job(narration_file, config=SMALL))
    assert sandbox.submissions("zai") == 0


@pytest.mark.parametrize("fails", [None, "boom"])
def test_a_polled_cost_counts_as_spent(sandbox, settings, narration_file, fails):
    service = VideoGenerationService("openai_sora", settings=settings)
    sandbox.next_job("openai_sora", polls=1, fails=fails, also={"usage": {"cost": 3.0}})
    job_id = run(service.create_video_job(narration_file, config=SMALL))
    with contextlib.suppress(GenerationFailed):
        run(service.poll_video_status(job_id))
    assert service.spend().usd == 3.0
    assert [name for _, name, _ in service.journal.steps(service.history()[0].id)][-1] == "cost"


def test_a_polled_cost_is_its_own_jobs(sandbox, settings, narration_file):
    service = VideoGenerationService("openai_sora", settings=settings)
    sandbox.next_job("openai_sora", polls=1, also={"usage": {"cost": 3.0}})
    job_id = run(service.create_video_job(narration_file, config=SMALL))
    (mine,) = service.history()
    for other, at in (("elsewhere", "https://z/v4"), ("other", mine.attempt.base_url)):
        provider = "openai_sora" if other == "elsewhere" else "zai"
        ask(service.journal, other)
        accept(service.journal, other, job_id, provider=provider, base_url=at)
    run(service.poll_video_status(job_id, provider="openai_sora"))
    assert [each.attempt.usd_actual for each in service.history()] == [None, None, 3.0]


def test_a_declined_submission_is_journaled(service, sandbox, narration_file):
    with pytest.raises(ProviderUnavailable, match="does not offer this model"):
        run(service.create_video_job(narration_file, config=SMALL, model="other"))
    (failed,) = service.history()
    assert (failed.state, service.resumable()) == ("failed", [])


def test_existing_files_are_never_overwritten(service, tmp_path):
    there = tmp_path / "clip.mp4"
    there.write_bytes(b"mine")
    with pytest.raises(FileExistsError, match="Choose a file name that does not exist yet"):
        run(service.download_video("1", there))
    with pytest.raises(FileExistsError, match="Choose a file name that does not exist yet"):
        run(service.embed_subtitles(there, "1\n00:00:00,100 --> 00:00:00,900\nHi\n", to=there))
    assert there.read_bytes() == b"mine"


def test_a_missing_video_is_named(service, tmp_path):
    with pytest.raises(ConfigError, match=r"There is no video .*nowhere\.mp4"):
        run(service.embed_subtitles(tmp_path / "nowhere.mp4", "x", to=tmp_path / "new.mp4"))


def test_captions_on_a_broadcasters_clock_are_embedded(narrated_clip, tmp_path):
    captions = "1\n01:00:00,100 --> 01:00:00,900\nHi\n"
    with VideoGenerationService.local(output_dir=tmp_path) as service:
        said = run(service.embed_subtitles(narrated_clip, captions, to=tmp_path / "new.mp4", mode="sidecar"))
    assert [warning[:45] for warning in said] == ["The subtitles' timeline begins at 1:00:00; al"]
    assert "00:00:00.100 --> 00:00:00.900" in (tmp_path / "new.vtt").read_text(encoding="utf-8")
