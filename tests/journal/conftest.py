"""A sandbox, and services that share a journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from voxweave_nb import Settings, VideoGenerationService
from voxweave_nb.sandbox import Sandbox


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    """One server for all tests; its jobs take two polls."""
    with Sandbox(polls=2) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The server as new, and its keys and addresses in the environment."""
    running_sandbox.reset()
    for name, value in running_sandbox.env.items():
        monkeypatch.setenv(name, value)
    return running_sandbox


@pytest.fixture
def serve(sandbox: Sandbox, tmp_path: Path) -> Callable[..., VideoGenerationService]:
    """Makes services that write into one journal."""

    def made(provider: object = "zai", **more: object) -> VideoGenerationService:
        settings = Settings(
            home=tmp_path / "home", output_dir=tmp_path / "out", poll_interval=0.02, http_timeout=2, **more
        )
        return VideoGenerationService(provider, settings=settings)  # type: ignore[arg-type]

    return made
