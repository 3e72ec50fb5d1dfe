"""Makes the pictures that are kept in the repository: `python scripts/make_images.py [thumbnails] [styles] [panel]`.

`thumbnails` are the style cards of the panel, `styles` is the contact sheet in docs/images, `panel` are screenshots of
the panel in a real JupyterLab (which needs the `dev` extra and Chromium). Look at them before committing.
"""

from __future__ import annotations

import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from voxweave_nb import VideoStyle
from voxweave_nb.render.preview import Pixels, sample_job, sheet, stills

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
CARDS = ROOT / "voxweave_nb" / "widgets" / "static" / "styles"
sys.path.insert(0, str(ROOT))  # for tests.browser

PROMPTS = {
    "realistic": "a slow dawn over a quiet sea",
    "anime": "a windy afternoon in summer",
    "3d": "coral and sand",
    "cinematic": "golden hour in the mountains",
    "biotech": "the code of life",
    "cyberpunk": "rain on neon glass",
    "educational": "why the deep sea glows",
}


PANEL = "from voxweave_nb import VideoPanel\n\nVideoPanel()"
PROVIDERS = """import os
from voxweave_nb import VideoGenerationService, VideoPanel
from voxweave_nb.sandbox import Fault, Sandbox

sandbox = Sandbox().start()
os.environ.update({name: value for name, value in sandbox.env.items() if name.startswith(("OPENAI", "ZAI"))})
sandbox.fault("create", Fault.status(503), provider="openai_sora")
sandbox.fault("create", Fault.status(429, retry_after=2), provider="zai")
VideoPanel(VideoGenerationService(["openai_sora", "zai", "local"]))
"""


def main(wanted: list[str]) -> None:
    """Makes what is named, or everything."""
    makers = {"thumbnails": thumbnails, "styles": styles, "panel": panel}
    for name in wanted or makers:
        makers[name]()


def thumbnails() -> None:
    """One card a style, 320x180."""
    CARDS.mkdir(parents=True, exist_ok=True)
    for style in VideoStyle:
        (picture,) = _stills(style, [0.55], prompt="")
        write_jpeg(picture, CARDS / f"{style.value}.jpg", width=320, quality=6)


def styles() -> None:
    """Every style in a row: start, middle, end."""
    rows = [
        picture
        for style in VideoStyle
        for picture in _stills(style, [0.1, 0.5, 0.85], prompt=PROMPTS[style.value])
    ]
    write_jpeg(sheet(rows, columns=3, gap=24), IMAGES / "styles.jpg", width=1440, quality=4)


def _stills(style: VideoStyle, places: list[float], **changes: object) -> list[Pixels]:
    with tempfile.TemporaryDirectory() as folder:
        return stills(sample_job(Path(folder), style.value, **changes), places, Path(folder))


def write_jpeg(pixels: Pixels, to: Path, *, width: int, quality: int) -> None:
    """Writes a picture, scaled; quality is FFmpeg's, 2 (best) to 31."""
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
    height = round(frame.height * width / frame.width) & ~1
    still = frame.reformat(width=width, height=height, format="yuvj420p", interpolation="LANCZOS")
    with av.open(str(to), "w", format="mjpeg") as out:
        stream = out.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
        stream.codec_context.options = {"qmin": str(quality), "qmax": str(quality)}
        still.pts, still.time_base = 0, Fraction(1)
        out.mux(stream.encode(still))
        out.mux(stream.encode(None))
    print(f"{to.relative_to(ROOT)}: {width}x{height}, {to.stat().st_size / 1000:.0f} kB")


def panel() -> None:
    """The panel before, during and after, in both themes."""
    from tests.browser.lab import Lab, browser_page, lab_server, write_notebook

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "notebooks"
        root.mkdir()
        with lab_server(root) as address:
            for theme in ("light", "dark"):
                for cell, show in ((PANEL, _three_moments), (PROVIDERS, _providers)):
                    name = f"{theme}.ipynb"
                    write_notebook(root / name, [cell])
                    with browser_page(1180, 1700) as page:
                        lab = Lab(page, address).open(name)
                        lab.theme(f"JupyterLab {theme.capitalize()}")
                        page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
                        page.add_style_tag(content=".Toastify { display: none }")
                        show(lab, theme)


def _providers(lab: object, theme: str) -> None:
    """Before and after a video that the second provider made, its price and its story."""
    from tests.browser.lab import Lab

    assert isinstance(lab, Lab)
    page, cell = lab.page, lab.cell(0)
    lab.run(0)
    page.evaluate("() => document.querySelector('.jp-Cell-inputWrapper').style.display = 'none'")
    cell.get_by_label("Provider", exact=True).select_option("zai")
    cell.get_by_text("about $0.20").wait_for()
    cell.get_by_text("All providers").click()
    page.mouse.move(5, 5)
    cell.locator(".voxweave-panel").screenshot(path=IMAGES / f"panel-{theme}-price.png")
    cell.get_by_label("Provider", exact=True).select_option("automatic")
    cell.get_by_role("button", name="Generate").click()
    cell.get_by_role("button", name="Log").click()
    cell.locator("video").wait_for()
    page.mouse.move(5, 5)
    cell.locator(".voxweave-panel").screenshot(path=IMAGES / f"panel-{theme}-story.png")


def _three_moments(lab: object, theme: str) -> None:
    from tests.browser.lab import Lab

    assert isinstance(lab, Lab)
    page, cell = lab.page, lab.cell(0)
    lab.run(0)
    cell.get_by_role("button", name="Generate").wait_for()
    page.mouse.move(5, 5)
    page.screenshot(path=IMAGES / f"panel-{theme}.png", clip={"x": 0, "y": 0, "width": 1180, "height": 1000})
    cell.get_by_role("button", name="Generate").click()
    page.wait_for_function(
        "() => parseFloat(document.querySelector('.voxweave-job .progress-bar')?.style.width || '0') > 48"
    )
    page.screenshot(
        path=IMAGES / f"panel-{theme}-running.png", clip={"x": 0, "y": 0, "width": 1180, "height": 1160}
    )
    cell.locator("video").wait_for()
    cell.locator("video").evaluate(
        "video => new Promise(done => { video.oncanplaythrough = done; video.currentTime = 7; })"
    )
    cell.get_by_text("Transcript").click()
    page.mouse.move(5, 5)
    page.screenshot(path=IMAGES / f"panel-{theme}-done.png")


if __name__ == "__main__":
    main(sys.argv[1:])
