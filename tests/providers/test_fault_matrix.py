"""Whatever breaks, wherever it breaks: no job is lost, and none is paid for twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from voxweave_nb.sandbox.clips import make_clip

from .matrix import Bench, Cell, Outcome, cells, wrong

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def outcomes(narration_file: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Cell, Outcome]:
    folder = tmp_path_factory.mktemp("matrix")
    clip = folder / "spare.mp4"
    asyncio.run(make_clip(clip, width=320, height=180, seconds=1.0, mark="spare"))
    return asyncio.run(Bench(narration_file, clip, folder).run_all(list(cells())))


@pytest.mark.parametrize("cell", list(cells()), ids=str)
def test_the_outcome_is_right_and_nothing_is_lost_or_paid_twice(outcomes, cell):
    assert wrong(cell, outcomes[cell]) == ""


def test_there_is_a_cell_for_every_fault_at_every_step():
    assert len(list(cells())) == 5 * (16 + 15 * 2) + 15
