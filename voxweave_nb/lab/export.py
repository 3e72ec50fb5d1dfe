"""Writing a lab as one HTML page that plays without a kernel: which videos go into it, and which it links to."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape, unescape
from pathlib import Path
from urllib.parse import quote

from ..errors import ConfigError
from ..validation import reject_reserved_name
from .page import MARK, PageContent, data_url, page_html
from .records import ME
from .snapshot import LabVariant

__all__ = ["LabPage", "write_page"]

_SUFFIXES = (".html", ".htm")
_HEAD = 4096  # bytes at a page's beginning that hold its mark


@dataclass(frozen=True, slots=True)
class LabPage:
    """A lab's page, as `PromptLab.export` wrote it; it can be passed to `open()` and wherever a path is taken.

    Attributes:
        path: The file.
        embedded: The ids of the variants whose videos are inside the page.
        linked: The ids of those whose videos the page loads from where they are.
        warnings: What a reader of the page may miss, and what to do about it, each a sentence.
    """

    path: Path
    embedded: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def __fspath__(self) -> str:
        return str(self.path)

    def __str__(self) -> str:
        size = self.path.stat().st_size / 1e6 if self.path.exists() else 0.0
        lines = [
            f"{self.path}: {size:.1f} MB; videos inside: {len(self.embedded)}, linked: {len(self.linked)}",
            *self.warnings,
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        relative = os.path.relpath(self.path) if self.path.is_absolute() else str(self.path)
        text = "<br>".join(map(escape, str(self).splitlines()))
        return f'<div>{text}<br><a href="{escape(quote(Path(relative).as_posix()))}" target="_blank">Open</a></div>'


def write_page(content: PageContent, to: str | os.PathLike[str], *, embed_limit: int) -> LabPage:
    """Write a lab's page. A page of the same lab is replaced in one step, any other file is left alone.

    Args:
        content: The lab; its sources and notices are set here.
        to: The file, whose name ends in `.html`.
        embed_limit: The bytes of all videos that go into the page, the best-ranked first; the rest is linked.

    Raises:
        ConfigError: The name is invalid, the file is something else, or it cannot be written.
    """
    path = _checked(Path(to).expanduser(), content)
    with_video = [each for each in content.variants if each.video is not None]
    embedded = _choose(with_video, content, embed_limit)
    linked = [each for each in with_video if each.id not in embedded]
    folder = path.parent.resolve()
    sources = {each.id: _relative(each, folder) for each in linked}
    elsewhere = any(each.startswith("file:") for each in sources.values())
    for each in with_video:
        if each.id in embedded and each.video is not None:
            sources[each.id] = _embedded(each.video.path)
    notices = _notices(content, len(embedded), linked, elsewhere) if with_video else []
    page = page_html(replace(content, sources=sources, notices=notices))
    _write(page, path, content)
    warnings = _warnings(content, len(embedded), linked, elsewhere)
    return LabPage(path, tuple(embedded), tuple(each.id for each in linked), tuple(warnings))


def _checked(path: Path, content: PageContent) -> Path:
    """Return the path if a page may be written there.

    Raises:
        ConfigError: It may not.
    """
    reject_reserved_name(path)
    if path.suffix.lower() not in _SUFFIXES:
        raise ConfigError(f"The page's file is {path.name!r}; give a name that ends in .html.")
    if not path.parent.is_dir():
        raise ConfigError(f"The folder {path.parent} does not exist; create it, or choose another.")
    _check_free(path, content)
    return path


def _check_free(path: Path, content: PageContent) -> None:
    if not path.exists() and not path.is_symlink():
        return
    owner = _owner(path)
    if owner != content.group:
        what = "the page of another lab" if owner else "something else"
        raise ConfigError(f"{path} exists and is {what}. Nothing was written; choose another name.")


def _owner(path: Path) -> str:
    """Return the id of the lab whose page a file is; empty if it is not a lab's page."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD).decode("utf-8", errors="replace")
    except OSError:
        return ""
    found = re.search(re.escape(MARK).replace(r"\{\}", '([^"]*)'), head)
    return unescape(found[1]) if found else ""


def _choose(variants: Sequence[LabVariant], content: PageContent, limit: int) -> list[str]:
    """Return the ids of the videos that go into the page: the best-ranked ones that fit together."""
    ranks = {row.variant.id: place for place, row in enumerate(content.ranking.rows)}
    order = sorted(variants, key=lambda each: ranks.get(each.id, len(ranks)))
    chosen, left = [], limit
    for variant in order:
        assert variant.video is not None  # the caller has chosen those with a video
        size = variant.video.path.stat().st_size
        if size <= left:
            chosen.append(variant.id)
            left -= size
    return chosen


def _embedded(video: Path) -> str:
    # Chromium refuses the media type of QuickTime, but plays the same bytes as MP4.
    kind = "video/webm" if video.suffix == ".webm" else "video/mp4"
    return data_url(kind, video.read_bytes())


def _relative(variant: LabVariant, folder: Path) -> str:
    assert variant.video is not None  # the caller has chosen those with a video
    video = variant.video.path.resolve()
    try:
        return quote(Path(os.path.relpath(video, folder)).as_posix())
    except ValueError:  # on another drive
        return video.as_uri()


def _notices(content: PageContent, embedded: int, linked: Sequence[LabVariant], elsewhere: bool) -> list[str]:
    """Return where the videos are, for the page's reader, who may not be the one who exported it."""
    if not linked:
        return ["All videos are inside this page."]
    if elsewhere:
        return [
            f"{_inside(embedded, linked)} are loaded from another drive of the computer where the page was exported, "
            "and play there only."
        ]
    return [
        f"{_inside(embedded, linked)} are loaded from the folder {_folders(linked)} of the lab {content.name}. If they "
        "do not play, that folder did not come with the page, or does not lie where it was."
    ]


def _warnings(
    content: PageContent, embedded: int, linked: Sequence[LabVariant], elsewhere: bool
) -> list[str]:
    """Return the same for the person who exports the page, with what to do, and whose names are missing."""
    found = []
    if elsewhere:
        found.append(
            "Some videos are on another drive; this page plays them on this computer only. A larger embed= puts them "
            "inside it."
        )
    elif linked:
        found.append(
            f"{_inside(embedded, linked)} are loaded from the folder {_folders(linked)} of the lab {content.name}: "
            "send it along with the page, at the same place beside it, or export with a larger embed=."
        )
    if ME in {*content.ranking.raters, *(each.rater for each in content.ratings)}:
        found.append(
            'The page calls the rater "me" the author. With PromptLab(..., rater="Ada"), votes and ratings from then '
            "on have a name."
        )
    return found


def _inside(embedded: int, linked: Sequence[LabVariant]) -> str:
    if not embedded:
        return "The videos"
    return f"{embedded} of {embedded + len(linked)} videos are inside this page, the others"


def _folders(linked: Sequence[LabVariant]) -> str:
    return ", ".join(sorted({each.video.path.parent.name for each in linked if each.video is not None}))


def _write(page: str, path: Path, content: PageContent) -> None:
    """Write the page beside its place, then move it there in one step."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as file:
            file.write(page)
            file.flush()
            os.fsync(file.fileno())
        _check_free(path, content)  # another one may have taken the name meanwhile
        partial.replace(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()
