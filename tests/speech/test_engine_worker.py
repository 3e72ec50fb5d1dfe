"""The process of an engine: its answers are lines of JSON, whatever a library prints."""

from __future__ import annotations

import io
import json
import sys

import numpy as np
import pytest

from voxweave_nb.speech import engine_worker


@pytest.fixture
def answered(aviary, monkeypatch):
    """Carry out an order in this process, and return the answers."""
    monkeypatch.setattr(engine_worker, "_exit_with_parent", lambda: None)

    def act(**order):
        out = io.StringIO()
        monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(order) + "\n"))
        monkeypatch.setattr(sys, "stdout", out)
        assert engine_worker.main() == 0
        return [json.loads(line) for line in out.getvalue().splitlines()]

    return act


def test_sentences_are_told_one_by_one(answered, tmp_path):
    to = tmp_path / "spoken.s16"
    first, second = answered(
        do="speak",
        engine="hummer",
        voice="hummer/low",
        rate=1.0,
        sentences=["Nobody waves.", "It rains."],
        to=str(to),
    )
    assert (first["sentence"], first["start"], first["rate"]) == (0, 0, 22_050)
    assert second["start"] == first["stop"]
    assert len(np.fromfile(to, "<i2")) == second["stop"]


def test_an_unknown_engine_is_an_error(answered):
    (told,) = answered(do="speak", engine="owl", voice="x", rate=1, sentences=[], to="x")
    assert "Speaker 'owl' is not installed" in told["error"]
