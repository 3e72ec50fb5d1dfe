"""`voxweave-nb lab`."""

from __future__ import annotations

import subprocess
import sys

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


def test_a_missing_jupyterlab_is_named_with_its_installation(monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["lab"]) == 2
    assert "pip install jupyterlab" in capsys.readouterr().err
