"""Reading the scenes of a film: what each one shows, and from how far.

A scene has three sources of keywords: its own prompt, the words spoken in it, and the film's prompt. Its place,
composition and weather come from the first of them that names one, so that the film follows its narration. Its colours
and time of day rather come from the film's prompt than from spoken words, so that the scenes look like one film.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..styles import StyleSheet
from .prompt import Found, Reading, compose, find, seed_of
from .scene_list import FRAMINGS, FilmScene, Framing, framing_of

__all__ = ["SceneView", "view_scenes"]


@dataclass(frozen=True)
class SceneView:
    """A scene as the renderer shows it.

    Attributes:
        reading: The keywords, colours and the variation.
        framing: How much of the place is seen.
        angle: The style's camera position.
        understood: What was read, in a few words, for display.
    """

    reading: Reading
    framing: Framing
    angle: int
    understood: str


def view_scenes(
    scenes: Sequence[FilmScene],
    prompt: str,
    seed: int | None,
    sheet: StyleSheet,
    variation: str | None = None,
) -> tuple[SceneView, ...]:
    """Read the scenes of a film for a style.

    Neighbours differ: a scene that names neither a variation nor a framing gets the next one in turn.

    Args:
        scenes: The scenes, in order.
        prompt: The film's prompt, read for what a scene leaves open.
        seed: The config's seed.
        sheet: The style.
        variation: The name of the variation for scenes that do not name their own one.
    """
    names = [each["name"] for each in sheet.variations]
    film = find(prompt, sheet)
    found = [_merge(find(each.prompt, sheet), find(each.spoken, sheet, spoken=True), film) for each in scenes]
    asked = [each.variation or variation for each in scenes]
    named = [
        one.variation if name is None else names.index(name) for one, name in zip(found, asked, strict=True)
    ]
    palette_seed = seed_of(prompt, seed)
    drawn = _in_turn(named, len(names), first=palette_seed // 31 % len(names))
    framings = [
        FRAMINGS[number]
        for number in _in_turn([_number(framing_of(each.framing)) for each in scenes], len(FRAMINGS), first=0)
    ]
    angles = _angles(framings, sheet)
    views = []
    for one, number, place, framing, angle in zip(
        found, _seeds(scenes, prompt, seed), drawn, framings, angles, strict=True
    ):
        reading = compose(one, number, sheet, variation=names[place], palette_seed=palette_seed)
        reading = replace(reading, words={**reading.words, "framing": framing})
        views.append(SceneView(reading, framing, angle, _in_words(reading, framing)))
    return tuple(views)


def _merge(own: Found, spoken: Found, film: Found) -> Found:
    """Return the keywords of a scene from its prompt, its spoken words and the film's prompt."""
    follows = (own, spoken, film)
    looks = (own, film, spoken)
    order = {"colors": looks, "time": looks, "tempo": (own, film)}
    words = {
        table: next((one.words[table] for one in order.get(table, follows) if one.words[table]), ())
        for table in own.words
    }
    place = next((one for one in follows if one.places or one.variation is not None), film)
    return Found(words, place.places, place.variation)


def _number(framing: Framing | None) -> int | None:
    return None if framing is None else FRAMINGS.index(framing)


def _in_turn(given: Sequence[int | None], count: int, *, first: int) -> list[int]:
    """Fill the gaps in a sequence of numbers below `count`, at least three, so that neighbours differ there."""
    filled: list[int] = []
    for place, number in enumerate(given):
        if number is None:
            after = given[place + 1] if place + 1 < len(given) else None
            number = (filled[-1] + 1) % count if filled else first
            if number == after:
                number = (number + 1) % count
        filled.append(number)
    return filled


def _angles(framings: Sequence[Framing], sheet: StyleSheet) -> list[int]:
    """Return the camera position of each framing: the first is the widest, the second the nearest."""
    if sheet.shots["angles"] < 2 or not sheet.shots.get("framed", True):
        return [0] * len(framings)
    angles: list[int] = []
    for framing in framings:
        other = 1 - angles[-1] if angles else 0
        angles.append({"wide": 0, "detail": 1}.get(framing, other))
    return angles


def _seeds(scenes: Sequence[FilmScene], prompt: str, seed: int | None) -> list[int]:
    """Return a seed for each scene from its words, so that a scene keeps its looks when others come and go."""
    count: Counter[str] = Counter()
    seeds = []
    for scene in scenes:
        text = f"{prompt}\n{scene.prompt}\n{scene.spoken}"
        seeds.append(seed_of(f"{text}\n{count[text]}", seed))
        count[text] += 1
    return seeds


def _in_words(reading: Reading, framing: Framing) -> str:
    """Return what was read from a scene, each word once."""
    read = reading.understood
    keys = ("scene", "place", "time", "weather", "tempo", "colors")
    return ", ".join(dict.fromkeys([*(read[key] for key in keys if key in read), framing]))
