"""Measures how plain the project's wording is: `scripts/prose [--list] [PACKAGE]`.

Four kinds of text are read: the package's Python files, its JavaScript files, and the notebooks and Markdown files of
the folder that holds the package. Printed are the share of docstrings and JSDoc comments that open with a noun clause
("What ...", "Whether ..."), the share of comment lines, the longest module and function, the number of long test names,
and how often each phrase of a list occurs that readers of this field stumble over. Files count as a whole, names in
code included; of a notebook's code only comments and strings do.

The exit code is 1 when a limit is exceeded, else 0. `--list` prints every place.
"""

from __future__ import annotations

import argparse
import ast
import io
import json
import os
import re
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

NOUN_CLAUSE = re.compile(r"(What|Who|Whom|Whose|Whether|Where|Which|How|That|Those|One|All that|As|If)\b")
JSDOC = re.compile(r"/\*\*(.*?)\*/", re.DOTALL)
NOUN_CLAUSE_LIMIT = 2.0  # per cent
TEST_NAME_WORDS = 8
KINDS = ("Python", "JavaScript", "notebooks", "Markdown")


@dataclass(frozen=True)
class Phrase:
    """A phrase to avoid.

    Attributes:
        name: The phrase, and what to write instead.
        pattern: Matches it, in any case.
        limit: How often it may occur in all texts together.
    """

    name: str
    pattern: re.Pattern[str]
    limit: int = 10


def _phrase(name: str, pattern: str, limit: int = 10) -> Phrase:
    return Phrase(name, re.compile(pattern, re.IGNORECASE), limit)


PHRASES = (
    _phrase("picture (say clip, frame, image or video)", r"\bpictures?\b", 40),
    _phrase("a create (say submission, attempt)", r"\ba create\b|\bcreates\b", 0),
    _phrase("asked again (say retried)", r"\bask(s|ed)? again\b"),
    _phrase("is no ... (say is not a, unknown)", r"\bis no\b"),
    _phrase("who makes it (say provider)", r"\bwho makes?\b|\bmade by\b"),
    _phrase("shall", r"\bshall\b"),
    _phrase("goes along, put in, put into", r"\bgoes along\b|\bput in(to)?\b"),
    _phrase("as it came, what came", r"\bas (it|they) came\b|\bwhat came\b"),
)


@dataclass(frozen=True)
class Text:
    """One piece of text: the place where it starts, and its words."""

    path: Path
    line: int
    words: str


@dataclass
class Longest:
    """The longest module or function seen so far, in lines."""

    lines: int = 0
    place: str = ""

    def offer(self, lines: int, place: str) -> None:
        """Keep the place if it is longer."""
        if lines > self.lines:
            self.lines, self.place = lines, place


@dataclass
class Openings:
    """The docstrings or JSDoc comments that were read, and those that open with a noun clause."""

    total: int = 0
    noun_clauses: list[Text] = field(default_factory=list)

    def add(self, text: Text) -> None:
        """Count one."""
        self.total += 1
        if NOUN_CLAUSE.match(text.words):
            self.noun_clauses.append(text)

    @property
    def percent(self) -> float:
        """The share of noun clauses, in per cent."""
        return 100 * len(self.noun_clauses) / max(1, self.total)


