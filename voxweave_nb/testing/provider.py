"""The contract of a provider as tests that a plug-in runs over its own class.

Write this in your test module; pytest collects the subclass:

    import pytest
    from voxweave_nb.testing import ProviderContract, small_clip

    class TestMine(ProviderContract):
        @pytest.fixture
        def provider(self, server):
            return Mine(api_key="any text", base_url=server.url)

A provider over HTTP needs a server in the test, for instance `http.server` in a thread, that answers its requests and
serves the file that `small_clip` writes. Without such a server set `finishes = False`; the tests that make a clip are
then skipped. No other pytest plug-in is needed.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
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
from ..media.running import run_ffmpeg
from ..models import Cue, JobState
from ..providers.base import Provider
from ..providers.http import Secret
from ..providers.remote import HttpProvider
from ..providers.types import (
    Accepted,
    Availability,
    Capabilities,
    ClipRequest,
    Plan,
    Progress,
    ProviderStatus,
)
from ..runtime import run

__all__ = ["ProviderContract", "clip_request", "small_clip", "small_narration"]

_RATE = 16_000

_LONGEST_POLL = 0.2
"""Longest pause between two status requests in seconds: a test does not wait for a real provider's interval."""

_CANARY = "sk-contract-0123456789"


def small_clip(to: Path, *, seconds: float = 1.0) -> Path:
    """Write an MP4 video of one colour, 320x180 at 10 frames per second, for a test server to serve.

    Args:
        to: The file; its folder is made if needed.
        seconds: The length in seconds.
    """
    to.parent.mkdir(parents=True, exist_ok=True)
    source = ["-f", "lavfi", "-i", f"color=c=0x204060:s=320x180:r=10:d={seconds:g}"]
    output = ["-pix_fmt", "yuv420p", "-movflags", "+faststart", "-f", "mp4", to.name]
    run(run_ffmpeg([*source, *output], cwd=to.parent, timeout=60))
    return to


