"""Two processes paint the same film as one, and report each other's failures."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.render.rendering import alone, assert_no_child, decoded, fake_ffmpeg
from tests.systems import KILL, processes_in
from voxweave_nb.errors import FFmpegFailed, MediaError
from voxweave_nb.media.pipe import FramePipe, Target, open_pipe
from voxweave_nb.render import channel
from voxweave_nb.render.film import Film
from voxweave_nb.render.fork import workers_fork
from voxweave_nb.render.job import RenderJob
from voxweave_nb.render.pair import can_pair, draw_in_pair
from voxweave_nb.render.renderer import render
from voxweave_nb.render.thumbnails import Tiles, plan_tiles

MakeJob = Callable[..., RenderJob]

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="the renderer forks only where the kernel counts its threads"
)


def target(folder: Path) -> Target:
    return Target(
        to=folder / "out.rgb",
        width=32,
        height=18,
        out_width=32,
        out_height=18,
        fps=12,
        cwd=folder,
        codec="rgb24",
    )


def shade(pipe: FramePipe, part: range, tiles: Tiles, *, on_frame: Callable[[int], None]) -> None:
    """Draw each frame in the grey of its number."""
    for index in part:
        frame = pipe.frame()
        frame[...] = index % 256
        tiles.offer(index, frame, in_transition=False)
        pipe.send(frame)
        on_frame(index)


def pair(draw: Callable[..., None], pipe: FramePipe, part: range, tiles: Tiles) -> list[int]:
    told: list[int] = []
    lent = pipe.lend()
    assert lent is not None
    with pipe:
        draw_in_pair(draw, pipe, lent, part, tiles, on_frame=told.append)
    return told


@pytest.mark.slow
@pytest.mark.parametrize("part", [range(101), range(100), range(7, 100), range(2)], ids=str)
@alone
def test_both_processes_frames_and_tiles_come_in_order(part: range, tmp_path: Path) -> None:
    pipe, _ = open_pipe(target(tmp_path))
    tiles = Tiles(plan_tiles(101 / 12, 12, 101))
    assert pair(shade, pipe, part, tiles) == list(part[::2])
    raw = np.fromfile(tmp_path / "out.rgb", np.uint8).reshape(-1, 18, 32, 3)
    assert np.abs(raw.mean((1, 2, 3)) - np.array(part)).max() < 1.5
    wanted = [index for index in plan_tiles(101 / 12, 12, 101).frames if index in part]
    assert [round(float(image.mean())) for image in tiles.images] == wanted


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "kind", "words"),
    [(0, ZeroDivisionError, "no such colour"), (1, MediaError, "ZeroDivisionError: no such colour")],
    ids=["here", "in the other process"],
)
@alone
def test_an_error_is_reported_and_ends_both(
    place: int, kind: type[Exception], words: str, tmp_path: Path
) -> None:
    def stumble(pipe: FramePipe, part: range, tiles: Tiles, *, on_frame: Callable[[int], None]) -> None:
        shade(pipe, part[:10], tiles, on_frame=on_frame)
        if part.start == place:
            raise ZeroDivisionError("no such colour")
        shade(pipe, part[10:], tiles, on_frame=on_frame)

    pipe, _ = open_pipe(target(tmp_path))
    with pytest.raises(kind, match=words):
        pair(stumble, pipe, range(1000), Tiles(plan_tiles(80, 12, 1000)))
    assert not (tmp_path / "out.rgb").exists()
    assert_no_child()


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 1], ids=["this", "the other"])
@alone
def test_a_dying_encoder_is_reported_by_either_process(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = 32 * 18 * 3 * (20 + number)
    encode = f"head -c {taken} >/dev/null; echo 'No space left on device' >&2; exit 3"
    monkeypatch.setenv("VOXWEAVE_FFMPEG", str(fake_ffmpeg(tmp_path, encode)))
    pipe, _ = open_pipe(target(tmp_path))
    with pytest.raises(FFmpegFailed, match=r"status 3 .*No space left on device"):
        pair(shade, pipe, range(10_000), Tiles(plan_tiles(80, 12, 1000)))
    assert_no_child()


@pytest.mark.slow
@pytest.mark.parametrize("last", [False, True], ids=["at its turn", "after its last frame"])
@alone
def test_a_silent_process_is_reported_and_killed(
    last: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall_silent(pipe: FramePipe, part: range, tiles: Tiles, *, on_frame: Callable[[int], None]) -> None:
        if part.start == 0:
            shade(pipe, part, tiles, on_frame=on_frame)
            return
        if last:
            shade(pipe, part, tiles, on_frame=on_frame)
            pipe.flush()
        os.kill(os.getpid(), signal.SIGSTOP)

    monkeypatch.setattr(channel, "PATIENCE", 1)
    pipe, _ = open_pipe(target(tmp_path))
    with pytest.raises(MediaError, match="one of its two processes did not respond for"):
        pair(fall_silent, pipe, range(20), Tiles(plan_tiles(2, 12, 20)))
    assert not (tmp_path / "out.rgb").exists()
    assert_no_child()


def test_a_process_with_threads_draws_alone(tmp_path: Path) -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert not can_pair(range(2))
        pipe, _ = open_pipe(target(tmp_path))
        assert pair(shade, pipe, range(9), Tiles(plan_tiles(1, 12, 9))) == list(range(9))
    finally:
        done.set()
        thread.join()


@pytest.mark.slow
@alone
def test_stretches_follow_each_other_in_one_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last one finds no second process."""

    def refuse() -> int:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    pipe, _ = open_pipe(target(tmp_path))
    tiles = Tiles(plan_tiles(3, 12, 36))
    with pipe:
        for part in (range(11), range(11, 24), range(24, 36)):
            if part.stop == 36:
                monkeypatch.setattr("voxweave_nb.render.pair.fork", refuse)
            lent = pipe.lend()
            assert lent is not None
            draw_in_pair(shade, pipe, lent, part, tiles, on_frame=lambda _: None)
            pipe.flush()
    frames = np.fromfile(tmp_path / "out.rgb", np.uint8).reshape(36, -1)
    assert frames[:, 0].tolist() == pytest.approx(range(36), abs=1)
    assert [round(float(image.mean())) for image in tiles.images] == [6, 18, 30]


