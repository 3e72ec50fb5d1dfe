r"""Prompt templates: one text with alternatives becomes many prompts, each of which knows its choices.

The syntax is the one that people know from other tools for prompts:

- `{harbour|forest}` takes one of the alternatives, `{place: harbour|forest}` names the choice
- `{2$$fog|rain|snow}` takes two of them, joined by a comma; `{2$$ and $$fog|rain|snow}` joins them by " and "
- `__weather__` takes one line of a list
- alternatives may hold further choices; `\{`, `\|`, `\}`, `\_` and `\\` stand for the characters themselves
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from ..errors import ConfigError

__all__ = ["MOST_PROMPTS", "Expansion", "TemplateError", "expand"]

MOST_PROMPTS = 10_000
_LONGEST = 20_000
_DEEPEST = 20
# Python's own limit on nested calls is near 1000, and each part of a text takes two.
_MOST_PARTS = 200

_NAME = re.compile(r"\s*([^\W\d_][\w -]{0,39}?)\s*:(?=\s)")
_PICK = re.compile(r"\s*(\d+)(?:-(\d+))?\$\$")
_LIST = re.compile(r"__([^\W_][\w/-]*?)__")
_WEIGHT = re.compile(r"\s*\d*\.?\d+::")
_JOINER = ", "


class TemplateError(ConfigError):
    """Raised for a template that cannot be read; the message shows the place.

    Attributes:
        position: The index of the character in the template, from 0.
    """

    def __init__(self, message: str, *, template: str = "", position: int = 0) -> None:
        super().__init__(f"{message}\n{_pointer(template, position)}" if template else message)
        self.position = position


@dataclass(frozen=True, slots=True)
class Expansion:
    """One prompt of a template.

    Attributes:
        text: The prompt.
        choices: The alternatives taken, by the name of the choice. A choice inside an alternative that was not taken is
            missing.
    """

    text: str
    choices: Mapping[str, str]


def expand(
    template: str, lists: Mapping[str, Sequence[str] | Path] | None = None, *, folder: Path | None = None
) -> tuple[Expansion, ...]:
    r"""Return every prompt of a template, in the order in which the alternatives are written.

    A choice without a name is called by its place: `"choice 1"`. Two choices with one name and the same alternatives
    are one choice: both take the same alternative. Runs of blanks become one.

    Args:
        template: The text, such as `"a {harbour|forest} at {time: dawn|dusk}"`.
        lists: Lists for `__name__`: their lines, or a text file with one line each, whose lines that begin with `#` are
            comments.
        folder: The folder of the text files of lists that are not in `lists`: `weather.txt` for `__weather__`.

    Raises:
        TemplateError: The template cannot be read, or becomes more than 10,000 prompts.
    """
    if not isinstance(template, str):
        raise ConfigError(f"The prompt is {type(template).__name__}; give text.")
    if len(template) > _LONGEST:
        raise TemplateError(f"The template has {len(template):,} characters; the limit is {_LONGEST:,}.")
    parts = _Parser(template, _Lists(lists or {}, folder)).parse()
    found = list(itertools.islice(_expand(parts, {}, {}), MOST_PROMPTS + 1))
    if len(found) > MOST_PROMPTS:
        raise TemplateError(
            f"The template becomes more than {MOST_PROMPTS:,} prompts. Remove alternatives, or split it into several."
        )
    unique = {(_tidy(text), tuple(values.items())): None for text, values in found}
    return tuple(Expansion(text, MappingProxyType(dict(values))) for text, values in unique)


@dataclass(frozen=True, slots=True)
class _Text:
    text: str


@dataclass(frozen=True, slots=True)
class _Choice:
    """A choice of `least` to `most` of the alternatives."""

    name: str
    position: int
    labels: tuple[str, ...]
    alternatives: tuple[tuple[_Part, ...], ...]
    least: int = 1
    most: int = 1
    joiner: str = _JOINER

    def combinations(self) -> tuple[tuple[int, ...], ...]:
        places = range(len(self.alternatives))
        sizes = range(self.least, self.most + 1)
        return tuple(itertools.chain.from_iterable(itertools.combinations(places, size) for size in sizes))


_Part = _Text | _Choice


def _expand(
    parts: Sequence[_Part], taken: dict[str, int], values: dict[str, str]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the texts of the parts; `taken` holds the places of the choices that were made before."""
    for text, _, chosen in _walk(tuple(parts), taken, values):
        yield text, chosen


