"""`voxweave-nb lab`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.systems import kill_group
from voxweave_nb.cli import main

from .conftest import COMMAND


@pytest.mark.slow
def test_lab_opens_the_quickstart_in_a_folder(tmp_path):
    words = ["lab", str(tmp_path), "--", "--no-browser", "--allow-root", "--port=0", "--ip=127.0.0.1"]
    with subprocess.Popen(
        [*COMMAND, *words], stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as lab:
        said = []
        for line in lab.stderr:
            said.append(line)
            if "http://127.0.0.1" in line:
                break
        kill_group(lab)
    assert "/lab" in said[-1], "".join(said)
    assert "VideoPanel" in (tmp_path / "voxweave_quickstart.ipynb").read_text(encoding="utf-8")


def test_a_notebook_that_is_there_is_kept(tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(
        "subprocess.run", lambda command, **_: started.append(command) or subprocess.CompletedProcess([], 3)
    )
    notebook = tmp_path / "talks" / "voxweave_quickstart.ipynb"
    assert main(["lab", str(notebook.parent), "--", "--no-browser"]) == 3
    assert "VideoPanel" in notebook.read_text(encoding="utf-8")
    notebook.write_text("mine")
    main(["lab", str(notebook.parent)])
    assert notebook.read_text() == "mine"
    assert started[0] == [sys.executable, "-m", "jupyterlab", str(notebook), "--no-browser"]


@pytest.mark.parametrize(
    ("words", "folder", "options"),
    [
        (["--", "--no-browser"], ".", ["--no-browser"]),
        (["--no-browser"], ".", ["--no-browser"]),
        (["--port", "8889", "--no-browser"], ".", ["--port", "8889", "--no-browser"]),
        (["talks"], "talks", []),
        (["talks", "--no-browser"], "talks", ["--no-browser"]),
        (["talks", "--", "--ip=0.0.0.0", "--", "x"], "talks", ["--ip=0.0.0.0", "--", "x"]),
    ],
)
def test_options_are_passed_on(words, folder, options, tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(
        "subprocess.run", lambda command, **_: started.append(command) or subprocess.CompletedProcess([], 0)
    )
    monkeypatch.chdir(tmp_path)
    assert main(["lab", *words]) == 0
    notebook = Path(folder) / "voxweave_quickstart.ipynb"
    assert started == [[sys.executable, "-m", "jupyterlab", str(notebook), *options]]
    assert [each.name for each in tmp_path.iterdir()] == [notebook.parts[0]]


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root is refused by JupyterLab"
)
@pytest.mark.slow
def test_root_is_told_what_it_needs(voxweave, tmp_path):
    done = voxweave("lab", "talks", "--no-browser", "--port=0")
    assert done.returncode == 1
    assert done.stderr.rstrip().splitlines()[-1].startswith("voxweave-nb: JupyterLab starts as root")
    assert "voxweave-nb lab talks --allow-root" in done.stderr


@pytest.mark.parametrize(
    ("root", "options", "told"), [(True, [], True), (True, ["--allow-root"], False), (False, [], False)]
)
def test_only_root_is_told(root, options, told, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("subprocess.run", lambda *_, **__: subprocess.CompletedProcess([], 1))
    monkeypatch.setattr("voxweave_nb.cli.lab._is_root", lambda: root)
    assert main(["lab", str(tmp_path), *options]) == 1
    assert ("--allow-root" in capsys.readouterr().err) is told


def test_a_missing_jupyterlab_is_named_with_its_installation(monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["lab"]) == 2
    assert "pip install jupyterlab" in capsys.readouterr().err
