"""Records: what a run's state and its attempts say about it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from voxweave_nb.journal import Attempt, AttemptOutcome, Run, RunState, Spend
from voxweave_nb.journal.records import SpendRow

from .rows import CONFIG

ATTEMPT = Attempt(
    id=1, at=0.0, provider="zai", model="m", base_url=None, request_id="r-1", usd=0.2, usd_actual=None,
    outcome=AttemptOutcome.ACCEPTED, job_id="job-1", clip=None, clip_sha=None, message="",
)  # fmt: skip
REFUSED = replace(ATTEMPT, provider="fal", usd=1.5, outcome=AttemptOutcome.REFUSED, job_id=None)
RUN = Run(
    id="run-1", created=0.0, updated=0.0, state=RunState.ACCEPTED, narration=Path("talk.mp3"), narration_sha="",
    seconds=2.0, subtitles=None, config=CONFIG, chain=("fal", "zai"), output_dir=Path("out"), result={}, message="",
    held=False,
)  # fmt: skip


def test_stored_states_are_those_of_old_journals():
    assert [state.value for state in RunState] == [
        "requested", "accepted", "downloaded", "finished", "failed", "canceled", "ambiguous", "late", "abandoned",
    ]  # fmt: skip
    assert [outcome.value for outcome in AttemptOutcome] == ["sent", "accepted", "refused", "ambiguous"]


def test_a_state_reads_as_its_value():
    assert f"it is {RunState.IN_DOUBT}" == "it is ambiguous"
    assert RunState.LATE == "late"


def test_four_states_are_the_end():
    ended = {state.value for state in RunState if state.ended}
    assert ended == {"finished", "failed", "canceled", "abandoned"}


def test_the_last_attempt_not_refused_counts():
    assert RUN.attempt is None
    assert replace(RUN, attempts=(REFUSED,)).attempt is None
    assert replace(RUN, attempts=(ATTEMPT, REFUSED)).attempt is ATTEMPT


def test_the_provider_is_the_attempts_then_the_chains():
    assert replace(RUN, attempts=(REFUSED,)).provider == "fal"
    assert replace(RUN, attempts=(REFUSED, ATTEMPT)).provider == "zai"


@pytest.mark.parametrize(
    ("attempts", "usd"),
    [
        ((), 0),
        ((REFUSED,), 0),
        ((ATTEMPT, REFUSED, ATTEMPT), 0.4),
        ((ATTEMPT, replace(ATTEMPT, usd_actual=0.05)), 0.25),
        ((ATTEMPT, replace(ATTEMPT, usd=None)), None),
        ((replace(ATTEMPT, usd=None, usd_actual=0.3),), 0.3),
    ],
)
def test_its_cost_is_the_reported_or_estimated(attempts, usd):
    cost = replace(RUN, attempts=attempts).usd
    assert cost == (None if usd is None else pytest.approx(usd))


@pytest.mark.parametrize(
    ("run", "resumable"),
    [
        (replace(RUN, attempts=(ATTEMPT,)), True),
        (replace(RUN, attempts=(ATTEMPT,), held=True), False),
        (replace(RUN, attempts=(ATTEMPT,), state=RunState.FINISHED), False),
        (RUN, False),
        (replace(RUN, attempts=(REFUSED,)), False),
    ],
)
def test_a_run_is_resumable_unless_ended_or_held(run, resumable):
    assert run.resumable is resumable


def test_no_spend_says_so():
    assert str(Spend([])) == "Nothing was spent: the journal holds no paid submission."
    assert Spend([]).usd == 0


def test_spend_prints_as_a_table():
    spend = Spend([SpendRow("2026-01-02", "zai", 2, 0.4, 1, 1), SpendRow("2026-01-01", "fal", 1, 1.5, 0, 0)])
    assert repr(spend).splitlines() == [
        "day         provider        jobs        USD",
        "2026-01-02  zai                2       0.40  1 in doubt, 1 of unknown price",
        "2026-01-01  fal                1       1.50",
        "            all                3       1.90",
    ]