def _walk(
    parts: tuple[_Part, ...], taken: dict[str, int], values: dict[str, str]
) -> Iterator[tuple[str, dict[str, int], dict[str, str]]]:
    if not parts:
        yield "", taken, values
        return
    head, rest = parts[0], parts[1:]
    for text, then, chosen in _texts(head, taken, values):
        for tail, last, found in _walk(rest, then, chosen):
            yield text + tail, last, found


def _texts(
    part: _Part, taken: dict[str, int], values: dict[str, str]
) -> Iterator[tuple[str, dict[str, int], dict[str, str]]]:
    if isinstance(part, _Text):
        yield part.text, taken, values
        return
    combinations = part.combinations()
    places = [taken[part.name]] if part.name in taken else range(len(combinations))
    for place in places:
        picked = combinations[place]
        value = " + ".join(part.labels[each] for each in picked)
        chosen = {**values, part.name: value} if len(combinations) > 1 else values
        yield from _joined(part, picked, {**taken, part.name: place}, chosen)


def _joined(
    choice: _Choice, picked: tuple[int, ...], taken: dict[str, int], values: dict[str, str]
) -> Iterator[tuple[str, dict[str, int], dict[str, str]]]:
    """Yield the texts of the picked alternatives, joined."""
    parts: list[_Part] = []
    for count, place in enumerate(picked):
        parts += [_Text(choice.joiner)] if count else []
        parts += choice.alternatives[place]
    yield from _walk(tuple(parts), taken, values)


