"""Reading scenes: the narration leads, neighbours differ, and the light holds."""

from __future__ import annotations

import itertools

import pytest

from voxweave_nb.models import VideoStyle
from voxweave_nb.render.scene_list import FilmScene
from voxweave_nb.render.scene_reading import SceneView, view_scenes
from voxweave_nb.styles import load_style


def views(
    *spoken: str, prompt: str = "", style: str = "cinematic", own: tuple[str, ...] = (), **more: str
) -> list[SceneView]:
    asked = itertools.chain(own, itertools.repeat(""))
    scenes = [
        FilmScene(5.0 * number, 5.0 * number + 5.0, prompt=next(asked), spoken=text, **more)  # type: ignore[arg-type]
        for number, text in enumerate(spoken)
    ]
    return list(view_scenes(scenes, prompt, None, load_style(style)))


def places(found: list[SceneView], style: str = "cinematic") -> list[str]:
    names = [each["name"] for each in load_style(style).variations]
    return [names[view.reading.variation] for view in found]


def test_a_scene_shows_what_is_spoken() -> None:
    found = views("The desert lies still.", "In the city people wake.", "Behind it, mountains.")
    assert places(found) == ["dunes", "city in haze", "mountains"]


def test_a_prompt_of_a_scene_comes_first() -> None:
    found = views("The desert lies still.", own=("a city at night",))
    assert places(found) == ["city in haze"]
    assert found[0].reading.words["time"] == "night"


def test_the_films_prompt_fills_what_is_open() -> None:
    found = views("It was long ago.", "The desert.", prompt="mountains at dusk")
    assert places(found) == ["mountains", "dunes"]
    assert [view.reading.words["time"] for view in found] == ["dusk", "dusk"]


def test_the_films_prompt_as_a_scenes_own_waits() -> None:
    assert places(views("The desert.", prompt="mountains", own=("mountains",))) == ["dunes"]


def test_a_spoken_time_holds_for_two_scenes() -> None:
    found = views("At night it began.", "One.", "Two.", "Three.", "At noon.", "Four.")
    times = [view.reading.words.get("time") for view in found]
    assert times == ["night", "night", "night", None, "noon", "noon"]


def test_without_a_time_the_light_moves_on() -> None:
    light = [view.reading.daylight for view in views(*map(str, range(12)))]
    assert light == sorted(light, reverse=True)
    assert light[0] > 0.8
    assert light[-1] < 0.2


def test_words_with_another_meaning_are_left_out() -> None:
    (found,) = views("It is clear that prices rose, year by year, in this field.", style="anime")
    assert "weather" not in found.reading.words
    assert "colors" not in found.reading.understood
    assert "place" not in found.reading.words


@pytest.mark.parametrize("style", [style.value for style in VideoStyle])
def test_neighbours_never_look_alike(style: str) -> None:
    found = views(*["And so it goes on."] * 9, style=style)
    for before, after in itertools.pairwise(found):
        assert before.reading.variation != after.reading.variation
        assert before.framing != after.framing
        assert before.reading.seed != after.reading.seed


def test_one_place_is_seen_from_other_positions() -> None:
    found = views("a", "b", "c", "d", prompt="mountains")
    assert {view.reading.variation for view in found} == {0}
    assert {view.angle for view in found} == {0, 1}


def test_a_named_framing_is_kept() -> None:
    assert [view.framing for view in views("a", "b", framing="close-up")] == ["detail", "detail"]


def test_a_named_variation_wins() -> None:
    assert places(views("The city.", variation="dunes")) == ["dunes"]


def test_a_scene_keeps_its_looks_among_others() -> None:
    alone, among = views("The city."), views("The desert.", "The city.")
    assert alone[0].reading.seed == among[1].reading.seed


def test_what_came_in_turn_is_in_brackets() -> None:
    found = views("A city in the rain at night.", "Nothing of note.")
    assert found[0].understood == "city in haze, city, night, rain (wide)"
    assert found[1].understood == "night (mountains, medium)"
