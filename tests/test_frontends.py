"""README's table of front ends is the tests' own list, and each of its claims is a test that runs."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from importlib.metadata import version

import pytest

from tests import frontends
from tests.frontends import README, ROWS, Cell, Row

CLAIMS = [(row, cell) for row in ROWS for cell in row.cells]
IN_A_BROWSER = (frontends.SIMULATION, frontends.CHROMIUM, frontends.FIREFOX, frontends.WEBKIT)
COLLECT = """
import json, sys, pytest

class Collected:
    def pytest_collection_finish(self, session):
        applies = lambda mark: mark.name != "skipif" or any(mark.args)
        found = {item.nodeid: [mark.name for mark in item.iter_markers() if applies(mark)] for item in session.items}
        sys.stderr.write(json.dumps(found))

options = ["--collect-only", "-q", "-n0", "-p", "no:cacheprovider"]
sys.exit(pytest.main([*options, *sys.argv[1:]], [Collected()]))
"""


@cache
def collected() -> dict[str, list[str]]:
    """Return the tests that pytest finds in the named modules, each with its marks."""
    modules = sorted({test.partition("::")[0] for _, cell in CLAIMS for test in cell.tests})
    done = subprocess.run(
        [sys.executable, "-c", COLLECT, *modules],
        cwd=README.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stderr)


def found(test: str) -> dict[str, list[str]]:
    """Return the collected tests of an id; an id without parameters stands for all of them."""
    return {
        name: marks
        for name, marks in collected().items()
        if name == test or ("[" not in test and name.startswith(f"{test}["))
    }


def test_readme_has_this_table():
    shown = frontends.table_in(README.read_text(encoding="utf-8"))
    assert shown == frontends.table(), "Run `python -m tests.frontends`, which writes it."


@pytest.mark.parametrize("words", ["yes", "streams"])
def test_a_row_without_tests_may_not_boast(words):
    assert unproven([Row("Emacs", *[Cell(words)] * 5, how=frontends.CHROMIUM)]) == [f"Emacs: {words}"] * 5


def test_every_claim_has_a_test():
    assert unproven(ROWS) == []


def unproven(rows) -> list[str]:
    silent = (frontends.NOT_SEEN, frontends.NOTHING)
    return [
        f"{row.front_end}: {cell.words}"
        for row in rows
        for cell in row.cells
        if not cell.tests and cell not in silent
    ]


def test_a_row_with_tests_tells_how():
    unseen = (frontends.NOT_YET, frontends.EXPECTED)
    assert [row.front_end for row, cell in CLAIMS if cell.tests and row.how.startswith(unseen)] == []


@pytest.mark.slow
def test_pytest_finds_every_named_test():
    assert sorted({test for _, cell in CLAIMS for test in cell.tests if not found(test)}) == []


@pytest.mark.slow
def test_no_named_test_is_skipped():
    """A skip inside a test or a fixture counts, so the modules may not contain one; one for other systems does not."""
    named = {test for _, cell in CLAIMS for test in cell.tests}
    marked = {
        name
        for test in named
        for name, marks in found(test).items()
        if {"skip", "skipif", "xfail"} & set(marks)
    }
    texts = {
        name: (README.parent / name).read_text("utf-8")
        for name in {test.partition("::")[0] for test in named}
    }
    silent = {name for name, text in texts.items() if "pytest.skip" in text or "importorskip" in text}
    assert sorted(marked | silent) == []


@pytest.mark.slow
def test_what_was_seen_in_a_browser_ran_there():
    rows = [(row, test) for row, cell in CLAIMS for test in cell.tests if row.how.startswith(IN_A_BROWSER)]
    assert [
        (row.front_end, test)
        for row, test in rows
        for marks in found(test).values()
        if "browser" not in marks
    ] == []


@pytest.mark.parametrize(
    "package", [("jupyterlab", "JupyterLab 4"), ("notebook", "Notebook 7"), ("voila", "Voila 0.5")]
)
def test_the_named_versions_are_installed(package):
    name, shown = package
    assert shown in {row.front_end for row in ROWS}
    assert f"{version(name)}.".startswith(f"{shown.split()[-1]}.")