@dataclass
class Report:
    """Everything that was measured."""

    docstrings: Openings = field(default_factory=Openings)
    jsdoc: Openings = field(default_factory=Openings)
    lines: int = 0
    comments: int = 0
    module: Longest = field(default_factory=Longest)
    function: Longest = field(default_factory=Longest)
    texts: dict[str, list[Text]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    long_test_names: list[Text] = field(default_factory=list)

    def count(self, phrase: Phrase, kind: str) -> int:
        """Return how often a phrase occurs in one kind of text."""
        return sum(len(phrase.pattern.findall(text.words)) for text in self.texts[kind])

    def exceeded(self) -> list[str]:
        """Return the rows that are over their limit."""
        rows = {"noun-clause docstrings": self.docstrings, "noun-clause JSDoc": self.jsdoc}
        over = [name for name, openings in rows.items() if openings.percent > NOUN_CLAUSE_LIMIT]
        over += [phrase.name for phrase in PHRASES if self.total(phrase) > phrase.limit]
        return [*over, "test names"] if self.long_test_names else over

    def total(self, phrase: Phrase) -> int:
        """Return how often a phrase occurs in all texts."""
        return sum(self.count(phrase, kind) for kind in KINDS)


def measure(package: Path) -> Report:
    """Read all texts of a package and of the folder that holds it."""
    report = Report()
    for path in sorted(package.rglob("*.py")):
        _read_python(path, report)
    for path in sorted(package.rglob("*.js")):
        _read_javascript(path, report)
    project = package.parent
    for path in sorted((project / "notebooks").glob("*.ipynb")):
        report.texts["notebooks"] += _notebook_texts(path)
    for path in (*sorted(project.glob("*.md")), *sorted((project / "docs").glob("*.md"))):
        report.texts["Markdown"].append(Text(path, 1, path.read_text("utf-8")))
    for path in sorted((project / "tests").rglob("test_*.py")):
        report.long_test_names += _long_test_names(path)
    return report


def _read_python(path: Path, report: Report) -> None:
    source = path.read_text("utf-8")
    report.texts["Python"].append(Text(path, 1, source))
    lines = sum(bool(line.strip()) for line in source.splitlines())
    report.lines += lines
    report.module.offer(lines, os.path.relpath(path))
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    report.comments += sum(token.type == tokenize.COMMENT for token in tokens)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            report.function.offer(size, f"{os.path.relpath(path)}:{node.lineno} {node.name}")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            docstring = ast.get_docstring(node)
            if docstring:
                report.docstrings.add(Text(path, getattr(node, "lineno", 1), docstring))


def _read_javascript(path: Path, report: Report) -> None:
    source = path.read_text("utf-8")
    report.texts["JavaScript"].append(Text(path, 1, source))
    for comment in JSDOC.finditer(source):
        words = re.sub(r"^[ \t]*\*?[ \t]?", "", comment[1], flags=re.MULTILINE).strip()
        if words and not words.startswith("@"):  # a comment with tags only describes types
            report.jsdoc.add(Text(path, _line_of(source, comment.start()), words))


def _notebook_texts(path: Path) -> Iterator[Text]:
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            source = "\n".join(_words_in_code(source))
        yield Text(path, 1, source)


def _words_in_code(source: str) -> Iterator[str]:
    """The comments and strings of a cell; a cell magic such as `%%voxweave` is read as a whole."""
    if source.startswith("%%"):
        yield source
        return
    python = re.sub(r"^\s*[%!].*$", "", source, flags=re.MULTILINE)
    for token in tokenize.generate_tokens(io.StringIO(python).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(python)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _long_test_names(path: Path) -> Iterator[Text]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            words = node.name.removeprefix("test_").split("_")
            if len(words) > TEST_NAME_WORDS:
                yield Text(path, node.lineno, node.name)


def _line_of(source: str, position: int) -> int:
    return source.count("\n", 0, position) + 1


def print_report(report: Report) -> None:
    """Print the figures, a row each."""
    limit = f"(at most {NOUN_CLAUSE_LIMIT:.0f} %)"
    print(f"noun-clause docstrings: {report.docstrings.percent:.1f} % of {report.docstrings.total} {limit}")
    print(f"noun-clause JSDoc: {report.jsdoc.percent:.1f} % of {report.jsdoc.total} {limit}")
    print(f"comment lines: {100 * report.comments / max(1, report.lines):.1f} % (aim: 2 to 5 %)")
    module, function = report.module, report.function
    print(f"longest module: {module.lines} lines, {module.place}")
    print(f"longest function: {function.lines} lines, {function.place}")
    print(f"test names of more than {TEST_NAME_WORDS} words: {len(report.long_test_names)} (at most 0)")
    print("".join(f"{title:>11}" for title in (*KINDS, "total", "at most")))
    for phrase in PHRASES:
        counts = [report.count(phrase, kind) for kind in KINDS]
        print("".join(f"{count:11d}" for count in (*counts, sum(counts), phrase.limit)), "", phrase.name)


def print_places(report: Report) -> None:
    """Print every place behind the figures, grouped by row."""
    for title, texts in (
        ("noun-clause docstrings", report.docstrings.noun_clauses),
        ("noun-clause JSDoc", report.jsdoc.noun_clauses),
        ("long test names", report.long_test_names),
    ):
        print(f"\n{title}:", *(_place(text) for text in texts), sep="\n")
    for phrase in PHRASES:
        print(f"\n{phrase.name}:", *_matches(phrase, report), sep="\n")


def _matches(phrase: Phrase, report: Report) -> Iterator[str]:
    for text in (text for kind in KINDS for text in report.texts[kind]):
        for number, line in enumerate(text.words.splitlines()):
            if phrase.pattern.search(line):
                yield _place(Text(text.path, text.line + number, line.strip()))


def _place(text: Text) -> str:
    return f"{os.path.relpath(text.path)}:{text.line}: {text.words.splitlines()[0][:100]}"


def main(argv: list[str] | None = None) -> int:
    """Measure, print, and compare with the limits."""
    parser = argparse.ArgumentParser(
        prog="scripts/prose", description="Measure how plain the project's wording is."
    )
    default = Path(__file__).parents[1] / "voxweave_nb"
    parser.add_argument(
        "package", nargs="?", type=Path, default=default, help="default: this project's package"
    )
    parser.add_argument("--list", action="store_true", help="print every place")
    args = parser.parse_args(argv)
    report = measure(args.package)
    print_report(report)
    if args.list:
        print_places(report)
    if over := report.exceeded():
        print(
            f"Over the limit: {'; '.join(over)}. `scripts/prose --list` prints every place.", file=sys.stderr
        )
    return int(bool(over))


if __name__ == "__main__":
    sys.exit(main())
