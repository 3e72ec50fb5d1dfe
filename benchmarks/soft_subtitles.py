"""Time adding soft subtitles to 60 s of 1080p MP4, against plain FFmpeg's stream copy, and burning them in.

Goal: at most 1.5 times the plain copy. Both are timed alternately in one run; the fastest of each counts.
"""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from voxweave_nb import Cue, SubtitleMode
from voxweave_nb.media.assemble import embed_subtitles
from voxweave_nb.media.ffmpeg import find_ffmpeg

SECONDS, TURNS = 60, 7
CUES = tuple(Cue(4.0 * n, 4.0 * n + 3.5, f"This is caption number {n}") for n in range(14))


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        video = _video(root)
        copies, softs = [], []
        for turn in range(TURNS):
            copies.append(_timed(lambda: _plain_copy(video, root)))
            softs.append(_timed(lambda turn=turn: _embed(video, root / f"soft{turn}", SubtitleMode.SOFT)))  # type: ignore[misc]
        burn = _timed(lambda: _embed(video, root / "burn", SubtitleMode.BURN))
        copy, soft = min(copies), min(softs)
        print(
            f"60 s of 1080p, {video.stat().st_size / 1e6:.0f} MB, {len(CUES)} cues, fastest of {TURNS} turns"
        )
        print(f"  plain stream copy  {copy:7.3f} s   1.00")
        print(f"  soft subtitles     {soft:7.3f} s   {soft / copy:.2f}   (goal: at most 1.50)")
        print(f"  burnt in           {burn:7.3f} s   {burn / copy:.0f}")


def _video(root: Path) -> Path:
    path = root / "video.mp4"
    frames = ["-f", "lavfi", "-i", f"testsrc2=s=1920x1080:r=30:d={SECONDS}"]
    sound = ["-f", "lavfi", "-i", f"sine=d={SECONDS}"]
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "9M", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    subprocess.run([find_ffmpeg().path, "-v", "error", *frames, *sound, *encode, str(path)], check=True)
    return path


def _plain_copy(video: Path, root: Path) -> None:
    args = ["-i", str(video), "-c", "copy", "-movflags", "+faststart", str(root / "copy.mp4")]
    subprocess.run([find_ffmpeg().path, "-v", "error", "-y", *args], check=True)


def _embed(video: Path, work: Path, mode: SubtitleMode) -> None:
    work.mkdir()
    done = asyncio.run(embed_subtitles(video, CUES, mode=mode, work=work, to=work / "out.mp4"))
    assert done.subtitle_mode is mode, done.warnings


def _timed(action: Callable[[], None]) -> float:
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
