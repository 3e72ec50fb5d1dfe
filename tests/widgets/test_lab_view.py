"""The view of a lab on its Python side: what the page is told, and what it may do."""

from __future__ import annotations

import json

import pytest
from ipywidgets.embed import dependency_state

from tests.lab.stock import stock
from tests.widgets.actions import wait_for
from voxweave_nb import ConfigError
from voxweave_nb.lab.records import Flag, Made
from voxweave_nb.widgets import contact_sheet
from voxweave_nb.widgets.lab_view import LabView, display_lab

MOST_SAVED = 200_000


def say(view, **message):
    view._on_message(view, message, [])


def test_the_page_gets_every_variant(lab):
    view = LabView(lab)
    assert [each[0] for each in view._variants] == [each.id for each in lab.variants]
    assert view._variants[0][1:] == [
        {"place": "harbour", "time": "dawn", "style": "anime"}, "a harbour at dawn", "", "16:9",
    ]  # fmt: skip
    states = [view._states[each.id] for each in lab.variants]
    assert [each[0] for each in states] == ["made"] * 6 + ["to make"] * 2
    assert [each[1] for each in states] == [0.0, 0.1, 0.2, None, 0.0, 0.1, None, None]
    assert view._about["name"] == "harbour"
    assert view._about["seconds"] == 12.5


def test_failures_and_flags_are_told(lab):
    failed, flagged = lab.variants[6], lab.variants[0]
    lab._folder.record(Made(failed.id, error="The content was refused.", refused=True))
    lab._folder.flag([Flag(flagged.id, "frozen", 3.0, "frozen for 3.0 s")])
    view = LabView(lab)
    assert view._states[failed.id] == ["refused", None, "The content was refused.", []]
    assert view._states[flagged.id][3] == ["frozen for 3.0 s"]


def test_votes_of_the_page_are_kept(lab):
    view, one = LabView(lab), lab.variants[0]
    say(view, kind="rate", of=one.id, field="thumb", value=True)
    say(view, kind="rate", of=one.id, field="stars", value=4)
    say(view, kind="rate", of=one.id, field="note", value="the light")
    rating = lab.ratings[0]
    assert (rating.thumb, rating.stars, rating.note, rating.rater) == (True, 4, "the light", "me")
    say(view, kind="rate", of=one.id, field="stars", value=None)
    assert lab.ratings[0].stars is None
    assert view.error == ""


def test_a_rating_in_python_is_shown(lab):
    view, other, one = LabView(lab), LabView(lab), lab.variants[1]
    lab.rate(one, thumb=False, note="too dark")
    for each in (view, other):
        wait_for(lambda each=each: each._ratings == {one.id: [False, None, "too dark", []]})


def test_others_opinions_stand_beside(lab, open_as):
    one = lab.variants[0]
    open_as("Ada").rate(one.id, stars=2, thumb=False, note="slow")
    assert LabView(lab)._ratings[one.id] == [None, None, "", ["Ada: down, 2 of 5 stars, slow"]]


@pytest.fixture
def open_as(lab, service):
    from voxweave_nb.lab.prompt_lab import PromptLab

    return lambda rater: PromptLab("harbour", service=service, folder=lab.path.parent, rater=rater)


def test_new_and_dropped_variants_are_shown(lab):
    view = LabView(lab)
    added = lab.add(style="realistic", prompt="by hand", note="an idea")
    wait_for(lambda: view._variants[-1][0] == added.id)
    assert view._variants[-1][3] == "an idea"
    lab.drop(added)
    wait_for(lambda: len(view._variants) == 8)


@pytest.mark.slow
def test_a_run_is_followed_to_its_end(lab):
    lab.drop(*[each.id for each in lab.variants[:6]])
    view = LabView(lab)
    assert view._run == {}
    run = lab.run()
    run.result(120)
    wait_for(lambda: view._run.get("running") is False)
    assert view._run["fraction"] == 1.0
    assert view._run["text"].startswith("2 of 2 made")
    wait_for(lambda: {each[0] for each in view._states.values()} == {"made"})
    late = LabView(lab)
    wait_for(lambda: late._run.get("running") is False)


def test_the_page_cancels_the_run(lab):
    view = LabView(lab)
    run = lab.run()
    say(view, kind="cancel")
    assert run._is_canceled()
    wait_for(run.done)


def test_ranks_are_sent_when_requested(lab, told):
    view = LabView(lab)
    say(view, kind="rank")
    wait_for(lambda: told and told[-1][0] == {"kind": "ranks", "ranks": {}, "verdict": ""})
    best = lab.variants[0]
    for other in lab.variants[1:6]:
        for _ in range(4):
            lab.vote(best, other, "left")
    say(view, kind="rank")
    wait_for(lambda: told[-1][0].get("ranks"))
    lowest, _, chance, votes = told[-1][0]["ranks"][best.id]
    assert (lowest, votes) == (1, 20)
    assert chance > 0.5
    assert "is the best with a chance of" in told[-1][0]["verdict"]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"kind": "rate", "of": "nobody", "field": "stars", "value": 3}, "no variant 'nobody'"),
        ({"kind": "rate", "of": "", "field": "colour", "value": 3}, "'colour' cannot be rated"),
    ],
)
def test_a_wrong_message_gets_a_sentence(lab, message, said):
    view = LabView(lab)
    say(view, **message)
    assert said in view.error
    say(view, kind="refresh")
    assert view.error == ""


def test_stars_out_of_range_are_refused(lab):
    view = LabView(lab)
    say(view, kind="rate", of=lab.variants[0].id, field="stars", value=9)
    assert "stars" in view.error
    assert lab.ratings == ()


def test_columns_are_one_to_six(lab):
    assert LabView(lab, columns=6).columns == 6
    with pytest.raises(ConfigError, match="columns"):
        LabView(lab, columns=7)


def test_a_closed_view_listens_no_more(lab):
    view = LabView(lab)
    view.close()
    assert lab._folder.listeners == []


def test_a_large_lab_is_saved_light(lab):
    words = "a lake at dawn, seen from afar, with reeds in the wind and a long slow pan to the left, " * 3
    lab.grid([f"{words} {number}" for number in range(100)], style=["anime", "cinematic"], sure=True)
    stock(lab, lab.variants[6:])
    lab.drop(*[each.id for each in lab.variants[:8]])
    for each in lab.variants:
        lab.rate(each, stars=3, note="a note of some length on this one")
    view = LabView(lab)
    assert len(view._variants) == 200
    saved = json.dumps(dependency_state([view], drop_defaults=True))
    assert len(saved) < MOST_SAVED


def test_a_lab_displays_its_view(lab, monkeypatch):
    shown = []
    monkeypatch.setattr(contact_sheet, "display", lambda data, raw: shown.append(data))
    assert display_lab(lab).lab is lab
    lab._ipython_display_()
    assert len(shown) == 2
    assert shown[0]["text/plain"].startswith("PromptLab 'harbour': 8 variants, 6 made")
    assert "application/vnd.jupyter.widget-view+json" in shown[0]


def test_a_view_alone_says_what_it_is(lab):
    bundle = LabView(lab)._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["text/plain"].startswith("PromptLab 'harbour': 8 variants, 6 made")
