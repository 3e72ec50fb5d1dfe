"""Failpoints: each one lies on a job's way, and is reached in the order of the list."""

from __future__ import annotations

import asyncio

from voxweave_nb.journal import AttemptOutcome, RunLedger, failpoints

from .rows import ask


def test_a_run_reaches_them_in_order(journal, tmp_path, monkeypatch):
    reached: list[str] = []
    monkeypatch.setattr(failpoints, "listeners", [reached.append])
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"clip")

    async def whole_run(book: RunLedger) -> None:
        attempt = await book.intend(provider="zai", model="m", base_url=None, request_id="r", usd=0.2)
        await book.settle(attempt, AttemptOutcome.ACCEPTED, job_id="job-1")
        await book.status("job-1", "running")
        failpoints.reach("before the download")  # the pipeline's own
        await book.downloaded("job-1", clip)
        await book.finished({}, "done")

    ask(journal)
    asyncio.run(whole_run(RunLedger(journal, "run-1", budgets={})))
    ends = {"after the result", "after the end"}  # the outer one is reached last
    assert [name for name in reached if name not in ends] == [
        name for name in failpoints.NAMES if name not in ends
    ]
    assert set(reached) == set(failpoints.NAMES)


def test_without_listeners_nothing_happens():
    assert failpoints.listeners == []
    failpoints.reach("after the end")
