"""A narration of 120 MB into the kernel and a video of 100 MB onto the page, in a real JupyterLab and Chromium.

Goals: at least 15 MiB/s with equal checksums, at most 200 MB more memory in the kernel during the upload, and at most
0.4 s from the player's appearance to its first frame.
"""

from __future__ import annotations

import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import wave
from pathlib import Path
from typing import Any

from tests.browser.lab import browser_lab, lab_server, write_notebook
from voxweave_nb.media.ffmpeg import find_ffmpeg

SIZE, TURNS = 120_000_000, 3
LEAST_SPEED, LONGEST_START, MOST_MEMORY = 15.0, 0.4, 200.0

AUDIO = (
    "import re, pathlib\ndef peak():\n"
    "    return int(re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1]) / 1000\n"
    "from voxweave_nb import AudioInput\naudio = AudioInput()\naudio"
)
FACTS = (
    "import hashlib, json\nmost = peak()\n"
    "print(json.dumps([hashlib.sha256(audio.path.read_bytes()).hexdigest(), most]))"
)
BEFORE = "print(peak())"
PLAYER = "from voxweave_nb import Player\nplayer = Player('film.mp4')"

CLOCK = """() => {
    window.stamps = {};
    const note = name => { window.stamps[name] ??= performance.now(); };
    const look = new MutationObserver(() => { if (document.querySelector('.voxweave-player')) note('there'); });
    look.observe(document.body, {childList: true, subtree: true});
    document.addEventListener('loadeddata', () => note('frame'), true);
}"""


def main() -> int:
    """Print the figures with their goals; return 1 when one is missed."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "served"
        root.mkdir()
        sound, film = _sound(root / "talk.wav"), _film(root / "film.mp4")
        write_notebook(root / "audio.ipynb", [AUDIO, BEFORE, FACTS])
        write_notebook(root / "film.ipynb", [PLAYER, "player"])
        with lab_server(root) as address:
            speeds, grown, equal = _upload(address, sound)
            starts = [_first_frame(address) for _ in range(TURNS)]
    speed, start = statistics.median(speeds), statistics.median(starts)
    print(
        f"120 MB into the kernel, {TURNS} turns, and a {film / 1e6:.0f} MB video from the server, {TURNS} turns"
    )
    print(f"  upload          {_row(speeds)}  MiB/s   (goal: at least {LEAST_SPEED:.0f})")
    print(f"  checksums       {'equal' if equal else 'DIFFERENT'}")
    print(f"  kernel's memory {grown:+.0f} MB            (goal: at most {MOST_MEMORY:+.0f})")
    print(f"  first frame     {_row(starts)}  s       (goal: at most {LONGEST_START})")
    return int(speed < LEAST_SPEED or start > LONGEST_START or grown > MOST_MEMORY or not equal)


def _upload(address: str, sound: Path) -> tuple[list[float], float, bool]:
    digest, speeds, grown, equal = hashlib.sha256(sound.read_bytes()).hexdigest(), [], 0.0, True
    for _ in range(TURNS):
        with browser_lab(address) as lab:
            page = lab.open("audio.ipynb").page
            lab.run(0)
            lab.run(1)
            before = float(lab.cell(1).inner_text())
            speeds.append(SIZE / 2**20 / _send(page, sound))
            page.locator(".va-files li").wait_for()
            lab.run(2)
            found, peak = eval(lab.cell(2).inner_text())
            equal &= found == digest
            grown = max(grown, peak - before)
            lab.stop_kernel()
    return speeds, grown, equal


def _send(page: Any, sound: Path) -> float:
    """Return the seconds from choosing the file until the kernel has all of it."""
    page.evaluate(
        """() => { window.sent = new Promise(done => {
            const input = document.querySelector('.voxweave-audio input[type=file]');
            input.addEventListener('change', () => { window.began = performance.now(); }, true);
            const queue = document.querySelector('.va-queue');
            new MutationObserver(() => {
                if (queue.querySelector('[data-state=checking]')) done((performance.now() - window.began) / 1000);
            }).observe(queue, {childList: true, subtree: true, attributes: true});
        }); }"""
    )
    page.locator(".voxweave-audio input[type=file]").set_input_files(sound)
    return float(page.evaluate("() => window.sent"))


def _first_frame(address: str) -> float:
    with browser_lab(address) as lab:
        page = lab.open("film.ipynb").page
        lab.run(0)
        page.evaluate(CLOCK)
        lab.run(1)
        page.wait_for_function("() => window.stamps.frame")
        assert page.locator(".vp-badge").inner_text() == "streamed from the notebook server"
        lab.stop_kernel()
        return float(page.evaluate("() => (stamps.frame - stamps.there) / 1000"))


def _sound(path: Path) -> Path:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(44_100)
        out.writeframes(os.urandom(SIZE - 44))
    return path


def _film(path: Path) -> int:
    """Write about 100 MB of noise at 25 Mbit/s, a short clip repeated, and return the size in bytes."""
    clip = path.with_name("clip.mp4")
    ffmpeg = [find_ffmpeg().path, "-v", "error", "-y"]
    source = ["-f", "lavfi", "-i", "testsrc2=s=1280x720:r=30:d=4,noise=alls=60:allf=t"]
    encode = [
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-b:v",
        "25M",
        "-pix_fmt",
        "yuv420p",
        "-g",
        "60",
        str(clip),
    ]
    subprocess.run([*ffmpeg, *source, *encode], check=True)
    turns = max(0, round(100e6 / clip.stat().st_size) - 1)
    copy = ["-stream_loop", str(turns), "-i", str(clip), "-c", "copy", "-movflags", "+faststart", str(path)]
    subprocess.run([*ffmpeg, *copy], check=True)
    clip.unlink()
    return path.stat().st_size


def _row(figures: list[float]) -> str:
    return " ".join(f"{figure:6.2f}" for figure in figures)


if __name__ == "__main__":
    sys.exit(main())
