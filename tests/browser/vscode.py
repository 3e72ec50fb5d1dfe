"""The page in which VS Code shows a notebook's outputs, without VS Code.

The widget manager is its own, from the npm registry, and the kernel is real. The page has an origin of its own, no
notebook server's files, no microphone, and none of the decoders that VS Code lacks (`vscode_page/codecs.js`).
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Locator, Page, Request

from tests.browser.lab import TOKEN, browser_page, served

PAGE = Path(__file__).with_name("vscode_page")
CACHE = Path(__file__).parents[2] / ".cache" / "npm"
MANAGER = "@vscode/jupyter-ipywidgets8@1.0.9"
LOADER = "requirejs@2.3.8"
SERVICES, BUNDLER = "@jupyterlab/services@7.6.6", "esbuild@0.28.2"
CONNECTION = (
    'export { KernelAPI, ServerConnection } from "@jupyterlab/services";\n'
    'export { KernelConnection } from "@jupyterlab/services/lib/kernel/default";\n'
)
MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}


def _npm(*words: str) -> None:
    if not shutil.which("npm"):
        raise FileNotFoundError("VS Code's widget manager comes from the npm registry. Install npm.")
    subprocess.run(["npm", *words, "--silent"], check=True, timeout=240)


def _private(place: Path) -> Path:
    """Return a name beside a folder's that only this thread uses: the server of the page has several."""
    return place.with_name(f"{place.name}.{os.getpid()}-{threading.get_ident()}")


def _keep(partial: Path, place: Path) -> None:
    """Give a fetched folder its name; of two that fetch it at a time, the first one to finish keeps its folder."""
    try:
        partial.rename(place)
    except OSError:
        if not place.exists():
            raise
        shutil.rmtree(partial)


@functools.cache
def _packed(package: str, member: str) -> bytes:
    """Return a file of an npm package, which is fetched once."""
    folder = CACHE / package.replace("/", "-").replace("@", "-").strip("-")
    if not list(folder.glob("*.tgz")):
        partial = _private(folder)
        partial.mkdir(parents=True, exist_ok=True)
        _npm("pack", package, "--pack-destination", str(partial))
        _keep(partial, folder)
    with tarfile.open(max(folder.glob("*.tgz"))) as archive:
        file = archive.extractfile(f"package/{member}")
        assert file is not None
        return file.read()


@functools.cache
def _services() -> bytes:
    """Return JupyterLab's connection to a kernel as one module, which is fetched and bundled once."""
    place = CACHE / SERVICES.replace("/", "-").strip("@")
    if not place.exists():
        partial = _private(place)
        options = ["--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
        _npm("install", "--prefix", str(partial), *options, SERVICES, BUNDLER)
        (partial / "entry.js").write_text(CONNECTION, "utf-8")
        esbuild = partial / "node_modules" / ".bin" / "esbuild"
        command = [
            esbuild,
            "entry.js",
            "--bundle",
            "--format=esm",
            "--outfile=services.js",
            "--log-level=error",
        ]
        subprocess.run(command, cwd=partial, check=True, timeout=120)
        _keep(partial, place)
    return (place / "services.js").read_bytes()


def _anywidget() -> bytes:
    """Return anywidget's AMD module, which VS Code takes from the kernel's environment."""
    files = importlib.metadata.files("anywidget") or ()
    found = next(file for file in files if str(file).endswith("nbextensions/anywidget/index.js"))
    return Path(str(found.locate())).read_bytes()


def _content(path: str) -> bytes | None:
    own = PAGE / (path.strip("/") or "index.html")
    if own.parent == PAGE and own.is_file():
        return own.read_bytes()
    makers: dict[str, Callable[[], bytes]] = {
        "/ipywidgets.js": lambda: _packed(MANAGER, "dist/ipywidgets.js"),
        "/require.js": lambda: _packed(LOADER, "require.js"),
        "/services.js": _services,
        "/scripts/anywidget/index.js": _anywidget,
    }
    return makers[path]() if path in makers else None


class _Handler(http.server.BaseHTTPRequestHandler):
    """Serves the page and its scripts, and nothing else."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        content = _content(path)
        self.send_response(200 if content is not None else 404)
        self.send_header("Content-Type", TYPES.get(Path(path).suffix, TYPES[".html"]))
        self.send_header("Content-Length", str(len(content or b"")))
        # VS Code's frames are not allowed to use a microphone; autoplay is allowed.
        self.send_header("Permissions-Policy", "microphone=()")
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""


@contextlib.contextmanager
def page_server() -> Iterator[str]:
    """Serve the page and yield its address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@contextlib.contextmanager
def kernel_server(root: Path, origin: str) -> Iterator[str]:
    """Run a server that starts kernels in a folder for pages of another origin, and yield its address."""
    command = [
        sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0",
        f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={root}", f"--ServerApp.allow_origin={origin}",
    ]  # fmt: skip
    with served(command, root, "http://127.0.0.1") as address:
        yield address.removesuffix("/tree")


class VSCode:
    """One notebook, open in the page.

    Attributes:
        page: The page.
        strays: Addresses that the page has requested, other than the kernel's and its own scripts'.
        sent: Sizes of the messages to the kernel, in bytes.
        errors: The page's errors.
    """

    def __init__(self, page: Page, origin: str, server: str) -> None:
        self.page, self._origin, self._server = page, origin, server
        self._path: Path | None = None
        self.strays: list[str] = []
        self.sent: list[int] = []
        self.errors: list[str] = []
        page.on("request", self._note)
        page.on("websocket", lambda socket: socket.on("framesent", lambda data: self.sent.append(len(data))))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(origin)
        page.wait_for_function("() => window.notebook")

    def _note(self, request: Request) -> None:
        if request.url.startswith(("blob:", "data:", f"{self._server}/api/kernels")):
            return
        path = request.url.removeprefix(self._origin)
        if not path.startswith("/") or _content(path) is None:
            self.strays.append(path)

    def connect(self, path: Path) -> VSCode:
        """Open a notebook with a kernel of its own."""
        self._path = path
        self.page.evaluate(
            "([server, token, file]) => notebook.connect(server, token, file)",
            [self._server, TOKEN, str(path)],
        )
        return self

    def restore(self, path: Path) -> VSCode:
        """Open a saved notebook without a kernel."""
        cells = nbformat.read(path, as_version=4).cells
        self.page.evaluate("cells => notebook.restore(cells)", cells)
        return self

    def run(self, code: str) -> str:
        """Run a cell and return its status."""
        return str(self.page.evaluate("code => notebook.run(code)", code))

    def cell(self, index: int) -> Locator:
        """Return the outputs of a cell."""
        return self.page.locator(".cell_container").nth(index)

    def save(self) -> Path:
        """Save the notebook with its outputs, and return its path."""
        assert self._path is not None, "it is saved where it was opened"
        notebook = nbformat.v4.new_notebook()
        for source, outputs in self.page.evaluate("() => notebook.saved()"):
            shown = [nbformat.v4.new_output("display_data", **output) for output in outputs]
            notebook.cells.append(nbformat.v4.new_code_cell(source, outputs=shown))
        nbformat.write(notebook, self._path)
        return self._path

    def shutdown(self) -> None:
        """Shut the kernel down, as VS Code does when the notebook is closed."""
        self.page.evaluate("() => notebook.shutdown()")


@contextlib.contextmanager
def vscode_page(origin: str, server: str, width: int = 1100, height: int = 1500) -> Iterator[VSCode]:
    """A fresh page for a notebook, on a machine with a microphone that any page may use."""
    with browser_page(width, height, args=MICROPHONE) as page:
        yield VSCode(page, origin, server)
