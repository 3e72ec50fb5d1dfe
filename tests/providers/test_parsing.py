"""Reading what servers say, in all the ways in which they say it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb import JobState
from voxweave_nb.providers import parsing

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("queued pending submitted IN_QUEUE", JobState.QUEUED),
        ("in_progress processing running preparing IN-PROGRESS PROCESSING", JobState.RUNNING),
        ("completed succeeded success done SUCCESS COMPLETED", JobState.SUCCEEDED),
        (
            "failed error fail FAIL expired aborted deleted blocked incomplete budget_exceeded",
            JobState.FAILED,
        ),
        ("cancelled canceled", JobState.CANCELED),
        ("warming_up 42 None", JobState.RUNNING),
    ],
)
def test_a_state_has_many_names_and_an_unknown_one_is_running(words, state):
    assert {parsing.state_of(word) for word in words.split()} == {state}


@given(JSON)
def test_nothing_that_a_server_can_say_breaks_the_reading(value):
    assert parsing.state_of(value) in JobState
    share = parsing.fraction(value)
    assert share is None or 0 <= share <= 1
    assert isinstance(parsing.error_words(value), str)
    assert isinstance(parsing.error_code(value if isinstance(value, dict) else None), str)
    url = parsing.first_url(value)
    assert url is None or url.strip()
    moment = parsing.moment(value)
    assert moment is None or isinstance(moment, float)


@pytest.mark.parametrize(
    ("progress", "share"),
    [
        (42, 0.42),
        ("42", 0.42),
        ("42%", 0.42),
        (150, 1.0),
        (-3, 0.0),
        (None, None),
        (True, None),
        ("soon", None),
    ],
)
def test_progress_is_a_percentage_or_nothing(progress, share):
    assert parsing.fraction(progress) == share


@pytest.mark.parametrize(
    "time",
    [1_790_000_000, 1_790_000_000_000, "1790000000", "2026-09-21T14:13:20Z", "2026-09-21T14:13:20+00:00"],
)
def test_a_moment_is_seconds_milliseconds_or_text(time):
    assert parsing.moment(time) == 1_790_000_000


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ({"code": "moderation_blocked", "message": "no"}, "moderation_blocked: no"),
        ("out of memory", "out of memory"),
        ([{"type": "content_policy_violation", "msg": "flagged"}], "content_policy_violation: flagged"),
        (None, ""),
    ],
)
def test_an_error_is_an_object_a_text_or_a_list(error, words):
    assert parsing.error_words(error) == words


def test_an_infinite_cost_is_no_cost():
    assert parsing.reported_cost({"usage": {"cost": float("inf")}}) is None
    assert parsing.reported_cost({"usage": {"cost": 0}}) == 0.0
    assert parsing.reported_cost({"usage": "free"}) is None
