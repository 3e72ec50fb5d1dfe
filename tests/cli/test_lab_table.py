"""The tables of a lab in a terminal."""

from __future__ import annotations

import pytest

from tests.lab.fields import cast, duel, grid
from voxweave_nb import VideoConfig
from voxweave_nb.cli.lab_table import ranking_facts, ranking_table, variants_table
from voxweave_nb.lab.ranking import Ranking
from voxweave_nb.lab.records import Flag
from voxweave_nb.lab.snapshot import LabVariant


def shown(name: str, state: str = "made", **more) -> LabVariant:
    config = VideoConfig(prompt="rain on glass " * 20)
    values = {
        "axes": {"place": name},
        "video": None,
        "usd": 0.2,
        "error": "",
        "flags": (),
        "note": "",
        **more,
    }
    return LabVariant(name, config, state=state, **values)


@pytest.fixture
def ranking() -> Ranking:
    variants = grid()
    votes = cast(variants, [3.0 * (each.axes["time"] == "dusk") for each in variants], 60)
    prices = {each.id: 0.2 for each in variants}
    return Ranking(variants, [*votes, duel(variants[0], variants[2], "left")], usd=prices)


def test_columns_are_aligned():
    lines = variants_table([shown("a" * 12), shown("b", "to make", usd=None)]).splitlines()
    assert [line.rindex(word) for line, word in zip(lines, ("place", "a" * 12, "b"), strict=True)] == [
        29,
        29,
        29,
    ]
    assert lines[2].split() == ["b", "to", "make", "b"]


def test_long_prompts_are_cut_to_the_terminal():
    lines = variants_table([shown("a", axes={})], width=40).splitlines()
    assert len(lines[1]) == 40
    assert lines[1].endswith("…")


def test_failures_and_flags_stand_below():
    flags = (Flag("b", "frozen", 3.0, "frozen for 3.0 s"), Flag("b", "blur", 4.0, "blurred"))
    text = variants_table([shown("a", "failed", error="zai has refused it."), shown("b", flags=flags)])
    assert text.splitlines()[-2:] == ["a: zai has refused it.", "b: check: frozen for 3.0 s; blurred"]


def test_an_empty_lab_says_how_to_begin():
    assert "prompt-lab grid" in variants_table([])


def test_a_ranking_says_what_the_axes_do(ranking):
    lines = ranking_table(ranking, width=100).splitlines()
    assert lines[0].startswith("12 variants, 61 votes: ")
    assert lines[1].split() == ["best", "rank,", "95", "%", "wins", "votes", "USD", "variant"]
    assert "dusk" in lines[2]
    assert any(line.startswith("time: dusk") for line in lines)


def test_a_ranking_in_json_has_every_variant(ranking):
    facts = ranking_facts(ranking)
    assert len(facts["variants"]) == 12
    assert sum(each["best"] for each in facts["variants"]) == pytest.approx(1, abs=0.01)
    assert {each["axis"] for each in facts["effects"]} == {"place", "time", "mood"}
    assert ranking_facts(Ranking(grid(), []))["effects"] == []
