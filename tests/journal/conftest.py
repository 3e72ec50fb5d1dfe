"""Services that share a journal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from voxweave_nb import Settings, VideoGenerationService
from voxweave_nb.sandbox import Sandbox


@pytest.fixture
def serve(sandbox: Sandbox, tmp_path: Path) -> Callable[..., VideoGenerationService]:
    """Makes services that write into one journal."""

    def made(provider: object = "zai", **more: object) -> VideoGenerationService:
        settings = Settings(
            home=tmp_path / "home", output_dir=tmp_path / "out", poll_interval=0.02, http_timeout=2, **more
        )
        return VideoGenerationService(provider, settings=settings)  # type: ignore[arg-type]

    return made
