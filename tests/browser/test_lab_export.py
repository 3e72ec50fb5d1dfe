"""A lab without a kernel: its exported page, and the contact sheet in a saved notebook."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.browser.axe import serious
from tests.browser.lab import browser_lab, browser_page, write_notebook
from tests.conftest import write_narration
from voxweave_nb import GeneratedVideo, Settings, VideoGenerationService
from voxweave_nb.lab.prompt_lab import PromptLab
from voxweave_nb.lab.records import Flag, Made
from voxweave_nb.lab.videos import stored
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.media.poster import make_poster
from voxweave_nb.runtime import run

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NASTY = "rain </script><script>document.title = 'broken'</script> \"'"
PAGE = "voxweaveLabPage"
TIMES = "[...document.querySelectorAll('video')].map(video => video.currentTime)"
SHOWN = (
    "[...document.querySelectorAll('.lp-tile:not([hidden])')].map(tile => tile.getAttribute('aria-label'))"
)
HEARD = "[...document.querySelectorAll('video')].flatMap((video, place) => video.muted ? [] : [place])"
SHEET = """from voxweave_nb.lab.prompt_lab import PromptLab
lab = PromptLab("harbour")
lab"""
IN_NOTEBOOK = """() => JSON.stringify(
    window.jupyterapp.shell.currentWidget.content.model.cells.get(0).outputs.toJSON()
).includes('data:image/webp')"""


def record(lab: PromptLab, place: int) -> None:
    """Give a variant a video with sound, one that differs from the others."""
    videos = lab.path / "videos"
    videos.mkdir(exist_ok=True)
    path = videos / f"take {place}.mp4"
    sources = [f"testsrc2=s=640x360:r=24,hue=h={60 * place}", f"sine=f={220 + 60 * place}"]
    inputs = [word for source in sources for word in ("-f", "lavfi", "-i", source)]
    encode = [
        "-t",
        "8",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
        "-g",
        "24",
        "-c:a",
        "aac",
    ]
    subprocess.run([find_ffmpeg().path, "-v", "error", "-y", *inputs, *encode, str(path)], check=True)
    run(make_poster(path, path.with_suffix(".jpg"), at=2.0))
    variant = lab.variants[place]
    origin = {
        "provider": "local", "model": None, "job_id": str(place), "config": variant.config.as_dict(),
        "narration": "talk.wav", "created": 1.0, "seconds": 2.0, "declined": {}, "understood": {}, "usd": 0.2,
        "version": "1",
    }  # fmt: skip
    video = GeneratedVideo.from_dict({
        "path": str(path), "captions": None, "poster": str(path.with_suffix(".jpg")), "sprite": None,
        "thumbnails": None, "duration": 8.0, "width": 640, "height": 360, "subtitle_mode": "none", "cues": [],
        "warnings": [], "provenance": origin,
    })  # fmt: skip
    lab._folder.record(Made(variant.id, video=stored(video, lab.path), usd=0.2))


@pytest.fixture(scope="module")
def harbour(folder) -> PromptLab:
    """A lab with six videos beside the notebooks, and votes for dusk."""
    write_narration(folder / "lab.wav", 2.0)
    service = VideoGenerationService(["local"], settings=Settings(home=folder.parent / "lab home"))
    lab = PromptLab(
        "harbour", folder / "lab.wav", service=service, folder=folder / "voxweave_lab", rater="Ada"
    )
    lab.grid("a {place: harbour|forest} at {time: dawn|noon|dusk}")
    for place in range(6):
        record(lab, place)
    lab.add(prompt=NASTY, note=NASTY)
    dawn, _, dusk, *_ = lab.variants
    for other in lab.variants[:6]:
        for _ in range(4 if other.id != dusk.id else 0):
            lab.vote(dusk, other, "left")
    lab.rate(dusk, thumb=True, stars=5, note="the light")
    lab._folder.flag([Flag(dawn.id, "frozen", 3.0, "frozen for 3.0 s")])
    return lab


@pytest.fixture(scope="module")
def exported(harbour, folder) -> Path:
    page = harbour.export(folder / "harbour.html", embed=100_000_000)
    assert len(page.embedded) == 6
    return page.path


@pytest.fixture
def page(exported):
    """The page, opened from the disk."""
    with browser_page(1280, 1100) as page:
        open_page(page, exported)
        yield page


def open_page(page, path: Path) -> None:
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_function(f"window.{PAGE}?.alive.size > 0")


def play_together(page) -> None:
    """Play and repeat by keys, and wait until all six have moved and are within two frames of each other."""
    page.keyboard.press("l")
    page.keyboard.press("Space")
    together = f"{PAGE}.transport.playing && Math.min(...times) > 1 && Math.max(...times) - Math.min(...times) < 0.08"
    page.wait_for_function(f"() => {{ const times = {TIMES}; return {together}; }}")


def test_six_videos_play_together_one_audible(page):
    assert page.evaluate(TIMES) == [0.0] * 6
    play_together(page)
    assert page.evaluate(HEARD) == [2]  # the best one
    page.get_by_role("button", name="Pause").click()
    page.wait_for_function(f"!{PAGE}.transport.seeking")
    times = page.evaluate(TIMES)
    assert max(times) - min(times) < 0.0001  # one frame everywhere
    assert page.evaluate("document.querySelector('video').src.startsWith('data:video/mp4')")
    assert page.errors == []


def test_keys_choose_the_sound_and_the_time(page):
    page.keyboard.press("1")
    assert page.evaluate(HEARD) == [0]
    assert page.get_by_role("button", name="1, Hear harbour · dawn").get_attribute("aria-pressed") == "true"
    page.keyboard.press("m")
    assert page.evaluate(HEARD) == []
    page.keyboard.press("m")
    assert page.evaluate(HEARD) == [0]
    page.wait_for_function(f"{PAGE}.transport.duration > 7")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        page.wait_for_function(f"!{PAGE}.transport.seeking")
    assert page.evaluate(TIMES) == [3.0] * 6
    page.get_by_role("button", name="Repeat").focus()
    page.keyboard.press("Space")  # presses the button, as everywhere
    assert page.get_by_role("button", name="Repeat").get_attribute("aria-pressed") == "true"
    assert page.evaluate(f"{PAGE}.transport.playing") is False


def test_filters_and_order_change_the_tiles(page):
    assert len(page.evaluate(SHOWN)) == 7
    page.locator("[data-axis=place]").select_option("forest")
    assert page.evaluate(SHOWN) == ["forest · dawn", "forest · noon", "forest · dusk"]
    page.get_by_text("3 of 7 variants").wait_for()
    page.locator("[data-axis=time]").select_option("dusk")
    assert page.evaluate(SHOWN) == ["forest · dusk"]
    page.get_by_role("button", name="Reset").click()
    page.get_by_text("7 variants", exact=True).wait_for()
    page.get_by_label("Sort by").select_option("rank")
    assert page.evaluate(SHOWN)[0] == "harbour · dusk"
    page.get_by_label("Show").select_option("flagged")
    assert page.evaluate(SHOWN) == ["harbour · dawn"]
    page.get_by_label("Show").select_option("all")
    for name in ("harbour · noon", "forest · noon"):
        page.get_by_role("article", name=name).get_by_label("Mark").check()
    page.get_by_label("Show").select_option("marked")
    assert sorted(page.evaluate(SHOWN)) == ["forest · noon", "harbour · noon"]


@pytest.mark.everywhere
def test_playing_goes_on_with_fewer_tiles(page):
    play_together(page)
    page.locator("[data-axis=place]").select_option("forest")
    before = page.evaluate(f"{PAGE}.transport.time")
    page.wait_for_function(f"Math.abs({PAGE}.transport.time - {before}) > 0.5 && !{PAGE}.transport.seeking")
    assert page.evaluate(f"{PAGE}.alive.size") == 3
    page.wait_for_function(
        "[...document.querySelectorAll('video')].filter(video => !video.paused).length === 3"
    )


@pytest.mark.everywhere
def test_what_people_wrote_does_nothing(page):
    assert page.title() == "harbour: prompt lab"
    assert page.get_by_text(NASTY).first.is_visible()
    assert page.get_by_role("article", name="harbour · dusk").get_by_text("the light").is_visible()
    assert page.get_by_text("frozen for 3.0 s").first.is_visible()
    assert page.errors == []


def test_the_page_is_accessible(page):
    for summary in page.locator("summary").all():
        summary.click()
    for width, scheme in ((1280, "light"), (1280, "dark"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert serious(page, "body") == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.everywhere
def test_linked_videos_play_from_the_disk(harbour, folder):
    linked = harbour.export(folder / "linked.html", embed=0)
    assert len(linked.linked) == 6
    with browser_page(1280, 1100) as page:
        open_page(page, linked.path)
        play_together(page)
        assert page.evaluate("document.querySelector('video').src").endswith(
            "/voxweave_lab/harbour/videos/take%200.mp4"
        )


@pytest.fixture(scope="module")
def saved(folder, address, harbour) -> Path:
    """A notebook that shows the lab, saved, its kernel gone."""
    write_notebook(folder / "sheet.ipynb", [SHEET])
    with browser_lab(address) as lab:
        lab.open("sheet.ipynb").run(0)
        lab.cell(0).locator(".voxweave-lab").first.wait_for()
        lab.page.wait_for_function(IN_NOTEBOOK)
        lab.cell(0).locator(".voxweave-lab-sheet").wait_for(state="hidden")  # the view shows all of it
        lab.save()
        lab.stop_kernel()
    return folder / "sheet.ipynb"


def shows_the_lab(scope) -> None:
    sheet = scope.locator("text=7 variants, 6 with a video").locator("..")
    sheet.wait_for()
    assert sheet.get_by_text("harbour · dusk", exact=True).is_visible()
    images = sheet.locator("img")
    assert images.count() == 6
    assert images.evaluate_all("images => images.every(image => image.naturalWidth >= 96)")
    assert sheet.get_by_text("is the best with a chance of").is_visible()
    assert sheet.get_by_text("What the choices do").is_visible()


@pytest.mark.parametrize("trusted", [True, False])
def test_the_sheet_is_there_without_a_kernel(lab, saved, trusted):
    name = saved.name
    if not trusted:
        notebook = nbformat.read(saved, as_version=4)
        notebook.cells[0].source += "\n# somebody else's"
        nbformat.write(notebook, saved.with_name("untrusted-sheet.ipynb"))
        name = "untrusted-sheet.ipynb"
    lab.open(name)
    lab.stop_kernel()
    shows_the_lab(lab.cell(0))


def test_the_sheet_is_in_an_export(saved):
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "html", str(saved)], check=True, capture_output=True
    )
    with browser_page() as page:
        page.goto(saved.with_suffix(".html").as_uri())
        shows_the_lab(page.locator("body"))
