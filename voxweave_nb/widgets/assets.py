"""What runs in the page: each widget's module with its look, made of the files in `static/` without a build.

A module is joined with those that it imports, and packed: an anywidget's `_esm` is in every notebook that is saved
with its widgets, and is a third as large in this way. The page unpacks it with the browser's own means.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from functools import cache
from importlib import resources

__all__ = ["module", "picture", "stylesheet"]

_STATIC = resources.files(__package__) / "static"
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";\n', re.MULTILINE)
_COMMENT = re.compile(r"^ *(?://.*|/\*(?:(?!\*/)[\s\S])*\*/)\n", re.MULTILINE)
"""A comment with lines to itself, as the JSDoc types are."""

_STYLE = """
{{
  const id = "voxweave-{name}";
  const style = document.getElementById(id) ?? document.head.appendChild(document.createElement("style"));
  Object.assign(style, {{ id, textContent: {look} }});
}}
"""

_UNPACK = """
const packed = Uint8Array.from(atob("{packed}"), (letter) => letter.charCodeAt(0));
const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
const url = URL.createObjectURL(new Blob([await new Response(plain).text()], {{ type: "text/javascript" }}));
const module = await import(url);
URL.revokeObjectURL(url);
export default module.default;
"""


@cache
def module(name: str, *looks: str) -> str:
    """A widget's `_esm`.

    Args:
        name: The file's name in `static/`, without its ending.
        *looks: The names of style sheets that come along, after the shared one.
    """
    source = _COMMENT.sub("", _joined(name, set()))
    if looks:
        look = json.dumps("".join(_text(f"{each}.css") for each in ("shared", *looks)))
        source += _STYLE.format(name=name, look=look)
    packed = gzip.compress(f"{source}//# sourceURL=voxweave_nb/{name}.js\n".encode(), mtime=0)
    return _UNPACK.format(packed=base64.b64encode(packed).decode("ascii"))


@cache
def stylesheet(name: str) -> str:
    """A style sheet after the shared one, as a `<style>` for a widget that has no module."""
    return f"<style>{_text('shared.css')}{_text(f'{name}.css')}</style>"


@cache
def picture(name: str) -> str:
    """A picture of a style as a `data:` URL."""
    data = (_STATIC / "styles" / f"{name}.webp").read_bytes()
    return f"data:image/webp;base64,{base64.b64encode(data).decode('ascii')}"


def _joined(name: str, here: set[str]) -> str:
    """A module with those that it imports in front of it, each once."""

    def imported(found: re.Match[str]) -> str:
        return "" if found[1] in here else _joined(found[1], here)

    here.add(name)
    return _IMPORT.sub(imported, _text(f"{name}.js"))


def _text(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")
