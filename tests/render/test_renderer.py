"""Rendering in worker processes, from the job to the file."""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from tests.render.rendering import decoded, fake_ffmpeg
from tests.systems import processes_left_in, shell_program
from voxweave_nb.errors import FFmpegFailed, MediaError
from voxweave_nb.media.probe import probe
from voxweave_nb.render.job import RenderJob
from voxweave_nb.render.renderer import Rendered, _environment, parts_of, render
from voxweave_nb.render.scene_list import FilmScene
from voxweave_nb.styles import load_style

MakeJob = Callable[..., RenderJob]


def run(job: RenderJob, to: Path, work: Path, seen: list[float] | None = None) -> Rendered:
    return asyncio.run(render(job, to, work=work, on_progress=(seen if seen is not None else []).append))


def test_a_video_has_the_requested_size_and_colours(make_job: MakeJob, tmp_path: Path) -> None:
    seen: list[float] = []
    result = run(make_job(duration=1.5), tmp_path / "out.mp4", tmp_path, seen)
    assert result.understood == {"weather": "rain"}
    assert result.warnings == ()
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    images, stream = decoded(tmp_path / "out.mp4")
    assert len(images) == 18
    assert images[0].shape == (180, 320, 3)
    context = stream.codec_context
    assert (context.name, context.pix_fmt, context.colorspace, context.color_range) == (
        "h264",
        "yuv420p",
        1,
        1,
    )
    assert probe(tmp_path / "out.mp4").video.fps == 12


@pytest.mark.slow
def test_the_title_is_in_the_video(make_job: MakeJob, tmp_path: Path) -> None:
    images = []
    for name, title in (("with", "WWWWWWWW"), ("without", "")):
        run(make_job(duration=2.0, title=title), tmp_path / f"{name}.mp4", tmp_path)
        images.append(decoded(tmp_path / f"{name}.mp4")[0][17].astype(float))
    apart = np.abs(images[0] - images[1]).mean(2)
    assert apart[10:45, 15:140].mean() > 8
    assert apart[100:].mean() < 3


@pytest.mark.slow
def test_the_same_job_gives_the_same_file(make_job: MakeJob, tmp_path: Path) -> None:
    for name in ("one.mp4", "two.mp4"):
        run(make_job(duration=1.0), tmp_path / name, tmp_path)
    one, two = decoded(tmp_path / "one.mp4")[0], decoded(tmp_path / "two.mp4")[0]
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("style", ["educational", "cyberpunk"])
def test_a_style_sets_its_quantizer(style: str, make_job: MakeJob, tmp_path: Path) -> None:
    run(make_job(style, duration=0.5), tmp_path / "out.mp4", tmp_path)
    asked = load_style(style).frame.get("quantizer", 22)
    assert (
        f" qp={asked} ".encode() in (tmp_path / "out.mp4").read_bytes()
    )  # x264 writes what it was told into the file


def test_cancelling_ends_everything_within_a_second(make_job: MakeJob, tmp_path: Path) -> None:
    async def cancel_midway() -> float:
        moving = asyncio.Event()
        job = make_job(duration=600.0)
        to = tmp_path / "out.mp4"
        task = asyncio.create_task(render(job, to, work=tmp_path, on_progress=lambda _: moving.set()))
        await asyncio.wait_for(moving.wait(), 30)
        begin = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic() - begin

    assert asyncio.run(cancel_midway()) < 1.0
    assert not (tmp_path / "out.mp4").exists()
    assert not processes_left_in(tmp_path)


