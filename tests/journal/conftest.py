"""A journal of its own for each test, and services that share one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from voxweave_nb import Settings, VideoGenerationService
from voxweave_nb.journal import Journal
from voxweave_nb.sandbox import Sandbox


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """An empty journal."""
    opened = Journal(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture
def serve(sandbox: Sandbox, tmp_path: Path) -> Callable[..., VideoGenerationService]:
    """Return a function that makes services which share one journal."""

    def make(provider: object = "zai", **more: object) -> VideoGenerationService:
        settings = Settings(
            home=tmp_path / "home", output_dir=tmp_path / "out", poll_interval=0.02, http_timeout=2, **more
        )
        return VideoGenerationService(provider, settings=settings)  # type: ignore[arg-type]

    return make
