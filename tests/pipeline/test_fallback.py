"""Fallback: who is asked, who is not, and the reasons that are kept. Scripted at the seam."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb import (
    BudgetExceeded,
    ContentRefused,
    GenerationFailed,
    NoProviderLeft,
    ProviderError,
    ProviderUnavailable,
    RequestRefused,
    SubmissionInDoubt,
    VideoConfig,
)
from voxweave_nb.journal import RunLedger
from voxweave_nb.pipeline.submission import AcceptedJob
from voxweave_nb.providers.openai_sora import OpenAiSora
from voxweave_nb.providers.pool import LastResort
from voxweave_nb.providers.types import Capabilities, Model
from voxweave_nb.sandbox import Fault, Sandbox

from .scripted import BRIEF, Asked, Scripted, ask, unavailable


def test_the_first_that_accepts_is_the_only_one():
    first, second = Scripted("a"), Scripted("b")
    asked = Asked(first, second)
    accepted = asyncio.run(asked.submit())
    assert (accepted.job_id, asked.candidates.declined, second.submissions) == ("a-1", {}, 0)


def test_a_providers_fault_leads_to_the_next():
    asked = Asked(Scripted("a", unavailable("a", status=403)), Scripted("b", ready=False), Scripted("c"))
    assert asyncio.run(asked.submit()).job_id == "c-1"
    assert asked.candidates.declined == {"a": "a is failing.", "b": "b: has no key: set SOME_KEY"}


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
def test_refusals_and_lost_answers_go_to_nobody(error):
    second = Scripted("b")
    with pytest.raises(type(error)):
        ask(Scripted("a", error), second)
    assert second.submissions == second.uploads == 0


def test_a_provider_without_the_model_hands_over():
    knows = Scripted("b")
    knows.capabilities = Capabilities((Model("other"),), cancel=True)
    asked = Asked(Scripted("a"), knows, brief=replace(BRIEF, config=VideoConfig(model="other")))
    assert asyncio.run(asked.submit()).job_id == "b-1"
    assert "has no model 'other'; choose one of: m" in asked.candidates.declined["a"]


def test_a_provider_with_broken_availability_hands_over(monkeypatch):
    broken = Scripted("a")
    monkeypatch.setattr(broken, "availability", lambda: 1 / 0)
    asked = Asked(broken, Scripted("b"))
    asyncio.run(asked.submit())
    assert "is broken (ZeroDivisionError" in asked.candidates.declined["a"]


def test_one_error_holds_all_reasons():
    with pytest.raises(NoProviderLeft) as caught:
        ask(Scripted("a", unavailable("a")), Scripted("b", ready=False))
    assert caught.value.declined == {"a": "a is failing.", "b": "b: has no key: set SOME_KEY"}
    assert "[a] a is failing. [b] b: has no key" in str(caught.value)
    assert [type(error) for error in caught.value.__cause__.exceptions] == [ProviderUnavailable] * 2


def test_a_single_providers_error_is_its_own():
    with pytest.raises(ProviderUnavailable, match="a is failing") as caught:
        ask(Scripted("a", unavailable("a", status=503, retry_after=1.0)))
    assert caught.value.status == 503


def test_a_provider_that_is_gone_is_not_retried():
    gone: dict[str, str] = {}
    first, second = Scripted("a", unavailable("a", gone=True)), Scripted("b")
    for _ in range(3):
        asked = Asked(first, second, gone=gone)
        asyncio.run(asked.submit())
    assert (first.submissions, second.submissions) == (1, 3)
    assert "is failing" in asked.candidates.declined["a"]


def test_each_gets_the_narration_in_turn():
    first, second, third = Scripted("a", unavailable("a")), Scripted("b"), Scripted("c")
    ask(first, second, third)
    assert second.requests[0].reference == "upload-b"
    assert [provider.uploads for provider in (first, second, third)] == [1, 1, 0]


def test_a_failed_job_is_passed_on():
    async def failing() -> AcceptedJob:
        asked = Asked(Scripted("a"), Scripted("b"))
        accepted = await asked.submit()
        error = GenerationFailed("a ran out of memory.", provider="a", job_id="a-1")
        asked.candidates.job_failed(accepted.provider, error)
        accepted = await asked.submit()
        assert asked.candidates.declined == {"a": "a ran out of memory."}
        return accepted

    assert asyncio.run(failing()).job_id == "b-1"


def test_the_last_failure_is_raised():
    async def failing(*names: str) -> None:
        asked = Asked(*(Scripted(name) for name in names))
        for name in names:
            accepted = await asked.submit()
            error = GenerationFailed(f"{name} failed.", provider=name, job_id=f"{name}-1")
            asked.candidates.job_failed(accepted.provider, error)

    with pytest.raises(GenerationFailed, match=r"a failed\."):
        asyncio.run(failing("a"))
    with pytest.raises(NoProviderLeft, match=r"\[a\] a failed. \[b\] b failed\."):
        asyncio.run(failing("a", "b"))


# The last resort


LOCAL = LastResort("local")
UNUSABLE = {
    "a wrong key": {"status": 401},
    "a locked key": {"status": 403},
    "unpaid": {"status": 402},
    "unpaid by 429": {"status": 429},
    "shut down": {"status": 404, "gone": True},
    "a wrong key by 400": {"status": 400, "unusable": True},
}
USABLE = {
    "an outage": {"status": 503},
    "no connection": {},
    "rate-limited": {"status": 429, "overloaded": True},
    "no such model": {"status": 404},
}


@pytest.mark.parametrize("how", UNUSABLE.values(), ids=UNUSABLE)
def test_the_last_resort_replaces_unusable_providers(how):
    asked = Asked(Scripted("a", unavailable("a", **how)), Scripted("local"), last_resort=LOCAL)
    assert asyncio.run(asked.submit()).provider.name == "local"
    assert asked.job.warnings == (
        "The video is rendered on this machine, because no other provider can be used: a is failing.",
    )


@pytest.mark.parametrize("how", USABLE.values(), ids=USABLE)
def test_the_last_resort_replaces_no_usable_provider(how):
    spare = Scripted("local")
    for chain in ([unavailable("a", **how)], [unavailable("a", **how), unavailable("a", status=401)]):
        providers = [Scripted(f"p{n}", error) for n, error in enumerate(chain)]
        with pytest.raises(ProviderError, match="a is failing"):
            ask(*providers, spare, last_resort=LOCAL, patience=0.0)
    assert spare.submissions == 0


@pytest.mark.parametrize("ready", [True, False])
def test_a_doubt_or_refusal_reaches_no_last_resort(ready):
    for kind in (ContentRefused, RequestRefused, SubmissionInDoubt):
        spare = Scripted("local")
        first = Scripted("a", unavailable("a", status=401), ready=ready)
        with pytest.raises(kind):
            ask(first, Scripted("b", kind("no", provider="b")), spare, last_resort=LOCAL)
        assert spare.submissions == 0


def test_a_spent_budget_reaches_no_last_resort():
    class Spent(RunLedger):
        async def intend(self, **_: object) -> int:
            raise BudgetExceeded("no", usd=1.0, spent=1.0, budget=1.0)

    spare, ledger = Scripted("local"), Spent(None, "run", budgets={})
    with pytest.raises(BudgetExceeded):
        ask(Scripted("a"), spare, last_resort=LOCAL, ledger=ledger)
    assert spare.submissions == 0


def test_a_failed_job_reaches_no_last_resort():
    async def failing() -> None:
        asked = Asked(Scripted("a"), Scripted("local"), last_resort=LOCAL)
        accepted = await asked.submit()
        error = GenerationFailed("a failed.", provider="a", job_id="a-1")
        asked.candidates.job_failed(accepted.provider, error)

    with pytest.raises(GenerationFailed, match=r"a failed\."):
        asyncio.run(failing())


def test_a_skipped_provider_is_explained():
    asked = Asked(Scripted("local"), last_resort=LastResort("local", {"old": "was shut down."}))
    asyncio.run(asked.submit())
    assert asked.job.warnings == (
        "The video is rendered on this machine, because no other provider can be used: old: was shut down.",
    )


def test_without_any_key_one_sentence_is_logged():
    asked = Asked(Scripted("local"), last_resort=LOCAL)
    asyncio.run(asked.submit())
    assert asked.job.warnings == ()
    assert any("on this machine, because no provider has a key" in said for said in asked.said)


ANSWERS = st.sampled_from(["takes", "unavailable", "gone", "not ready", "refuses", "bad request", "lost"])
ERRORS = {
    "unavailable": lambda name: unavailable(name),
    "gone": lambda name: unavailable(name, gone=True),
    "refuses": lambda name: ContentRefused("no", provider=name),
    "bad request": lambda name: RequestRefused("no", provider=name),
    "lost": lambda name: SubmissionInDoubt("no", provider=name),
}


@given(st.lists(ANSWERS, min_size=1, max_size=6))
def test_nobody_is_asked_twice_or_too_late(answers):
    chain = [
        Scripted(
            f"p{place}", ERRORS[answer](f"p{place}") if answer in ERRORS else "1", ready=answer != "not ready"
        )
        for place, answer in enumerate(answers)
    ]
    final = ("takes", "refuses", "bad request", "lost")
    last = next((place for place, answer in enumerate(answers) if answer in final), None)
    outcome = outcome_of(chain)
    if isinstance(outcome, AcceptedJob):
        assert outcome.provider.name == f"p{last}"
    else:
        assert last is None or (answers[last] != "takes" and outcome.provider == f"p{last}")
    for place, provider in enumerate(chain):
        asked = answers[place] != "not ready" and (last is None or place <= last)
        assert provider.submissions == int(asked)


def outcome_of(chain: list[Scripted]) -> AcceptedJob | ProviderError:
    try:
        return ask(*chain)
    except ProviderError as error:
        return error


def test_a_missing_model_is_remembered_for_itself_only():
    gone: dict[str, str] = {}
    first, second = Scripted("a", unavailable("a", status=404, lacks_model=True), "2"), Scripted("b")
    first.capabilities = second.capabilities = Capabilities((Model("m"), Model("typo")), cancel=True)

    def asked(model: str | None) -> Asked:
        made = Asked(first, second, gone=gone, brief=replace(BRIEF, config=VideoConfig(model=model)))
        assert asyncio.run(made.submit())
        return made

    assert "a has no model 'typo': a is failing." in asked("typo").candidates.declined["a"]
    assert "has no model 'typo'" in asked("typo").candidates.declined["a"]
    assert first.submissions == 1
    assert asked("m").candidates.declined == {}
    assert first.submissions == 2


def test_a_typo_leaves_the_server_in_use():
    gone: dict[str, str] = {}
    with Sandbox() as sandbox:
        server = OpenAiSora(sandbox.key("openai_sora"), sandbox.base_url("openai_sora"))
        body = {"error": {"message": "The model does not exist", "code": "model_not_found"}}
        sandbox.fault("create", Fault.status(404, body=body), provider="openai_sora", times=1)

        async def both() -> tuple[str, str, str]:
            typo = replace(BRIEF, config=VideoConfig(model="sora-tow"))
            spare = Scripted("b")
            spare.capabilities = Capabilities((Model("m"), Model("sora-tow")), cancel=True)
            wrong = Asked(server, spare, gone=gone, brief=typo)
            right = Asked(
                server, spare, gone=gone, brief=replace(BRIEF, config=VideoConfig(resolution="720p"))
            )
            names = [(await asked.submit()).provider.name for asked in (wrong, right)]
            await server.aclose()
            return names[0], names[1], wrong.candidates.declined["openai_sora"]

        first, second, reason = asyncio.run(both())
    assert (first, second) == ("b", "openai_sora")
    assert "openai_sora has no model 'sora-tow'" in reason


def test_a_missing_model_reaches_no_last_resort():
    spare, gone = Scripted("local"), {}
    for _ in range(2):  # the second time it is known already
        first = Scripted("a", unavailable("a", status=404, lacks_model=True))
        with pytest.raises(ProviderError, match="a is failing"):
            ask(first, spare, last_resort=LOCAL, gone=gone)
    assert spare.submissions == 0


@pytest.mark.parametrize("kind", [ContentRefused, RequestRefused])
def test_a_later_refusal_recalls_the_doubt(kind):
    first = Scripted("a", SubmissionInDoubt("a may have taken it.", provider="a"))
    second = Scripted("b", kind("b refused it.", provider="b", status=400))
    with pytest.raises(kind, match=r"b refused it\. Before that: a may have taken it\."):
        ask(first, second, on_doubt="next")
