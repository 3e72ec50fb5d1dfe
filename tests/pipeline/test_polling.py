"""The poll loop and the download: hints, limits, failed requests, and files that are no video."""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import re
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.systems import symlink
from voxweave_nb import (
    ContentRefused,
    DownloadFailed,
    GeneratedVideo,
    GenerationFailed,
    JobCanceled,
    JobTimeout,
    ProviderError,
    ProviderUnavailable,
    Settings,
    VideoGenerationService,
    VoxweaveError,
    runtime,
)
from voxweave_nb.media.probe import probe
from voxweave_nb.models import JobState
from voxweave_nb.pipeline.polling import download, poll
from voxweave_nb.providers.base import Accepted, Availability, Capabilities, Model, Provider, ProviderStatus
from voxweave_nb.providers.openai_sora import OpenAiSora
from voxweave_nb.providers.types import Progress
from voxweave_nb.sandbox import Fault, Sandbox

from ..media.files import cut_off, write_clip
from ..providers.canned import serving

SMALL = {"resolution": "720p", "fps": 4, "prompt": "a quiet sea"}
RUNNING, DONE = ProviderStatus(JobState.RUNNING, 0.4), ProviderStatus(JobState.SUCCEEDED, 1.0)


def settings(tmp_path: Path, **more: object) -> Settings:
    return Settings(output_dir=tmp_path / "out", poll_interval=0.02, http_timeout=2, **more)


def make(service: VideoGenerationService, narration: Path, **changes: object) -> GeneratedVideo:
    return service.submit(narration, config=SMALL, **changes).result(60)


# At the sandbox


def test_the_deadline_names_billing_and_resuming(sandbox, narration_file, tmp_path):
    sandbox.next_job("zai", polls=10**6)
    service = VideoGenerationService("zai", settings=settings(tmp_path))
    job = service.submit(narration_file, config=SMALL, poll_tries=4, poll_interval=0.01)
    with pytest.raises(
        JobTimeout, match=r"and 4 status requests.*may be billed.*`voxweave-nb jobs --resume (\S+)`"
    ) as caught:
        job.result(30)
    assert caught.value.job_id == sandbox.jobs[0].id
    assert f"jobs --resume {job.id}` finishes the video without another submission" in str(caught.value)
    assert f"service.resume({job.id!r})" in str(caught.value)
    assert "download_video" not in str(caught.value)


@pytest.mark.slow
def test_a_late_job_can_be_downloaded(sandbox, narration_file, tmp_path):
    sandbox.next_job("zai", polls=6)
    first = VideoGenerationService("zai", settings=settings(tmp_path, poll_tries=2))
    with pytest.raises(JobTimeout) as caught:
        make(first, narration_file)

    async def later() -> Path:
        again = VideoGenerationService("zai", settings=settings(tmp_path))
        await again.poll_video_status(caught.value.job_id)
        return await again.download_video(caught.value.job_id, tmp_path / "picture.mp4")

    assert probe(asyncio.run(later())).video is not None
    assert sandbox.accepted("zai") == 1


def test_failed_status_requests_are_passed_over_and_counted(sandbox, narration_file, tmp_path):
    sandbox.next_job("gateway", polls=10**6)
    sandbox.fault("poll", Fault.page(502), provider="gateway", times=2)
    service = VideoGenerationService("gateway", settings=settings(tmp_path, poll_tries=5))
    with pytest.raises(JobTimeout, match="and 5 status requests, 2 of which failed"):
        make(service, narration_file)


def test_progress_never_falls_and_may_be_unknown(sandbox, narration_file, tmp_path):
    sandbox.next_job("openai_sora", progress=[0, 0, 40, 30, ..., 90], fails="enough")
    job = VideoGenerationService("openai_sora", settings=settings(tmp_path)).submit(
        narration_file, config=SMALL
    )
    events = []
    job.listen(events.append)
    with pytest.raises(VoxweaveError, match="enough"):
        job.result(30)
    figures = [event.progress for event in events]
    assert figures == sorted(figures)
    assert pytest.approx(20 + 0.9 * 70) in figures
    assert any(event.indeterminate for event in events)


