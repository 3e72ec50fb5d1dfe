"""A judge that is killed goes on: no answer is paid for twice, and no pair is forgotten."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.lab.judge_kill import DEATHS, PRICE, SERVER_ANSWERS, judge, open_lab
from tests.lab.stock import stock
from tests.systems import KILL
from voxweave_nb.lab.prompt_lab import PromptLab
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.sandbox import Fault, Sandbox

ROOT = Path(__file__).parents[2]


def five_shades(root: Path, narration: Path) -> PromptLab:
    """A lab of five videos that grow brighter: ten pairs."""
    lab = open_lab(root, narration)
    lab.grid("a {dawn|morning|noon|dusk|night}", provider="local")
    stock(lab)
    for level, each in enumerate(lab.variants, 1):
        source = f"color=c=0x{40 * level:02x}{40 * level:02x}{40 * level:02x}:s=160x90:d=1"
        command = [find_ffmpeg().path, "-v", "error", "-y", "-f", "lavfi", "-i", source, str(each.video.path)]
        subprocess.run(command, check=True)
    return lab


def kill_while_it_is_answered(victim: subprocess.Popen[bytes], sandbox: Sandbox, times: int) -> None:
    """Kill a process once the server has its n-th request, and before it answers."""
    before = sandbox.submissions("chat")
    sandbox.fault("create", Fault.delay(30), provider="chat", after=times - 1)
    while sandbox.submissions("chat") < before + times and victim.poll() is None:
        time.sleep(0.01)
    victim.send_signal(KILL)


@pytest.mark.slow
def test_a_killed_judge_pays_nothing_twice(tmp_path, narration_file, sandbox):
    lab = five_shades(tmp_path, narration_file)
    command = [sys.executable, "-m", "tests.lab.judge_kill", str(tmp_path), str(narration_file)]
    for point, times, _ in DEATHS:
        with subprocess.Popen([*command, point, str(times)], cwd=ROOT, stderr=subprocess.PIPE) as victim:
            if point == SERVER_ANSWERS:
                kill_while_it_is_answered(victim, sandbox, times)
            _, errors = victim.communicate(timeout=120)
        assert victim.returncode == -KILL, (point, errors)
    lab = open_lab(tmp_path, narration_file)
    judge(lab).result(120)
    lost = sum(each for _, _, each in DEATHS)
    pairs = [frozenset((each.left, each.right)) for each in lab.votes]
    assert len(pairs) == len(set(pairs)) == 10 - lost
    runs = lab._service.journal.runs_of(lab._opened.purpose.group)
    sent = [attempt.request_id for run in runs for attempt in run.attempts]
    assert len(sent) == len(set(sent))
    # One process died between the intent and the request: that one counts, and the server never saw it.
    assert sandbox.submissions("chat") == len(sent) - 1
    assert lab.spent == pytest.approx(PRICE * len(sent))
    assert judge(lab).result(60).requests == 0