@dataclass(slots=True)
class _Parser:
    """A template, read from left to right."""

    template: str
    lists: _Lists
    open_lists: tuple[str, ...] = ()
    # These two are shared with the parsers of the lists' lines.
    names: dict[str, _Choice] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)
    at: int = 0

    def parse(self) -> tuple[_Part, ...]:
        parts = self._sequence(depth=0)
        assert self.at == len(self.template)
        return parts

    def _fail(self, message: str, position: int) -> TemplateError:
        return TemplateError(message, template=self.template, position=position)

    def _sequence(self, depth: int) -> tuple[_Part, ...]:
        """Read up to the end, or up to a `|` or `}` inside of braces."""
        parts: list[_Part] = []
        text = ""
        while self.at < len(self.template):
            sign = self.template[self.at]
            if depth and sign in "|}":
                break
            part: _Part | None = None
            if sign == "\\" and self.template[self.at + 1 : self.at + 2] in set("{}|_\\$:"):
                text += self.template[self.at + 1]
                self.at += 2
            elif sign == "{":
                part = self._choice(depth + 1)
            elif sign == "}":
                raise self._fail(r"This } has no { before it. Write \} for the character itself.", self.at)
            elif sign == "_" and (match := _LIST.match(self.template, self.at)):
                part = self._list(match)
            else:
                text += sign
                self.at += 1
            if part is not None:
                parts += [_Text(text), part] if text else [part]
                text = ""
        return tuple([*parts, _Text(text)] if text else parts)

    def _choice(self, depth: int) -> _Part:
        start = self.at
        if depth > _DEEPEST:
            raise self._fail(f"Choices are nested more than {_DEEPEST} deep.", start)
        self._count(start)
        number = len(self.starts)
        self.at += 1
        name = self._name()
        least, most, joiner = self._amount()
        alternatives, labels = self._alternatives(start, depth)
        if alternatives == [()]:
            raise self._fail(r"These braces are empty. Write \{\} for the characters themselves.", start)
        if not 1 <= least <= most <= len(alternatives):
            asked = f"{least}" if least == most else f"{least} to {most}"
            raise self._fail(f"{asked} of {len(alternatives)} alternatives cannot be taken.", start)
        choice = _Choice(
            name or f"choice {number}",
            start,
            tuple(labels),
            tuple(alternatives),
            least,
            most,
            joiner,
        )
        return self._remember(choice)

    def _count(self, position: int) -> None:
        self.starts.append(position)
        if len(self.starts) > _MOST_PARTS:
            raise self._fail(f"The template has more than {_MOST_PARTS} choices.", position)

    def _name(self) -> str:
        match = _NAME.match(self.template, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match[1]

    def _amount(self) -> tuple[int, int, str]:
        match = _PICK.match(self.template, self.at)
        if match is None:
            return 1, 1, _JOINER
        self.at = match.end()
        least = int(match[1])
        most = int(match[2] or match[1])
        end = re.compile(r"[^{}|]*?\$\$").match(self.template, self.at)
        if end is None:
            return least, most, _JOINER
        self.at = end.end()
        return least, most, end[0][:-2]

    def _alternatives(self, start: int, depth: int) -> tuple[list[tuple[_Part, ...]], list[str]]:
        alternatives, labels = [], []
        while True:
            if weight := _WEIGHT.match(self.template, self.at):
                raise self._fail(
                    f"Every alternative is taken, so a weight has no effect. Remove {weight[0].strip()!r}.",
                    self.at,
                )
            before = self.at
            alternatives.append(_strip(self._sequence(depth)))
            labels.append(_tidy(_unescape(self.template[before : self.at])))
            if self.at >= len(self.template):
                raise self._fail(r"This { is not closed. Write \{ for the character itself.", start)
            self.at += 1
            if self.template[self.at - 1] == "}":
                return alternatives, labels

    def _list(self, match: re.Match[str]) -> _Part:
        name, start = match[1], self.at
        self._count(start)
        if name in self.open_lists:
            raise self._fail(f"The list {name!r} names itself.", start)
        lines = self.lists.lines(name)
        if lines is None:
            raise self._fail(f"The list {name!r} is unknown. {self.lists.hint(name)}", start)
        if not lines:
            raise self._fail(f"The list {name!r} is empty.", start)
        self.at = match.end()
        alternatives = [
            _Parser(line, self.lists, (*self.open_lists, name), self.names, self.starts).parse()
            for line in lines
        ]
        labels = tuple(_tidy(_unescape(line)) for line in lines)
        return self._remember(_Choice(name, start, labels, tuple(alternatives)))

    def _remember(self, choice: _Choice) -> _Choice:
        """Return the choice, or the earlier one of the same name, which has to have the same alternatives."""
        earlier = self.names.setdefault(choice.name, choice)
        if replace(earlier, position=0) != replace(choice, position=0):
            raise self._fail(
                f"{choice.name!r} was another choice before. Use another name, or the same alternatives.",
                choice.position,
            )
        return earlier


@dataclass(slots=True)
class _Lists:
    """The lists of a template: given, or text files in a folder."""

    given: Mapping[str, Sequence[str] | Path]
    folder: Path | None
    read: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def lines(self, name: str) -> tuple[str, ...] | None:
        """Return the lines of a list, or None if there is none of this name."""
        if name not in self.read:
            source = self.given.get(name, None if self.folder is None else self.folder / f"{name}.txt")
            if source is None or (
                isinstance(source, Path) and name not in self.given and not source.is_file()
            ):
                return None
            self.read[name] = _read_lines(name, source)
        return self.read[name]

    def hint(self, name: str) -> str:
        known = f" The lists are {', '.join(sorted(self.given))}." if self.given else ""
        return f"Give lists={{{name!r}: [...]}}, or put its lines into {name}.txt beside the notebook.{known}"


def _read_lines(name: str, source: Sequence[str] | Path) -> tuple[str, ...]:
    if isinstance(source, Path):
        try:
            text = source.expanduser().read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise TemplateError(f"The list {name!r} cannot be read from {source}: {error}.") from error
        lines = [line.strip() for line in text.splitlines()]
        return tuple(line for line in lines if line and not line.startswith("#"))
    if isinstance(source, str) or not all(isinstance(line, str) for line in source):
        raise TemplateError(
            f"The list {name!r} is not a list of texts. Give one, or the Path of a text file."
        )
    return tuple(source)


def _strip(parts: tuple[_Part, ...]) -> tuple[_Part, ...]:
    """Return an alternative without blanks at its ends."""
    stripped = list(parts)
    if stripped and isinstance(stripped[0], _Text):
        stripped[0] = _Text(stripped[0].text.lstrip())
    if stripped and isinstance(stripped[-1], _Text):
        stripped[-1] = _Text(stripped[-1].text.rstrip())
    return tuple(part for part in stripped if part != _Text(""))


def _tidy(text: str) -> str:
    return re.sub(r"[ \t]+", " ", text).strip()


def _unescape(text: str) -> str:
    return re.sub(r"\\([{}|_\\$:])", r"\1", text)


def _pointer(template: str, position: int) -> str:
    """Return the line of a position, cut to what is near, and a mark below the character."""
    start = template.rfind("\n", 0, position) + 1
    end = template.find("\n", position)
    line = template[start : end if end >= 0 else len(template)]
    column = position - start
    left = max(0, column - 40)
    shown = ("…" if left else "") + line[left : column + 40].replace("\t", " ")
    return f"{shown}\n{' ' * (column - left + bool(left))}^"
