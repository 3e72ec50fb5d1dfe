"""The hooks of MkDocs: add the videos, replace the include, make and notebook lines of a page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import cells
import executed
import fonts
import media
import sections
import tables
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
_places: dict[tuple[str, str], sections.Place] = {}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the rendered loops, the videos of the notebooks and the font; find out what each page includes."""
    pages = {file.src_uri: file.content_string for file in files.documentation_pages()}
    _places.clear()
    _places.update(sections.places(pages, ROOT))
    for folder in (media.hero(), media.loops()):
        _add(files, config, folder, "media")
    _add(files, config, fonts.inter(), "assets/fonts")
    for page, text in pages.items():
        for match in cells.DIRECTIVE.finditer(text):
            _add(files, config, executed.executed(match["name"]), page.removesuffix(".md"))
    return files


def _add(files: Files, config: MkDocsConfig, folder: Path, to: str) -> None:
    for path in sorted(folder.iterdir()):
        if path.suffix in (".mp4", ".jpg", ".woff2"):
            files.append(File.generated(config, f"{to}/{path.name}", abs_src_path=str(path)))


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Return a page's text with its lines replaced."""
    here = page.file.src_uri
    videos = Path(here).stem

    def make(match: re.Match[str]) -> str:
        if match["name"] not in tables.MAKERS:
            raise PluginError(
                f"{here}: unknown part {match[0]}; known are {', '.join(sorted(tables.MAKERS))}."
            )
        return tables.MAKERS[match["name"]]()

    try:
        text = sections.expand(here, markdown, ROOT, _places)
    except LookupError as error:
        raise PluginError(f"{here}: {error}") from None
    text = tables.DIRECTIVE.sub(make, text)
    return cells.DIRECTIVE.sub(lambda match: cells.page_of(match["name"], videos), text)


def on_page_content(html: str, **_: Any) -> str:
    """Return a page's HTML in which the name of an option is never broken at its hyphens."""
    return re.sub(r"<code>(?=--\w)", '<code class="vx-option">', html)
