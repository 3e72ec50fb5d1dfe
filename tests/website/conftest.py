"""The website, built once for all tests of this folder."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


class Page(HTMLParser):
    """A page's links, sources and anchors."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.links: list[tuple[str, str]] = []  # tag and address
        self.anchors: set[str] = set()
        self.content_links: list[str] = []  # those of the text, not of header, menus and footer
        self.heading = ""
        self._inside: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        for name in ("href", "src", "poster"):
            if name in given:
                self.links.append((f"{tag} {given.get('rel', '')}".strip(), given[name] or ""))
        self.anchors.update(filter(None, (given.get("id"), given.get("name") if tag == "a" else None)))
        if tag in ("article", "h1", "section"):
            self._inside.append(tag)
        if tag == "a" and "href" in given and {"article", "section"} & set(self._inside):
            self.content_links.append(given["href"])

    def handle_endtag(self, tag):
        if tag in self._inside:
            self._inside.remove(tag)

    def handle_data(self, data):
        if "h1" in self._inside:
            self.heading += data

    def target(self, address: str) -> tuple[Path, str]:
        """The file and the anchor that a link of this page points to."""
        path, _, anchor = address.partition("#")
        return ((self.path.parent / path).resolve() if path else self.path), anchor


@dataclass(frozen=True)
class Site:
    """A built site and the words that its build printed."""

    root: Path
    said: str

    @cached_property
    def pages(self) -> dict[str, Page]:
        paths = sorted(path for path in self.root.rglob("*.html") if path.name != "404.html")
        return {path.relative_to(self.root).as_posix(): Page(path) for path in paths}


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Build the site as `scripts/docs` does; its videos and notebooks are kept in .cache/site."""
    root = tmp_path_factory.mktemp("site").resolve()
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(root)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return Site(root, done.stderr)
