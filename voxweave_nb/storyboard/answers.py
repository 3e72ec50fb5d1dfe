"""Reading the prompts that a chat model wrote: one for each scene, or the scene keeps its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from .prompts import shortened

__all__ = ["read_prompts"]

_MOST_OBJECTS = 20_000
_SHOWN = 80


def read_prompts(answer: str, count: int, *, most: int) -> tuple[list[str | None], list[str]]:
    """Return the prompt of each scene, None where there is none, and sentences about what is amiss.

    The answer should be `{"scenes": [{"scene": 1, "prompt": "..."}, ...]}`. Text around it is allowed, and of an answer
    that was cut off the whole prompts count.

    Args:
        answer: The model's answer.
        count: The number of scenes.
        most: The largest number of characters of a prompt; a longer one is shortened at the end of a clause.
    """
    found: dict[int, str | None] = {}
    problems: list[str] = []
    for item in _items(answer):
        number, text = _number(item["scene"]), _plain(item["prompt"])
        if number is None or not 1 <= number <= count or not text:
            continue
        if found.get(number, text) != text:
            found[number] = None
        elif number not in found:
            found[number] = text
    for number, long in sorted(found.items()):
        if long is not None and len(long) > most:
            found[number] = shortened(long, most)
            problems.append(f"The prompt of scene {number} had {len(long)} characters and was cut to {most}.")
    missing = [number for number in range(1, count + 1) if not found.get(number)]
    if len(missing) == count:
        said = " ".join(answer.split())[:_SHOWN]
        return [None] * count, [
            f"The answer {said!r} could not be read: the prompts made from the words stay."
        ]
    if missing:
        problems.append(
            f"The answer has not one prompt for {_named(missing)}: the prompt made from the words stays."
        )
    return [found.get(number) for number in range(1, count + 1)], problems


def _named(numbers: Sequence[int]) -> str:
    *first, last = map(str, numbers)
    return f"scenes {', '.join(first)} and {last}" if first else f"scene {last}"


def _items(answer: str) -> Iterator[dict[str, Any]]:
    """Yield all JSON objects of an answer that have a scene and a prompt, whatever they are in."""
    decoder, at = json.JSONDecoder(), 0
    for _ in range(_MOST_OBJECTS):
        at = answer.find("{", at)
        if at < 0:
            return
        try:
            value, end = decoder.raw_decode(answer, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        at = end
        waiting = [value]
        while waiting:
            one = waiting.pop(0)
            if isinstance(one, list):
                waiting += one
            elif isinstance(one, dict) and {"scene", "prompt"} <= one.keys():
                yield one
            elif isinstance(one, dict):
                waiting += one.values()


def _number(value: Any) -> int | None:
    """Return a whole number, which some models write as text."""
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value.strip()[:9])
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _plain(value: Any) -> str:
    """Return a text on one line, without characters that cannot be shown or written down; empty for anything else."""
    if not isinstance(value, str):
        return ""
    clean = value.encode("utf-8", "replace").decode()
    return " ".join("".join(each if each.isprintable() else " " for each in clean).split())
