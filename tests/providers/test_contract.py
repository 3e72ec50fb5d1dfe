"""What every provider promises, run over the registry."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from voxweave_nb import ConfigError, Cue, JobState, ProviderError, VideoConfig
from voxweave_nb.media.narration import open_narration
from voxweave_nb.media.probe import probe
from voxweave_nb.providers import provider_class, registered
from voxweave_nb.providers.base import Assignment, Availability, Capabilities, Provider

CONFIG = VideoConfig(resolution="720p", fps=10, prompt="a quiet sea")
Step = Callable[[Provider, Assignment], Awaitable[None]]

each = pytest.mark.parametrize("name", registered())
pytestmark = pytest.mark.usefixtures("sandbox")


@pytest.fixture
def assignment(narration_file: Path, tmp_path: Path) -> Assignment:
    work = tmp_path / "work"
    work.mkdir()
    narration = open_narration(narration_file, work=work, max_seconds=60, max_bytes=10_000_000)
    return Assignment(narration.samples, "", narration.duration, (Cue(0.1, 0.9, "Hello"),), CONFIG)


@asynccontextmanager
async def at_work(name: str) -> AsyncIterator[Provider]:
    provider = provider_class(name)()
    try:
        yield provider
    finally:
        await provider.aclose()


def do(name: str, step: Step, assignment: Assignment) -> None:
    async def whole() -> None:
        async with at_work(name) as provider:
            await asyncio.wait_for(step(provider, assignment), 60)

    asyncio.run(whole())


async def finished(provider: Provider, job_id: str) -> list[tuple[JobState, float]]:
    seen = []
    while True:
        status = await provider.status(job_id)
        seen.append((status.state, status.progress or 0.0))
        if status.state.final:
            assert status.state is JobState.SUCCEEDED, status.message
            return seen
        await asyncio.sleep(provider.capabilities.poll_interval or 0.2)


@each
def test_it_is_known_by_its_own_name(name):
    assert provider_class(name).name == name


@each
def test_it_says_what_it_can_do_as_data(name):
    capabilities = provider_class(name).capabilities
    assert isinstance(capabilities, Capabilities)
    assert capabilities.models
    assert capabilities.source
    assert capabilities.poll_interval is None or capabilities.poll_interval > 0
    for model in capabilities.models:
        assert model.narration in {"none", "reference", "drives"}
        assert list(model.lengths) == sorted(model.lengths)
        assert capabilities.free or model.price is None or model.price.usd > 0


@each
def test_it_leaves_no_verb_out_and_documents_itself(name):
    found = provider_class(name)
    assert not inspect.isabstract(found)
    assert inspect.getdoc(found)


@each
def test_its_availability_is_a_sentence_without_a_key(name, monkeypatch):
    for variable in ("OPENAI_API_KEY", "ZAI_API_KEY", "VOXWEAVE_API_KEY", "FAL_KEY", "GEMINI_API_KEY"):
        monkeypatch.setenv(variable, "sk-very-private")
    state = provider_class(name)().availability()
    assert isinstance(state, Availability)
    assert state.reason.strip()
    assert "sk-very-private" not in state.reason + repr(state)


@each
@pytest.mark.slow
def test_it_makes_a_picture_and_tells_how_far_it_is(name, assignment, narration_file, tmp_path):
    async def way(provider: Provider, assignment: Assignment) -> None:
        gone: list[int] = []
        reference = await provider.upload(narration_file, gone.append)
        job_id = (await provider.create(replace(assignment, reference=reference))).job_id
        seen = await finished(provider, job_id)
        assert [progress for _, progress in seen] == sorted(progress for _, progress in seen)
        await provider.download(job_id, tmp_path / "picture.mp4", gone.append)
        assert gone[-1] == (tmp_path / "picture.mp4").stat().st_size

    do(name, way, assignment)
    info = probe(tmp_path / "picture.mp4")
    assert info.video is not None
    if name == "local":
        assert info.video.duration == pytest.approx(assignment.duration, abs=0.2)


def test_a_canceled_render_is_forgotten_and_its_work_is_gone(assignment, monkeypatch, tmp_path):
    name = "local"
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "work"))

    async def way(provider: Provider, assignment: Assignment) -> None:
        before = sorted(path.name for path in (tmp_path / "work").iterdir())
        job_id = (await provider.create(assignment)).job_id
        began = asyncio.get_running_loop().time()
        assert await provider.cancel(job_id)
        assert asyncio.get_running_loop().time() - began < 2
        with pytest.raises(ProviderError) as caught:
            await provider.status(job_id)
        assert (caught.value.provider, caught.value.job_id) == (name, job_id)
        assert sorted(path.name for path in (tmp_path / "work").iterdir()) == before

    do(name, way, assignment)


@each
def test_canceling_a_job_that_it_does_not_know_is_no_error(name, assignment):
    async def way(provider: Provider, _: Assignment) -> None:
        assert await provider.cancel("never-created") in {True, False}

    do(name, way, assignment)


@each
def test_canceling_a_job_says_whether_it_is_certain(name, assignment, narration_file, sandbox):
    async def way(provider: Provider, assignment: Assignment) -> None:
        reference = await provider.upload(narration_file, lambda _: None)
        accepted = await provider.create(replace(assignment, reference=reference))
        stopped = await provider.cancel(accepted.job_id)
        if name != "local" and stopped:
            (job,) = sandbox.jobs
            assert job.canceled or job.state == "deleted"

    do(name, way, assignment)


@each
def test_asking_for_a_job_that_it_does_not_know_is_its_own_error(name, assignment):
    async def way(provider: Provider, _: Assignment) -> None:
        with pytest.raises(ProviderError) as caught:
            await provider.status("never-created")
        assert caught.value.provider == name

    do(name, way, assignment)


@each
def test_it_may_be_closed_twice(name):
    async def way() -> None:
        provider = provider_class(name)()
        await provider.aclose()
        await provider.aclose()

    asyncio.run(way())


def test_a_provider_that_is_not_there_is_answered_with_those_that_are():
    with pytest.raises(ConfigError, match=r"'sora9000' is not installed; choose one of: .*local"):
        provider_class("sora9000")
