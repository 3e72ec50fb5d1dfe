"""The promises of every provider, as tests that a plug-in can run over its own.

Write this in your test module; the class is collected by pytest as it is:

    from voxweave_nb.testing import ProviderContract

    class TestMine(ProviderContract):
        @pytest.fixture
        def provider(self):
            return Mine(api_key="test", base_url=server_of_your_test)

A provider over HTTP needs a server in the test that answers `submit`, `status`, `download` and `cancel`; where there is
none, set `finishes = False`, and the tests that make a clip are left out.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import wave
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from ..config import VideoConfig
from ..errors import ProviderError, ProviderUnavailable
from ..media.narration import open_narration
from ..media.probe import probe
from ..models import Cue, JobState
from ..providers.base import Provider
from ..providers.types import (
    Accepted,
    Availability,
    Capabilities,
    ClipRequest,
    Plan,
    Progress,
    ProviderStatus,
)

__all__ = ["ProviderContract", "clip_request"]

_TIMEOUT = 60.0
"""Seconds after which a step of a provider under test counts as hanging."""

_RATE = 16_000


def clip_request(
    provider: Provider, narration: Path, work: Path, *, config: VideoConfig | None = None
) -> ClipRequest:
    """Return a request for a small clip, planned by the provider itself.

    Args:
        provider: The provider under test.
        narration: An audio file.
        work: A folder for the decoded samples.
        config: The config; by default a prompt at 720p and 10 frames per second.
    """
    chosen = config or VideoConfig(resolution="720p", fps=10, prompt="a quiet sea")  # type: ignore[arg-type]
    heard = open_narration(narration, work=work, max_seconds=60, max_bytes=10_000_000)
    return ClipRequest(
        plan=provider.plan(chosen, heard.duration),
        config=chosen,
        narration=heard.samples,
        duration=heard.duration,
        cues=(Cue(0.1, 0.9, "Hello"),),
        request_id="contract-test",
    )


class ProviderContract:
    """Tests of one provider; subclass it and override the fixture `provider`.

    Attributes:
        finishes: False if no job can finish in your tests: then only the other promises are tested.
    """

    finishes: ClassVar[bool] = True

    @pytest.fixture
    def provider(self) -> Provider:
        """Return the provider under test, new for each test."""
        raise NotImplementedError("Override the fixture `provider` and return your provider.")

    @pytest.fixture
    def narration(self, tmp_path: Path) -> Path:
        """Return a narration of two seconds, mono, 16 kHz."""
        path = tmp_path / "narration.wav"
        with wave.open(str(path), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(_RATE)
            tone = b"".join(
                (int(9000 * ((n // 40) % 2 * 2 - 1))).to_bytes(2, "little", signed=True)
                for n in range(2 * _RATE)
            )
            out.writeframes(tone)
        return path

    @pytest.fixture
    def request_for(self, provider: Provider, narration: Path, tmp_path: Path) -> ClipRequest:
        """Return a small request, planned by the provider."""
        work = tmp_path / "work"
        work.mkdir()
        return clip_request(provider, narration, work)

    def run(self, provider: Provider, step: Callable[[], Awaitable[None]]) -> None:
        """Run a step of the test on a loop, within a time limit, and close the provider."""

        async def limited() -> None:
            try:
                await asyncio.wait_for(step(), _TIMEOUT)
            finally:
                await provider.aclose()

        asyncio.run(limited())

    async def submitted(self, provider: Provider, request: ClipRequest, narration: Path) -> Accepted:
        """Upload the narration and submit the request."""
        reference = await provider.upload(narration, Progress())
        return await provider.submit(replace(request, reference=reference))

    def test_capabilities_are_data_with_a_source(self, provider: Provider) -> None:
        """Check `capabilities`: models, limits, prices, source."""
        can = provider.capabilities
        assert isinstance(can, Capabilities)
        assert can.models
        assert can.source
        assert can.poll_interval is None or can.poll_interval > 0
        for model in can.models:
            assert model.narration in {"none", "reference", "drives"}
            assert list(model.lengths) == sorted(model.lengths)
            assert can.free or model.price is None or model.price.usd > 0

    def test_every_verb_is_there_and_documented(self, provider: Provider) -> None:
        """Check that the class is complete and has a docstring and a name."""
        assert not inspect.isabstract(type(provider))
        assert inspect.getdoc(type(provider))
        assert provider.name

    def test_availability_is_a_sentence_without_a_key(self, provider: Provider) -> None:
        """Check `availability`: it has a reason, and the reason holds no key."""
        state = provider.availability()
        assert isinstance(state, Availability)
        assert state.reason.strip()
        assert "sk-" not in state.reason + repr(state) + repr(provider)

    def test_a_plan_can_be_sent_as_it_is(self, provider: Provider) -> None:
        """Check `plan`: a model, a size, a length, a price or None, and the provider's own name."""
        plan = provider.plan(VideoConfig(prompt="a quiet sea"), 5.0)
        assert isinstance(plan, Plan)
        assert plan.model.name
        assert all(side > 0 for side in plan.size)
        assert plan.seconds >= 0
        assert plan.usd is None or plan.usd >= 0
        assert plan.provider in ("", provider.name)
        assert all(warning.strip() for warning in plan.warnings)

    def test_an_unknown_model_is_planned_or_declined(self, provider: Provider) -> None:
        """Check `plan` with a model that does not exist: a plan, or `ProviderUnavailable`."""
        with contextlib.suppress(ProviderUnavailable):
            assert provider.plan(VideoConfig(model="no-such-model"), 5.0).model.name

    def test_a_job_finishes_and_its_clip_is_a_video(
        self, provider: Provider, request_for: ClipRequest, narration: Path, tmp_path: Path
    ) -> None:
        """Check the whole way: upload, submit, status until it succeeds, download."""
        if not self.finishes:
            return
        clip, sizes = tmp_path / "clip.mp4", list[int]()

        async def make() -> None:
            accepted = await self.submitted(provider, request_for, narration)
            seen = await self._follow(provider, accepted.job_id)
            progress = [status.progress or 0.0 for status in seen]
            assert progress == sorted(progress)
            await provider.download(accepted.job_id, clip, sizes.append)

        self.run(provider, make)
        assert sizes[-1] == clip.stat().st_size
        assert probe(clip).video is not None

    def test_a_cancelled_job_is_really_stopped(
        self, provider: Provider, request_for: ClipRequest, narration: Path
    ) -> None:
        """Check `cancel`: True means that the job is cancelled or unknown afterwards."""
        if not self.finishes:
            return

        async def cancel() -> None:
            accepted = await self.submitted(provider, request_for, narration)
            if not await provider.cancel(accepted.job_id):
                return
            try:
                status = await provider.status(accepted.job_id)
            except ProviderError:
                return
            assert status.state in (JobState.CANCELED, JobState.FAILED, JobState.SUCCEEDED)

        self.run(provider, cancel)

    def test_cancelling_an_unknown_job_is_no_error(self, provider: Provider) -> None:
        """Check `cancel` with an id that was never given out: a bool, not an exception."""

        async def cancel() -> None:
            assert await provider.cancel("never-submitted") in {True, False}

        self.run(provider, cancel)

    def test_the_status_of_an_unknown_job_is_an_error(self, provider: Provider) -> None:
        """Check `status` with an id that was never given out: `ProviderError` with the provider's name."""

        async def ask() -> None:
            with pytest.raises(ProviderError) as caught:
                await provider.status("never-submitted")
            assert caught.value.provider == provider.name

        self.run(provider, ask)

    def test_it_can_be_closed_twice(self, provider: Provider) -> None:
        """Check `aclose`: calling it again does nothing."""

        async def close() -> None:
            await provider.aclose()

        self.run(provider, close)

    async def _follow(self, provider: Provider, job_id: str) -> list[ProviderStatus]:
        seen: list[ProviderStatus] = []
        while not seen or not seen[-1].state.final:
            seen.append(await provider.status(job_id))
            await asyncio.sleep(provider.capabilities.poll_interval or 0.2)
        assert seen[-1].state is JobState.SUCCEEDED, seen[-1].message
        return seen
