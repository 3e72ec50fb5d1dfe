"""The widgets' JavaScript and CSS, bundled from the files in `static/` when a widget is made, without a build step.

anywidget takes one ES module for each widget, its `_esm`, and a notebook's page cannot import further files. So the
bundle holds a widget's own file and those that it imports, each in a function of its own. They import each other in one
form only, `import { name, other } from "./file.js";`, and export functions, classes and constants by name.

The bundle is packed, because an anywidget's `_esm` is in every notebook that is saved with its widgets: it is a third
as large in this way. The page decodes base85, which is shorter than base64, and unpacks it by the browser's own means.
It does so once for all models of a widget: a page that is loaded again makes the models of all panels at the same time,
those of cells that were run again included, and anywidget gives each of them 2 s.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from functools import cache
from graphlib import TopologicalSorter
from importlib import resources

__all__ = ["module", "page_files", "stylesheet", "thumbnail"]

_STATIC = resources.files(__package__) / "static"
_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
_DEFAULT = re.compile(r"^export default ", re.MULTILINE)
# What the browser does not need: comments with lines to themselves or behind code, casts for the type checker,
# indentation and blank lines. No text in `static/` may span lines, or have punctuation before " // ".
_NEEDLESS = re.compile(
    r"^ *(?://.*|/\*(?:(?!\*/)[\s\S])*\*/)?\n|/\*\* @type (?:(?!\*/).)*\*/ ?|^ +|(?<=[;,{}()]) // .*$",
    re.MULTILINE,
)

_END_OF_SCRIPT = re.compile(r"<(?:/script|!--)", re.IGNORECASE)
_COMMENT = re.compile(r"/\*[\s\S]*?\*/")
# A space before a colon separates selectors. No text in a style sheet may contain these signs with spaces.
_CSS_SPACE = re.compile(r" ?([{};]|[,:](?= )) ?")

# Styles of the page do not reach into a shadow root, in which marimo shows each widget.
_STYLE = """
const $style = (root) => {{
  const id = "voxweave-{name}";
  const style = root.querySelector("#" + id) ?? root.appendChild(document.createElement("style"));
  Object.assign(style, {{ id, textContent: {css} }});
}};
$style(document.head);
const $styled = (widget) => ({{ ...widget, render(view) {{
  const end = widget.render(view), root = view.el.getRootNode();
  if (root instanceof ShadowRoot) $style(root);
  return end;
}} }});
export default typeof $widget === "function" ? async () => $styled(await $widget()) : $styled($widget);
"""

# Signs from # to y, without the backslash and without <, with which a text could end an HTML element.
_DIGITS = bytes(code for code in range(35, 122) if code not in b"<\\")
_BASE85 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"

_UNPACK = """\
const text = "{packed}", page = globalThis.$voxweave ??= {{}};
export default await (page.m{key} ??= (async () => {{
  const view = new DataView(new ArrayBuffer(text.length));
  for (let at = 0, sum = 0; at < text.length;) {{
    const code = text.charCodeAt(at);
    sum = sum * 85 + code - 35 - (code > 60) - (code > 92);
    if (++at % 5 < 1) view.setUint32(at / 5 * 4 - 4, sum), sum = 0;
  }}
  const plain = new Blob([view]).slice(0, {size}).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const script = await new Response(plain, {{ headers: {{ "Content-Type": "text/javascript" }} }}).blob();
  return (await import(URL.createObjectURL(script))).default;
}})());
"""
_SPACE = re.compile(r" *([^\w ]) *")
"""The space that no script needs, as long as no text in it has some."""


@cache
def module(name: str, *styles: str) -> str:
    """Return a widget's `_esm`.

    Args:
        name: The widget's file in `static/`, without its ending. It has a default export.
        *styles: Style sheets to add to the page after the shared one.

    Raises:
        graphlib.CycleError: Two files import each other.
    """
    source = _bundle(name)
    if styles:
        css = json.dumps(_css("shared", *styles))
        source = _DEFAULT.sub("const $widget = ", source) + _STYLE.format(name=name, css=css)
    packed = _deflate(f"{source}//# sourceURL=voxweave_nb/{name}.js\n".encode())
    text = base64.b85encode(packed, pad=True).translate(bytes.maketrans(_BASE85, _DIGITS)).decode("ascii")
    return _SPACE.sub(r"\1", _UNPACK).format(packed=text, size=len(packed), key=f"{zlib.crc32(packed):x}")


@cache
def page_files(name: str) -> tuple[str, str]:
    """Return the script and the style sheet of a page of its own, to be written into its HTML.

    Args:
        name: The files in `static/`, without their endings. The script runs as a module and exports nothing.

    Raises:
        ValueError: The script would end the element that it is written into.
    """
    script = _bundle(name)
    if _END_OF_SCRIPT.search(script):
        raise ValueError(f"{name}.js has text that would end its <script> element")
    return script, _css(name)


@cache
def stylesheet(name: str) -> str:
    """Return the shared style sheet and another one as a `<style>` element, for a widget that has no module."""
    return f"<style>{_css('shared', name)}</style>"


@cache
def thumbnail(name: str) -> str:
    """Return the image of a style, or of one of its further backdrops, as a `data:` URL."""
    data = (_STATIC / "styles" / f"{name}.webp").read_bytes()
    return f"data:image/webp;base64,{base64.b64encode(data).decode('ascii')}"


def _bundle(name: str) -> str:
    """Return a file with all that it imports, as one module."""
    graph: dict[str, list[str]] = {}
    _add_imports(name, graph)
    *shared, own = TopologicalSorter(graph).static_order()
    return "".join(map(_wrapped, shared)) + _without_imports(own)


def _deflate(source: bytes) -> bytes:
    """Return the shortest that zlib makes of a text; which of its memory levels that is varies."""
    packers = (zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, level) for level in range(4, 10))
    return min((packer.compress(source) + packer.flush() for packer in packers), key=len)


def _add_imports(name: str, graph: dict[str, list[str]]) -> None:
    """Add a file, and all that it imports, to the graph of imports."""
    if name not in graph:
        graph[name] = [found[2] for found in _IMPORT.finditer(_text(f"{name}.js"))]
        for each in graph[name]:
            _add_imports(each, graph)


def _wrapped(name: str) -> str:
    """Return a file as a function that is called at once, and whose result holds the exports."""
    source = _without_imports(name)
    exports = ", ".join(_EXPORT.findall(source))
    return f"const ${name} = (() => {{\n{_EXPORT.sub('', source)}return {{ {exports} }};\n}})();\n"


def _without_imports(name: str) -> str:
    """Return a file with its imports reading the other functions' results, without what the browser does not need."""
    return _NEEDLESS.sub("", _IMPORT.sub(r"const \1 = $\2;\n", _text(f"{name}.js")))


def _css(*names: str) -> str:
    """Return style sheets without comments and needless white space."""
    text = _COMMENT.sub("", "".join(_text(f"{name}.css") for name in names))
    return _CSS_SPACE.sub(r"\1", " ".join(text.split()))


def _text(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")
