"""The measurements behind the flags, on frames made of numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from voxweave_nb import Cue, SubtitleLook
from voxweave_nb.lab.checks import (
    CaptionContrast,
    Cuts,
    Flicker,
    Sharpness,
    Stills,
    caption_contrast,
    edge_width,
)
from voxweave_nb.media.survey import SmallFrame

NOISE = np.random.default_rng(5).integers(0, 255, (6, 90, 160)).astype(np.uint8)


def frames(lumas: Sequence[np.ndarray], fps: float = 10) -> list[SmallFrame]:
    return [
        SmallFrame(
            number / fps, luma, np.repeat((luma[None, ::2, ::2] / 255).astype(np.float32), 3, axis=0), None
        )
        for number, luma in enumerate(lumas)
    ]


def run(check, lumas, fps: float = 10):
    for frame in frames(lumas, fps):
        check.add(frame)
    return check


def test_a_still_time_ends_with_movement():
    stills = run(Stills(), [NOISE[0], NOISE[1], NOISE[1], NOISE[1], NOISE[2]])
    assert stills.frozen == pytest.approx(0.3)
    stills.finish(2.0)
    assert stills.frozen == pytest.approx(1.6)


def test_a_codec_that_redraws_is_still():
    mild = np.where(NOISE[1] > 200, NOISE[0] | 1, NOISE[0]).astype(np.uint8)
    assert run(Stills(), [NOISE[0], mild] * 5).frozen == pytest.approx(0.9)


def test_a_small_moving_part_is_movement():
    lumas = []
    for number in range(10):
        lumas.append(np.full((90, 160), 90, np.uint8))
        lumas[-1][40:50, 10 * number : 10 * number + 10] = 140
    assert run(Stills(), lumas).frozen == pytest.approx(0.1)


def test_black_time_is_not_frozen_time():
    black = np.zeros((90, 160), np.uint8)
    stills = run(Stills(), [NOISE[0], black, black, black, NOISE[1]])
    assert (stills.black, stills.frozen) == (pytest.approx(0.3), pytest.approx(0.1))


def test_flicker_counts_pairs_in_a_second():
    base = np.full((90, 160), 100, np.uint8)
    assert run(Flicker(), [base, base + 6] * 20, fps=20).most == 10
    assert run(Flicker(), [base, base + 2] * 20, fps=20).most == 0
    assert run(Flicker(), [base, base, base, base + 6, base + 6, base + 6] * 10, fps=20).most == 3


def test_a_cut_stands_alone():
    a, b = NOISE[0], NOISE[1]
    assert run(Cuts(5.0), [a] * 4 + [b] * 4 + [a] * 4).most == 2
    assert run(Cuts(5.0), [a] * 4 + [b] + [a] * 4).most == 0  # one disturbed frame
    assert run(Cuts(5.0), list(NOISE)).most == 0  # everything moves all the time
    assert run(Cuts(5.0), [a // 2] * 4 + [a] * 4).most == 0  # it becomes brighter


def test_cuts_are_counted_within_the_window():
    lumas = [NOISE[number % 2] for number in range(30) for _ in range(10)]
    assert run(Cuts(5.0), lumas).most == 5


def edge(width: int) -> np.ndarray:
    """Vertical edges that take `width` pixels."""
    ramp = np.concatenate([np.zeros(24), np.linspace(0, 200, width + 1)[1:-1], np.full(24, 200)])
    return np.tile(np.resize(np.concatenate([ramp, ramp[::-1]]), 640), (360, 1)).astype(np.uint8)


@pytest.mark.parametrize("width", [1, 2, 4, 8])
def test_edges_have_their_width(width):
    assert edge_width(edge(width)) == pytest.approx(width, rel=0.15)


def test_an_empty_frame_is_not_judged():
    assert edge_width(np.full((360, 640), 90, np.uint8)) is None
    assert Sharpness().edge == 0


def test_the_median_frame_decides_about_sharpness():
    small = frames([NOISE[0]])[0]
    sharpness = Sharpness()
    for width in (2, 2, 2, 8, 8):
        sharpness.add(SmallFrame(0.0, small.luma, small.light, edge(width)))
    assert sharpness.edge == pytest.approx(2, rel=0.15)


@pytest.mark.parametrize(
    ("look", "scene", "ratio"),
    [
        (SubtitleLook.BOX, 1.0, 6),
        (SubtitleLook.LARGE, 1.0, 6),
        (SubtitleLook.OUTLINE, 1.0, 2.3),
        (SubtitleLook.OUTLINE, 0.1, 11),
    ],
)
def test_contrast_depends_on_look_and_scene(look, scene, ratio):
    light = np.full((3, 46, 80), scene, np.float32)
    assert caption_contrast(light, look) == pytest.approx(ratio, rel=0.1)


def test_contrast_counts_only_while_captions_show():
    contrast = CaptionContrast([Cue(1.0, 2.0, "one"), Cue(3.0, 3.5, "two")], SubtitleLook.OUTLINE, 3.0)
    run(contrast, [np.full((90, 160), 255, np.uint8)] * 50)
    assert contrast.seconds == pytest.approx(1.5)
    assert contrast.lowest == pytest.approx(2.3, abs=0.1)
