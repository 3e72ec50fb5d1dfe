"""`scripts/prose`, over a small project that breaks every rule, and over one that breaks none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "prose.py"


def prose(package: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), str(package), *options]
    return subprocess.run(command, capture_output=True, text=True, cwd=package.parent, timeout=60)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with one function in plain words, and a project around it."""
    package = tmp_path / "sea"
    (package / "static").mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "tests").mkdir()
    (package / "wave.py").write_text(
        '"""Waves."""\n\n\ndef swell() -> int:\n    """Return the height."""\n    return 1\n'
    )
    (package / "static" / "wave.js").write_text("/** Draw the waves. */\nfunction draw() {}\n")
    (tmp_path / "README.md").write_text("# Sea\n\nDraws waves.\n")
    (tmp_path / "tests" / "test_wave.py").write_text("def test_a_swell_has_a_height():\n    assert True\n")
    return package


def write_notebook(path: Path, *cells: tuple[str, str]) -> None:
    made = [{"cell_type": kind, "source": source.splitlines(keepends=True)} for kind, source in cells]
    path.write_text(json.dumps({"cells": made}))


def row(output: str, name: str) -> list[int]:
    """The figures before a phrase: Python, JavaScript, notebooks, Markdown, total, limit."""
    (line,) = (line for line in output.splitlines() if line.endswith(name))
    return [int(word) for word in line.removesuffix(name).split()]


def test_plain_words_pass(package):
    done = prose(package)
    assert done.returncode == 0, done.stderr
    assert "noun-clause docstrings: 0.0 % of 2" in done.stdout
    assert "noun-clause JSDoc: 0.0 % of 1" in done.stdout
    assert "longest module: 4 lines, sea/wave.py" in done.stdout
    assert "longest function: 3 lines, sea/wave.py:4 swell" in done.stdout


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("sea/tide.py", '"""What the moon does."""\n', "noun-clause docstrings"),
        ("sea/tide.js", "/**\n * Whether it is high.\n */\n", "noun-clause JSDoc"),
        ("sea/tide.py", '"""Tides."""\n\n# a create\n', "a create"),
        ("README.md", "It shall. " * 11, "shall"),
        ("CHANGELOG.md", "A picture. " * 41, "picture"),
        (
            "tests/test_tide.py",
            "def test_one_two_three_four_five_six_seven_eight_nine(): ...\n",
            "test names",
        ),
    ],
)
def test_each_limit_fails_the_check(package, name, text, complaint):
    (package.parent / name).write_text(text)
    done = prose(package)
    assert done.returncode == 1
    assert complaint in done.stderr


def test_phrases_are_counted_by_kind_of_text(package):
    (package / "tide.py").write_text('"""Tides."""\n\nPICTURE = "a picture of pictures"  # picture\n')
    (package / "tide.js").write_text("// a picture\n")
    (package.parent / "README.md").write_text("Picture\n")
    cells = [
        ("markdown", "# A picture"),
        ("code", "%load_ext sea\n# a picture\npicture = await draw('picture')"),
        ("code", "%%sea --style anime\na picture of waves"),
    ]
    write_notebook(package.parent / "notebooks" / "sea.ipynb", *cells)
    done = prose(package)
    assert row(done.stdout, "picture (say clip, frame, image or video)") == [4, 1, 4, 1, 10, 40]


def test_list_names_every_place(package):
    (package / "tide.py").write_text('"""Tides."""\n\n\ndef high() -> None:\n    """If it is no ebb."""\n')
    listed = prose(package, "--list").stdout
    assert "sea/tide.py:4: If it is no ebb." in listed
    assert 'sea/tide.py:5: """If it is no ebb."""' in listed
