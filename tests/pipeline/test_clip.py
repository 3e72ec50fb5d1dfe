"""One clip: planned once, within its model's slots, several side by side."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from voxweave_nb import ConfigError, GenerationFailed, ProviderUnavailable, Settings, VideoConfig
from voxweave_nb.journal import Journal, Requested, RunLedger
from voxweave_nb.pipeline.video import make_clips
from voxweave_nb.providers.pool import ProviderPool
from voxweave_nb.providers.types import Model, Plan

from .scripted import BRIEF, NARRATION, Asked, Scripted, unavailable


class Planning(Scripted):
    """Counts its plans, and prices each of them differently."""

    def __init__(self, name: str, *answers: object) -> None:
        super().__init__(name, *answers)
        self.plans: list[Plan] = []

    def plan(self, config: VideoConfig, duration: float) -> Plan:
        plan = replace(super().plan(config, duration), usd=1.0 + len(self.plans))
        self.plans.append(plan)
        return plan


def ledger_in(tmp_path: Path) -> tuple[Journal, RunLedger]:
    journal = Journal(tmp_path / "home")
    ledger = RunLedger(journal, "run", budgets={})
    asked = Requested(
        narration=NARRATION, narration_sha="", seconds=5.0, subtitles=None, config=VideoConfig(),
        chain=["a"], reuse_key="", output_dir=tmp_path,
    )  # fmt: skip
    asyncio.run(ledger.request(asked))
    return journal, ledger


def test_one_plan_is_shown_budgeted_and_sent(tmp_path):
    provider = Planning("a")
    journal, ledger = ledger_in(tmp_path)
    asked = Asked(provider, ledger=ledger)
    accepted = asyncio.run(asked.submit())
    (plan,) = provider.plans
    assert provider.requests[0].plan is asked.job.plan is plan
    (attempt,) = journal.run("run").attempts
    assert attempt.usd == accepted.usd == plan.usd == 1.0


def test_a_plan_shown_before_is_the_one_sent(tmp_path):
    provider = Planning("a")
    shown = provider.plan(BRIEF.config, BRIEF.duration)
    journal, ledger = ledger_in(tmp_path)
    asked = Asked(provider, brief=replace(BRIEF, plan=shown), ledger=ledger)
    asyncio.run(asked.submit())
    assert provider.plans == [shown]
    assert provider.requests[0].plan is asked.job.plan is shown
    assert journal.run("run").attempts[0].usd == shown.usd


def test_a_cheaper_plan_for_another_length_is_taken():
    provider = Planning("a")
    shown = replace(provider.plan(BRIEF.config, 99.0), usd=9.0)
    asyncio.run(Asked(provider, brief=replace(BRIEF, plan=shown)).submit())
    assert provider.requests[0].plan is provider.plans[1]


def test_a_plan_that_becomes_dearer_is_not_sent():
    provider = Planning("a")
    shown = provider.plan(BRIEF.config, 99.0)
    with pytest.raises(
        ConfigError, match=r"made for 99\.0 s \(\$1\.00\), but the narration has 5\.0 s \(\$2\.00\)"
    ):
        asyncio.run(Asked(provider, brief=replace(BRIEF, plan=shown)).submit())
    assert provider.requests == []


def test_the_next_provider_makes_its_own_plan():
    first, second = Planning("a", unavailable("a")), Planning("b")
    shown = first.plan(BRIEF.config, BRIEF.duration)
    asyncio.run(Asked(first, second, brief=replace(BRIEF, plan=shown)).submit())
    assert first.requests[0].plan is shown
    assert second.requests[0].plan is second.plans[0]


def test_a_retry_sends_the_same_plan():
    limited = unavailable("a", overloaded=True, status=429, retry_after=0.0)
    provider = Planning("a", limited, "2")
    asyncio.run(Asked(provider).submit())
    assert len(provider.plans) == 1
    assert [request.plan for request in provider.requests] == provider.plans * 2


def test_a_model_runs_no_more_jobs_than_allowed(tmp_path):
    narrow = Scripted("a", *range(6), at_once=2)
    pool = ProviderPool(Settings())

    async def one() -> None:
        asked = Asked(narrow, pool=pool)
        accepted = await asked.submit()
        await asyncio.sleep(0.01)
        await narrow.status(accepted.job_id)
        await asked.maker.aclose()

    async def many() -> None:
        await asyncio.gather(*(one() for _ in range(6)))

    asyncio.run(many())
    assert (narrow.submissions, narrow.most_at_work) == (6, 2)


def test_a_slot_is_freed_when_the_submission_fails():
    narrow = Scripted("a", unavailable("a"), "2", at_once=1)
    pool = ProviderPool(Settings())

    async def twice() -> str:
        with pytest.raises(ProviderUnavailable):
            await Asked(narrow, pool=pool).submit()
        return (await asyncio.wait_for(Asked(narrow, pool=pool).submit(), 2)).job_id

    assert asyncio.run(twice()) == "a-2"


class Making(Scripted):
    """Writes a file of a few bytes as its clip; costs nothing, so nobody looks whether it is a video."""

    def __init__(self, name: str, *answers: object) -> None:
        super().__init__(name, *answers)
        self.capabilities = replace(self.capabilities, free=True, poll_interval=0.01)

    async def download(self, job_id, to, on_bytes):
        to.write_text(job_id)


def test_scenes_are_made_and_journaled_side_by_side(tmp_path):
    journal, ledger = ledger_in(tmp_path)
    asked = [
        Asked(
            Making("a", unavailable("a")),
            Making("b", scene),
            brief=replace(BRIEF, scene=scene),
            ledger=ledger,
        )
        for scene in ("1", "2", "3")
    ]

    async def make() -> list[str]:
        clips = await make_clips([each.maker for each in asked], tmp_path)
        return [clip.job.job_id for clip in clips]

    assert asyncio.run(make()) == ["b-1", "b-2", "b-3"]
    attempts = journal.run("run").attempts
    accepted = {(attempt.scene, attempt.job_id) for attempt in attempts if attempt.outcome == "accepted"}
    assert accepted == {("1", "b-1"), ("2", "b-2"), ("3", "b-3")}


def test_one_failed_scene_cancels_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr("voxweave_nb.pipeline.submission._LAST_WORD", 0.05)
    failing, slow = Making("a"), Scripted("b", 30.0)
    failing.status = _fails
    asked = [Asked(failing), Asked(slow)]
    for each in asked:
        each.job.cancel()

    async def make() -> None:
        await asyncio.wait_for(make_clips([each.maker for each in asked], tmp_path), 20)

    with pytest.raises(GenerationFailed):
        asyncio.run(make())


async def _fails(job_id: str) -> object:
    raise GenerationFailed("no", provider="a", job_id=job_id)


def test_a_failed_job_frees_its_slot(tmp_path):
    narrow = Making("a")
    narrow.capabilities = replace(narrow.capabilities, models=(Model("m", at_once=1),))
    narrow.status = _fails
    slow = Making("b", 0.3)
    pool = ProviderPool(Settings())

    async def both() -> str:
        first = asyncio.create_task(Asked(narrow, slow, pool=pool).maker.make(tmp_path))
        while not slow.submissions:
            await asyncio.sleep(0)
        second = await asyncio.wait_for(Asked(narrow, pool=pool).submit(), 0.2)
        assert not first.done()
        assert (await first).job.job_id == "b-late"
        return second.job_id

    assert asyncio.run(both()) == "a-1"
