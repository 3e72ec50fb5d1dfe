"""Planning faults."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from voxweave_nb.errors import ConfigError
from voxweave_nb.sandbox import Fault, Sandbox


def _statuses(client: httpx.Client, count: int) -> list[int]:
    return [client.get("/videos").status_code for _ in range(count)]


def test_a_fault_has_times_and_a_delay(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("list", Fault.status(500), times=2, after=1)
    assert _statuses(openai, 4) == [200, 500, 500, 200]
    sandbox.fault("list", Fault.status(503), times=None)
    assert _statuses(openai, 3) == [503, 503, 503]


def test_faults_of_one_step_queue_up(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("list", Fault.status(500))
    sandbox.fault("list", Fault.status(502))
    assert _statuses(openai, 3) == [500, 502, 200]


def test_other_providers_and_steps_are_not_affected(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("list", Fault.status(500), provider="zai")
    sandbox.fault("create", Fault.status(500))
    assert _statuses(openai, 1) == [200]


def test_unknown_steps_and_providers_are_refused(sandbox: Sandbox) -> None:
    wrong: Any = "download"
    with pytest.raises(ConfigError, match="upload, create, poll, result, content, list, cancel"):
        sandbox.fault(wrong, Fault.gone())
    with pytest.raises(ConfigError, match="openai_sora, zai, gateway, fal, gemini"):
        sandbox.fault("create", Fault.gone(), provider="sora")
