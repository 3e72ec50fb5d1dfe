"""Reading the scenes of a film: what each one shows, in which light, and from how far.

A scene has three sources of keywords: its own prompt, the words spoken in it, and the film's prompt. Its place,
composition and weather come from the first of them that names one, so that the film follows its narration. Its colours
and time of day rather come from the film's prompt than from spoken words, so that the scenes look like one film.
Without either, the light moves on through the style's palettes, from the brightest to the darkest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..styles import StyleSheet
from .prompt import Found, Reading, compose, find, seed_of
from .scene_list import FRAMINGS, FilmScene, Framing, framing_of

__all__ = ["SceneView", "view_scenes"]

_HOLDS = 2
"""Scenes after one in which a time of day is spoken that keep its light."""


@dataclass(frozen=True)
class SceneView:
    """A scene as the renderer shows it.

    Attributes:
        reading: The keywords, colours and the variation.
        framing: How much of the place is seen.
        angle: The style's camera position.
        understood: What was read, in a few words, and in brackets what came in turn; for display.
    """

    reading: Reading
    framing: Framing
    angle: int
    understood: str


@dataclass(frozen=True)
class _Words:
    """The keywords of a scene by their source."""

    own: Found
    spoken: Found
    film: Found

    def merged(self, time: Sequence[str], *, hints: bool) -> Found:
        """Return the keywords to draw, with a time of day, and with what only suggests a colour or without."""
        follows = (self.own, self.spoken, self.film)
        sources = {
            "colors": (self.own, self.film, self.spoken),
            "hints": (self.own, self.spoken) if hints else (),
            "weather": follows,
            "place": follows,
            "tempo": (self.own, self.film),
        }
        words = {
            table: next((each.words[table] for each in order if each.words[table]), ())
            for table, order in sources.items()
        }
        place = next((each for each in follows if each.places or each.variation is not None), self.film)
        return Found({**words, "time": time}, place.places, place.variation)


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
    film, number = find(prompt, sheet), seed_of(prompt, seed)
    # The film's prompt as a scene's own would go before what is spoken.
    own = ["" if each.prompt.strip() == prompt.strip() else each.prompt for each in scenes]
    words = [
        _Words(find(text, sheet), find(each.spoken, sheet, spoken=True), film)
        for text, each in zip(own, scenes, strict=True)
    ]
    found = [
        each.merged(time, hints=not sheet.scenic) for each, time in zip(words, _times(words), strict=True)
    ]
    asked = [each.variation or variation for each in scenes]
    named = [
        one.variation if name is None else names.index(name) for one, name in zip(found, asked, strict=True)
    ]
    drawn = _in_turn(named, len(names), first=number // 31 % len(names))
    given = [framing_of(each.framing) for each in scenes]
    framings = _in_turn(
        [None if word is None else FRAMINGS.index(word) for word in given], len(FRAMINGS), first=0
    )
    angles, turns = _angles(framings, sheet), _palettes(len(scenes), sheet, number)
    views = []
    for place, own_seed in enumerate(_seeds(scenes, prompt, seed)):
        reading = compose(found[place], own_seed, sheet, variation=names[drawn[place]], turn=turns[place])
        framing = FRAMINGS[framings[place]]
        in_turn = [names[drawn[place]]] * (named[place] is None) + [framing] * (given[place] is None)
        read = [framing] * (given[place] is not None)
        reading = replace(reading, words={**reading.words, "framing": framing})
        views.append(SceneView(reading, framing, angles[place], _in_words(reading, read, in_turn)))
    return tuple(views)


def _times(scenes: Sequence[_Words]) -> Iterator[Sequence[str]]:
    """Yield the time of day of each scene; one that is spoken holds for a few scenes."""
    spoken: Sequence[str] = ()
    left = 0
    for scene in scenes:
        if scene.spoken.words["time"]:
            spoken, left = scene.spoken.words["time"], _HOLDS + 1
        held = spoken if left > 0 else ()
        left -= 1
        yield scene.own.words["time"] or scene.film.words["time"] or held


def _palettes(count: int, sheet: StyleSheet, seed: int) -> list[int]:
    """Return the palette of each scene that names neither time nor colour: from the brightest to the darkest."""
    palettes = sheet.palettes
    if any("daylight" in palette for palette in palettes):
        order = sorted(range(len(palettes)), key=lambda one: -palettes[one].get("daylight", sheet.daylight))
    else:
        order = [(one + seed // 7) % len(palettes) for one in range(len(palettes))]
    return [order[place * len(order) // count] for place in range(count)]


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


def _angles(framings: Sequence[int], sheet: StyleSheet) -> list[int]:
    """Return the camera position of each framing: the first is the widest, the second the nearest."""
    if sheet.shots["angles"] < 2 or not sheet.shots.get("framed", True):
        return [0] * len(framings)
    angles: list[int] = []
    for framing in framings:
        other = 1 - angles[-1] if angles else 0
        angles.append({"wide": 0, "detail": 1}.get(FRAMINGS[framing], other))
    return angles


def _seeds(scenes: Sequence[FilmScene], prompt: str, seed: int | None) -> Iterator[int]:
    """Yield a seed for each scene from its words, so that a scene keeps its looks when others come and go."""
    count: Counter[str] = Counter()
    for scene in scenes:
        text = f"{prompt}\n{scene.prompt}\n{scene.spoken}"
        yield seed_of(f"{text}\n{count[text]}", seed)
        count[text] += 1


def _in_words(reading: Reading, read: Sequence[str], in_turn: Sequence[str]) -> str:
    """Return what was read from a scene, each word once, and in brackets what came in turn."""
    keys = ("scene", "place", "time", "weather", "tempo", "colors")
    words = [reading.understood[key] for key in keys if key in reading.understood]
    named = ", ".join(dict.fromkeys(word for word in [*words, *read] if word not in in_turn))
    return " ".join(filter(None, (named, f"({', '.join(in_turn)})" if in_turn else "")))
