"""Debian's WebKitGTK on a screen of its own, driven over WebDriver by WebKitWebDriver."""

from __future__ import annotations

import base64
import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.browser.sound import sound_server

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key of an element's id in an answer (https://www.w3.org/TR/webdriver2/#elements)."""
PATIENCE = 90.0
STILL = """button => {
    button.scrollIntoView({block: 'nearest'});
    const {left, top} = button.getBoundingClientRect(), place = `${left} ${top}`;
    const still = button.dataset.place === place;
    button.dataset.place = place;
    return still;
}"""
"""True when a button is where it was at the call before."""


class WebKitPage:
    """A page in WebKit, by the few commands that the tests need."""

    def __init__(self, session: httpx.Client) -> None:
        self._session = session

    def goto(self, url: str) -> None:
        """Open an address."""
        self._post("url", url=url)

    def evaluate(self, function: str, *arguments: object) -> Any:
        """Call a JavaScript function in the page and return its result."""
        script = f"return ({function})(...arguments);"
        return self._post("execute/sync", script=script, args=[*arguments])

    def wait_for(self, function: str, *arguments: object) -> None:
        """Wait until a JavaScript function returns true.

        Raises:
            TimeoutError: It did not within 90 seconds.
        """
        end = time.monotonic() + PATIENCE
        while not self.evaluate(function, *arguments):
            if time.monotonic() > end:
                raise TimeoutError(f"{function} stayed false; the page has: {self.text()[-2000:]}")
            time.sleep(0.05)

    def click(self, name: str) -> None:
        """Scroll to the button of that name and click it with the mouse, once it stays in its place.

        The driver moves to where a button was, presses, and releases; a button that moves meanwhile is missed.
        """
        xpath = f"//button[normalize-space()='{name}' or @aria-label='{name}' and not(@aria-hidden)]"
        element = self._post("element", using="xpath", value=xpath)
        self.wait_for(STILL, element)
        self._post(f"element/{element[ELEMENT]}/click")

    def text(self) -> str:
        """Return the text that the page shows."""
        return str(self.evaluate("() => document.body.innerText"))

    def screenshot(self, path: Path) -> None:
        """Save what the window shows as a PNG."""
        path.write_bytes(base64.b64decode(self._answer(self._session.get("screenshot"))))

    def _post(self, command: str, **body: object) -> Any:
        return self._answer(self._session.post(command, json=body))

    @staticmethod
    def _answer(answer: httpx.Response) -> Any:
        value = answer.json()["value"]
        assert answer.is_success, f"{value['error']}: {value['message']}"
        return value


def driver_path() -> str:
    """Return the path of WebKitWebDriver.

    Raises:
        FileNotFoundError: It or Xvfb is not installed; the message tells what to install.
    """
    found = shutil.which("WebKitWebDriver")
    if not found or not shutil.which("Xvfb"):
        raise FileNotFoundError(
            "The tests in WebKit need Debian's packages webkit2gtk-driver, xvfb and gstreamer1.0-libav (H.264, AAC); "
            "scripts/test --everywhere installs them."
        )
    return found


@contextlib.contextmanager
def webkit_page(width: int = 1280, height: int = 1500) -> Iterator[WebKitPage]:
    """A fresh page in WebKit."""
    driver = driver_path()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (
        _screen(width, height) as display,
        sound_server() as speaker,
        _process([driver, f"--port={port}"], DISPLAY=display, PULSE_SERVER=speaker) as process,
        httpx.Client(timeout=PATIENCE, trust_env=False) as client,
    ):
        base = f"http://127.0.0.1:{port}/session"
        session = _new_session(client, base, process)
        client.base_url = httpx.URL(f"{base}/{session}/")
        try:
            page = WebKitPage(client)
            page._post("window/rect", x=0, y=0, width=width, height=height)
            yield page
        finally:
            client.delete(f"{base}/{session}")


def _new_session(client: httpx.Client, url: str, driver: subprocess.Popen[str]) -> str:
    while driver.poll() is None:
        try:
            answer = client.post(url, json={"capabilities": {}})
        except httpx.ConnectError:
            time.sleep(0.05)  # it does not listen yet
        else:
            return str(answer.json()["value"]["sessionId"])
    raise RuntimeError(f"WebKitWebDriver ended with {driver.returncode}.")


@contextlib.contextmanager
def _screen(width: int, height: int) -> Iterator[str]:
    """Start an X server without a monitor and yield its display."""
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"]
    with _process(command) as server:
        assert server.stdout is not None
        number = server.stdout.readline().strip()
        assert number, "Xvfb did not start."
        yield f":{number}"


@contextlib.contextmanager
def _process(command: list[str], **variables: str) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, **variables}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
