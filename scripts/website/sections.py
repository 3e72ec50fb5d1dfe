"""Take sections of README, CONTRIBUTING and CHANGELOG into the pages of the website.

A page has a line `<!-- include README.md "Two commands" -->`. With `lead` in front of the comment's end, only the text
above the section's first sub-heading is taken; with `about "VS Code"`, only the paragraphs and the rows of tables with
these words. The section's own heading is left out: the page has one.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

INCLUDE = re.compile(
    r'^<!-- include (?P<file>[\w.]+)(?: "(?P<heading>[^"]+)")?(?P<lead> lead)?(?: about "(?P<about>[^"]+)")? -->$',
    re.MULTILINE,
)
HEADING = re.compile(r"^(#{1,6}) (.+)$")
LINK = re.compile(
    r"(?<!\!)\[(?P<text>[^\]\n]*)\]\((?P<target>[^)\s]+)\)|(?<=\]\()(?P<image>docs/[^)\s]+)(?=\))"
)


INCLUDED = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")


@dataclass(frozen=True)
class Place:
    """A heading of a file, and the page that shows the text below it.

    Attributes:
        page: The page's path in docs.
        anchor: The heading's anchor on that page; empty for the page as a whole.
    """

    page: str
    anchor: str = ""

    def seen_from(self, page: str) -> str:
        """Return the link to this place from a page."""
        path = posixpath.relpath(self.page, posixpath.dirname(page) or ".")
        return f"{path}#{self.anchor}" if self.anchor else path


PAGES = {"LICENSE": Place("licences.md"), "README.md": Place("index.md")}
"""The pages that stand for a whole file."""


def slug(heading: str) -> str:
    """Return a heading's anchor, as GitHub and MkDocs make it."""
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", heading.lower()).strip())


def headings(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the line number, level and words of each heading outside of code blocks."""
    fenced = False
    for number, line in enumerate(text.splitlines()):
        if line.startswith("```"):
            fenced = not fenced
        elif not fenced and (match := HEADING.match(line)):
            yield number, len(match[1]), match[2]


def section(text: str, heading: str | None, *, lead: bool = False) -> tuple[int, str]:
    """Return the level of a heading and the text below it.

    Args:
        text: A Markdown text.
        heading: The heading's words; None for the first heading of the text.
        lead: Stop at the first sub-heading.

    Raises:
        LookupError: The text does not have exactly one such heading.
    """
    marks = list(headings(text))
    found = [mark for mark in marks if heading in (None, mark[2])]
    if not found or (heading and len(found) > 1):
        raise LookupError(f"The text has {len(found)} headings {heading!r}; expected one.")
    start, level, _ = found[0]
    later = (number for number, depth, _ in marks if number > start and (lead or depth <= level))
    lines = text.splitlines()
    return level, "\n".join(lines[start + 1 : next(later, len(lines))]).strip("\n")


def about(text: str, words: str) -> str:
    """Return the paragraphs, and of tables the rows, that have these words.

    Raises:
        LookupError: There are none.
    """
    kept = []
    for block in re.split(r"\n{2,}", text):
        lines = block.splitlines()
        if block.startswith("|"):
            rows = [row for row in lines[2:] if words in row]
            kept += ["\n".join([*lines[:2], *rows])] if rows else []
        elif words in block:
            kept.append(block)
    if not kept:
        raise LookupError(f"The section has nothing about {words!r}.")
    return "\n\n".join(kept)


def shifted(text: str, by: int) -> str:
    """Return the text with each heading `by` levels deeper (higher, if negative)."""
    lines = text.splitlines()
    for number, level, words in headings(text):
        lines[number] = f"{'#' * max(level + by, 1)} {words}"
    return "\n".join(lines)


def included(match: re.Match[str], root: Path) -> tuple[int, str]:
    """Return the level and the text that an include line asks for."""
    text = (root / match["file"]).read_text(encoding="utf-8")
    try:
        level, body = section(text, match["heading"], lead=bool(match["lead"]))
        return level, about(body, match["about"]) if match["about"] else body
    except LookupError as error:
        raise LookupError(f"{match[0]}: {error}") from None


def places(pages: Mapping[str, str], root: Path) -> dict[tuple[str, str], Place]:
    """Return the place of each heading of each included file, by file and anchor.

    Args:
        pages: The text of each page, by its path in docs.
        root: The folder of the included files.
    """
    found: dict[tuple[str, str], Place] = {}
    for page, text in pages.items():
        for match in INCLUDE.finditer(text):
            if match["about"]:
                continue  # the page with the whole section is the place
            _, body = included(match, root)
            anchors = [slug(words) for _, _, words in headings(body)]
            found.update({(match["file"], anchor): Place(page, anchor) for anchor in anchors})
            if match["heading"]:
                above = list(headings(text[: match.start()]))
                anchor = slug(above[-1][2]) if above and above[-1][1] > 1 else ""
                found.setdefault((match["file"], slug(match["heading"])), Place(page, anchor))
            else:
                found[match["file"], ""] = Place(page)
    return found


def expand(page: str, text: str, root: Path, found: Mapping[tuple[str, str], Place]) -> str:
    """Return a page's text with its include lines replaced, headings and links fitted to the page.

    Raises:
        LookupError: A section or the target of a link does not exist.
    """

    def replace(match: re.Match[str]) -> str:
        level, body = included(match, root)
        above = [depth for _, depth, _ in headings(text[: match.start()])]
        moved = shifted(body, (above[-1] if above else 1) - level)
        return LINK.sub(lambda link: _link(link, page, match["file"], root, found), moved)

    return INCLUDE.sub(replace, text)


def _link(
    link: re.Match[str], page: str, file: str, root: Path, found: Mapping[tuple[str, str], Place]
) -> str:
    """Return a link, or the path of an image, of a file at the top of the checkout as a page needs it."""
    if link["image"]:
        return Place(link["image"].removeprefix("docs/")).seen_from(page)
    target, text = link["target"], link["text"]
    if "://" in target:
        return link[0]
    path, _, anchor = target.partition("#")
    place = found.get((path or file, anchor)) or (None if anchor else PAGES.get(path))
    if place is not None:
        return f"[{text}]({place.seen_from(page)})"
    if path and path not in INCLUDED and (root / path).exists():
        return f"`{text.strip('`')}`"  # a file of the checkout, which the site does not have
    raise LookupError(f"{file} links to {target}, which no page of the site includes.")
