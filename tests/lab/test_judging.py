"""A judge compares pairs in both orders, votes under its own name, and is paid for once."""

from __future__ import annotations

import asyncio
import json
import subprocess

import pytest

from voxweave_nb import ConfigError, JobCanceled
from voxweave_nb.errors import BudgetExceeded, ProviderUnavailable, SubmissionInDoubt
from voxweave_nb.lab.judging import JudgeProgress
from voxweave_nb.lab.prompt_lab import PromptLab
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.sandbox import Fault

pytestmark = pytest.mark.slow

RUBRIC = "Which one is brighter?"
JUDGE = "judge:vision-1"


@pytest.fixture
def made(lab) -> PromptLab:
    """Four videos that grow brighter from the first to the last."""
    lab.run().result(120)
    for level, each in zip((40, 90, 140, 190), lab.variants, strict=True):
        color = f"color=c=0x{level:02x}{level:02x}{level:02x}:s=160x90:d=2"
        command = [find_ffmpeg().path, "-v", "error", "-y", "-f", "lavfi", "-i", color, str(each.video.path)]
        subprocess.run(command, check=True)
    return lab


def judge(lab, **more):
    return lab.judge(None, RUBRIC, model="vision-1", **more)


def asked(sandbox) -> int:
    return sandbox.submissions("chat")


def test_the_brightest_video_wins(made, sandbox):
    progress = judge(made, comparisons=6, at_once=1, usd=0.01, budget=2.0).result(120)
    assert (progress.votes, progress.requests, progress.disagreed, progress.unread) == (6, 12, 0, 0)
    assert progress.usd == pytest.approx(0.12)
    assert str(progress) == "6 of 6 comparisons, $0.12"
    assert progress.fraction == 1
    best = made.variants[3]
    assert made.best(by=JUDGE).id == best.id
    assert {each.rater for each in made.votes} == {JUDGE}
    assert all(each.blind for each in made.votes)
    pairs = {frozenset((each.left, each.right)) for each in made.votes}
    assert len(pairs) == 6
    content = sandbox.history[-1].fields["messages"][1]["content"]
    assert RUBRIC in content[0]["text"]
    assert [part["type"] for part in content] == ["text", "image_url", "text", "image_url"]


def test_its_votes_are_not_mixed_with_peoples(made):
    judge(made, comparisons=3).result(120)
    darkest, brightest = made.variants[0], made.variants[3]
    for _ in range(5):
        made.vote(darkest, brightest, "left")
    ranking = made.ranking()
    assert ranking.raters == {"me": 5}
    assert ranking.others == {JUDGE: 3}
    assert f"not counted: {JUDGE} (3)" in str(ranking)
    html = ranking._repr_html_()
    assert "Votes by me 5." in html
    assert "Not counted: judge:vision-1 3" in html
    assert made.best().id == darkest.id
    assert made.ranking(by=["me", JUDGE]).raters == {"me": 5, JUDGE: 3}
    with pytest.raises(ConfigError, match="belong to models"):
        PromptLab("x", made._opened.narration, folder=made.path.parent, rater="judge:me")


def test_only_judges_have_voted(made):
    judge(made, comparisons=2).result(120)
    assert "No votes yet." in made.ranking()._repr_html_()
    assert "ranking(by=&#x27;judge:vision-1&#x27;)" in made.ranking()._repr_html_()
    with pytest.raises(ConfigError, match="no votes yet"):
        made.best()


def test_what_was_judged_is_not_judged_again(made, open_lab, sandbox):
    judge(made, comparisons=2).result(120)
    assert asked(sandbox) == 4
    assert judge(made, comparisons=2).result(120).votes == 2
    again = open_lab(narration=None)
    assert judge(again, comparisons=99).result(120).votes == 6
    assert judge(again, comparisons=99).result(120).requests == 0
    assert asked(sandbox) == 12


def test_a_half_judged_pair_is_finished_first(made, sandbox):
    sandbox.fault("create", Fault.status(401), provider="chat", times=1, after=1)
    with pytest.raises(ProviderUnavailable, match="rejected the key"):
        judge(made, at_once=1).result(120)
    assert (asked(sandbox), len(made.votes)) == (2, 0)
    assert judge(made, comparisons=1, at_once=1).result(120).requests == 1
    assert len(made.votes) == 1
    assert asked(sandbox) == 3


def test_a_model_that_prefers_a_place_ties(made, sandbox):
    sandbox.next_answers('{"better": "first", "reason": "it is first"}', times=None)
    progress = judge(made, comparisons=4).result(120)
    assert (progress.votes, progress.disagreed) == (4, 4)
    assert {each.choice for each in made.votes} == {"tie"}
    assert "4 tied because the orders disagreed" in str(progress)