def test_a_killed_worker_leaves_no_encoder(
    make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as one that the system kills when memory runs out; this encoder does not end with its input."""
    fake = fake_ffmpeg(tmp_path, "kill -9 $PPID; sleep 60")
    monkeypatch.setenv("VOXWEAVE_FFMPEG", str(fake))
    with pytest.raises(MediaError, match="exited with status -9"):
        run(make_job(duration=1.0), tmp_path / "out.mp4", tmp_path)
    assert not processes_left_in(tmp_path)


@pytest.mark.parametrize("threads", ["OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"])
def test_a_workers_numpy_starts_no_threads(threads: str) -> None:
    assert _environment()[threads] == "1"


def test_a_failing_encoder_is_reported(
    make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = "echo 'No space left on device' >&2; exit 3"
    monkeypatch.setenv("VOXWEAVE_FFMPEG", str(fake_ffmpeg(tmp_path, encode)))
    with pytest.raises(FFmpegFailed, match="No space left") as caught:
        run(make_job(), tmp_path / "out.mp4", tmp_path)
    assert caught.value.returncode == 3
    assert not (tmp_path / "out.mp4").exists()


def test_a_lost_narration_is_reported(make_job: MakeJob, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="FileNotFoundError"):
        run(make_job(samples=str(tmp_path / "gone.s16")), tmp_path / "out.mp4", tmp_path)


@pytest.mark.slow
def test_without_ffmpeg_a_video_has_a_warning(
    make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOXWEAVE_FFMPEG", str(tmp_path / "nowhere"))
    result = run(make_job(duration=1.0), tmp_path / "out.mp4", tmp_path)
    assert len(result.warnings) == 1
    assert "no titles" in result.warnings[0]
    images, stream = decoded(tmp_path / "out.mp4")
    assert len(images) == 12
    assert (stream.codec_context.pix_fmt, stream.codec_context.colorspace) == ("yuv420p", 1)


def test_without_libass_a_video_has_a_warning(
    make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from voxweave_nb.media.ffmpeg import find_ffmpeg

    real = find_ffmpeg().path
    body = f'case "$*" in *-filters*) echo \' .. scale V->V x\';; *) exec {real} "$@";; esac'
    fake = shell_program(tmp_path / "ffmpeg", body)
    monkeypatch.setenv("VOXWEAVE_FFMPEG", str(fake))
    result = run(make_job(duration=1.0), tmp_path / "out.mp4", tmp_path)
    assert any("libass" in warning for warning in result.warnings)
    assert len(decoded(tmp_path / "out.mp4")[0]) == 12


@pytest.mark.slow
def test_vp9_and_odd_sizes_come_out_as_asked(make_job: MakeJob, tmp_path: Path) -> None:
    run(
        make_job("educational", duration=0.5, width=854, height=480, codec="vp9"),
        tmp_path / "out.mp4",
        tmp_path,
    )
    images, stream = decoded(tmp_path / "out.mp4")
    assert stream.codec_context.name.startswith(("vp9", "libvpx-vp9"))
    assert images[0].shape == (480, 854, 3)
    assert stream.codec_context.pix_fmt == "yuv420p"


@pytest.mark.slow
def test_skies_do_not_band(make_job: MakeJob, tmp_path: Path) -> None:
    """In the encoded sky, neighbouring rows differ by single steps."""
    job = make_job(width=1280, height=720, duration=1.5, prompt="a quiet mind", title="")
    run(job, tmp_path / "out.mp4", tmp_path)
    sky = decoded(tmp_path / "out.mp4")[0][15][:200, 900:1100].astype(float).mean((1, 2))
    assert np.abs(np.diff(sky)).max() < 2.0


def test_parts_begin_at_keyframes(make_job: MakeJob) -> None:
    job = make_job(duration=61.0, fps=30)
    parts = parts_of(job, 4)
    assert parts[0][0] == 0
    assert parts[-1][1] == job.frames
    assert all(first % 60 == 0 for first, _ in parts)
    assert parts_of(make_job(duration=4.0), 8) == [(0, 48)]


@pytest.mark.slow
def test_parts_rendered_side_by_side_are_one_film(make_job: MakeJob, tmp_path: Path) -> None:
    images = {}
    for processes in (1, 2):
        work = tmp_path / str(processes)
        work.mkdir()
        job = make_job(duration=17.0, fps=10)
        done = asyncio.run(render(job, work / "out.mp4", work=work, processes=processes))
        assert done.sprite is not None
        assert done.thumbnails is not None
        assert len(re.findall("xywh", done.thumbnails.read_text())) == 17
        with av.open(str(work / "out.mp4")) as container:
            images[processes] = [f.to_ndarray(format="gray").astype(float) for f in container.decode(video=0)]
    assert len(images[1]) == len(images[2]) == 170
    apart = [np.abs(a - b).mean() for a, b in zip(images[1], images[2], strict=True)]
    assert max(apart) < 3


@pytest.mark.slow
def test_one_scene_is_drawn_as_in_the_whole(make_job: MakeJob, tmp_path: Path) -> None:
    scenes = (
        FilmScene(0.0, 1.31, "the city"),
        FilmScene(1.31, 2.6, spoken="Dunes at noon."),
        FilmScene(2.6, 4.0),
    )
    whole = make_job("cinematic", fps=10, scenes=scenes, prompt="A slow day", title="A slow day")
    pictures, names = {}, (None, 0, 1, 2)
    for only in names:
        work = tmp_path / str(only)
        work.mkdir()
        done = run(replace(whole, only=only), work / "out.mp4", work)
        pictures[only] = decoded(work / "out.mp4")[0]
        assert done.best is not None
        assert 0 < done.best < len(pictures[only]) / 10
        assert list(done.understood) == [f"scene {n}" for n in ([1, 2, 3] if only is None else [only + 1])]
    assert [len(pictures[name]) for name in names] == [40, 13, 13, 14]
    apart = [
        np.abs(a.astype(float) - b.astype(float)).mean()
        for a, b in zip(pictures[None], [*pictures[0], *pictures[1], *pictures[2]], strict=True)
    ]
    assert max(apart) < 3
    # It fades out at the end of the film only.
    assert pictures[0][-1].mean() > 2 * pictures[2][-1].mean()


def cuts_of(images: list[np.ndarray], count: int) -> list[int]:
    """Return the numbers of the frames that differ most from the one before."""
    small = [image[::4, ::4].astype(float) for image in images]
    apart = [np.abs(after - before).mean() for before, after in itertools.pairwise(small)]
    return sorted(int(index) + 1 for index in np.argsort(apart)[-count:])


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_a_film_of_scenes_is_cut_exactly(processes: int, make_job: MakeJob, tmp_path: Path) -> None:
    borders = [0.0, 3.33, 6.71, 9.04, 13.0, 17.0]
    words = ["The city at night.", "A desert at noon.", "Mountains at dawn.", "The city at noon.", "Night."]
    scenes = tuple(
        FilmScene(start, end, spoken=text)
        for (start, end), text in zip(itertools.pairwise(borders), words, strict=True)
    )
    job = make_job("cinematic", duration=17.0, fps=10, scenes=scenes, title="", cues=[])
    done = asyncio.run(render(job, tmp_path / "out.mp4", work=tmp_path, processes=processes))
    with av.open(str(tmp_path / "out.mp4")) as container:
        frames = list(container.decode(video=0))
    assert len(frames) == 170
    exact = [33, 67, 90, 130]
    assert cuts_of([frame.to_ndarray(format="gray") for frame in frames], 4) == exact
    assert {index for index, frame in enumerate(frames) if frame.key_frame} >= {0, *exact}
    assert list(done.understood) == [f"scene {number}" for number in range(1, 6)]
    assert done.understood["scene 2"].startswith("dunes, desert, noon")
    assert done.thumbnails is not None
    assert len(re.findall("xywh", done.thumbnails.read_text())) == 17
