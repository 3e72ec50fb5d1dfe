"""Rules of the project that no linter checks: sizes, import circles, a test for each module, names of tests."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "voxweave_nb"
TESTS = ROOT / "tests"
MODULES = sorted(PACKAGE.rglob("*.py"))
BACKDROPS = ("voxweave_nb/render/backdrops/", "voxweave_nb/render/scenes/")
"""Folders whose modules may have any length: each holds the drawing of one style."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[Function]:
    """All functions and methods of a module, nested ones included."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def lines(path: Path) -> int:
    """The number of lines, as `wc -l` counts them."""
    return path.read_bytes().count(b"\n")


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def assert_none(found: list[str]) -> None:
    """Fail with one line for each place that was found."""
    if found:
        pytest.fail(f"{len(found)} found:\n" + "\n".join(found), pytrace=False)


# Sizes


def test_python_modules_have_at_most_500_lines():
    modules = [path for path in MODULES if not relative(path).startswith(BACKDROPS)]
    assert_none([f"{relative(path)}: {lines(path)} lines" for path in modules if lines(path) > 500])


def test_functions_have_at_most_60_lines():
    sizes = [(path, node, node.end_lineno - node.lineno + 1) for path in MODULES for node in functions(path)]
    assert_none(
        [
            f"{relative(path)}:{node.lineno} {node.name}: {size} lines"
            for path, node, size in sizes
            if size > 60
        ]
    )


def test_javascript_modules_have_at_most_400_lines():
    scripts = sorted(PACKAGE.rglob("*.js"))
    assert_none([f"{relative(path)}: {lines(path)} lines" for path in scripts if lines(path) > 400])


def test_the_service_has_fewer_than_300_lines():
    assert lines(PACKAGE / "service.py") < 300


def test_no_incompatible_override_is_ignored():
    ignored = re.compile(r"type:\s*ignore\[[^\]]*\boverride\b")
    assert_none([relative(path) for path in MODULES if ignored.search(path.read_text(encoding="utf-8"))])


# Text files


def test_text_is_written_alike_on_every_system():
    """Windows writes another encoding and other line ends where none are given."""
    calls = [
        (path, node)
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "write_text"
        and not {"encoding", "newline"} <= {word.arg for word in node.keywords}
    ]
    assert_none([f"{relative(path)}:{node.lineno}" for path, node in calls])


# What services call their own jobs stays as they spell it, and so do names of the API and of the contract tests.
OTHER_SPELLING = re.compile(r"(?<![.\w])cancell(?:ed|ing)\b", re.IGNORECASE)
SPELLED_BY_SERVICES = {"providers/parsing.py", "sandbox/fal.py", "sandbox/gemini.py"}


def test_canceled_is_spelled_in_one_way():
    pages = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")]
    folders = [ROOT / "voxweave_nb", ROOT / "docs", ROOT / "notebooks"]
    found = (
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in (".py", ".js", ".md", ".ipynb")
    )
    wrong = [path for path in [*pages, *found] if OTHER_SPELLING.search(path.read_text(encoding="utf-8"))]
    assert {str(path) for path in wrong} <= {str(ROOT / "voxweave_nb" / name) for name in SPELLED_BY_SERVICES}


# Names


def test_browser_tests_share_no_file():
    """They share one folder, and which of their modules one process runs varies: a lab of both has more variants."""
    named = re.compile(r'\bPromptLab\(\s*"([^"]+)"|\bfolder / "([^"]+\.ipynb)"')
    found = [
        (path.name, lab or notebook)
        for path in sorted((ROOT / "tests" / "browser").glob("test_*.py"))
        for lab, notebook in set(named.findall(path.read_text(encoding="utf-8")))
    ]
    counts = Counter(name for _, name in found)
    assert_none([f"{module}: {name}" for module, name in found if counts[name] > 1])


# Imports


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path, known: set[str]) -> set[str]:
    """The package's modules that a module imports, also inside functions and under TYPE_CHECKING."""
    name = module_name(path)
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*start, *filter(None, [node.module])])
            # `from .journal import store` imports the module, `from .journal import Journal` the package.
            found |= {member if (member := f"{base}.{alias.name}") in known else base for alias in node.names}
    return (found & known) - {name}


def reachable(start: str, graph: dict[str, set[str]]) -> set[str]:
    """The modules that can be reached from a module over one or more imports."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        new = graph[waiting.pop()] - seen
        seen |= new
        waiting += new
    return seen


def test_modules_do_not_import_each_other_in_circles():
    known = {module_name(path) for path in MODULES}
    graph = {module_name(path): imported(path, known) for path in MODULES}
    reach = {name: reachable(name, graph) for name in graph}
    circles = {
        " <-> ".join(sorted(other for other in reach[name] if name in reach[other]))
        for name in graph
        if name in reach[name]
    }
    assert_none(sorted(circles))


# Tests


def has_logic(module: Path) -> bool:
    """False for a module that only defines constants and types, or passes on names of other modules."""
    return any(True for _ in functions(module))


def mirrored_test(module: Path) -> Path:
    """Return the test of a module: `tests/a/test_b.py` for `a/b.py`, `tests/a/test_a.py` for `a/__init__.py`."""
    if module == PACKAGE / "__init__.py":
        return TESTS / "test_public.py"
    name = module.parent.name if module.name == "__init__.py" else module.stem
    return TESTS / module.parent.relative_to(PACKAGE) / f"test_{name}.py"


def test_every_module_with_logic_has_its_test():
    untested = [module for module in MODULES if has_logic(module) and not mirrored_test(module).exists()]
    assert_none([f"{relative(module)} needs {relative(mirrored_test(module))}" for module in untested])


def test_names_of_tests_have_at_most_eight_words():
    tests = [
        (path, name)
        for path in sorted(TESTS.rglob("test_*.py"))
        for name in re.findall(
            r"^ *(?:async )?def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    ]
    assert_none([f"{relative(path)} {name}" for path, name in tests if name.count("_") > 8])
