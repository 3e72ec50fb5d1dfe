"""A provider made of providers: who is asked, who is not, and what is remembered. Scripted at the seam."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb import (
    ContentRefused,
    GenerationFailed,
    JobState,
    NoProviderLeft,
    ProviderError,
    ProviderUnavailable,
    RequestRefused,
    SubmissionInDoubt,
    VideoConfig,
)
from voxweave_nb.providers.base import (
    TOLD,
    Accepted,
    Assignment,
    Availability,
    Capabilities,
    Model,
    Provider,
    ProviderStatus,
)
from voxweave_nb.providers.fallback import Fallback

ASSIGNMENT = Assignment(Path("samples"), "", 5.0, (), VideoConfig())


class Scripted(Provider):
    """Answers each create with the next of its answers: an id, or an error."""

    def __init__(
        self, name: str, *answers: Any, ready: bool = True, at_once: int | None = None, lists: str = ""
    ) -> None:
        self.name = name
        self.capabilities = Capabilities((Model("m", at_once=at_once),), cancel=True, lists=bool(lists))
        self.answers = list(answers) or ["1"]
        self.creates = self.uploads = 0
        self.canceled: list[str] = []
        self.at_work = self.most_at_work = 0
        self._ready, self._lists = ready, lists

    def availability(self) -> Availability:
        return Availability(self._ready, "has no key: set SOME_KEY")

    async def upload(self, narration: Path, on_bytes: Callable[[int], None]) -> str:
        self.uploads += 1
        return f"upload-{self.name}"

    async def create(self, assignment: Assignment) -> Accepted:
        self.creates += 1
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            answer = "late"
        if isinstance(answer, Exception):
            self.at_work -= 1
            raise answer
        return Accepted(f"{self.name}-{answer}", self.name, assignment.reference or None)

    async def status(self, job_id: str) -> ProviderStatus:
        self.at_work -= 1
        return ProviderStatus(JobState.SUCCEEDED)

    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        raise NotImplementedError

    async def cancel(self, job_id: str) -> bool:
        self.canceled.append(job_id)
        return True

    async def find(self, assignment: Assignment, since: float) -> str | None:
        return self._lists if self._lists != "nothing" else None


def unavailable(name: str, **more: Any) -> ProviderUnavailable:
    return ProviderUnavailable(f"{name} is out of order.", provider=name, **more)


def ask(*chain: Provider, **how: Any) -> Accepted:
    return asyncio.run(Fallback(chain, **how).create(ASSIGNMENT))


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch):
    monkeypatch.setattr("voxweave_nb.providers.fallback._LOOK_PAUSES", (0.0, 0.01))


# Who is asked


def test_the_first_that_takes_it_makes_it_and_the_others_are_not_asked():
    first, second = Scripted("a"), Scripted("b")
    accepted = ask(first, second)
    assert (accepted.job_id, accepted.declined, second.creates) == ("a-1", {}, 0)


def test_what_is_a_providers_fault_goes_to_the_next_with_the_reason():
    accepted = ask(Scripted("a", unavailable("a", status=503)), Scripted("b", ready=False), Scripted("c"))
    assert accepted.job_id == "c-1"
    assert accepted.declined == {"a": "a is out of order.", "b": "b: has no key: set SOME_KEY"}


@pytest.mark.parametrize(
    "error",
    [
        ContentRefused("no", provider="a"),
        RequestRefused("no", provider="a"),
        SubmissionInDoubt("no", provider="a"),
        ProviderError("no", provider="a"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_refusal_a_bad_request_and_a_lost_answer_go_to_nobody(error):
    second = Scripted("b")
    with pytest.raises(type(error)):
        ask(Scripted("a", error), second)
    assert second.creates == second.uploads == 0


def test_one_that_has_no_such_model_hands_over():
    knows = Scripted("b")
    knows.capabilities = Capabilities((Model("other"),), cancel=True)
    assignment = replace(ASSIGNMENT, config=VideoConfig(model="other"))
    accepted = asyncio.run(Fallback([Scripted("a"), knows]).create(assignment))
    assert accepted.job_id == "b-1"
    assert "has no model 'other'; choose one of: m" in accepted.declined["a"]


def test_one_that_breaks_when_it_is_asked_whether_it_is_ready_hands_over(monkeypatch):
    broken = Scripted("a")
    monkeypatch.setattr(broken, "availability", lambda: 1 / 0)
    accepted = ask(broken, Scripted("b"))
    assert "is broken (ZeroDivisionError" in accepted.declined["a"]


def test_if_all_fail_one_error_holds_all_reasons():
    with pytest.raises(NoProviderLeft) as caught:
        ask(Scripted("a", unavailable("a")), Scripted("b", ready=False))
    assert caught.value.declined == {"a": "a is out of order.", "b": "b: has no key: set SOME_KEY"}
    assert "[a] a is out of order. [b] b: has no key" in str(caught.value)
    assert [type(error) for error in caught.value.__cause__.exceptions] == [ProviderUnavailable] * 2


def test_a_single_ones_error_is_its_own():
    with pytest.raises(ProviderUnavailable, match="a is out of order") as caught:
        ask(Scripted("a", unavailable("a", status=503)))
    assert caught.value.status == 503


def test_one_that_is_gone_is_not_asked_again_by_the_same_service():
    gone: dict[str, str] = {}
    first, second = Scripted("a", unavailable("a", gone=True)), Scripted("b")
    for _ in range(3):
        accepted = ask(first, second, gone=gone)
    assert (first.creates, second.creates) == (1, 3)
    assert "out of order" in accepted.declined["a"]


def test_each_gets_the_narration_when_it_is_its_turn():
    first, second, third = Scripted("a", unavailable("a")), Scripted("b"), Scripted("c")

    async def both() -> Accepted:
        chain = Fallback([first, second, third])
        await chain.upload(Path("talk.mp3"), lambda _: None)
        return await chain.create(ASSIGNMENT)

    assert asyncio.run(both()).model == "upload-b"
    assert [provider.uploads for provider in (first, second, third)] == [1, 1, 0]


# After acceptance


def test_a_job_that_is_known_to_have_failed_is_passed_on():
    async def failing() -> Accepted:
        chain = Fallback([Scripted("a"), Scripted("b")])
        await chain.create(ASSIGNMENT)
        chain.pass_on(GenerationFailed("a ran out of memory.", provider="a", job_id="a-1"))
        return await chain.create(ASSIGNMENT)

    accepted = asyncio.run(failing())
    assert (accepted.job_id, accepted.declined) == ("b-1", {"a": "a ran out of memory."})


def test_a_failure_with_nobody_left_is_raised():
    async def failing(*names: str) -> None:
        chain = Fallback([Scripted(name) for name in names])
        for name in names:
            await chain.create(ASSIGNMENT)
            chain.pass_on(GenerationFailed(f"{name} failed.", provider=name, job_id=f"{name}-1"))

    with pytest.raises(GenerationFailed, match=r"a failed\."):
        asyncio.run(failing("a"))
    with pytest.raises(NoProviderLeft, match=r"\[a\] a failed. \[b\] b failed\."):
        asyncio.run(failing("a", "b"))


# Patience


def test_one_that_is_busy_is_asked_again_when_it_says_so():
    busy = unavailable("a", overloaded=True, status=429, retry_after=0.05)
    first, second, said = Scripted("a", busy, busy, "3"), Scripted("b"), []

    async def told() -> Accepted:
        TOLD.set(said.append)
        return await Fallback([first, second], patience=5).create(ASSIGNMENT)

    assert asyncio.run(told()).job_id == "a-3"
    assert (first.creates, second.creates) == (3, 0)
    assert said == ["a is busy (429) and is asked again in 0 s."] * 2


def test_patience_ends_and_the_next_one_is_asked():
    busy = unavailable("a", overloaded=True, status=429, retry_after=30.0)
    began = time.monotonic()
    assert ask(Scripted("a", busy), Scripted("b"), patience=2).job_id == "b-1"
    assert time.monotonic() - began < 1


def test_no_more_jobs_are_at_work_than_a_model_takes_side_by_side():
    narrow = Scripted("a", *range(6), at_once=2)

    async def one() -> None:
        chain = Fallback([narrow])
        accepted = await chain.create(ASSIGNMENT)
        await asyncio.sleep(0.01)
        await chain.status(accepted.job_id)

    async def many() -> None:
        await asyncio.gather(*(one() for _ in range(6)))

    asyncio.run(many())
    assert (narrow.creates, narrow.most_at_work) == (6, 2)


def test_a_place_is_given_up_when_the_create_fails():
    narrow = Scripted("a", unavailable("a"), "2", at_once=1)

    async def twice() -> str:
        with pytest.raises(ProviderUnavailable):
            await Fallback([narrow]).create(ASSIGNMENT)
        return (await asyncio.wait_for(Fallback([narrow]).create(ASSIGNMENT), 2)).job_id

    assert asyncio.run(twice()) == "a-2"


# Lost answers


@pytest.mark.parametrize(
    "error", [SubmissionInDoubt("lost", provider="a"), unavailable("a", status=500)], ids=["lost", "500"]
)
def test_a_job_that_the_list_shows_is_adopted(error):
    second = Scripted("b")
    accepted = ask(Scripted("a", error, lists="a-7"), second)
    assert (accepted.job_id, second.creates) == ("a-7", 0)
    assert "its list shows that it took the job a-7" in accepted.warnings[0]


def test_a_lost_answer_that_the_list_does_not_show_stays_in_doubt():
    second = Scripted("b")
    with pytest.raises(SubmissionInDoubt):
        ask(Scripted("a", SubmissionInDoubt("lost", provider="a"), lists="nothing"), second)
    assert second.creates == 0


# Stopping


def test_a_stop_that_meets_a_create_on_its_way_waits_for_the_answer_and_stops_the_job():
    slow = Scripted("a", 0.2)

    async def stopped() -> str:
        chain = Fallback([slow])
        task = asyncio.ensure_future(chain.create(ASSIGNMENT))
        while not slow.creates:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return chain.fate

    assert asyncio.run(stopped()) == "a has stopped job a-late; what was done until then may be billed"
    assert slow.canceled == ["a-late"]


def test_a_stop_does_not_wait_for_ever_for_an_answer(monkeypatch):
    monkeypatch.setattr("voxweave_nb.providers.fallback._LAST_WORD", 0.05)
    silent = Scripted("a", 60.0)

    async def stopped() -> str:
        chain = Fallback([silent])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(chain.create(ASSIGNMENT), 0.05)
        return chain.fate

    assert "may have accepted the job, and may bill it" in asyncio.run(stopped())


# All of it

ANSWERS = st.sampled_from(["takes", "unavailable", "gone", "not ready", "refuses", "bad request", "lost"])
ERRORS = {
    "unavailable": lambda name: unavailable(name),
    "gone": lambda name: unavailable(name, gone=True),
    "refuses": lambda name: ContentRefused("no", provider=name),
    "bad request": lambda name: RequestRefused("no", provider=name),
    "lost": lambda name: SubmissionInDoubt("no", provider=name),
}


@given(st.lists(ANSWERS, min_size=1, max_size=6))
def test_whatever_they_answer_nobody_is_asked_twice_and_nobody_after_the_last_word(answers):
    chain = [
        Scripted(
            f"p{place}", ERRORS[answer](f"p{place}") if answer in ERRORS else "1", ready=answer != "not ready"
        )
        for place, answer in enumerate(answers)
    ]
    last = next(
        (
            place
            for place, answer in enumerate(answers)
            if answer in ("takes", "refuses", "bad request", "lost")
        ),
        None,
    )
    outcome = outcome_of(chain)
    if isinstance(outcome, Accepted):
        assert outcome.provider == f"p{last}"
    else:
        assert last is None or (answers[last] != "takes" and outcome.provider == f"p{last}")
    for place, provider in enumerate(chain):
        asked = answers[place] != "not ready" and (last is None or place <= last)
        assert provider.creates == int(asked)


def outcome_of(chain: list[Scripted]) -> Accepted | ProviderError:
    try:
        return ask(*chain)
    except ProviderError as error:
        return error
