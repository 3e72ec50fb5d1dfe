"""A film's scenes: what is right, what is refused, and on which frames they start."""

from __future__ import annotations

import itertools

import pytest

from voxweave_nb import ConfigError
from voxweave_nb.render.scene_list import FilmScene, check_scenes, first_frames, framing_of


def scenes_at(*borders: float) -> list[FilmScene]:
    return [FilmScene(start, end) for start, end in itertools.pairwise(borders)]


def test_rounding_errors_of_frames_never_add_up() -> None:
    borders = [0.0, *(number * 3.7 + 0.017 for number in range(1, 76))]
    for border, frame in zip(borders, first_frames(scenes_at(*borders, 282.0), 24), strict=True):
        assert abs(frame / 24 - border) <= 0.5 / 24 + 1e-9


def test_scenes_that_fill_the_film_are_right() -> None:
    check_scenes(scenes_at(0, 4.0, 9.5, 12.0), duration=12.03, fps=24)
    check_scenes([], duration=12.0, fps=24)


@pytest.mark.parametrize(
    ("scenes", "message"),
    [
        ([FilmScene(1, 12)], "Scene 1 starts at 1.00 s; the first scene starts at 0"),
        ([FilmScene(0, 4), FilmScene(5, 12)], "Scene 2 starts at 5.00 s, but scene 1 ends at 4.00 s"),
        ([FilmScene(0, 4), FilmScene(3, 12)], "Scene 2 starts at 3.00 s, but scene 1 ends at 4.00 s"),
        (scenes_at(0, 4, 9), "Scene 2 ends at 9.00 s, but the narration at 12.00 s"),
        (scenes_at(0, 4, 4.01, 12), "Scene 2 is shorter than one frame of 0.042 s; merge it"),
        ([FilmScene(0, 12, transition="wipe")], "Scene 1: transition 'wipe'"),  # type: ignore[arg-type]
        ([FilmScene(0, 12, variation="moor")], "Scene 1: variation 'moor' is not known; choose one of: grid"),
    ],
)
def test_wrong_scenes_are_named_by_number(scenes: list[FilmScene], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        check_scenes(scenes, duration=12.0, fps=24, variations=["grid"])


@pytest.mark.parametrize(
    ("words", "framing"),
    [
        ("wide shot", "wide"),
        ("Establishing", "wide"),
        ("medium shot", "medium"),
        ("extreme close-up", "detail"),
        ("detail", "detail"),
        ("dolly", None),
        ("", None),
    ],
)
def test_shot_words_are_understood(words: str, framing: str | None) -> None:
    assert framing_of(words) == framing
