"""A board as its page gets it: plain values of the scenes, of the money, and of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..storyboard.making import BoardRun
from ..storyboard.rows import SceneRow
from ..storyboard.scene import Take
from ..storyboard.state import BoardState

__all__ = ["Cost", "cost_of", "places_for_page", "row_for_page", "run_for_page"]

_MOST_NOTES = 40
_PLACES = {"paragraph": 0, "sentence": 1, "clause": 2}

Cost = dict[str, float]
"""Known US dollars (`usd`), and numbers of scenes: to make (`count`), of unknown price (`unknown`), paid and left to be
fetched (`left`), in doubt (`doubt`)."""


def cost_of(rows: Sequence[SceneRow]) -> Cost:
    """Return what making all that is missing costs."""
    missing = [row for row in rows if row.missing]
    paid = [row for row in missing if not row.left]
    return {
        "count": len(missing),
        "usd": round(sum(row.usd or 0.0 for row in paid), 6),
        "unknown": sum(row.usd is None for row in paid),
        "left": sum(row.left == "paid" for row in missing),
        "doubt": sum(row.left == "doubt" for row in missing),
    }


def row_for_page(row: SceneRow) -> dict[str, Any]:
    """Return a scene as plain values; what is empty is left out."""
    scene = row.record
    chosen = scene.take
    warnings = chosen.warnings if chosen is not None and not scene.own else ()
    values = {
        "id": scene.id,
        "start": round(scene.start, 3),
        "end": round(scene.end, 3),
        "words": list(row.words),
        "prompt": row.prompt,
        "provider": row.provider,
        "wish": scene.provider or "",
        "usd": row.usd,
        "state": row.state,
        "missing": row.missing,
        "error": scene.error,
        "problem": row.problem,
        "left": row.left,
        "own": "clip" if scene.clip else "still" if scene.still else "",
        "follows": scene.follows,
        "takes": [_take(take) for take in scene.takes],
        "take": scene.takes.index(chosen) if chosen is not None else None,
        "warnings": list(warnings),
    }
    return {name: value for name, value in values.items() if value is not False and value not in ("", [])}


def _take(take: Take) -> list[Any]:
    return [take.run, take.provider, take.usd, take.seed]


def places_for_page(state: BoardState) -> list[list[float]]:
    """Return the places where scenes may end: seconds, and 0 for a paragraph, 1 a sentence, 2 a clause, 3 a pause."""
    return [[round(time, 3), _PLACES.get(kind, 3)] for time, kind in state.boundaries]


def run_for_page(runs: Sequence[BoardRun]) -> dict[str, Any]:
    """Return the progress of runs that go on side by side, or of the last one."""
    going = [run for run in runs if not run.done()] or list(runs[-1:])
    if not going:
        return {}
    progress = [run.progress for run in going]
    notes = [note for run in going for note in run.warnings]
    return {
        "running": not all(each.state.final for each in progress),
        "fraction": round(sum(each.fraction for each in progress) / len(progress), 4),
        "text": "; ".join(map(str, progress)),
        "message": progress[-1].message,
        "state": progress[-1].state.value,
        "remaining": progress[-1].remaining,
        "notes": notes[:_MOST_NOTES],
    }