def small_narration(to: Path, *, seconds: float = 2.0) -> Path:
    """Write a narration: a tone as WAV, mono, 16 kHz.

    Args:
        to: The file; its folder is made if needed.
        seconds: The length in seconds.
    """
    to.parent.mkdir(parents=True, exist_ok=True)
    levels = [(9000 * (n // 40 % 2 * 2 - 1)).to_bytes(2, "little", signed=True) for n in range(80)]
    with wave.open(str(to), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(_RATE)
        out.writeframes(b"".join(levels[n % 80] for n in range(round(seconds * _RATE))))
    return to


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

    The fixtures `narration` and `request_for` may be overridden too.

    Attributes:
        finishes: False if no job can finish in your tests; the tests that need one are then skipped.
        secret: A key that your fixture gives to the provider, to check that it is not shown. Not needed for an
            `HttpProvider`, whose key is known.
        time_limit: Seconds after which a test of a job counts as hanging.
    """

    finishes: ClassVar[bool] = True
    secret: ClassVar[str] = ""
    time_limit: ClassVar[float] = 60.0

    @pytest.fixture
    def provider(self) -> Provider:
        """Return the provider under test, new for each test."""
        raise NotImplementedError("Override the fixture `provider` and return your provider.")

    @pytest.fixture
    def narration(self, tmp_path: Path) -> Path:
        """Return a narration of two seconds, mono, 16 kHz."""
        return small_narration(tmp_path / "narration.wav")

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
                await asyncio.wait_for(step(), self.time_limit)
            finally:
                await provider.aclose()

        run(limited())

    async def submitted(self, provider: Provider, request: ClipRequest, narration: Path) -> Accepted:
        """Upload the narration and submit the request."""
        reference = await provider.upload(narration, Progress())
        assert isinstance(reference, str), f"upload returned {reference!r} instead of a text"
        accepted = await provider.submit(replace(request, reference=reference))
        assert isinstance(accepted, Accepted)
        assert isinstance(accepted.job_id, str)
        assert accepted.job_id
        return accepted

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
            assert can.free or model.price is None or 0 < model.price.usd < math.inf
            assert model.at_once is None or model.at_once >= 1
            assert model.image or not model.needs_image, "needs_image without image"

    def test_every_verb_is_there_and_documented(self, provider: Provider) -> None:
        """Check that the class is a complete `Provider` with a name and a docstring of its own."""
        assert isinstance(provider, Provider)
        assert type(provider).__doc__
        assert provider.name

    def test_availability_is_a_sentence_without_a_key(self, provider: Provider) -> None:
        """Check `availability`: it has a reason, and the reason holds no key."""
        if isinstance(provider, HttpProvider):
            provider._key = Secret(_CANARY)
        state = provider.availability()
        assert isinstance(state, Availability)
        assert state.reason.strip()
        shown = state.reason + repr(state) + repr(provider)
        assert "sk-" not in shown
        assert not self.secret or self.secret not in shown

    def test_a_plan_can_be_sent_as_it_is(self, provider: Provider) -> None:
        """Check `plan`: a model, a size, a length, a price or None, and the provider's own name."""
        plan = provider.plan(VideoConfig(prompt="a quiet sea"), 5.0)
        assert isinstance(plan, Plan)
        assert (
            plan.model.name or plan.model in provider.capabilities.models
        )  # a server's own default has no name
        assert all(side > 0 for side in plan.size)
        assert 0 <= plan.seconds < math.inf
        assert plan.usd is None or 0 <= plan.usd < math.inf
        assert plan.provider in ("", provider.name)
        assert all(warning.strip() for warning in plan.warnings)

    def test_an_unknown_model_is_planned_or_declined(self, provider: Provider) -> None:
        """Check `plan` with a model that does not exist: a plan, or `ProviderUnavailable`."""
        with contextlib.suppress(ProviderUnavailable):
            assert provider.plan(VideoConfig(model="no-such-model"), 5.0).model.name

    def test_a_finished_job_gives_a_video(
        self, provider: Provider, request_for: ClipRequest, narration: Path, tmp_path: Path
    ) -> None:
        """Check the whole way: upload, submit, status until it succeeds, download."""
        self._needs_jobs()
        clip, sizes = tmp_path / "clip.mp4", list[int]()

        async def make() -> None:
            accepted = await self.submitted(provider, request_for, narration)
            seen = await self._follow(provider, accepted.job_id)
            progress = [status.progress for status in seen if status.progress is not None]
            assert all(0 <= share <= 1 for share in progress), "progress is a share of 0 to 1"
            assert progress == sorted(progress), "progress went back"
            await provider.download(accepted.job_id, clip, sizes.append)

        self.run(provider, make)
        assert sizes, "download did not call on_bytes"
        assert sizes[-1] == clip.stat().st_size
        assert probe(clip).video is not None, "the file has no video"

    def test_a_cancelled_job_is_really_stopped(
        self, provider: Provider, request_for: ClipRequest, narration: Path
    ) -> None:
        """Check `cancel`: True means that the job is canceled or unknown afterwards."""
        self._needs_jobs()

        async def cancel() -> None:
            accepted = await self.submitted(provider, request_for, narration)
            if not await provider.cancel(accepted.job_id):
                return
            assert provider.capabilities.cancel, "cancel returned True, but capabilities.cancel is False"
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

    def test_an_unknown_job_has_no_status(self, provider: Provider) -> None:
        """Check `status` with an id that was never given out: `ProviderError` with the provider's name."""

        async def ask() -> None:
            with pytest.raises(ProviderError) as caught:
                await provider.status("never-submitted")
            assert caught.value.provider == provider.name

        self.run(provider, ask)

    def test_an_unsent_submission_is_not_found(self, provider: Provider, request_for: ClipRequest) -> None:
        """Check `find` before anything was sent: None, or `ProviderError` without an answer."""

        async def find() -> None:
            with contextlib.suppress(ProviderError):
                assert await provider.find(request_for, time.time()) is None

        self.run(provider, find)

    def test_it_can_be_closed_twice(self, provider: Provider) -> None:
        """Check `aclose`: calling it again does nothing."""

        async def close() -> None:
            await provider.aclose()

        self.run(provider, close)

    def _needs_jobs(self) -> None:
        if not self.finishes:
            pytest.skip("needs a job that finishes; finishes is False")

    async def _follow(self, provider: Provider, job_id: str) -> list[ProviderStatus]:
        seen: list[ProviderStatus] = []
        while not seen or not seen[-1].state.final:
            seen.append(await provider.status(job_id))
            await asyncio.sleep(min(provider.capabilities.poll_interval or 1.0, _LONGEST_POLL))
        assert seen[-1].state is JobState.SUCCEEDED, seen[-1].message
        return seen