def test_a_servers_poll_hint_is_honoured(narration_file, tmp_path, monkeypatch):
    with Sandbox(polls=3, poll_after_ms=300) as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        sandbox.next_job("openai_sora", polls=3, fails="enough")
        with pytest.raises(VoxweaveError, match="enough"):
            make(VideoGenerationService("openai_sora", settings=settings(tmp_path)), narration_file)
        polls = [asked.at for asked in sandbox.history if asked.step == "poll"]
    assert all(later - earlier >= 0.29 for earlier, later in itertools.pairwise(polls))


def test_statuses_that_nobody_knows_are_waited_through(sandbox, narration_file, tmp_path):
    sandbox.next_job("openai_sora", statuses=["warming_up", "SUBMITTED", "preparing", "¿"], fails="enough")
    with pytest.raises(VoxweaveError, match="enough"):
        make(VideoGenerationService("openai_sora", settings=settings(tmp_path)), narration_file)


# With a scripted provider


class Scripted(Provider):
    """Answers status requests from a list, the last one for ever."""

    name = "scripted"
    capabilities = Capabilities((Model("scripted"),), cancel=True, poll_interval=0.001)

    def __init__(self, *answers: ProviderStatus) -> None:
        self.answers = list(answers)
        self.canceled: list[str] = []

    def availability(self) -> Availability:
        return Availability(True, "scripted")

    async def upload(self, narration, on_bytes) -> str:
        return "ref"

    async def submit(self, request) -> Accepted:
        return Accepted("job-1", self.name)

    async def status(self, job_id) -> ProviderStatus:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def download(self, job_id, to, on_bytes) -> None:
        raise NotImplementedError

    async def cancel(self, job_id) -> bool:
        self.canceled.append(job_id)
        return True


def test_the_deadline_carries_the_running_job(narration_file, tmp_path):
    provider = Scripted(ProviderStatus(JobState.RUNNING, 0.4))
    service = VideoGenerationService(provider, settings=Settings(output_dir=tmp_path, poll_tries=3))
    with pytest.raises(JobTimeout, match="and 3 status requests") as caught:
        service.submit(narration_file).result(10)
    assert caught.value.job_id == "job-1"
    assert provider.canceled == []


def test_a_failed_job_carries_the_providers_own_words(narration_file, tmp_path):
    provider = Scripted(ProviderStatus(JobState.FAILED, 0.4, "the model ran out of memory"))
    service = VideoGenerationService(provider, output_dir=tmp_path)
    with pytest.raises(Exception, match="ran out of memory"):
        service.submit(narration_file).result(10)


def test_generation_is_mapped_onto_20_to_90(narration_file, tmp_path):
    answers = [ProviderStatus(JobState.RUNNING, share) for share in (0.0, 0.5, 1.0)]
    provider = Scripted(*answers, ProviderStatus(JobState.FAILED, None, "enough"))
    job = VideoGenerationService(provider, output_dir=tmp_path).submit(narration_file)
    figures: list[float] = []
    job.listen(lambda event: figures.append(event.progress) if event.stage == "generate" else None)
    with pytest.raises(Exception, match="enough"):
        job.result(10)
    assert {20.0, 55.0, 90.0} <= set(figures)


# The loop alone


