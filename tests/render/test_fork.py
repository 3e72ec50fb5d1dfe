"""Functions called in child processes return the same as here."""

from __future__ import annotations

import contextlib
import errno
import os
import pickle
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.render.rendering import assert_no_child
from voxweave_nb.models import VideoStyle
from voxweave_nb.render.backdrops import load_backdrop
from voxweave_nb.render.film import Film
from voxweave_nb.render.fork import call_in_parallel, can_fork
from voxweave_nb.render.job import RenderJob
from voxweave_nb.styles import load_style

MakeJob = Callable[..., RenderJob]

pytestmark = pytest.mark.skipif(not can_fork(), reason="needs Linux and a second core")


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


def test_an_unpicklable_result_is_computed_here() -> None:
    things = call_in_parallel([lambda: os.getpid, lambda: lambda: os.getpid()])
    assert [thing() for thing in things] == [os.getpid(), os.getpid()]
    assert_no_child()


def test_a_killed_childs_function_is_called_here() -> None:
    here = os.getpid()

    def fall() -> int:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return 7

    assert call_in_parallel([lambda: 1, fall]) == [1, 7]
    assert_no_child()


@pytest.mark.parametrize("refused", ["memfd_create", "fork"])
@pytest.mark.parametrize("allowed", [0, 1])
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


@pytest.mark.parametrize("place", [0, 1])
def test_an_error_is_raised_here(place: int) -> None:
    makes: list[Callable[[], float]] = [lambda: 1.0, lambda: 1.0]
    makes[place] = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        call_in_parallel(makes)
    assert_no_child()


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
