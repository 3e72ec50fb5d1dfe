"""A real JupyterLab in a real Chromium, driven as a person would."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import nbformat
from playwright.sync_api import BrowserType, Error, Page, Playwright, sync_playwright
from playwright.sync_api import TimeoutError as PageTimeout

TOKEN = "voxweave"
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
THEMES = ("JupyterLab Light", "JupyterLab Dark")
CURRENT = "window.jupyterapp.shell.currentWidget"
BUSY = "() => [...document.querySelectorAll('.jp-InputPrompt')].some(prompt => prompt.textContent === '[*]:')"
DROP = """input => {
    const transfer = new DataTransfer();
    transfer.items.add(input.files[0]);
    input.remove();
    const zone = document.querySelector('.voxweave-audio');
    for (const kind of ['dragenter', 'dragover', 'drop']) {
        zone.dispatchEvent(new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));
    }
}"""


def chromium() -> str:
    """Return the path of the browser to drive.

    Raises:
        FileNotFoundError: No browser is installed; the message tells what to install.
    """
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = os.environ.get("VOXWEAVE_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if not found:
        raise FileNotFoundError(
            "The browser tests need Chromium. Install Debian's package chromium, or point VOXWEAVE_CHROMIUM at one; "
            "scripts/test --fast leaves these tests out."
        )
    return found


def data_folder(root: Path) -> Path:
    """Return the private data folder, with its kernels, of the server of a folder."""
    return root.parent / f"{root.name}-jupyter" / "data"


@contextlib.contextmanager
def served(command: Sequence[str], root: Path, ready: str) -> Iterator[str]:
    """Start a server in a folder and yield the address that it prints once it is ready."""
    private = data_folder(root).parent
    environment = {
        **{name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")},
        "JUPYTER_CONFIG_DIR": str(private / "config"),
        "JUPYTER_DATA_DIR": str(data_folder(root)),
        "JUPYTER_RUNTIME_DIR": str(private / "runtime"),
        "IPYTHONDIR": str(private / "ipython"),
        "PYTHONUNBUFFERED": "1",  # a server prints its address into a pipe
        "VOXWEAVE_HOME": str(private / "home"),  # a journal without the videos of other sessions
    }
    with subprocess.Popen(
        command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        try:
            assert server.stdout is not None
            said = []
            for line in server.stdout:
                said.append(line)
                if ready in line:
                    break
            else:
                raise RuntimeError("The server did not start:\n" + "".join(said))
            address = next(word for word in "".join(said[-3:]).split() if word.startswith(ready))
            with _drained(server):
                _wait_until_listening(server, urlsplit(address).port or 80)
                yield address.split("?")[0].rstrip("/")
        finally:
            server.terminate()


def _wait_until_listening(server: subprocess.Popen[str], port: int) -> None:
    """Wait until a server answers at its port; Jupyter prints its address a moment earlier."""
    while server.poll() is None:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), 10):
            return
        time.sleep(0.02)


@contextlib.contextmanager
def _drained(server: subprocess.Popen[str]) -> Iterator[None]:
    """Keep reading a server's output; it would stop once the pipe is full."""
    import threading

    reader = threading.Thread(target=lambda: [None for _ in server.stdout or ()], daemon=True)
    reader.start()
    try:
        yield
    finally:
        server.terminate()
        reader.join(10)


@contextlib.contextmanager
def lab_server(root: Path, *options: str) -> Iterator[str]:
    """Run JupyterLab in a folder, with further options, and yield its address."""
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0",
        f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={root}", "--LabApp.expose_app_in_browser=True",
        "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", *options,
    ]  # fmt: skip
    with served(command, root, "http://127.0.0.1") as address:
        yield address.removesuffix("/lab")


@contextlib.contextmanager
def voila_server(root: Path) -> Iterator[str]:
    """Run Voila over a folder and yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "voila", ".", "--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1",
    ]  # fmt: skip
    with served(command, root, "http://127.0.0.1") as address:
        yield address


_DRIVERS: list[Playwright] = []


@contextlib.contextmanager
def one_driver() -> Iterator[None]:
    """Start Playwright once for all browsers that are opened inside the block."""
    with sync_playwright() as playwright:
        _DRIVERS.append(playwright)
        yield
        _DRIVERS.clear()


@contextlib.contextmanager
def playwright_driver() -> Iterator[Playwright]:
    """Yield the shared Playwright, or one of its own."""
    if _DRIVERS:
        yield _DRIVERS[0]
    else:
        with sync_playwright() as playwright:
            yield playwright


@contextlib.contextmanager
def browser_page(width: int = 1280, height: int = 1500, *, args: Sequence[str] = ()) -> Iterator[Page]:
    """A fresh page in a headless Chromium, with further arguments for it."""
    with playwright_driver() as playwright:
        page = _fresh(playwright.chromium, width, height, args)
        try:
            yield page
        finally:
            close_browser(page)


def _fresh(
    kind: BrowserType, width: int, height: int, args: Sequence[str] = (), script: str | None = None
) -> Page:
    browser = kind.launch(executable_path=chromium(), args=[*ARGS, *args])
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(90_000)
    if script:
        page.add_init_script(script)
    return page


def close_browser(page: Page) -> None:
    """Close the browser of a page."""
    if page.context.browser:
        page.context.browser.close()


@contextlib.contextmanager
def browser_lab(
    address: str,
    width: int = 1280,
    height: int = 1500,
    *,
    args: Sequence[str] = (),
    script: str | None = None,
) -> Iterator[Lab]:
    """JupyterLab in a fresh page, with arguments for Chromium and a script that runs before any of the page's."""
    with playwright_driver() as playwright:
        lab = Lab(lambda: _fresh(playwright.chromium, width, height, args, script), address)
        try:
            yield lab
        finally:
            close_browser(lab.page)


