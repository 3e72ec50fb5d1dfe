"""A panel with the local renderer and a journal of its own."""

from __future__ import annotations

import pytest

from voxweave_nb import VideoGenerationService, VideoPanel


@pytest.fixture(autouse=True)
def own_journal(tmp_path, monkeypatch) -> None:
    """Give each test an empty journal, so that it finds no video of another test."""
    monkeypatch.setenv("VOXWEAVE_HOME", str(tmp_path / "home"))


@pytest.fixture
def service(tmp_path) -> VideoGenerationService:
    return VideoGenerationService.local(output_dir=tmp_path / "out")


@pytest.fixture
def panel(service) -> VideoPanel:
    return VideoPanel(service, resolution="720p", fps=4)


@pytest.fixture
def chain(tmp_path, monkeypatch) -> VideoGenerationService:
    """A service that tries zai first and falls back to the local renderer."""
    monkeypatch.setenv("ZAI_API_KEY", "sk-very-private")
    return VideoGenerationService(["zai", "local"], output_dir=tmp_path / "out")
