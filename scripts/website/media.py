"""Render the videos of the website: a loop of each style, and the loop at the top of the home page."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cache import ROOT, cached

from voxweave_nb import Cue, Settings, VideoGenerationService, VideoStyle
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.media.subtitles import read_subtitles, write_subtitles
from voxweave_nb.sample import sample_narration, sample_subtitles
from voxweave_nb.styles import load_style

PACKAGE = ROOT / "voxweave_nb"
SOURCES = [PACKAGE / name for name in ("render", "styles", "sample", "media")]
HERE = Path(__file__).resolve()

SEAM = 0.6
"""Seconds in which a loop's end is blended into its start."""
MARGIN = 1.0
"""Seconds at each end of a rendered film that are cut off, because a film fades in and out."""


@dataclass(frozen=True)
class Scene:
    """A sentence of the sample narration, in a style, for the home page's loop.

    Attributes:
        cue: The sentence's number, from 0.
        style: The style.
        prompt: The prompt.
    """

    cue: int
    style: str
    prompt: str


HERO = (
    Scene(1, "realistic", "golden hour on the open sea"),
    Scene(2, "biotech", "the teal code of DNA"),
    Scene(3, "cyberpunk", "the harbour by night"),
    Scene(5, "cinematic", "golden hour in the mountains"),
)


def loops() -> Path:
    """Return a folder with `<style>.mp4` and `<style>.jpg` for each style."""
    return cached("loops", [HERE, *SOURCES], _make_loops)


def hero() -> Path:
    """Return a folder with `hero.mp4` and `hero.jpg`."""
    return cached("hero", [HERE, *SOURCES], _make_hero)


def web_copy(video: Path, to: Path) -> None:
    """Write a small copy of a finished video for a page: at most 360 pixels high, without a caption track."""
    _ffmpeg(
        "-i", video, "-map", "0:v:0", "-map", "0:a:0?", "-sn", "-vf", "scale=-2:min(360\\,ih)", *_encoding(28),
        "-c:a", "aac", "-b:a", "80k", to,
    )  # fmt: skip


def _make_loops(folder: Path) -> None:
    with _service() as (service, work):
        for style in VideoStyle:
            _style_loop(service, style, work, folder)


@contextlib.contextmanager
def _service() -> Iterator[tuple[VideoGenerationService, Path]]:
    """Yield a local service with a journal of its own, and its folder, which is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="voxweave-site-") as work:
        settings = Settings(output_dir=Path(work), home=Path(work) / "home")
        with VideoGenerationService.local(settings=settings) as service:
            yield service, Path(work)


def _style_loop(service: VideoGenerationService, style: VideoStyle, work: Path, folder: Path) -> None:
    """Render a draft of the first sentences and close it to a loop."""
    cues = read_subtitles(sample_subtitles()).cues
    end = cues[1].end + MARGIN
    narration, subtitles = _excerpt(work, 0.0, end, cues[:2])
    prompt = load_style(style).variations[0]["prompt"]
    film = service.submit(
        narration, subtitles=subtitles, style=style, prompt=prompt, quality="draft", subtitle_mode="none"
    ).result()
    _close(film.path, film.duration, folder / f"{style.value}.mp4")


def _close(film: Path, seconds: float, to: Path) -> None:
    """Cut the film's fades off and blend its end into its start."""
    start, stop = MARGIN / 2, seconds - MARGIN / 2
    length = stop - start - 2 * SEAM
    graph = (
        f"[0:v]split[a][b];"
        f"[a]trim={start + SEAM}:{stop},setpts=PTS-STARTPTS[body];"
        f"[b]trim={start}:{start + SEAM},setpts=PTS-STARTPTS[head];"
        f"[body][head]xfade=duration={SEAM}:offset={length}[out]"
    )
    _ffmpeg("-i", film, "-filter_complex", graph, "-map", "[out]", "-an", *_encoding(29), to)
    poster(to)


def _make_hero(folder: Path) -> None:
    """Render four sentences with burnt-in captions, each in another style, and join them to a loop."""
    with _service() as (service, work):
        films = [_scene(service, scene, work) for scene in HERO]
        _join(films, folder / "hero.mp4")


def _scene(service: VideoGenerationService, scene: Scene, work: Path) -> tuple[Path, float]:
    """Render one sentence; return the film and its length in seconds."""
    cue = read_subtitles(sample_subtitles()).cues[scene.cue]
    narration, subtitles = _excerpt(work, cue.start - MARGIN, cue.end + MARGIN, [cue])
    film = service.submit(
        narration, subtitles=subtitles, style=scene.style, prompt=scene.prompt, title="", resolution="720p", fps=24,
        subtitle_mode="burn", subtitle_look="large",
    ).result()  # fmt: skip
    return film.path, film.duration


def _join(films: list[tuple[Path, float]], to: Path) -> None:
    """Blend the films into each other, and the last into the first."""
    blend, cut = 0.4, 0.75
    lengths = [seconds - 2 * cut for _, seconds in films]
    graph = [
        f"[{number}:v]trim={cut}:{cut + length},setpts=PTS-STARTPTS,fps=24,scale=960:540,settb=AVTB[v{number}]"
        for number, length in enumerate(lengths)
    ]
    graph += [f"[v0]split[start][first];[first]trim=0:{blend},setpts=PTS-STARTPTS[v{len(films)}]"]
    last, at = "start", lengths[0]
    for number in range(1, len(films) + 1):
        graph.append(f"[{last}][v{number}]xfade=duration={blend}:offset={at - blend}[x{number}]")
        last, at = f"x{number}", at + (lengths[number] - blend if number < len(films) else 0)
    graph.append(f"[{last}]trim={blend},setpts=PTS-STARTPTS[out]")
    inputs = [word for path, _ in films for word in ("-i", path)]
    _ffmpeg(*inputs, "-filter_complex", ";".join(graph), "-map", "[out]", "-an", *_encoding(27), to)
    poster(to)


def _excerpt(work: Path, start: float, end: float, cues: list[Cue] | tuple[Cue, ...]) -> tuple[Path, Path]:
    """Write a part of the sample narration and its captions; return both paths."""
    sound, captions = work / f"part-{start:.2f}.wav", work / f"part-{start:.2f}.srt"
    _ffmpeg("-ss", start, "-to", end, "-i", sample_narration(), sound)
    moved = [Cue(cue.start - start, cue.end - start, cue.text) for cue in cues]
    captions.write_text(write_subtitles(moved, "srt"), encoding="utf-8")
    return sound, captions


def _encoding(crf: int) -> list[str]:
    encoder = ["-c:v", "libx264", "-preset", "slow", "-crf", str(crf)]
    return [*encoder, "-pix_fmt", "yuv420p", "-movflags", "+faststart"]


def poster(video: Path, *, at: float = 0.0) -> None:
    """Write the frame at a time in seconds as JPEG beside the video."""
    _ffmpeg("-ss", at, "-i", video, "-frames:v", "1", "-q:v", "4", video.with_suffix(".jpg"))


def _ffmpeg(*words: object) -> None:
    command = [find_ffmpeg().path, "-v", "error", "-y", *map(str, words)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"FFmpeg failed: {done.stderr.strip()}")
