"""Flashes are counted by WCAG's definition: change, darker state, area, time, and red."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from voxweave_nb.lab.flashes import FlashCounter, luminance_of

FPS = 24


def even(color: tuple[float, float, float], shape: tuple[int, int] = (46, 80)) -> np.ndarray:
    """A frame of one colour, in linear light."""
    return np.broadcast_to(np.array(color, np.float32)[:, None, None], (3, *shape)).copy()


def gray(light: float) -> np.ndarray:
    return even((light, light, light))


def count(*frames: np.ndarray, hold: int = 3, seconds: float = 3.0, fps: float = FPS) -> FlashCounter:
    """Show frames in turn, each for `hold` frames of a video."""
    counter = FlashCounter()
    shown = itertools.cycle([frame for frame in frames for _ in range(hold)])
    for number, frame in zip(range(int(seconds * fps)), shown, strict=False):
        counter.add(number / fps, frame)
    return counter


def test_luminance_weighs_the_colors():
    assert luminance_of(even((1, 1, 1)))[0, 0] == pytest.approx(1)
    assert luminance_of(even((1, 0, 0)))[0, 0] == pytest.approx(0.2126)


@pytest.mark.parametrize(
    ("dark", "bright", "flashes"),
    [(0.0, 1.0, 4), (0.3, 0.41, 4), (0.3, 0.39, 0), (0.79, 0.95, 4), (0.81, 1.0, 0)],
)
def test_a_flash_changes_by_a_tenth(dark, bright, flashes):
    assert count(gray(dark), gray(bright)).general == flashes


@pytest.mark.parametrize(
    ("hold", "fps", "flashes"), [(4, 24, 0), (3, 24, 4), (1, 24, 12), (5, 30, 0), (1, 8, 4), (30, 240, 4)]
)
def test_more_than_three_in_a_second_count(hold, fps, flashes):
    assert count(gray(0), gray(1), hold=hold, fps=fps).general == flashes


def test_gradual_changes_count_by_peak_and_valley():
    steps = [gray(light) for light in (0.2, 0.26, 0.32, 0.32, 0.26, 0.2)]
    assert count(*steps, hold=1).general == 4


def test_noise_around_a_rise_is_no_flash():
    counter = FlashCounter()
    for number in range(72):
        counter.add(number / FPS, gray(number / 72 + 0.04 * (number % 2)))
    assert counter.general == 0


def patch(height: int, width: int, light: float) -> np.ndarray:
    """A gray frame with a patch of another brightness."""
    frame = gray(0.2)
    frame[:, 10 : 10 + height, 10 : 10 + width] = light
    return frame


def test_a_small_flashing_area_passes():
    # A field is 341 x 256 of 1024 x 768 pixels, here 27 x 20 places; a quarter of it is 135.
    assert count(gray(0.2), patch(11, 12, 0.9)).general == 0
    assert count(gray(0.2), patch(12, 12, 0.9)).general == 4


def test_distant_small_areas_are_not_added_up():
    both = patch(9, 9, 0.9)
    both[:, 30:39, 65:74] = 0.9
    assert count(gray(0.2), both).general == 0


def test_a_moving_light_is_no_flashing():
    counter = FlashCounter()
    for number in range(72):
        frame = gray(0.1)
        frame[:, :, number : number + 14] = 0.9
        counter.add(number / FPS, frame)
    assert counter.general == 0


def test_the_worst_second_counts():
    counter = FlashCounter()
    for number in range(96):
        flashing = 24 <= number < 48
        counter.add(number / FPS, gray(1.0 if flashing and number % 4 < 2 else 0.0))
    assert counter.general == 6


RED, DIM_RED, BLACK = (1.0, 0.0, 0.0), (0.08, 0.0, 0.0), (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("first", "second", "general", "red"),
    [
        (RED, (0.0, 0.2976, 0.0), 0, 4),  # green of the same luminance
        (RED, (0.2126, 0.2126, 0.2126), 0, 4),
        (RED, (0.9, 0.0, 0.0), 0, 0),
        (RED, BLACK, 4, 4),
        (DIM_RED, BLACK, 0, 4),
        ((0.02, 0.0, 0.0), BLACK, 0, 0),  # the noise of a dark place
        ((0.0, 0.0, 1.0), BLACK, 0, 0),
    ],
)
def test_red_flashes_count_by_color(first, second, general, red):
    counter = count(even(first), even(second))
    assert (counter.general, counter.red) == (general, red)


def test_red_that_comes_gradually_counts():
    steps = [
        (0.2, 0.2, 0.2),
        (0.3, 0.15, 0.15),
        (0.4, 0.04, 0.04),
        (0.5, 0, 0),
        (0.4, 0.04, 0.04),
        (0.3, 0.15, 0.15),
    ]
    assert count(*map(even, steps), hold=1).red == 4


def test_three_red_flashes_a_second_pass():
    assert count(even(RED), even((0.2126, 0.2126, 0.2126)), hold=4).red == 0


def test_frames_of_another_size_start_anew():
    counter = count(gray(0), gray(1))
    counter.add(3.1, even((1, 1, 1), (80, 46)))
    assert counter.general == 4


def test_portrait_fields_reach_beyond_the_frame():
    dark, bright = even((0, 0, 0), (80, 46)), even((1, 1, 1), (80, 46))
    assert count(dark, bright).general == 4