class Clock:
    """Counts the pauses instead of waiting."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pauses: list[float] = []
        # Only this module's own sleep: other threads have loops that sleep, too.
        own = SimpleNamespace(sleep=self.sleep, to_thread=asyncio.to_thread, timeout=asyncio.timeout)
        monkeypatch.setattr("voxweave_nb.pipeline.polling.asyncio", own)

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


class Sequence(Scripted):
    """Raises the errors among its answers; may have limits of its own."""

    def __init__(self, *answers: Any, **can: Any) -> None:
        super().__init__(*answers)
        self.capabilities = Capabilities((Model("m"),), cancel=True, **can)

    async def status(self, job_id) -> ProviderStatus:
        answer = await super().status(job_id)
        if isinstance(answer, Exception):
            raise answer
        return answer


def polled(provider: Provider, **how: Any) -> ProviderStatus:
    limits = how.pop("settings", {"poll_tries": 4})
    return asyncio.run(
        poll(
            provider,
            "job-1",
            Settings(poll_interval=5, **limits),
            how.pop("on", lambda _: None),
            **how,
        )
    )


@pytest.mark.parametrize(
    ("can", "limits", "how", "pause", "requests"),
    [
        ({}, {"poll_tries": 4}, {}, 5, 4),
        ({"poll_interval": 2.0}, {"poll_tries": 4}, {}, 2, 4),
        ({"poll_interval": 2.0, "deadline": 20.0}, {}, {}, 2, 10),
        ({"poll_interval": 2.0, "deadline": 20.0}, {}, {"interval": 10.0}, 10, 2),
        ({"deadline": 20.0}, {}, {"tries": 3}, 5, 3),
        ({"deadline": 20.0}, {"poll_tries": 7}, {}, 5, 7),
        ({"deadline": 20.0}, {"deadline": 50.0}, {}, 5, 10),
        ({"deadline": 20.0}, {"deadline": 50.0, "poll_tries": 7}, {}, 5, 10),
        ({"deadline": 20.0}, {"deadline": 50.0}, {"tries": 3}, 5, 3),
        ({}, {}, {}, 5, 60),
    ],
)
def test_pace_and_limit_have_an_order(monkeypatch, can, limits, how, pause, requests):
    clock = Clock(monkeypatch)
    with pytest.raises(
        JobTimeout,
        match=f"still running after [0-9.]+ (s|min) and {requests} status requests. It was accepted",
    ):
        polled(Sequence(RUNNING, **can), settings=limits, **how)
    assert clock.pauses == [pause] * (requests - 1)


def test_an_endless_deadline_is_no_setting(monkeypatch):
    clock = Clock(monkeypatch)
    answers = [*[RUNNING] * 20, DONE]
    polled(Sequence(*answers, deadline=math.inf), settings={"poll_tries": 2, "deadline": 1.0})
    assert len(clock.pauses) == 20


def test_models_and_servers_have_deadlines(monkeypatch):
    Clock(monkeypatch)
    provider = Sequence(RUNNING, deadline=20.0)
    provider.capabilities = replace(provider.capabilities, models=(Model("slow", deadline=100.0),))
    for model, requests in (("slow", 20), ("other", 4), (None, 4)):
        with pytest.raises(JobTimeout, match=f"and {requests} status requests"):
            polled(provider, settings={}, model=model)
    assert OpenAiSora(base_url="http://gpu-box/v1").deadline("wan2.2") == 3600.0
    assert OpenAiSora("sk-1").deadline("sora-2") == 1800.0


def test_a_long_hint_counts_as_time(monkeypatch):
    clock = Clock(monkeypatch)
    with pytest.raises(JobTimeout, match="after 11 min and 12 status requests"):
        polled(Sequence(ProviderStatus(JobState.RUNNING, poll_after=60.0)), settings={"deadline": 630.0})
    assert clock.pauses == [60.0] * 11  # the hint is kept, also at the end


# Jobs that the server has forgotten


def missing(status: int = 404) -> ProviderError:
    return ProviderError("did not report it", provider="scripted", status=status, body='{"detail": "no"}')


@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_a_forgotten_job_ends_with_these_words(monkeypatch, status):
    clock = Clock(monkeypatch)
    with pytest.raises(ProviderError, match="scripted no longer knows job job-1") as caught:
        polled(Sequence(RUNNING, missing(status)), settings={})
    assert not isinstance(caught.value, GenerationFailed)  # it may be billed: no other provider is asked
    assert (caught.value.job_id, caught.value.status) == ("job-1", status)
    assert "still running" not in str(caught.value)
    assert sum(clock.pauses) <= 60


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_other_failures_are_waited_through(monkeypatch, status):
    Clock(monkeypatch)
    assert polled(Sequence(*[missing(status)] * 50, DONE), settings={}) is DONE


def test_a_few_missing_answers_are_waited_through(monkeypatch):
    Clock(monkeypatch)
    answers = [*[missing()] * 4, RUNNING, *[missing()] * 4, missing(500), *[missing()] * 4, DONE]
    assert polled(Sequence(*answers), settings={}) is DONE
    Clock(monkeypatch)
    quick = [*[missing()] * 20, DONE]
    assert (
        polled(Sequence(*quick), settings={}, interval=0.5) is DONE
    )  # a list may lag behind for some seconds


def test_a_server_that_forgets_is_not_replaced(narration_file, tmp_path, monkeypatch):
    monkeypatch.setattr("voxweave_nb.pipeline.polling._FORGOTTEN_AFTER", 0.05)
    with Sandbox(polls=10**6, self_hosted=True, aborts=False) as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        service = VideoGenerationService(["openai_sora", "zai"], settings=settings(tmp_path))
        job = service.submit(narration_file, config=SMALL)
        while not job.provider_job_id:
            time.sleep(0.02)
        provider = service._pool.get("openai_sora")
        assert runtime.submit(provider.cancel(job.provider_job_id)).result(10) is False
        with pytest.raises(ProviderError, match="no longer knows job"):
            job.result(30)
        assert (sandbox.jobs[0].canceled, sandbox.submissions("zai")) == (False, 0)
        assert service.history()[0].state.resumable


# Answers that drip


@pytest.mark.slow
def test_a_dripping_status_has_a_limit(sandbox, narration_file, tmp_path, monkeypatch):
    monkeypatch.setattr("voxweave_nb.pipeline.polling._LEAST_ANSWER_TIME", 0.3)
    sandbox.next_job("zai", polls=2, fails="enough")
    sandbox.fault("poll", Fault.drip(10), provider="zai")
    service = VideoGenerationService("zai", settings=replace(settings(tmp_path), http_timeout=0.2))
    job = service.submit(narration_file, config=SMALL)
    said: list[str] = []
    job.listen(lambda event: said.append(event.message))
    with pytest.raises(VoxweaveError, match="enough"):
        job.result(5)
    assert any("no whole answer within 0.4 s" in each for each in said)


def test_a_hint_only_lengthens_the_pause(monkeypatch):
    clock = Clock(monkeypatch)
    hints = [ProviderStatus(JobState.RUNNING, poll_after=after) for after in (7.0, 1.0, 9999.0)]
    polled(Sequence(*hints, DONE))
    assert clock.pauses == [7, 5, 60]


def test_failed_requests_are_skipped_and_told(monkeypatch):
    clock, said = Clock(monkeypatch), list[str]()
    limited = ProviderUnavailable("busy", provider="a", overloaded=True, retry_after=30.0)
    assert polled(Sequence(limited, KeyError("boom"), DONE), say=said.append) is DONE
    assert said == [f"A status request failed and is skipped: {what}" for what in ("busy", "'boom'")]
    assert clock.pauses == [30, 5]


def test_an_answer_of_the_wrong_type_is_skipped(monkeypatch):
    clock, said = Clock(monkeypatch), list[str]()
    assert polled(Sequence(None, DONE), say=said.append) is DONE
    assert said == ["A status request failed and is skipped: status returned None, not a ProviderStatus"]
    assert clock.pauses == [5]


def test_a_free_providers_error_is_raised(monkeypatch):
    with pytest.raises(KeyError):
        polled(Sequence(KeyError("boom"), DONE, free=True))


def test_a_listener_may_be_a_coroutine():
    heard: list[ProviderStatus] = []

    async def listen(status: ProviderStatus) -> None:
        heard.append(status)

    polled(Sequence(DONE), on=listen)
    assert heard == [DONE]


@pytest.mark.parametrize(
    ("status", "kind", "says"),
    [
        (ProviderStatus(JobState.FAILED), GenerationFailed, "job-1 at scripted failed: no reason was given"),
        (
            ProviderStatus(JobState.FAILED, None, "no", True),
            ContentRefused,
            "refused the content: no. Change",
        ),
        (ProviderStatus(JobState.CANCELED), JobCanceled, "job-1 was canceled at scripted."),
    ],
)
def test_final_states_have_their_errors(status, kind, says):
    with pytest.raises(kind, match=says):
        polled(Sequence(status))


# The download


class Serving(Sequence):
    """Writes each of its files in turn, the last one for ever."""

    def __init__(self, *files: Any) -> None:
        super().__init__(DONE)
        self.files = list(files)
        self.downloads = 0

    async def download(self, job_id, to, on_bytes) -> None:
        self.downloads += 1
        content = self.files.pop(0) if len(self.files) > 1 else self.files[0]
        if isinstance(content, Exception):
            raise content
        to.write_bytes(content)
        on_bytes(len(content))


@pytest.fixture
def clip(tmp_path: Path) -> bytes:
    """A real video."""
    write_clip(tmp_path / "source.mp4", size="64x64", seconds=0.5)
    return (tmp_path / "source.mp4").read_bytes()


def fetched(provider: Provider, to: Path, **how: Any) -> Path:
    return asyncio.run(download(provider, "job-1", to, **how))


def test_a_page_is_downloaded_again(monkeypatch, clip, tmp_path):
    Clock(monkeypatch)
    provider, said, counted = Serving(b"<html>", clip), list[str](), list[int]()
    to = fetched(provider, tmp_path / "clips" / "a", on_bytes=Progress(counted.append, said.append))
    assert to.read_bytes() == clip
    assert (provider.downloads, counted) == (2, [6, len(clip)])
    assert said == ["The file from scripted is not a video; downloading it again."]


def test_half_a_clip_is_downloaded_again(monkeypatch, tmp_path):
    Clock(monkeypatch)
    source = write_clip(tmp_path / "source.mp4", size="64x64", seconds=3.0)
    half = cut_off(source, tmp_path / "half.mp4").read_bytes()
    whole = (tmp_path / "whole-half.mp4").read_bytes()
    provider, said = Serving(half, whole), list[str]()
    to = fetched(provider, tmp_path / "clips" / "a", on_bytes=Progress(lambda _: None, said.append))
    assert (to.read_bytes(), provider.downloads) == (whole, 2)
    assert re.fullmatch(
        r"The file from scripted is cut off [12]\.\d s before its end; downloading it again.", *said
    )
    never = Serving(half)
    assert fetched(never, tmp_path / "clips" / "b").read_bytes() == half
    assert never.downloads == 3


def test_what_never_is_a_video_fails(monkeypatch, tmp_path):
    Clock(monkeypatch)
    with pytest.raises(
        DownloadFailed, match=r"begins with '<html>'.*`voxweave-nb jobs --resume job-1`"
    ) as caught:
        fetched(provider := Serving(b"<html>"), tmp_path / "clips" / "a")
    assert (caught.value.job_id, provider.downloads) == ("job-1", 3)
    assert list((tmp_path / "clips").iterdir()) == []


LEAKY = "sk-proj-canary/0123456789+x"


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"error": f"bad Bearer {LEAKY}"}).encode(),
        json.dumps({"error": LEAKY}).encode("utf-16"),
        f"{'x' * 46}{LEAKY}".encode(),
        f"{LEAKY[:5]}\0{LEAKY[5:]}".encode(),
        json.dumps({"e": LEAKY}).replace("/", r"\/").encode(),
    ],
    ids=["plain", "UTF-16", "at the cut", "a zero byte", "escaped"],
)
def test_a_key_instead_of_a_video_is_hidden(monkeypatch, tmp_path, body):
    Clock(monkeypatch)

    async def whole(url: str) -> None:
        provider = OpenAiSora(LEAKY, url, settings=settings(tmp_path))
        try:
            await download(provider, "job-1", tmp_path / "clip.mp4")
        finally:
            await provider.aclose()

    with serving(body) as server, pytest.raises(DownloadFailed, match=r"begins with '.*\*\*") as caught:
        asyncio.run(whole(server.url))
    assert LEAKY[:12] not in str(caught.value)
    assert LEAKY[8:] not in str(caught.value).replace("\\", "")


def test_a_crash_that_quotes_the_key_hides_it(tmp_path):
    class Crashing(OpenAiSora):
        async def download(self, job_id, to, on_bytes) -> None:
            raise KeyError(f"Bearer {LEAKY}")

    with pytest.raises(DownloadFailed, match=r"crashed during the download \(KeyError: 'Bearer \*\*\*'"):
        fetched(Crashing(LEAKY, "http://127.0.0.1:1"), tmp_path / "a")


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), DownloadFailed("no", provider="a")]
)
def test_a_failed_download_names_the_job(tmp_path, error):
    with pytest.raises(DownloadFailed, match="Job job-1 was accepted and may be billed") as caught:
        fetched(Serving(error), tmp_path / "clips" / "a")
    assert caught.value.job_id == "job-1"
    assert list((tmp_path / "clips").iterdir()) == []


def test_a_crashing_download_names_the_job(tmp_path):
    with pytest.raises(
        DownloadFailed, match=r"crashed during the download.*Job job-1 was accepted and may be billed"
    ):
        fetched(Serving(KeyError("boom")), tmp_path / "a")


def test_a_download_that_writes_nothing_fails(monkeypatch, tmp_path):
    Clock(monkeypatch)

    class Empty(Serving):
        async def download(self, job_id, to, on_bytes) -> None:
            pass

    with pytest.raises(DownloadFailed, match=r"begins with nothing\. Job job-1 was accepted"):
        fetched(Empty(b""), tmp_path / "a")


def test_a_planted_symlink_is_not_written_through(clip, tmp_path):
    victim, partials = tmp_path / "victim", []

    class Watched(Serving):
        async def download(self, job_id, to, on_bytes) -> None:
            assert not to.exists()  # an encoder of a plug-in may refuse to overwrite
            partials.append(to)
            await super().download(job_id, to, on_bytes)

    fetched(Watched(clip), tmp_path / "a.mp4").unlink()
    symlink(partials[0], victim)
    fetched(Watched(clip), tmp_path / "a.mp4")
    assert partials[0] != partials[1]
    assert not victim.exists()
    assert not partials[0].is_symlink()
    assert not partials[1].exists()
    assert (tmp_path / "a.mp4").read_bytes() == clip


def test_a_clip_takes_the_longest_name(clip, tmp_path):
    to = tmp_path / ("語" * 83 + ".mp4")
    assert fetched(Serving(clip), to).read_bytes() == clip


def test_an_unwritable_folder_names_the_job(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DownloadFailed, match=r"cannot be written to .*Job job-1 was accepted"):
        fetched(Serving(b""), tmp_path / "file" / "a.mp4")


def test_a_dripping_download_has_a_limit(monkeypatch, tmp_path):
    monkeypatch.setattr("voxweave_nb.pipeline.polling._LONGEST_DOWNLOAD", 0.06)

    class Dripping(Serving):
        async def download(self, job_id, to, on_bytes) -> None:
            to.write_bytes(b"f")
            await asyncio.sleep(60)

    with pytest.raises(DownloadFailed, match=r"scripted has not sent the whole clip within 0\.001 min"):
        fetched(Dripping(b""), tmp_path / "clips" / "a")
    assert list((tmp_path / "clips").iterdir()) == []
