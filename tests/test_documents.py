"""README, CONTRIBUTING and CHANGELOG agree with the code: names, links, values, dependencies, layers."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from voxweave_nb import SubtitleLook, SubtitleMode, VideoAspect, VideoFormat, VideoResolution, VideoStyle
from voxweave_nb.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def names(requirements: list[str]) -> list[str]:
    return [re.split(r"[<>=~!; \[]", requirement)[0] for requirement in requirements]


def table_after(heading: str) -> list[str]:
    """Return the first column of the table whose heading begins with these words."""
    _, _, rest = CONTRIBUTING.partition(f"| {heading}")
    return re.findall(r"^\| `([\w.-]+)` \|", rest.split("\n\n")[0], re.MULTILINE)


@pytest.mark.parametrize(
    ("heading", "requirements"),
    [
        ("installed with the package", PYPROJECT["project"]["dependencies"]),
        ("for the sandbox", PYPROJECT["project"]["optional-dependencies"]["sandbox"]),
        ("for developers", PYPROJECT["project"]["optional-dependencies"]["dev"]),
    ],
    ids=["package", "sandbox", "dev"],
)
def test_every_dependency_has_its_reason(heading, requirements):
    assert table_after(heading) == names(requirements)


@pytest.mark.parametrize(
    "text", [README, CONTRIBUTING, CHANGELOG], ids=["readme", "contributing", "changelog"]
)
def test_every_link_has_a_target(text):
    targets = [target for target in re.findall(r"\]\(([^)]+)\)", text) if "://" not in target]
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_table_of_rooms_matches_the_package():
    rows = README.partition("| room |")[2].split("\n\n")[0].splitlines()[2:]
    cells = [re.findall(r"`([^`]+)`", row.split("|")[1]) for row in rows]
    named = {
        name if "/" in name.rstrip("/") or name.endswith("/") else f"voxweave_nb/{name}"
        for cell in cells
        for name in cell
    }
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
    rooms = {
        f"voxweave_nb/{path.name}{'/' if path.is_dir() else ''}"
        for path in (ROOT / "voxweave_nb").iterdir()
        if not path.name.startswith(("__pycache__", "__init__", "py.typed"))
    }
    assert rooms - named == set()


def test_contributing_draws_every_layer():
    (drawn,) = re.findall(r"```\n(__main__.*?)```", CONTRIBUTING, re.DOTALL)
    assert drawn.splitlines() == PYPROJECT["tool"]["importlinter"]["contracts"][0]["layers"]


def test_the_tour_is_python_of_about_twenty_lines():
    (tour,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    compile(tour, "README.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert len(tour.splitlines()) <= 20


@pytest.mark.parametrize(
    "kind",
    [VideoStyle, VideoResolution, VideoAspect, VideoFormat, SubtitleMode, SubtitleLook],
    ids=lambda kind: kind.__name__,
)
def test_every_value_is_named(kind):
    assert [member.value for member in kind if f"`{member.value}`" not in README] == []


def test_every_setting_is_named():
    variables = [f"VOXWEAVE_{name.upper()}" for name in Settings.__dataclass_fields__]
    assert [name for name in variables if f"`{name}`" not in README] == []
