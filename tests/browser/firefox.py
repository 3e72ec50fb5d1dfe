"""Debian's Firefox, driven by Playwright over WebDriver BiDi; nothing is downloaded."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator

from playwright.sync_api import BrowserType, Page

from tests.browser.lab import Lab, close_browser, playwright_driver
from tests.browser.sound import sound_server

PREFS: dict[str, bool | float | str] = {
    "media.navigator.streams.fake": True,  # a microphone that hums, allowed without a question
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,  # as Chromium in these tests: a video may play without a click
}


def firefox() -> str:
    """Return the path of the Firefox to drive.

    Raises:
        FileNotFoundError: Firefox is not installed; the message tells what to install.
    """
    found = os.environ.get("VOXWEAVE_FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")
    if not found:
        raise FileNotFoundError(
            "The tests in Firefox need it: install Debian's packages firefox-esr and libavcodec-extra (H.264 and AAC), "
            "or point VOXWEAVE_FIREFOX at one; scripts/test --fast leaves these tests out."
        )
    return found


@contextlib.contextmanager
def firefox_page(width: int = 1280, height: int = 1500) -> Iterator[Page]:
    """A fresh page in a headless Firefox."""
    with playwright_driver() as playwright, sound_server() as speaker:
        page = _fresh(playwright.firefox, width, height, speaker)
        try:
            yield page
        finally:
            close_browser(page)


@contextlib.contextmanager
def firefox_lab(address: str, width: int = 1280, height: int = 1500) -> Iterator[Lab]:
    """JupyterLab in a fresh page of Firefox."""
    with playwright_driver() as playwright, sound_server() as speaker:
        lab = Lab(lambda: _fresh(playwright.firefox, width, height, speaker), address)
        try:
            yield lab
        finally:
            close_browser(lab.page)


def _fresh(kind: BrowserType, width: int, height: int, speaker: str) -> Page:
    # The channel "moz-firefox" is a stock Firefox over BiDi; without it, Playwright wants a Firefox of its own making.
    browser = kind.launch(
        channel="moz-firefox",
        executable_path=firefox(),
        firefox_user_prefs=PREFS,
        env={**os.environ, "PULSE_SERVER": speaker},
    )
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(90_000)
    return page
