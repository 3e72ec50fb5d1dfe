"""Completion in IPython: the options of the magics, and values in calls such as `VideoConfig(style='`."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

__all__ = ["complete", "register_matcher"]

_MAGIC = re.compile(r"\s*(?:[\w, ]+=\s*)?%{1,2}voxweave\s(.*)", re.DOTALL)
_VALUE = re.compile(r"\b(\w+)\s*=\s*(['\"])([^'\"\n]*)$")
_CLOSED_TEXT = re.compile(r"""(['"])(?:\\.|(?!\1)[^\\\n])*\1""")
_CLASSES = ("VideoConfig", "VideoPanel", "VideoGenerationService")
_LONGEST = 20_000
_ID = "voxweave_nb"


def register_matcher(shell: Any) -> None:
    """Add the matcher to an IPython shell, once."""
    matchers = getattr(getattr(shell, "Completer", None), "custom_matchers", None)
    if matchers is None or any(getattr(each, "matcher_identifier", "") == _ID for each in matchers):
        return

    def match(context: Any) -> dict[str, Any]:
        before = _before_cursor(context)
        fragment, texts = complete(before, shell.user_ns)
        completions = [_completion(text) for text in texts]
        return {
            "completions": completions,
            "matched_fragment": fragment,
            "suppress": bool(completions),
            "ordered": True,
        }

    match.matcher_api_version = 2  # type: ignore[attr-defined]
    match.matcher_identifier = _ID  # type: ignore[attr-defined]
    match.matcher_priority = 1000  # type: ignore[attr-defined]
    matchers.append(match)


def complete(before: str, names: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return the text before the cursor that is completed, and what it can become.

    Args:
        before: The cell up to the cursor.
        names: The variables of the shell.
    """
    if len(before) > _LONGEST:
        return "", []
    line = before.rpartition("\n")[2]
    magic = _MAGIC.fullmatch(line)
    if magic is not None:
        return _complete_magic(magic[1], names)
    return _complete_call(before, names)


def _complete_magic(options: str, names: Mapping[str, Any]) -> tuple[str, list[str]]:
    from .cli.completion import complete_options
    from .cli.magic import magic_parser

    own = [name for name, value in names.items() if not name.startswith("_") and _may_be_narration(value)]
    return complete_options(options, magic_parser(), own)


def _may_be_narration(value: Any) -> bool:
    from .inputs import is_narration

    return is_narration(value)


def _complete_call(before: str, names: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Complete a text that is an argument of a call of this package."""
    match = _VALUE.search(before)
    if match is None or not _is_ours(_called(before[: match.start()]), names):
        return "", []
    from .cli.completion import values_of

    typed = match[3]
    return typed, [value for value in values_of(match[1]) if value.startswith(typed.lower())]


def _called(before: str) -> str:
    """Return the expression that is called by the innermost open parenthesis, or an empty text."""
    before = _CLOSED_TEXT.sub(lambda text: "_" * len(text[0]), before)
    depth = 0
    for place in range(len(before) - 1, -1, -1):
        if before[place] in ")]}":
            depth += 1
        elif before[place] in "([{":
            if depth == 0:
                found = re.search(r"[\w.]+(?:\([^()]*\)[\w.]*)*$", before[:place])
                return found[0] if found and before[place] == "(" else ""
            depth -= 1
    return ""


def _is_ours(called: str, names: Mapping[str, Any]) -> bool:
    """Return True if a call is one of this package, by the object that its first name stands for."""
    head, *_ = re.findall(r"\w+", called) or [""]
    if head not in names:
        return called.split("(")[0].split(".")[-1] in _CLASSES or head in _CLASSES
    value = names[head]
    if isinstance(value, ModuleType):
        return value.__name__.partition(".")[0] == __package__
    kind = value if isinstance(value, type) else type(value)
    return kind.__module__.partition(".")[0] == __package__


def _before_cursor(context: Any) -> str:
    lines = context.full_text.split("\n")
    return "\n".join([*lines[: context.cursor_line], lines[context.cursor_line][: context.cursor_position]])


def _completion(text: str) -> Any:
    return sys.modules["IPython.core.completer"].SimpleCompletion(text=text, type="value")