def write_notebook(path: Path, cells: Sequence[str], kernel: str = "python3") -> Path:
    """A notebook of code cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    notebook.metadata["kernelspec"] = {"name": kernel, "display_name": kernel, "language": "python"}
    nbformat.write(notebook, path)
    return path


class Lab:
    """One notebook, open in JupyterLab."""

    def __init__(self, fresh: Callable[[], Page], address: str) -> None:
        self._fresh = fresh
        self.page = fresh()
        self._address = address

    def open(self, name: str) -> Lab:
        """Open a notebook of the server's folder in a fresh workspace and wait for its kernel.

        Headless Chromium dies within its first two seconds about once in some hundred starts, whatever it opens; then
        another is started, once.
        """
        try:
            return self._open(name)
        except Error:
            if not self.page.is_closed():
                raise
        self.page = self._fresh()
        return self._open(name)

    def _open(self, name: str) -> Lab:
        workspace = secrets.token_hex(4)
        self.page.goto(f"{self._address}/lab/workspaces/{workspace}/tree/{quote(name)}?token={TOKEN}&reset")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        self.page.wait_for_function(f"() => {CURRENT}?.context?.isReady")
        self.page.wait_for_function(f"() => {CURRENT}.sessionContext?.session?.kernel?.status === 'idle'")
        return self

    def theme(self, name: str) -> None:
        """Switch to `"JupyterLab Dark"` or `"JupyterLab Light"`."""
        self.page.evaluate(
            "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})", name
        )
        self.page.wait_for_selector(f"body[data-jp-theme-name='{name}']", state="attached")

    def start(self, index: int) -> None:
        """Run a cell without waiting for it."""
        self.page.evaluate(
            f"""index => {{
                const panel = {CURRENT};
                panel.content.activeCellIndex = index;
                panel.content.deselectAll();
                window.jupyterapp.commands.execute('notebook:run-cell');
            }}""",
            index,
        )

    def run(self, index: int) -> None:
        """Run a cell and wait until it has finished."""
        self.start(index)
        self.page.wait_for_function(
            f"index => /\\[\\d+\\]/.test({CURRENT}.content.widgets[index].promptNode.textContent)", arg=index
        )

    def run_until(self, index: int, text: str) -> None:
        """Run a cell again and again until it prints a text: what a page sends may arrive after the first run."""
        for _ in range(20):
            self.run(index)
            with contextlib.suppress(PageTimeout):
                return self.cell(index).get_by_text(text).wait_for(timeout=2000)
        self.cell(index).get_by_text(text).wait_for()

    def cell(self, index: int) -> Any:
        """Return the output area of a cell."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index).locator(".jp-Cell-outputArea")

    def save(self) -> None:
        """Save the notebook."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")

    def restart(self) -> None:
        """Restart the kernel from the menu, confirm, and wait until it is idle again."""
        kernel = f"{CURRENT}.sessionContext.session?.kernel"
        self.page.evaluate("() => void window.jupyterapp.commands.execute('kernelmenu:restart')")
        self.page.evaluate(
            f"""() => {{
                window.restarted = false;
                {kernel}.statusChanged.connect((_, status) => {{
                    window.restarted ||= status.includes('restarting');
                }});
            }}"""
        )
        self.page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart").click()
        self.page.wait_for_function(f"() => window.restarted && {kernel}?.status === 'idle'")

    def stop_kernel(self) -> None:
        """Shut the kernel down and wait until it is gone."""
        self.page.evaluate(f"() => {CURRENT}.sessionContext.shutdown()")
        self.page.wait_for_function(f"() => !{CURRENT}.sessionContext.session?.kernel")


def drop(page: Page, path: Path) -> None:
    """Drop a file from the disk onto the audio input, as from a file manager."""
    page.evaluate(
        "() => document.body.append(Object.assign(document.createElement('input'), {type: 'file'}))"
    )
    held = page.locator("body > input[type=file]")
    held.set_input_files(path)
    held.evaluate(DROP)


def plays(scope: Any) -> None:
    """Wait until the first video inside is really playing."""
    video = scope.locator("video").first
    video.wait_for()
    video.evaluate("video => { video.muted = true; return video.play(); }")
    video.page.wait_for_function("video => video.currentTime > 0.4", arg=video.element_handle())


def made_draft(panel: Any) -> Any:
    """Make a draft in a panel; return the player, which plays it."""
    panel.get_by_role("button", name="Draft").click()
    panel.get_by_text("Done in").wait_for()
    player = panel.locator(".voxweave-player")
    plays(player)
    return player


def active_caption(scope: Any, at: float) -> str:
    """Seek to a time in seconds and return the text of the caption there; empty without captions."""
    return str(
        scope.locator("video").first.evaluate(
            """async (video, at) => {
                const track = video.textTracks[0];
                if (!track) return '';
                video.pause();
                const element = video.querySelector('track');
                if (element && element.readyState < 2 && element.src) {
                    await new Promise(done => { element.onload = element.onerror = done; });
                }
                if (video.readyState < 1) await new Promise(done => { video.onloadedmetadata = done; });
                const sought = new Promise(done => { video.onseeked = done; });
                video.currentTime = at;
                await sought;
                await new Promise(requestAnimationFrame);
                await new Promise(done => setTimeout(done, 0));
                return [...(track.activeCues || [])].map(cue => cue.getCueAsHTML().textContent).join(' | ');
            }""",
            at,
        )
    )