def test_an_unreadable_answer_is_no_vote(made, sandbox):
    sandbox.next_answers("Both are lovely.", times=1)
    run = judge(made, comparisons=1, at_once=1)
    progress = run.result(120)
    assert (progress.votes, progress.unread, progress.requests) == (0, 1, 1)
    assert "'Both are lovely.' could not be read" in run.problems[0]
    assert made.votes == ()
    # The same pair is not paid for once more, unless a person wants it.
    assert judge(made, comparisons=6).result(120).votes == 5
    assert judge(made, comparisons=6, anew=True).result(120).votes == 6


def test_a_lost_answer_is_not_asked_again(made, sandbox, service):
    sandbox.fault("create", Fault.status(500, accept=True), provider="chat")
    run = judge(made, comparisons=6, at_once=1, usd=0.1)
    progress = run.result(120)
    assert (progress.votes, progress.unread) == (5, 1)
    assert progress.usd == pytest.approx(1.1)
    assert service.journal.spent("journal") == pytest.approx(0.8 + 1.1)
    assert "may bill it" in run.problems[0]
    before = asked(sandbox)
    assert judge(made, comparisons=6, usd=0.1).result(120).requests == 0
    assert asked(sandbox) == before
    assert judge(made, comparisons=6, usd=0.1, anew=True).result(120).votes == 6


def test_a_server_that_keeps_failing_is_left(made, sandbox):
    sandbox.fault("create", Fault.status(500), provider="chat", times=None)
    with pytest.raises(SubmissionInDoubt):
        judge(made, comparisons=6, at_once=1).result(120)
    assert asked(sandbox) == 3


def test_a_rate_limit_is_waited_for(made, sandbox):
    sandbox.fault("create", Fault.status(429, retry_after=0.1), provider="chat", times=2)
    heard: list[JudgeProgress] = []
    run = judge(made, comparisons=1, at_once=1, usd=0.1)
    stop = run.listen(heard.append)
    assert run.result(120).usd == pytest.approx(0.2)
    stop()
    assert any("rate-limited (HTTP 429); retrying" in each.message for each in heard)
    assert asked(sandbox) == 4


def test_the_labs_budget_holds(made, sandbox):
    with pytest.raises(BudgetExceeded, match=r"0\.85"):
        judge(made, comparisons=6, at_once=1, usd=0.02, budget=0.85).result(120)
    assert asked(sandbox) == 2
    with pytest.raises(BudgetExceeded, match="unknown_prices=True"):
        judge(made, comparisons=6).result(120)
    assert asked(sandbox) == 2
    progress = judge(made, comparisons=2, unknown_prices=True).result(120)
    assert (progress.votes, progress.unknown) == (2, 2)
    assert "2 requests of unknown price" in str(progress)


def test_a_stated_cost_replaces_the_price(made, sandbox, service):
    answer = json.dumps({"better": "tie"})
    sandbox.next_answers(answer, times=None, usd=0.003)
    progress = judge(made, comparisons=2, usd=0.1).result(120)
    assert progress.usd == pytest.approx(0.012)
    assert service.journal.spent("journal") == pytest.approx(0.812)
    rows = {row.provider: row.jobs for row in service.spend().rows}
    assert rows["judge"] == 4


def test_a_cancelled_judge_goes_on_later(made, sandbox):
    run = judge(made, comparisons=6, at_once=1)
    run.listen(lambda progress: run.cancel() if progress.votes == 2 else None)
    with pytest.raises(JobCanceled, match=r"judge\(\) goes on"):
        run.result(120)
    assert run.cancel() is False
    assert len(made.votes) == 2
    assert judge(made, comparisons=6).result(120).votes == 6
    assert asked(sandbox) == 12


def test_another_rubric_needs_another_name(made):
    judge(made, comparisons=1).result(120)
    with pytest.raises(ConfigError, match="name='sharpness'"):
        made.judge(None, "Which is sharper?", model="vision-1")
    made.judge(None, "Which is sharper?", model="vision-1", name="sharpness", comparisons=1).result(120)
    assert {each.rater for each in made.votes} == {JUDGE, "judge:sharpness"}


def test_the_judges_run_disturbs_no_other(made, service):
    judge(made, comparisons=1).result(120)
    run = service.history(1)[0]
    assert (run.state.value, run.message) == ("finished", f"Comparisons by {JUDGE}")
    assert service.result_of(run) is None
    assert service.resumable() == []
    assert made.run().result(60).made == 4
    assert len(made.prune()) == 0


def test_a_judge_can_be_awaited(made):
    async def wait():
        return await judge(made, comparisons=1)

    assert asyncio.run(wait()).votes == 1


def test_the_key_is_shown_nowhere(made, sandbox):
    key = sandbox.key("chat")
    run = made.judge(sandbox.base_url("chat"), RUBRIC, model="vision-1", api_key=key, comparisons=1)
    run.result(120)
    assert key not in repr(run) + repr(run._court)
    for path in made.path.glob("*.json*"):
        assert key not in path.read_text(encoding="utf-8")
    assert not any(each.leaked for each in sandbox.history)
