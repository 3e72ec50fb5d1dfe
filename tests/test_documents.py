"""README, CONTRIBUTING and CHANGELOG agree with the code: names, links, values, dependencies, layers, examples."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

import pytest

import voxweave_nb
from voxweave_nb import (
    HttpProvider,
    ProviderUnavailable,
    Reply,
    RequestRefused,
    SubmissionInDoubt,
    SubtitleLook,
    SubtitleMode,
    VideoAspect,
    VideoFormat,
    VideoResolution,
    VideoStyle,
)
from voxweave_nb.config import VideoConfig
from voxweave_nb.providers import BUILT_IN, provider_class
from voxweave_nb.settings import Settings
from voxweave_nb.testing import ProviderContract

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


PROVIDERS = [provider_class(name) for name in sorted(BUILT_IN)]


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
        ("for a lab on a cluster", PYPROJECT["project"]["optional-dependencies"]["dask"]),
        ("for the website", PYPROJECT["project"]["optional-dependencies"]["docs"]),
        ("for developers", PYPROJECT["project"]["optional-dependencies"]["dev"]),
    ],
    ids=["package", "sandbox", "dask", "docs", "dev"],
)
def test_every_dependency_has_its_reason(heading, requirements):
    assert table_after(heading) == names(requirements)


@pytest.mark.parametrize(
    "text", [README, CONTRIBUTING, CHANGELOG], ids=["readme", "contributing", "changelog"]
)
def test_every_link_has_a_target(text):
    targets = [target for target in re.findall(r"\]\(([^)]+)\)", text) if "://" not in target]
    files = [(target.partition("#"), text) for target in targets]
    assert [name for (name, _, _), _ in files if name and not (ROOT / name).exists()] == []
    assert [
        anchor
        for (name, _, anchor), text in files
        if anchor and anchor not in anchors((ROOT / name).read_text(encoding="utf-8") if name else text)
    ] == []


def anchors(text: str) -> list[str]:
    """Return the anchors of a Markdown text's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]


def test_the_first_screen_has_the_two_commands():
    screen = "\n".join(README.splitlines()[:40])
    commands = ["](docs/images/panel-light.png)", "sh scripts/demo ", "sh scripts/test ", "voxweave-nb lab "]
    places = [screen.find(command) for command in commands]
    assert -1 not in places
    assert places == sorted(places)


def test_the_table_of_rooms_matches_the_package():
    rows = README.partition("| files |")[2].split("\n\n")[0].splitlines()[2:]
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


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["readme", "contributing"])
def test_every_tested_python_is_named(text):
    declared = re.findall(r"Python :: (3\.\d+)", "\n".join(PYPROJECT["project"]["classifiers"]))
    assert f"with Python {', '.join(declared[:-1])} and {declared[-1]} and the newest versions" in text


def test_the_tour_is_python_of_about_twenty_lines():
    (tour,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    compile(tour, "README.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert len(tour.splitlines()) <= 20


def test_the_tour_uses_names_that_exist():
    (tour,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    owners = {
        "service": voxweave_nb.VideoGenerationService,
        "job": voxweave_nb.Job,
        "video": voxweave_nb.GeneratedVideo,
    }
    missing = [
        f"{owner}.{name}"
        for owner, name in re.findall(r"\b(service|job|video)\.(\w+)\(", README + tour)
        if not hasattr(owners[owner], name)
    ]
    assert missing == []
    imported = re.findall(r"from voxweave_nb import (.+)", tour)
    assert [name for line in imported for name in line.split(", ") if name not in voxweave_nb.__all__] == []


def test_every_option_is_named():
    options = README.partition("## Options")[2].partition("![")[0]
    assert [name for name in VideoConfig.__dataclass_fields__ if f"`{name}`" not in options] == []


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_every_provider_has_its_row(provider):
    (row,) = re.findall(rf"^\| `{provider.name}`.*$", README, re.MULTILINE)
    variables = [getattr(provider, name, None) for name in ("key_variable", "url_variable")]
    assert [variable for variable in variables if variable and f"`{variable}`" not in row] == []


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


def recipe() -> tuple[str, type[HttpProvider], type[ProviderContract]]:
    """Return the example provider of CONTRIBUTING as text and as a class, and its test class."""
    source, test = re.findall(r"```python\n(.*?)```", CONTRIBUTING, re.DOTALL)
    module, names = ModuleType("voxweave_clayworks"), {"__name__": "test_clayworks"}
    with patch.dict(sys.modules, {module.__name__: module}):
        exec(compile(source, "CONTRIBUTING.md", "exec"), module.__dict__)
        exec(compile(test, "CONTRIBUTING.md", "exec"), names)
    return source, module.Clayworks, names["TestClayworks"]


RECIPE, Clayworks, TestRecipe = recipe()
TestRecipe = pytest.mark.slow(TestRecipe)


def test_the_example_provider_has_sixty_lines():
    assert len(RECIPE.splitlines()) <= 60


def answers() -> list[tuple[int, str]]:
    """Return the HTTP statuses in CONTRIBUTING's table of answers, each with its row."""
    rows = CONTRIBUTING.partition("| answer |")[2].split("\n\n")[0].splitlines()[2:]
    return [(int(status), row) for row in rows for status in re.findall(r"\b\d{3}\b", row.split("|")[1])]


@pytest.mark.parametrize(("status", "row"), answers())
def test_the_table_of_answers_matches_the_code(status, row):
    headers = {"retry-after": "1"} if "or `Retry-After`" in row else {}
    error = Clayworks(api_key="a key").error_of(Reply(status, headers, "{}", {}))
    if isinstance(error, SubmissionInDoubt):
        assert "may have accepted it" in row
        return
    if isinstance(error, RequestRefused):
        assert "`RequestRefused`" in row
        return
    assert isinstance(error, ProviderUnavailable)
    assert "ot accepted" in row
    assert "the next provider" in row
    assert error.overloaded == ("retried" in row)
    assert error.gone == ("not tried any more" in row)
