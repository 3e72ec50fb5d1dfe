"""The promises of every provider, run over the registry: the contract that plug-ins import, and our own more."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from voxweave_nb import ConfigError, ProviderError
from voxweave_nb.media.probe import probe
from voxweave_nb.providers import provider_class, registered
from voxweave_nb.providers.base import ClipRequest, Provider
from voxweave_nb.testing import ProviderContract

each = pytest.mark.parametrize("name", registered())
pytestmark = pytest.mark.usefixtures("sandbox")


@each
class TestContract(ProviderContract):
    @pytest.fixture
    def provider(self, name: str) -> Provider:
        return provider_class(name)()

    @pytest.fixture
    def narration(self, narration_file: Path) -> Path:
        return narration_file

    @pytest.mark.slow
    def test_a_finished_job_gives_a_video(self, provider, request_for, narration, tmp_path):
        super().test_a_finished_job_gives_a_video(provider, request_for, narration, tmp_path)
        video = probe(tmp_path / "clip.mp4").video
        assert video is not None
        if provider.name == "local":
            assert video.duration == pytest.approx(request_for.duration, abs=0.2)

    def test_it_is_known_by_its_own_name(self, provider, name):
        assert provider.name == name

    def test_a_key_shows_nowhere(self, name, monkeypatch):
        for variable in ("OPENAI_API_KEY", "ZAI_API_KEY", "VOXWEAVE_API_KEY", "FAL_KEY", "GEMINI_API_KEY"):
            monkeypatch.setenv(variable, "sk-very-private")
        state = provider_class(name)().availability()
        assert "sk-very-private" not in state.reason + repr(state)

    def test_a_cancel_that_is_certain_is_true(self, provider, request_for, narration, sandbox):
        async def cancel() -> None:
            accepted = await self.submitted(provider, request_for, narration)
            stopped = await provider.cancel(accepted.job_id)
            if provider.name != "local" and stopped:
                (job,) = sandbox.jobs
                assert job.canceled or job.state == "deleted"

        self.run(provider, cancel)


class TestLocal(ProviderContract):
    @pytest.fixture
    def provider(self) -> Provider:
        return provider_class("local")()

    def test_a_canceled_render_leaves_nothing_behind(
        self, provider: Provider, request_for: ClipRequest, monkeypatch, tmp_path
    ):
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "work"))

        async def cancel() -> None:
            before = sorted(path.name for path in (tmp_path / "work").iterdir())
            job_id = (await provider.submit(request_for)).job_id
            began = asyncio.get_running_loop().time()
            assert await provider.cancel(job_id)
            assert asyncio.get_running_loop().time() - began < 2
            with pytest.raises(ProviderError) as caught:
                await provider.status(job_id)
            assert (caught.value.provider, caught.value.job_id) == ("local", job_id)
            assert sorted(path.name for path in (tmp_path / "work").iterdir()) == before

        self.run(provider, cancel)


def test_an_unknown_provider_lists_the_installed_ones():
    with pytest.raises(ConfigError, match=r"'sora9000' is not installed; choose one of: .*local"):
        provider_class("sora9000")
