"""A lab that makes its videos at the sandbox's paid providers."""

from __future__ import annotations

import pytest

from voxweave_nb import Settings, VideoConfig, VideoGenerationService
from voxweave_nb.lab.prompt_lab import PromptLab

DRAFT = VideoConfig(quality="draft", provider="zai")


@pytest.fixture
def service(sandbox, tmp_path):
    settings = Settings(home=tmp_path / "home", output_dir=tmp_path / "out", poll_interval=0.01)
    with VideoGenerationService(["zai", "openai_sora"], settings=settings) as service:
        yield service


@pytest.fixture
def open_lab(service, narration_file, tmp_path):
    def opened(name="harbour", narration=narration_file, **more) -> PromptLab:
        more = {"base": DRAFT, "service": service, "folder": tmp_path / "labs", "rater": "me", **more}
        return PromptLab(name, narration, **more)

    return opened


@pytest.fixture
def lab(open_lab) -> PromptLab:
    lab = open_lab()
    lab.grid("a {harbour|forest} at {dawn|dusk}", style=["anime"])
    return lab
