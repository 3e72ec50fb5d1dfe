"""Jobs: they advance by time or polls, and follow scripts."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from voxweave_nb.sandbox import Sandbox
from voxweave_nb.sandbox.jobs import Job, Script

from .clients import client_of, poll, submit


def test_a_job_advances_by_polls(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.reset()
    sandbox.next_job("openai_sora", polls=4)
    job = submit(openai)
    assert poll(openai, job, 5) == [
        ("queued", 0),
        ("in_progress", 50),
        ("in_progress", 75),
        ("completed", 100),
        ("completed", 100),
    ]


@pytest.mark.slow
def test_a_job_advances_by_time() -> None:
    with Sandbox(seconds=0.3) as sandbox, client_of(sandbox, "openai_sora") as client:
        before = time.monotonic()
        job = submit(client)
        seen = [("queued", 0)]
        while seen[-1][0] != "completed":
            seen += poll(client, job, 1)
        assert time.monotonic() - before >= 0.3
        assert {status for status, _ in seen} == {"queued", "in_progress", "completed"}
        progress = [figure for _, figure in seen]
        assert progress == sorted(progress)


def test_polls_follow_the_script(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.reset()
    sandbox.next_job("openai_sora", progress=[0, 40, 30, None, ...], statuses=["submitted", "dreaming"])
    assert poll(openai, submit(openai), 6) == [
        ("submitted", 0),
        ("dreaming", 40),
        ("in_progress", 30),
        ("in_progress", None),
        ("in_progress", "missing"),
        ("completed", 100),
    ]


def test_scripts_queue_up_and_are_used_once(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.reset()
    sandbox.next_job("openai_sora", fails="one")
    sandbox.next_job("openai_sora", fails="two")
    jobs = [submit(openai) for _ in range(3)]
    errors = [openai.get(f"/videos/{job}").json()["error"] for job in jobs]
    assert [error and error["message"] for error in errors] == ["one", "two", None]
    assert [job.state for job in sandbox.jobs] == ["failed", "failed", "completed"]


def make_job(**script: Any) -> Job:
    return Job("zai", "1", "model", "prompt", (160, 90), 5.0, Script(**script))


def test_complete_ranges_count_as_one_download() -> None:
    job = make_job(polls=0)
    job.sent(0, 60, 100)
    job.sent(80, 20, 100)  # a gap: it does not count
    assert job.fetched == 0
    job.sent(50, 50, 100)
    assert job.fetched == 1


def test_only_a_running_job_is_canceled() -> None:
    running, over = make_job(polls=2), make_job(polls=0)
    assert (running.cancel(), over.cancel()) == (True, False)
    assert (running.state, over.state) == ("canceled", "completed")
