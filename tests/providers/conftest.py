"""A sandbox for the providers' tests: started once, emptied before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

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
