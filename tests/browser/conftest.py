"""One JupyterLab for the session, one page for each test."""

from __future__ import annotations

import subprocess
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.lab import Lab, browser_lab, lab_server, one_driver
from tests.conftest import write_narration
from voxweave_nb.media.ffmpeg import find_ffmpeg

CAPTIONS = (
    "1\n00:00:00,100 --> 00:00:01,000\nFar below the waves\n\n2\n00:00:01,000 --> 00:00:01,900\nit <glows>\n"
)


@pytest.fixture(scope="package", autouse=True)
def driver() -> Iterator[None]:
    """Start Playwright once for all browser tests."""
    with one_driver():
        yield


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the notebook server serves, with a short narration in it."""
    root = tmp_path_factory.mktemp("served")
    write_narration(root / "talk.wav", 2.0)
    (root / "talk.srt").write_text(CAPTIONS, encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def film(folder: Path) -> Path:
    """Three seconds of 720p with sound, beside the notebooks."""
    path = folder / "film.mp4"
    picture = ["-f", "lavfi", "-i", "testsrc2=s=1280x720:r=30:d=3", "-f", "lavfi", "-i", "sine=d=3"]
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "30", "-c:a", "aac"]
    subprocess.run([find_ffmpeg().path, "-v", "error", "-y", *picture, *encode, str(path)], check=True)
    return path


@pytest.fixture(scope="session")
def twelve(folder: Path) -> Path:
    """A WAV of 12 MB, more than a notebook's connection takes in one message."""
    with wave.open(str(folder / "talk.wav")) as short:
        frames = short.readframes(short.getnframes())
    with wave.open(str(folder / "twelve.wav"), "wb") as long:
        long.setparams((1, 2, 16_000, 0, "NONE", ""))
        long.writeframes(frames * (12_000_000 // len(frames)))
    return folder / "twelve.wav"


@pytest.fixture(scope="session")
def address(folder: Path) -> Iterator[str]:
    """The address of a real JupyterLab."""
    with lab_server(folder) as address:
        yield address


@pytest.fixture
def lab(address: str) -> Iterator[Lab]:
    """JupyterLab in a fresh page."""
    with browser_lab(address) as lab:
        yield lab
