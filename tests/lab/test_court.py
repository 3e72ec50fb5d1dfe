"""A judge's side of the folder and the journal: what is known, what is in doubt, what is left."""

from __future__ import annotations

import dataclasses

import pytest

from tests.lab.fields import SOURCE, duel, variant
from voxweave_nb.errors import ConfigError
from voxweave_nb.journal import AttemptOutcome, RunLedger, open_journal
from voxweave_nb.lab.court import Court, begins, chooser, doubts_of, new_run_id, reject_other_rubric
from voxweave_nb.lab.folder import LabFolder, Purpose
from voxweave_nb.lab.judge import Brief
from voxweave_nb.lab.records import Judgement
from voxweave_nb.providers.chat import ChatEndpoint

BRIEF = Brief("calm", "m")


@pytest.fixture
def journal(tmp_path):
    return open_journal(tmp_path / "home")


@pytest.fixture
def variants():
    return [variant(place=name) for name in ("sea", "sky", "sand")]


@pytest.fixture
def court(tmp_path, journal, variants) -> Court:
    folder = LabFolder(tmp_path / "lab")
    folder.add(variants)
    endpoint = ChatEndpoint("http://127.0.0.1:9/v1", "m", "key")
    videos = {each.id: (tmp_path / f"{each.id}.mp4", 2.0) for each in variants}
    return Court(folder, endpoint, RunLedger(journal, "run", budgets={}), BRIEF, videos, lambda: None)


def answered(court: Court, first, second, answer: str) -> None:
    name = court.id_of(first.id, second.id)
    court.folder.judge(Judgement(name, first.id, second.id, court.rater, BRIEF.rubric_id, answer))


def test_an_answer_is_known_in_its_order(court, variants):
    answered(court, variants[0], variants[1], "first")
    assert court.known(variants[0].id, variants[1].id).winner == variants[0].id
    assert court.known(variants[1].id, variants[0].id) is None


def test_half_judged_pairs_are_unfinished(court, variants):
    answered(court, variants[0], variants[1], "first")
    assert court.unfinished() == [(variants[0].id, variants[1].id)]
    court.folder.vote(duel(variants[1], variants[0], rater=court.rater))
    assert court.unfinished() == []
    assert court.closed() == {frozenset((variants[0].id, variants[1].id))}


def test_unread_and_lost_pairs_are_closed(court, variants):
    answered(court, variants[0], variants[1], "")
    court.doubts = {court.id_of(variants[2].id, variants[1].id)}
    assert len(court.closed()) == 2
    court.brief = dataclasses.replace(BRIEF, anew=True)
    assert court.closed() == set()
    assert court.known(variants[0].id, variants[1].id) is None


def test_the_chooser_leaves_closed_pairs_out(court, variants):
    choose = chooser(court, variants, best=True)
    closed: set[frozenset[str]] = set()
    for _ in range(3):
        pair = choose(closed)
        assert frozenset(pair) not in closed
        closed.add(frozenset(pair))
    assert choose(closed) is None


def test_only_its_own_votes_steer_the_judge(court, variants):
    choose = chooser(court, variants, best=False)
    first, second, third = variants
    before = set(choose(set()))
    rest = [each for each in (first, second, third) if each.id not in before]
    known = [each for each in (first, second, third) if each.id in before]
    # The pair that comes first is decided, by people or by the judge.
    people, own = (
        [duel(*known, at=float(at), rater=rater) for at in range(60)] for rater in ("me", court.rater)
    )
    court.folder.vote(*people)
    assert set(choose(set())) == before
    court.folder.vote(*own)
    assert rest[0].id in choose(set())


def test_lost_answers_are_found_in_the_journal(court, journal, variants, tmp_path):
    purpose = Purpose.new("talk.wav", "", SOURCE, {})
    journal.open_group(purpose.group, kind="lab", name="harbour")
    run = new_run_id()
    begins(journal, run, purpose, BRIEF, folder=tmp_path)()
    ids = [court.id_of(variants[0].id, each.id) for each in variants[1:]]
    outcomes = (AttemptOutcome.IN_DOUBT, AttemptOutcome.ACCEPTED)
    for name, outcome in zip(ids, outcomes, strict=True):
        attempt = journal.intend(
            run, provider="judge", model="m", base_url="http://x", request_id=name, usd=0.1, budgets={},
            unknown_prices=False,
        )  # fmt: skip
        journal.settle(attempt, outcome)
    assert doubts_of(journal, purpose.group, court.folder) == {ids[0]}
    assert journal.run_by_id(run).state.ended
    assert journal.spent("group", group=purpose.group) == pytest.approx(0.2)
    answered(court, variants[0], variants[1], "tie")
    assert doubts_of(journal, purpose.group, court.folder) == set()


def test_one_name_has_one_rubric(court, variants):
    answered(court, variants[0], variants[1], "first")
    reject_other_rubric(court.folder, BRIEF)
    with pytest.raises(ConfigError, match="would be mixed"):
        reject_other_rubric(court.folder, Brief("sharp", "m"))
    reject_other_rubric(court.folder, Brief("sharp", "other"))
