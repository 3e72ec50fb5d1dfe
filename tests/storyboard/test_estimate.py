"""The price of a board: what is done, what is to be made, what one more take costs."""

from __future__ import annotations

from dataclasses import replace

from tests.storyboard.boards import state
from voxweave_nb.providers.types import Model, Plan
from voxweave_nb.storyboard.estimate import estimated
from voxweave_nb.storyboard.orders import Status


def plan(usd: float | None) -> Plan:
    return Plan(Model("m"), (1280, 720), 5.0, "", usd)


def test_a_row_for_each_provider():
    scenes = state().scenes
    statuses = [
        Status("made", plan=plan(0.2)),
        Status("stale", plan=plan(0.2)),
        Status("failed", plan=plan(None)),
        Status("to make", plan=plan(0.4)),
    ]
    found = estimated(scenes, statuses, ["zai", "zai", "fal", "gemini"], 0.2)
    assert (found.made, found.to_make, found.unknown) == (1, 3, 1)
    assert round(found.usd, 6) == 0.6
    assert [row.one_more for row in found] == [0.2, None, 0.4]
    text = str(found)
    assert "zai: 2 scenes, 1 made, 1 to make ($0.20), one more take $0.20" in text
    assert "fal: 1 scene, 0 made, 1 to make (1 of unknown price), one more take price not known" in text
    assert "in all: 1 of 4 made, $0.20 spent, $0.60 to go and 1 of unknown price" in text


def test_own_files_cost_nothing():
    scenes = tuple(replace(each, still="map.png") for each in state().scenes)
    found = estimated(scenes, [Status("own")] * 4, ["zai"] * 4, 0.0)
    assert (found.usd, found.made) == (0, 4)
    assert "own: 4 scenes, 4 made" in str(found)


def test_what_cannot_be_made_is_told():
    found = estimated(state(1).scenes, [Status("to make", problem="no such model")], ["zai"], 0.0)
    assert "scene 1 cannot be made: no such model" in str(found)
