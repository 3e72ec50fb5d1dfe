"""The bundles of the widgets' JavaScript, and what else a page is sent."""

from __future__ import annotations

import base64
import graphlib
import os
import re
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest

from tests.widgets.weight import packed_sizes
from voxweave_nb.widgets import assets
from voxweave_nb.widgets.assets import module, page_files, stylesheet, thumbnail

STATIC = Path(assets.__file__).parent / "static"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None and "CI" not in os.environ, reason="needs node")


def unpacked(esm: str) -> str:
    (packed,) = re.findall(r'const text="(.+?)",', esm)
    digits = packed.encode().translate(bytes.maketrans(assets._DIGITS, assets._BASE85))
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(base64.b85decode(digits)).decode("utf-8")


def imported(name: str) -> set[str]:
    """A module's name and those of all modules that it imports."""
    text = (STATIC / f"{name}.js").read_text("utf-8")
    found = re.findall(r'(?m)^import \{[^}]*\} from "\./(\w+)\.js";$', text)
    return {name}.union(*map(imported, found))


def run(code: str, *arguments: str) -> str:
    """What Node prints for a module; fails where it is not valid."""
    command = [str(NODE), "--input-type=module", "-e", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def static(tmp_path, monkeypatch) -> Path:
    """Another folder of modules."""
    monkeypatch.setattr(assets, "_STATIC", tmp_path)
    for cached in (module, page_files):
        cached.cache_clear()
    yield tmp_path
    for cached in (module, page_files):
        cached.cache_clear()


@pytest.mark.parametrize("path", sorted(STATIC.glob("*.js")), ids=lambda path: path.stem)
def test_a_module_brings_its_imports_once(path):
    text = unpacked(module(path.stem))
    assert path.read_text("utf-8").splitlines()[-1] in text
    assert re.search(r"^\s*(import |//(?!#)|/\*\*)", text, re.MULTILINE) is None
    for name in (other.stem for other in STATIC.glob("*.js") if other != path):
        assert text.count(f"const ${name} = ") == int(name in imported(path.stem)), name


@needs_node
def test_every_bundle_is_valid(tmp_path):
    for name in packed_sizes():
        (tmp_path / f"{name}.mjs").write_text(unpacked(module(name)), encoding="utf-8")
    code = (
        "for (const file of process.argv.slice(1)) if (!(await import(file)).default) throw new Error(file)"
    )
    run(code, *map(str, sorted(tmp_path.glob("*.mjs"))))


LATE = """
for (const file of process.argv.slice(1)) {
  const made = (await import(file)).default;
  const widget = typeof made === "function" ? await made() : made;
  const received = [];
  class Received { async _handle_comm_msg(message) { received.push(message); } }
  class Late extends Received { async _handle_comm_msg() { throw new Error("Failed to initialize model."); } }
  const own = new Late(), listeners = {};
  own.comm = { on_msg: (listener) => { own.comm.receive = listener; }, send: () => {} };
  const model = {
    widget_manager: {}, get: () => {}, send: () => {}, off: () => {},
    on: (name, listener) => { listeners[name] = listener; },
    set: (name, value) => { if (value) listeners[`change:${name}`](own); },
  };
  widget.initialize({ model });
  await new Promise(setImmediate);
  own.comm.receive("hello");
  console.log(file.split("/").at(-1), received.join());
}
process.exit();
"""


@needs_node
def test_every_widget_survives_a_late_start(tmp_path):
    files = [tmp_path / f"{name}.mjs" for name in sorted(packed_sizes())]
    for file in files:
        file.write_text(unpacked(module(file.stem)), encoding="utf-8")
    assert run(LATE, *map(str, files)).splitlines() == [f"{file.name} hello" for file in files]


# Node does not import object URLs; what a page would import there is printed.
OBJECT_URLS = """
let made = 0;
URL.createObjectURL = (blob) => {
  made++;
  blob.text().then((text) => process.stdout.write(text));
  return "data:text/javascript,export default " + made;
};
"""
TWO_MODELS = """
for (const model of [1, 2]) {
  const url = `data:text/javascript,${encodeURIComponent(process.argv[1])}//${model}`;
  if ((await import(url)).default !== 1) throw new Error("unpacked again");
}
"""


@needs_node
@pytest.mark.parametrize("name", packed_sizes())
def test_a_page_unpacks_a_module_once(name):
    assert run(OBJECT_URLS + TWO_MODELS, module(name)) == unpacked(module(name)).strip()


@needs_node
def test_modules_keep_their_own_names(static):
    (static / "last.js").write_text("const TEXTS = 1;\nexport const last = TEXTS;\n")
    (static / "first.js").write_text(
        'import { last } from "./last.js";\n'
        "/** A comment. */\n\n"
        "const TEXTS = 10; // another one\n"
        "export async function later() {\n  return /** @type {any} */ (last) + TEXTS;\n}\n"
        'export class Holder { text = "/** @typed */ // kept"; }\n'
    )
    (static / "widget.js").write_text(
        'import { later, Holder } from "./first.js";\nimport { last } from "./last.js";\n\n'
        "const TEXTS = 100;\nexport default [await later() + last + TEXTS, new Holder().text];\n"
    )
    text = unpacked(module("widget"))
    assert "A comment" not in text
    assert "another one" not in text
    assert "@type {any}" not in text
    assert run(
        text.replace("export default", "console.log").replace("];", "]);").replace("log [", "log([")
    ) == ("[ 112, '/** @typed */ // kept' ]")


def test_modules_that_import_each_other_are_refused(static):
    (static / "one.js").write_text('import { two } from "./two.js";\nexport const one = two;\n')
    (static / "two.js").write_text('import { one } from "./one.js";\nexport const two = one;\n')
    with pytest.raises(graphlib.CycleError, match=r"'one', 'two'|'two', 'one'"):
        module("one")


@needs_node
def test_a_page_runs_what_its_script_imports(static):
    (static / "part.js").write_text("export const part = 2;\n")
    (static / "own.js").write_text('import { part } from "./part.js";\n\nconsole.log(part + 1);\n')
    (static / "own.css").write_text("/* A comment. */\n.own { color: red; }\n")
    script, style = page_files("own")
    assert run(script) == "3"
    assert style == ".own{color:red;}"


def test_a_script_may_not_end_its_element(static):
    (static / "own.js").write_text('console.log("</script>");\n')
    (static / "own.css").write_text("")
    with pytest.raises(ValueError, match="would end its <script> element"):
        page_files("own")


def test_a_bundle_is_the_same_every_time():
    first = module("player", "player")
    module.cache_clear()
    assert module("player", "player") == first


def test_styles_come_with_the_shared_one():
    text = unpacked(module("player", "player"))
    assert "--vx-mark:" in text
    assert ".vp-stage" in text
    assert 'const id = "voxweave-player"' in text
    assert "--vx-mark:" not in unpacked(module("player"))
    assert stylesheet("job").startswith("<style>.voxweave-panel,.voxweave-job,")
    assert ".voxweave-job" in stylesheet("job")


def test_style_sheets_lose_only_needless_space(static):
    (static / "shared.css").write_text(
        "/* A comment. */\n.a :is(.b, .c) > .d {\n  margin: 0 1px;\n  color: red;\n}\n"
    )
    (static / "own.css").write_text("@media (width > 3px) { .e :hover, .f { width: calc(1px + 2px); } }\n")
    assert stylesheet("own") == (
        "<style>.a :is(.b,.c) > .d{margin:0 1px;color:red;}@media (width > 3px){.e :hover,.f{width:calc(1px + 2px);}}"
        "</style>"
    )


@needs_node
@pytest.mark.parametrize("form", ["{}", "() => ({})", "async () => ({})"])
def test_a_style_reaches_into_a_shadow_root(static, form):
    """Node has no page: the few objects that the styles need stand in for it."""
    widget = form.replace("{}", "{ render: ({ el }) => `shown in ${el.name}` }")
    (static / "widget.js").write_text(f"export default {widget};\n")
    for name in ("shared", "widget"):
        (static / f"{name}.css").write_text(f".{name} {{}}")
    page = (
        "class Root { styles = []; querySelector() { return this.styles[0]; }"
        " appendChild(style) { this.styles.push(style); return style; } }\n"
        "globalThis.ShadowRoot = class extends Root {};\n"
        "globalThis.document = { head: new Root(), createElement: () => ({}) };\n"
    )
    use = (
        "const shadow = new ShadowRoot(), light = new Root();\n"
        "for (const root of [shadow, shadow, light]) {\n"
        "  const said = shown.render({ el: { name: 'marimo', getRootNode: () => root } });\n"
        "  console.log(`${said} ${root.styles.map((style) => style.textContent).join()}.`);\n}\n"
        "console.log(document.head.styles.length);"
    )
    made = "const shown = typeof made === 'function' ? await made() : made;\n"
    text = unpacked(module("widget", "widget")).replace("export default", "const made =")
    styled = "shown in marimo .shared{}.widget{}."
    assert run(page + text + made + use) == f"{styled}\n{styled}\nshown in marimo .\n1"


def test_a_thumbnail_is_a_webp_image():
    head, data = thumbnail("anime").split(",")
    assert head == "data:image/webp;base64"
    assert base64.b64decode(data)[8:12] == b"WEBP"
