"""Engines in processes of their own: what they see, and how they end."""

from __future__ import annotations

import asyncio
import os

import pytest

from tests.speech.engines import WORDS
from voxweave_nb import SpeechError
from voxweave_nb.speech.engine import run_engine


def listen(work, model, **order):
    samples = work / "samples.s16"
    samples.write_bytes(bytes(32_000))
    told = []
    order = {
        "do": "recognise",
        "engine": "parrot",
        "model": model,
        "language": None,
        "samples": str(samples),
        **order,
    }
    asyncio.run(run_engine(order, work=work, on_message=told.append))
    return told


def test_messages_arrive_in_order(aviary, tmp_path):
    first, last = listen(tmp_path, str(aviary / "heard.json"))
    assert first == {"progress": 0.5}
    assert [word[0] for word in last["words"]] == WORDS


def test_no_key_reaches_an_engine(aviary, tmp_path, monkeypatch):
    monkeypatch.setenv("ZAI_API_KEY", "secret")
    code = (aviary / "aviary.py").read_text("utf-8")
    telling = code.replace("heard = json", "raise ValueError(dict(__import__('os').environ)); heard = json")
    (aviary / "aviary.py").write_text(telling, encoding="utf-8")
    with pytest.raises(SpeechError) as told:
        listen(tmp_path, str(aviary / "heard.json"))
    assert "HF_HUB_OFFLINE" in str(told.value)
    assert "secret" not in str(told.value)


def test_an_engine_ends_with_its_parent(aviary, tmp_path):
    """A closed input, as of a kernel that was killed, ends the process."""
    import json
    import subprocess
    import sys

    samples = tmp_path / "samples.s16"
    samples.write_bytes(bytes(100))
    order = {
        "do": "recognise",
        "engine": "parrot",
        "model": "forever",
        "language": None,
        "samples": str(samples),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "voxweave_nb.speech.engine_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ},
    )
    process.stdin.write(json.dumps(order).encode() + b"\n")
    process.stdin.flush()
    assert b"progress" in process.stdout.readline()
    process.stdin.close()
    process.stdout.close()
    assert process.wait(timeout=20) == 0
