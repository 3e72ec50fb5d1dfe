"""The journal in a terminal."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from voxweave_nb import VideoConfig
from voxweave_nb.cli.runs_table import run_page, runs_table


def run(**changes: Any) -> Any:
    facts = {
        "id": "20261130-081500-1f2e3d4c",
        "state": "finished",
        "held": False,
        "lapses_in": None,
        "interrupted": False,
        "provider": "zai",
        "chain": ("zai", "local"),
        "usd": 0.2,
        "config": VideoConfig(prompt="a quiet\nsea"),
        "narration": Path("talk.mp3"),
        "seconds": 22.4,
        "result": {},
        "message": "",
    }
    return SimpleNamespace(**{**facts, **changes})


def test_a_run_is_a_line_within_the_width():
    head, short, long = runs_table(
        [run(), run(config=VideoConfig(prompt="rain " * 30))], width=80
    ).splitlines()
    assert head == "id                       state       provider       USD  prompt"
    assert short == "20261130-081500-1f2e3d4c finished    zai           0.20  a quiet sea"
    assert len(long) == 80
    assert long.endswith("…")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"state": "late"}, " late "),
        ({"state": "accepted"}, " at provider "),
        ({"state": "ambiguous"}, " in doubt "),
        ({"state": "accepted", "held": True}, " running "),
        ({"state": "accepted", "held": True, "lapses_in": 12.0}, " running? "),
        ({"usd": None}, " ? "),
        ({"usd": 0.0}, " - "),
    ],
)
def test_states_and_costs_are_short_words(changes, word):
    assert word in runs_table([run(**changes)])


def test_a_page_has_the_facts_and_the_steps():
    shown = run_page(
        run(result={"path": "out/sea.mp4"}, message="It was finished."),
        [(0.0, "accepted", {"job_id": "job-1"})],
    ).splitlines()
    assert shown[0] == "20261130-081500-1f2e3d4c: finished"
    assert "  narration  talk.mp3 (22.4 s)" in shown
    assert "  providers  zai, local" in shown
    assert "  cost       $0.20" in shown
    assert "  video      out/sea.mp4" in shown
    assert "  message    It was finished." in shown
    assert shown[-1].endswith("accepted  job_id: job-1")


def test_an_unknown_cost_is_said():
    assert "  cost       unknown" in run_page(run(usd=None), []).splitlines()
