"""Still frames of a style."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.render.rendering import decoded
from voxweave_nb.render.job import RenderJob
from voxweave_nb.render.preview import sheet, stills, write_png

MakeJob = Callable[..., RenderJob]


def test_stills_have_the_video_size(make_job: MakeJob, tmp_path: Path) -> None:
    first, last = stills(make_job(width=160, height=90, title=""), [0.3, 0.8], tmp_path)
    assert first.shape == last.shape == (90, 160, 3)
    assert not np.array_equal(first, last)


def test_a_sheet_has_rows_and_gaps() -> None:
    images = [np.full((4, 6, 3), value, np.uint8) for value in (50, 100, 150)]
    whole = sheet(images, columns=2, gap=2)
    assert whole.shape == (10, 14, 3)
    assert (whole[:4, 8:] == 100).all()
    assert (whole[6:, :6] == 150).all()


def test_a_png_can_be_read_back(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (9, 14, 3), np.uint8)
    write_png(pixels, tmp_path / "still.png")
    assert np.array_equal(decoded(tmp_path / "still.png")[0][0], pixels)
