"""The exit codes, the words of a wrong command, and the time that help takes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from voxweave_nb import JobCanceled, NarrationError
from voxweave_nb.cli import generate, main
from voxweave_nb.sample import sample_narration

from .conftest import COMMAND

NARRATION = str(sample_narration())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["generate", "nowhere.mp3"], "There is no narration"),
        (["generate", "x.mp3", "--style", "cubist"], "choose one of: realistic, anime, 3d"),
        (["generate"], "narration"),
        (["generate", "x.mp3", "--provider", ","], "no provider is named"),
        (["generate", __file__, "--provider", "zai,sora9000"], "choose one of: openai_sora"),
        (["generate", __file__, "--poll-interval", "0"], "give a number above 0"),
        (["generate", __file__, "--seconds", "-1"], "give a number above 0"),
        (["frobnicate"], "generate"),
        (["generat", "x.mp3"], "Did you mean 'generate'?"),
        (["storybord", "x.mp3"], "Did you mean 'storyboard'?"),
        (["generate", "x.mp3", "--titel", "x"], "Did you mean '--title'?"),
        (["generate", "https://example.org/x.mp3"], "is not fetched"),
    ],
)
def test_a_wrong_command_is_explained_on_one_screen(words, says, voxweave):
    done = voxweave(*words)
    assert done.returncode in (1, 2)
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) < 12


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe is closed in another way")
@pytest.mark.parametrize("closed", ["stdout", "stderr"])
@pytest.mark.parametrize(
    "words",
    [
        ["jobs"],
        *(
            pytest.param(words, marks=pytest.mark.slow)
            for words in (
                ["--help"],
                ["styles"],
                ["providers", "--json"],
                ["sandbox"],
                ["generate", "nowhere.mp3"],
                ["prompt-lab", "grid", "new", NARRATION, "--prompt", "rain", "--axis", "seed=1,2"],
                ["demo", "--quality", "draft", "--fps", "4"],
            )
        ),
    ],
    ids=" ".join,
)
def test_a_closed_pipe_ends_a_command_quietly(words, closed, tmp_path):
    read, write = os.pipe()
    os.close(read)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, closed: write}
    if (words, closed) == (["sandbox"], "stderr"):
        words = ["sandbox", "--help"]  # the sandbox itself writes nothing there, and goes on
    done = subprocess.run([*COMMAND, *words], **streams, text=True, cwd=tmp_path, timeout=120, check=False)
    os.close(write)
    assert not done.stderr or "Error" not in done.stderr.replace("voxweave-nb: ", "")
    assert done.returncode in (0, 1, 2)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NarrationError("too long"), 1),
        (JobCanceled("canceled"), 130),
        (KeyboardInterrupt(), 130),
    ],
    ids=["failure", "canceled", "interrupt"],
)
def test_each_outcome_has_its_exit_code(error, code, monkeypatch, capsys):
    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr(generate, "_generate", fail)
    assert main(["generate", "talk.mp3"]) == code
    assert capsys.readouterr().err.startswith("voxweave-nb: ")


def test_a_closed_pipe_is_not_a_traceback(voxweave):
    command = f"{sys.executable} -m voxweave_nb providers | head -n 1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


@pytest.mark.parametrize("command", ["generate", "storyboard"])
def test_help_imports_no_slow_package(command):
    script = (
        "import sys\n"
        "from voxweave_nb.__main__ import main\n"
        f"try: main(['{command}', '--help'])\n"
        "except SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    slow = {"asyncio", "av", "httpx", "ipywidgets", "IPython", "numpy", "sqlite3", "voxweave_nb.service"}
    assert done.stdout.startswith(f"usage: voxweave-nb {command}")
    assert slow & set(done.stderr.split()) == set()
