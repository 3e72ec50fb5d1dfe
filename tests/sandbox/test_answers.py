"""Scripted answers come in their order."""

from __future__ import annotations

from voxweave_nb.sandbox.answers import Answer, Answers


def test_answers_queue_up():
    answers = Answers()
    answers.plan(Answer("a"), 2)
    answers.plan(Answer("b", usd=0.1), None)
    taken = [answers.take() for _ in range(4)]
    assert [each.text for each in taken if each] == ["a", "a", "b", "b"]
    answers.clear()
    assert answers.take() is None