def test_without_a_second_process_one_draws_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr("voxweave_nb.render.pair.fork", refuse)
    pipe, _ = open_pipe(target(tmp_path))
    assert pair(shade, pipe, range(9), Tiles(plan_tiles(1, 12, 9))) == list(range(9))
    frames = np.fromfile(tmp_path / "out.rgb", np.uint8).reshape(9, -1)
    assert frames[:, 0].tolist() == pytest.approx(range(9), abs=1)


@pytest.mark.skipif(not workers_fork(), reason="needs Linux and a second core")
@pytest.mark.slow
@pytest.mark.parametrize("style", ["anime", "realistic"])
def test_two_processes_paint_the_same_film(style: str, make_job: MakeJob, tmp_path: Path) -> None:
    job = make_job(duration=12.0, style=style)
    assert len(Film(job).shots) > 1
    cores = os.sched_getaffinity(0)
    films = []
    for allowed in (cores, {min(cores)}):
        to = tmp_path / f"{len(allowed)}.mp4"
        os.sched_setaffinity(0, allowed)
        try:
            rendered = asyncio.run(render(job, to, work=tmp_path))
        finally:
            os.sched_setaffinity(0, cores)
        assert rendered.sprite is not None
        films.append((decoded(to)[0], decoded(rendered.sprite)[0], rendered.best))
    (images, tiles, best), (alone, same_tiles, same_best) = films
    assert len(images) == len(alone) == job.frames
    assert np.array_equal(images, alone)
    assert np.array_equal(tiles, same_tiles)
    assert best == same_best


@pytest.mark.slow
@pytest.mark.skipif(not workers_fork(), reason="needs Linux and a second core")
def test_a_killed_process_is_reported_and_cleaned_up(make_job: MakeJob, tmp_path: Path) -> None:
    async def lose_one() -> None:
        moving = asyncio.Event()
        job = make_job(duration=600.0)
        rendering = render(job, tmp_path / "out.mp4", work=tmp_path, on_progress=lambda _: moving.set())
        task = asyncio.create_task(rendering)
        await asyncio.wait_for(moving.wait(), 30)
        first, second = workers(tmp_path)
        assert parent(second) == first
        os.kill(second, KILL)
        with pytest.raises(MediaError, match="second process was ended by SIGKILL"):
            await task

    asyncio.run(lose_one())
    assert not (tmp_path / "out.mp4").exists()
    assert workers(tmp_path) == []


def workers(folder: Path) -> list[int]:
    """Return the ids of the renderer's processes in a folder, the oldest first."""
    return sorted(number for number, command in processes_in(folder).items() if sys.executable in command)


def parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
