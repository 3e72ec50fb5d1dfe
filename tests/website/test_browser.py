"""The website in a real Chromium, opened from the disk: the loop plays, the search answers, a phone can read it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.axe import serious
from tests.browser.lab import ARGS, chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=ARGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of the width of a desktop that fails the test if anything is asked of another host."""
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    yield opened
    opened.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_the_first_loop_plays_and_stops(page, site):
    page.goto((site.root / "index.html").as_uri())
    page.wait_for_function("() => document.querySelector('.vx-hero video').currentTime > 0.3")
    page.get_by_role("button", name="Pause the clip").click()
    assert page.evaluate("() => document.querySelector('.vx-hero video').paused")
    page.get_by_role("button", name="Play the clip").click()
    page.wait_for_function("() => !document.querySelector('.vx-hero video').paused")


def test_no_loop_plays_with_reduced_motion(page, site):
    page.emulate_media(reduced_motion="reduce")
    page.goto((site.root / "gallery.html").as_uri())
    page.get_by_role("button", name="Play the clip").first.wait_for()
    assert page.evaluate("() => [...document.querySelectorAll('video')].every(video => video.paused)")


def test_the_search_finds_a_page_offline(page, site):
    page.goto((site.root / "index.html").as_uri())
    box = page.get_by_placeholder("Search")
    box.click()
    box.press_sequentially("budget")
    page.locator(".md-search-result__link", has_text="What does it cost?").first.click()
    page.wait_for_url("**/how-to/cost.html**")
    assert page.get_by_role("heading", level=1).inner_text().startswith("What does it cost?")


def test_a_video_of_a_notebook_shows_captions(page, site):
    page.goto((site.root / "notebooks" / "quickstart.html").as_uri())
    page.evaluate("() => { const v = document.querySelector('video'); v.muted = true; return v.play(); }")
    page.wait_for_function("() => document.querySelector('video').textTracks[0].activeCues?.length > 0")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_a_phone(browser, site, scheme):
    page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    wide = []
    for name in site.pages:
        page.goto((site.root / name).as_uri(), wait_until="domcontentloaded")
        if page.evaluate("() => document.documentElement.scrollWidth > innerWidth"):
            wide.append(name)
    page.close()
    assert wide == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "name",
    ["index", "start", "gallery", "pay-once", "how-to/cost", "notebooks/quickstart", "reference/service"],
)
def test_a_page_is_accessible_in_both_themes(page, site, name, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto((site.root / f"{name}.html").as_uri())
    assert serious(page, "body") == []


def test_the_screenshot_follows_the_theme(page, site):
    page.emulate_media(color_scheme="dark")
    page.goto((site.root / "index.html").as_uri())
    shown = page.locator("article img").evaluate_all(
        "images => images.filter(image => image.checkVisibility()).map(image => image.src)"
    )
    assert [src.rpartition("/")[2] for src in shown] == ["panel-dark.jpg#only-dark"]
    page.get_by_title("Switch to the light theme").click()
    page.locator("img[src*='only-light']").wait_for()
    assert page.locator("img[src*='only-dark']").is_hidden()
