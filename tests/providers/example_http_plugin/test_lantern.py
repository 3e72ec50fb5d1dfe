"""The provider's tests, as a plug-in's author writes them: the contract from the wheel, and its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lantern_server import LanternServer
from voxweave_lantern import Lantern

from voxweave_nb import ContentRefused, GeneratedVideo, VideoGenerationService
from voxweave_nb.testing import ProviderContract, small_clip, small_narration


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=2)


@pytest.fixture
def server(clip: Path) -> Iterator[LanternServer]:
    with LanternServer(clip) as server:
        yield server


class TestLantern(ProviderContract):
    @pytest.fixture
    def provider(self, server: LanternServer) -> Lantern:
        return Lantern(api_key="lantern-key-of-the-tests", base_url=server.url)


class TestLanternWithoutAServer(ProviderContract):
    finishes = False

    @pytest.fixture
    def provider(self) -> Lantern:
        return Lantern(api_key="lantern-key-of-the-tests", base_url="http://127.0.0.1:9/v1")


def make(server: LanternServer, folder: Path, prompt: str) -> GeneratedVideo:
    provider = Lantern(api_key="lantern-key-of-the-tests", base_url=server.url)
    service = VideoGenerationService(provider, output_dir=folder)
    narration = small_narration(folder / "narration.wav")
    return service.submit(narration, prompt=prompt, resolution="720p", fps=4, poll_interval=0.05).result(60)


def test_the_plan_is_sent(server: LanternServer, tmp_path: Path) -> None:
    video = make(server, tmp_path, "a harbour")
    (job,) = server.jobs.values()
    assert job["prompt"].startswith("a harbour")
    assert (job["model"], job["seconds"], job["narration"]) == ("wick-1", 2.0, "n1")
    assert server.keys == {"Bearer lantern-key-of-the-tests"}
    assert (video.provenance.provider, video.width) == ("lantern", 1280)


def test_a_forbidden_prompt_is_refused(server: LanternServer, tmp_path: Path) -> None:
    with pytest.raises(ContentRefused, match="forbidden"):
        make(server, tmp_path, "a forbidden harbour")
    assert not server.jobs


def test_it_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LANTERN_API_KEY", raising=False)
    assert "set LANTERN_API_KEY" in Lantern().availability().reason
