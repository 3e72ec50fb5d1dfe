"""Six videos side by side in a real Chromium: how far apart they are, by the lab's transport and by `play()` on each.

The spread is the largest `currentTime` less the smallest, looked at before each frame that the page draws, from the
start of playing to 12 seconds. Beside it stands that of the frames that were really shown, by
`requestVideoFrameCallback`; at 24 frames a second it cannot be below 42 ms by more than luck. The second run blocks the
page's main thread for 300 ms in each second. The load is the system's, since a busy machine decodes late.
"""

from __future__ import annotations

import contextlib
import http.server
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from tests.browser.lab import browser_page
from voxweave_nb.media.ffmpeg import find_ffmpeg

VIDEOS, SECONDS = 6, 12
LAST_SECOND, MOST_95, LAST_SECOND_BLOCKED = 40, 60, 100  # ms
STATIC = Path(str(resources.files("voxweave_nb") / "widgets" / "static"))

PAGE = """<!doctype html><meta charset="utf-8"><title>sync</title>
<style>body{margin:0;display:grid;grid-template-columns:repeat(3,1fr);gap:4px}video{width:100%}</style>
<script type="module">
import { Transport } from "./sync.js";

const videos = Array.from({ length: VIDEOS }, (_, place) => {
  const video = document.createElement("video");
  Object.assign(video, { src: `${place}.mp4`, muted: place > 0, preload: "auto", playsInline: true });
  document.body.append(video);
  return video;
});
const spread = (values) => Math.max(...values) - Math.min(...values);

window.measure = async (way, seconds, blocked) => {
  const shown = videos.map(() => null), samples = [];
  videos.forEach((video, place) => {
    const look = (_, { mediaTime, expectedDisplayTime }) => {
      shown[place] = mediaTime - expectedDisplayTime / 1000;
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  });
  const began = performance.now();
  if (way === "transport") {
    const transport = new Transport();
    videos.forEach((video, place) => transport.add(String(place), video));
    transport.audible = "0";
    await transport.play();
  } else {
    await Promise.all(videos.map((video) => video.play()));
  }
  const start = performance.now();
  const work = () => { const end = performance.now() + 300; while (performance.now() < end); };
  const block = blocked && setInterval(work, 1000);
  await new Promise((done) => {
    const look = () => {
      const at = (performance.now() - start) / 1000;
      const frames = shown.includes(null) ? null : spread(shown) * 1000;
      samples.push([at, spread(videos.map((video) => video.currentTime)) * 1000, frames]);
      if (at < seconds) requestAnimationFrame(look);
      else done();
    };
    look();
  });
  clearInterval(block);
  const dropped = videos.map((video) => video.getVideoPlaybackQuality().droppedVideoFrames);
  return { samples, start: start - began, reached: videos[0].currentTime, dropped: dropped.reduce((a, b) => a + b) };
};
window.ready = true;
</script>"""


class Files(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, and parts of its files as browsers request them of videos."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer a request, with a part of a file if its `Range` names one."""
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        data = path.read_bytes()
        part = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        first, last = (int(part[1]), int(part[2] or len(data) - 1)) if part else (0, len(data) - 1)
        self.send_response(206 if part else 200)
        self.send_header("Content-Type", self.guess_type(path.name))
        self.send_header("Accept-Ranges", "bytes")
        if part:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the browser has enough
            self.wfile.write(data[first : last + 1])


class Server(http.server.ThreadingHTTPServer):
    """A server that does not report connections which a closing browser drops."""

    def handle_error(self, *_: Any) -> None:
        """Say nothing."""


def make_videos(folder: Path) -> None:
    """Six different videos of 14 s, 640x360 at 24 frames a second, H.264 and AAC, as drafts are."""
    sources = ("testsrc2", "mandelbrot", "life", "testsrc2", "cellauto", "gradients")
    for place, source in enumerate(sources):
        size = f"{source}=s=640x360:r=24" if source != "life" else f"{source}=s=640x360:r=24:mold=10"
        inputs = ["-f", "lavfi", "-i", size, "-f", "lavfi", "-i", f"sine=f={220 + 60 * place}"]
        encode = ["-t", "14", "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
        target = str(folder / f"{place}.mp4")
        subprocess.run([find_ffmpeg().path, "-v", "error", "-y", *inputs, *encode, target], check=True)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine and yield its address."""
    server = Server(("127.0.0.1", 0), partial(Files, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def measure(address: str, way: str, *, blocked: bool) -> dict[str, float]:
    """Play once in a fresh browser, print the line of figures, and return them."""
    with browser_page(1280, 560) as page:
        page.goto(f"{address}/index.html")
        page.wait_for_function("window.ready")
        found = page.evaluate(
            "([way, seconds, blocked]) => window.measure(way, seconds, blocked)", [way, SECONDS, blocked]
        )
    at, spread, frames = np.array(found["samples"], dtype=float).T
    last = at > SECONDS - 1
    figures = {
        "last": float(np.median(spread[last])),
        "last_most": float(spread[last].max()),
        "p95": float(np.percentile(spread, 95)),
        "most": float(spread.max()),
        "frames": float(np.nanmedian(frames[last])),
        "frames_p95": float(np.nanpercentile(frames, 95)),
    }
    parts = (
        f"  {way:9} last second {figures['last']:4.0f} (most {figures['last_most']:4.0f})",
        f"p95 {figures['p95']:4.0f}   most {figures['most']:4.0f}",
        f"shown frames {figures['frames']:4.0f}, p95 {figures['frames_p95']:4.0f}",
        f"at {found['reached']:.1f} s, {found['dropped']} frames dropped, load {os.getloadavg()[0]:.1f}",
    )
    print("   ".join(parts), flush=True)
    return figures


def main() -> int:
    """Print the spreads in milliseconds; return 1 if the transport's exceed their limits."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_videos(folder)
        for module in ("sync", "sync_track", "format"):
            (folder / f"{module}.js").write_bytes((STATIC / f"{module}.js").read_bytes())
        page = PAGE.replace("VIDEOS", str(VIDEOS))
        (folder / "index.html").write_text(page, encoding="utf-8", newline="\n")
        with served(folder) as address:
            print(f"Spread of {VIDEOS} videos over {SECONDS} s, in ms:")
            measure(address, "play()", blocked=False)
            calm = measure(address, "transport", blocked=False)
            print("The same with the main thread blocked for 300 ms in each second:")
            measure(address, "play()", blocked=True)
            busy = measure(address, "transport", blocked=True)
    checks = (
        ("last second", calm["last"], LAST_SECOND),
        ("95th percentile of the run", calm["p95"], MOST_95),
        ("last second, blocked", busy["last"], LAST_SECOND_BLOCKED),
    )
    for label, value, limit in checks:
        print(f"{label}: {value:.0f} ms, at most {limit}: {'kept' if value <= limit else 'MISSED'}")
    return int(any(value > limit for _, value, limit in checks))


if __name__ == "__main__":
    sys.exit(main())
