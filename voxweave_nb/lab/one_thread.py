"""One thread for the linear algebra of a block.

The matrices of a lab have at most a few hundred rows. For those, OpenBLAS's threads spend most of their time waiting
for each other, and they do that by spinning: a fit of 200 variants took 2.8 CPU seconds with two threads, 0.2 with one.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["one_thread"]

_lock = threading.Lock()
_inside = 0  # blocks that run now
_before = 1  # threads outside of them


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let the OpenBLAS of numpy's wheels use one thread inside the block; another library stays as it is."""
    global _inside, _before
    blas = _openblas()
    if blas is None:
        yield
        return
    with _lock:
        if _inside == 0:
            _before = blas.scipy_openblas_get_num_threads64_()
            blas.scipy_openblas_set_num_threads64_(1)
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                blas.scipy_openblas_set_num_threads64_(_before)


@functools.cache
def _openblas() -> Any:
    """Return the library that a numpy wheel brings along and has loaded, or None."""
    package = Path(np.__file__).parent
    for folder in (package.parent / "numpy.libs", package / ".dylibs"):
        for path in sorted(folder.glob("libscipy_openblas64*")):
            with contextlib.suppress(OSError, AttributeError):
                library = ctypes.CDLL(str(path))
                library.scipy_openblas_get_num_threads64_.restype = ctypes.c_int
                library.scipy_openblas_set_num_threads64_.argtypes = [ctypes.c_int]
                return library
    return None
