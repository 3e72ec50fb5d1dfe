"""All text that a person sees is in one table per module, for Python and for the page, so that it can be translated."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from voxweave_nb.models import JobState, Stage, SubtitleLook, SubtitleMode, VideoAspect
from voxweave_nb.widgets import texts

WIDGETS = Path(texts.__file__).parent
PYTHON = [path for path in sorted(WIDGETS.glob("*.py")) if path.name != "texts.py"]
MODULES = sorted((WIDGETS / "static").glob("*.js"))
SHOWN = {"description", "placeholder", "tooltip", "label"}
SAYING = {"heading", "dropdown", "note_html", "error_html", "warnings_html", "source_buttons", "_button"}
TABLE = r"(?ms)^const TEXTS = \{.*?^\};"
LETTERS = re.compile(r"[^\W\d_]{2,}")


def literals(node: ast.AST) -> Iterator[str]:
    """The texts that an expression is made of; what is filled in is `{}`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from literals(part.value)
    else:
        for child in ast.iter_child_nodes(node):
            yield from literals(child)


def said(tree: ast.AST) -> Iterator[str]:
    """What a module says by itself: what it gives to controls, and what stands between tags."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            for keyword in node.keywords:
                if keyword.arg in SHOWN:
                    yield from literals(keyword.value)
            if name in SAYING and node.args:
                yield from literals(node.args[0])
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "attr", "") in SHOWN:
            yield from literals(node.value)
    for text in literals(tree):
        if "</" in text and not text.startswith("\n"):
            yield re.sub(r"<[^>]*>", " ", text)


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: path.stem)
def test_python_shows_only_text_from_its_table(path):
    found = said(ast.parse(path.read_text("utf-8")))
    assert [text for text in found if LETTERS.search(text)] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_the_javascript_takes_texts_from_its_table(path):
    code = re.sub(TABLE, "", path.read_text("utf-8"))
    code = re.sub(r"(?m)^\s*//.*$|(?s:/\*.*?\*/)", "", code)
    shown = re.findall(r'(?:"aria-label"|title|placeholder|textContent|alt)[:=]\s*"([^"]+)"', code)
    sentences = re.findall(r'"((?:[A-Z][a-z]+|an?|no) \w+[^"\n]*)"', code)
    assert [*shown, *sentences] == []


def test_no_text_is_left_over():
    code = "\n".join(path.read_text("utf-8") for path in PYTHON)
    names = [name for name in vars(texts) if name.isupper()]
    assert [name for name in names if f"texts.{name}" not in code] == []
    for path in MODULES:
        source = path.read_text("utf-8")
        table = re.search(TABLE, source)
        for name in re.findall(r"(?m)^  (\w+):", table[0] if table else ""):
            assert re.search(rf"TEXTS\.{name}\b|TEXTS\[", source), (path.name, name)


def test_every_value_has_its_text():
    assert set(texts.SUBTITLE_MODES) == {mode.value for mode in SubtitleMode}
    assert set(texts.CAPTION_STYLES) == {look.value for look in SubtitleLook}
    assert set(texts.SHAPES) == {aspect.value for aspect in VideoAspect}
    assert set(texts.STAGES) == {stage.value for stage in Stage}
    assert {*texts.ENDED, "succeeded"} == {state.value for state in JobState if state.final}
