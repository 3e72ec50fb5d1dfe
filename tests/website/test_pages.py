"""The pages of the website as written: their code runs with the names and options that exist."""

from __future__ import annotations

import ast
import inspect
import re
import shlex
import tomllib
from pathlib import Path

import pytest

import voxweave_nb
from voxweave_nb import GeneratedVideo, Job, VideoConfig, VideoGenerationService
from voxweave_nb.cli.magic import magic_parser
from voxweave_nb.cli.parser import command_parser
from voxweave_nb.providers import BUILT_IN, chat, provider_class
from voxweave_nb.sandbox import Sandbox
from voxweave_nb.settings import Settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]
OWNERS = {"service": VideoGenerationService, "job": Job, "video": GeneratedVideo, "sandbox": Sandbox}
VARIABLES = (
    {"VOXWEAVE_FFMPEG", chat.KEY_VARIABLE, chat.URL_VARIABLE}
    | {f"VOXWEAVE_{name.upper()}" for name in Settings.__dataclass_fields__}
    | {
        getattr(provider_class(name), variable, "")
        for name in BUILT_IN
        for variable in ("key_variable", "url_variable")
    }
)


def blocks(language: str) -> list:
    """The code blocks of a language in all pages, each with its page and number."""
    found = []
    for page in PAGES:
        texts = re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)
        name = page.relative_to(ROOT).as_posix()
        found += [pytest.param(text, id=f"{name}-{number}") for number, text in enumerate(texts, 1)]
    return found


def calls(tree: ast.AST) -> list[tuple[str, str, list[str]]]:
    """The calls of methods on variables of `OWNERS`: variable, method, keywords."""
    return [
        (node.func.value.id, node.func.attr, [word.arg for word in node.keywords if word.arg])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in OWNERS
    ]


def parse(text: str) -> ast.Module:
    return compile(text, "a page", "exec", flags=ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def imported(tree: ast.Module, module: str) -> list[str]:
    return [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == module
        for alias in node.names
    ]


@pytest.mark.parametrize("text", blocks("python"))
def test_python_uses_names_that_exist(text):
    tree = parse(text)
    assert set(imported(tree, "voxweave_nb")) <= set(voxweave_nb.__all__)
    for variable, method, keywords in calls(tree):
        function = getattr(OWNERS[variable], method, None)
        assert function is not None, f"{variable}.{method}"
        known = set(inspect.signature(function).parameters) | set(VideoConfig.__dataclass_fields__)
        assert set(keywords) <= known, f"{variable}.{method}"


@pytest.mark.parametrize("text", blocks(""))
def test_an_unmarked_block_is_a_magic_or_python(text):
    first = text.splitlines()[0]
    if first.startswith("%%voxweave"):
        magic_parser().parse_args(shlex.split(first)[1:])
    elif first.startswith("service."):
        test_python_uses_names_that_exist(text)


def run_parser(words: list[str]) -> None:
    """Parse a command of `voxweave-nb`; a wrong option raises ConfigError."""
    if "--help" not in words:
        command_parser().parse_args(words)


@pytest.mark.parametrize("text", blocks("sh"))
def test_a_shell_block_names_real_options(text):
    for line in text.splitlines():
        words = shlex.split(line, comments=True)
        while words and re.match(r"\w+=", words[0]):
            assert words.pop(0).partition("=")[0] in VARIABLES
        if not words:
            continue
        if words[0] == "voxweave-nb":
            run_parser(words[1:])
        elif words[0] == "export":
            assert {word.partition("=")[0] for word in words[1:]} <= VARIABLES
        elif words[0] == "sh":
            script = ROOT / words[1]
            usage = script.read_text(encoding="utf-8")
            assert [word for word in words[2:] if word.startswith("--") and word not in usage] == []
        elif words[:2] == ["pip", "install"]:
            extras = re.findall(r"\[([\w,]+)\]", " ".join(words))
            assert {name for extra in extras for name in extra.split(",")} <= set(EXTRAS)
        else:
            assert words[0] in ("python3", "."), f"unknown command: {line}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_variable_in_the_text_exists(page):
    named = set(re.findall(r"\bVOXWEAVE_[A-Z_]+\b", page.read_text(encoding="utf-8")))
    assert named - VARIABLES == set()
