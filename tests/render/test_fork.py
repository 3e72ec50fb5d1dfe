"""Functions called in child processes return the same as here."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import gc
import os
import pickle
import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest

from tests.render.rendering import ROOT, alone, assert_no_child
from voxweave_nb.models import VideoStyle
from voxweave_nb.render import channel
from voxweave_nb.render.backdrops import load_backdrop
from voxweave_nb.render.film import Film
from voxweave_nb.render.fork import call_in_parallel, can_fork, fork, workers_fork
from voxweave_nb.render.job import RenderJob
from voxweave_nb.styles import load_style

MakeJob = Callable[..., RenderJob]
Threading = Callable[[], AbstractContextManager[None]]

pytestmark = pytest.mark.skipif(not workers_fork(), reason="needs Linux and a second core")


def memory_files() -> int:
    """Count this process's open memory files."""
    count = 0
    for file in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            count += "memfd:voxweave" in str(file.readlink())
    return count


def made(number: int) -> dict[str, object]:
    rng = np.random.default_rng(number)
    return {
        "number": number,
        "by": os.getpid(),
        "arrays": [rng.random((number, 7), np.float32), np.arange(number), np.zeros(0), rng.random(11)[::2]],
    }


@pytest.mark.slow
@alone
def test_results_come_in_order_from_several_processes() -> None:
    things = call_in_parallel([partial(made, number) for number in (3, 5, 8)])
    assert [thing["number"] for thing in things] == [3, 5, 8]
    assert len({thing["by"] for thing in things}) == 3
    for thing in things:
        for array, expected in zip(thing["arrays"], made(thing["number"])["arrays"], strict=True):
            assert array.dtype == expected.dtype
            assert np.array_equal(array, expected)
            array[...] = 1  # the arrays are writable
    assert_no_child()


@alone
def test_an_unpicklable_result_is_computed_here() -> None:
    things = call_in_parallel([lambda: os.getpid, lambda: lambda: os.getpid()])
    assert [thing() for thing in things] == [os.getpid(), os.getpid()]
    assert_no_child()


@alone
def test_a_killed_childs_function_is_called_here() -> None:
    here = os.getpid()

    def fall() -> int:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return 7

    assert call_in_parallel([lambda: 1, fall]) == [1, 7]
    assert_no_child()


@pytest.mark.slow
@pytest.mark.parametrize("refused", ["memfd_create", "fork"])
@pytest.mark.parametrize("allowed", [0, 1])
@alone
def test_without_resources_functions_are_called_here(
    refused: str, allowed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, real, kept = [], getattr(os, refused), memory_files()

    def refuse(*args: object) -> int:
        asked.append(args)
        if len(asked) > allowed:
            raise OSError(errno.EAGAIN, "Resource temporarily unavailable")
        result: int = real(*args)
        return result

    monkeypatch.setattr(os, refused, refuse)
    things = call_in_parallel([partial(made, number) for number in (3, 5, 8)])
    assert [thing["number"] for thing in things] == [3, 5, 8]
    assert len({thing["by"] for thing in things}) == 1 + allowed
    assert_no_child()
    del things  # their arrays keep the memory open that they lie in
    assert memory_files() <= kept


@pytest.mark.slow
@pytest.mark.parametrize("place", [0, 1])
@alone
def test_an_error_is_raised_here(place: int) -> None:
    makes: list[Callable[[], float]] = [lambda: 1.0, lambda: 1.0]
    makes[place] = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        call_in_parallel(makes)
    assert_no_child()


@pytest.mark.slow
@alone
def test_a_silent_childs_function_is_called_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "PATIENCE", 1)
    here = os.getpid()

    def stop() -> int:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGSTOP)
        return 7

    assert call_in_parallel([lambda: 1, stop]) == [1, 7]
    assert_no_child()


@contextlib.contextmanager
def python_thread() -> Iterator[None]:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextlib.contextmanager
def native_thread() -> Iterator[None]:
    """A thread that Python does not know; it lives as long as this process."""
    libc = ctypes.CDLL(None)
    assert libc.pthread_create(ctypes.byref(ctypes.c_ulong()), None, libc.pause, None) == 0
    yield


@pytest.mark.slow
@pytest.mark.parametrize("thread", [python_thread, native_thread])
@alone
def test_a_process_with_threads_does_not_fork(thread: Threading, monkeypatch: pytest.MonkeyPatch) -> None:
    assert can_fork()
    with thread():
        assert not can_fork()
        forks = recorded_forks(monkeypatch)
        with pytest.raises(OSError, match="threads"):
            fork()
        assert call_in_parallel([os.getpid, os.getpid]) == [os.getpid()] * 2
        assert forks == []


@pytest.mark.slow
@alone
def test_a_scaler_among_garbage_hangs_no_child() -> None:
    gc.disable()
    frame = av.VideoFrame.from_ndarray(np.zeros((720, 1280, 3), np.uint8), "rgb24")
    frame.reformat(640, 360, "yuv420p")
    garbage: list[object] = [frame]
    garbage.append(garbage)
    del frame, garbage
    # Freeing the scaler joins its threads, which do not exist in a child.
    assert call_in_parallel([lambda: 1, lambda: gc.collect() > 0]) == [1, True]


def recorded_forks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows with each fork, by the child's id."""
    forks, real = [], os.fork

    def record() -> int:
        forks.append(real())
        return forks[-1]

    monkeypatch.setattr(os, "fork", record)
    return forks


@pytest.mark.slow
@alone
def test_threads_change_no_frame(spoken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forks = recorded_forks(monkeypatch)
    style = VideoStyle(styles_in_parts()[0])
    job = RenderJob(str(spoken), 12.0, [], style=style, width=320, height=180, fps=12, prompt="rain")

    def painted() -> list[np.ndarray]:
        film = Film(job)
        assert len(film.shots) > 1
        film.prepare(range(job.frames))
        return [film.paint(index).copy() for index in range(0, job.frames, 9)]

    alone_here = painted()
    assert forks
    forks.clear()
    with python_thread():
        beside_a_thread = painted()
    assert not forks
    assert np.array_equal(alone_here, beside_a_thread)


def test_no_other_module_forks() -> None:
    """Neither by itself nor by a library that forks unless told otherwise."""
    forking = re.compile(r"\bos\.(fork|forkpty)\b|\bpty\.|multiprocessing|ProcessPoolExecutor|preexec_fn")
    found = {
        file.name for file in (ROOT / "voxweave_nb").rglob("*.py") if forking.search(file.read_text("utf-8"))
    }
    assert found == {"fork.py"}


def styles_in_parts() -> list[str]:
    sheets = {style.value: load_style(style) for style in VideoStyle}
    return [
        name
        for name, sheet in sheets.items()
        if sheet.shots["angles"] > 1 and load_backdrop(sheet.backdrop).independent_angles
    ]


@pytest.mark.parametrize("style", styles_in_parts())
def test_an_independent_backdrop_is_mostly_arrays(style: str, make_job: MakeJob) -> None:
    film = Film(make_job(style))
    scene = film.backdrop_of(film.shots[0])
    arrays: list[pickle.PickleBuffer] = []
    pickled = pickle.dumps(scene, protocol=5, buffer_callback=arrays.append)
    # Nearly all of it is arrays, which are not copied.
    assert len(pickled) < 0.1 * sum(array.raw().nbytes for array in arrays)
