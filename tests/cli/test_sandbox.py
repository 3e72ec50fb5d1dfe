"""`voxweave-nb sandbox`."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from tests.systems import interrupt
from voxweave_nb.cli import main

from .conftest import COMMAND


@pytest.mark.slow
def test_the_sandbox_serves_until_it_is_interrupted(tmp_path):
    with subprocess.Popen(
        [*COMMAND, "sandbox", "--seconds", "0.1"], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as sandbox:
        lines = iter(sandbox.stdout.readline, "")
        assert any(line.startswith("export OPENAI_BASE_URL=http://127.0.0.1:") for line in lines)
        assert any(line.startswith("# downloads") for line in lines)
        interrupt(sandbox)
        assert sandbox.wait(15) in (0, 130)


def test_a_missing_extra_is_named_with_its_installation(monkeypatch, capsys):
    for name in [name for name in sys.modules if name.startswith("voxweave_nb.sandbox")]:
        monkeypatch.delitem(sys.modules, name)
    found = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "uvicorn" else found(name))
    assert main(["sandbox"]) == 2
    assert "pip install 'voxweave-nb[sandbox]'" in capsys.readouterr().err
