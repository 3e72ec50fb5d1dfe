"""Whatever breaks, wherever it breaks: no job is lost, and none is paid for twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from voxweave_nb.sandbox.clips import make_clip

from .matrix import ANSWERS, PROOF, Bench, Cell, Outcome, answer_cells, cells, wrong

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def outcomes(narration_file: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Cell, Outcome]:
    folder = tmp_path_factory.mktemp("matrix")
    clip = folder / "spare.mp4"
    asyncio.run(make_clip(clip, width=320, height=180, seconds=1.0, mark="spare"))
    return asyncio.run(Bench(narration_file, clip, folder).run_all(list(cells())))


@pytest.fixture(scope="module")
def bench(narration_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("answers")
    clip = folder / "spare.mp4"
    asyncio.run(make_clip(clip, width=320, height=180, seconds=1.0, mark="spare"))
    return Bench(narration_file, clip, folder)


def kinds_of_answers() -> dict[str, list[Cell]]:
    """Return the cells of all answers, by provider and kind."""
    kinds: dict[str, list[Cell]] = {}
    for cell in answer_cells():
        kind = "proof" if cell.proves else "taken" if cell.taken else "not taken"
        kinds.setdefault(f"{cell.provider}, {kind}{'' if cell.listed else ', no list'}", []).append(cell)
    return kinds


@pytest.mark.parametrize("chosen", list(kinds_of_answers().values()), ids=list(kinds_of_answers()))
def test_no_answer_loses_or_steals_or_pays_twice(bench, chosen):
    outcomes = asyncio.run(bench.run_all(chosen))
    assert [f"{cell}: {why}" for cell, outcome in outcomes.items() if (why := wrong(cell, outcome))] == []
    assert len(outcomes) == len(chosen)


def test_every_status_has_its_cells():
    doubts = len(ANSWERS) - len(PROOF)
    assert len(list(answer_cells())) == 6 * (2 * doubts + len(PROOF))


@pytest.mark.parametrize("cell", list(cells()), ids=str)
def test_nothing_is_lost_or_paid_twice(outcomes, cell):
    assert wrong(cell, outcomes[cell]) == ""


def test_the_matrix_covers_every_fault_and_step():
    assert len(list(cells())) == 5 * (16 + 15 * 2) + 15
