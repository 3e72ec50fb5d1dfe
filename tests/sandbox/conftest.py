"""One sandbox for all tests of this folder, as good as new for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from voxweave_nb.sandbox import Sandbox


@pytest.fixture(scope="session")
def _started() -> Iterator[Sandbox]:
    with Sandbox(polls=1) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_started: Sandbox) -> Sandbox:
    """Jobs take one poll; videos are 160 pixels wide unless a test says more."""
    _started.reset()
    for provider in ("openai_sora", "zai", "gateway", "fal", "gemini"):
        for _ in range(3):
            _started.next_job(provider, size=(160, 90))
    return _started


@pytest.fixture(scope="session")
def sound(narration_file: Path) -> bytes:
    """Two seconds of audio."""
    return narration_file.read_bytes()


@pytest.fixture
def openai(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """A plain client with the key of `openai_sora`."""
    headers = {"Authorization": f"Bearer {sandbox.key('openai_sora')}"}
    with httpx.Client(base_url=sandbox.base_url("openai_sora"), headers=headers, trust_env=False) as client:
        yield client


@pytest.fixture
def gateway(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """A plain client with the key of `gateway`."""
    headers = {"Authorization": f"Bearer {sandbox.key('gateway')}"}
    with httpx.Client(base_url=sandbox.base_url("gateway"), headers=headers, trust_env=False) as client:
        yield client
