"""The widgets' JavaScript: its unit tests, run by Node, and the conventions of its modules."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "voxweave_nb" / "widgets" / "static"
MODULES = sorted(STATIC.glob("*.js"))
TESTS = sorted((Path(__file__).parent / "static").glob("*.test.mjs"))
NODE = shutil.which("node")
MOST_LINES = 400
EXPORT = r"(?m)^export (?:async )?(?:function|class|const) (\w+)"
IMPORT = r'(?m)^import \{([^}]*)\} from "\./(\w+)\.js";$'


def imports(path: Path, pattern: str = IMPORT) -> set[tuple[str, str]]:
    """The names that a file imports, each with its module."""
    found = re.findall(pattern, path.read_text("utf-8"))
    return {(module, name.strip()) for names, module in found for name in names.split(",") if name.strip()}


def flags() -> list[str]:
    """Options by which Node reads `static/*.js` as ES modules, which newer versions detect themselves."""
    done = subprocess.run([str(NODE), "--version"], capture_output=True, text=True, check=True)
    major, minor = map(int, re.findall(r"\d+", done.stdout)[:2])
    detects = major >= 23 or (major, minor) >= (22, 7) or (20, 19) <= (major, minor) < (21, 0)
    return [] if detects else ["--experimental-default-type=module"]


@pytest.mark.skipif(NODE is None and "CI" not in os.environ, reason="needs node; scripts/test installs it")
def test_the_modules_pass_their_unit_tests():
    assert NODE, "the JavaScript cannot be tested without node; install Debian's package npm"
    command = [NODE, *flags(), "--test", "--test-reporter=tap", *map(str, TESTS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr
    assert int(re.findall(r"(?m)^# pass (\d+)", done.stdout)[-1]) > len(TESTS)
    assert re.findall(r"(?m)^# (?:skipped|todo) (\d+)", done.stdout) == ["0", "0"]


def test_every_unit_test_has_its_module():
    assert [
        path.name for path in TESTS if STATIC / path.name.replace(".test.mjs", ".js") not in MODULES
    ] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_is_short(path):
    assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_imports_what_exists(path):
    text = path.read_text("utf-8")
    assert len(re.findall(r"(?m)^import\b", text)) == len(re.findall(IMPORT, text))
    for module, name in imports(path):
        assert name in re.findall(EXPORT, (STATIC / f"{module}.js").read_text("utf-8")), (module, name)


def test_every_export_is_imported():
    used = set().union(*map(imports, MODULES))
    for path in TESTS:
        used |= imports(path, r'(?m)^import \{([^}]*)\} from "[\w./]*/static/(\w+)\.js";$')
    exported = {(path.stem, name) for path in MODULES for name in re.findall(EXPORT, path.read_text("utf-8"))}
    assert exported - used == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_says_what_it_is(path):
    assert re.match(r"// [A-Z].*\.", path.read_text("utf-8")), (
        "a module begins with a comment of one sentence"
    )


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_text_spans_lines(path):
    code = re.sub(r"(?m)^\s*//.*$|(?s:/\*.*?\*/)", "", path.read_text("utf-8"))
    assert [line for line in code.splitlines() if line.count("`") % 2] == []
