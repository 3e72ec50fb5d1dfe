"""A lab's linear algebra runs on one thread, and leaves numpy's as they were."""

from __future__ import annotations

import pytest

from voxweave_nb.lab import one_thread as module
from voxweave_nb.lab.one_thread import one_thread


def test_threads_are_given_back(monkeypatch):
    class Library:
        threads = 4

        def scipy_openblas_get_num_threads64_(self) -> int:
            return self.threads

        def scipy_openblas_set_num_threads64_(self, count: int) -> None:
            self.threads = count

    library = Library()
    monkeypatch.setattr(module, "_openblas", lambda: library)
    with one_thread():
        with pytest.raises(ZeroDivisionError), one_thread():
            _ = 1 / (library.threads - 1)
        assert library.threads == 1
    assert library.threads == 4


def test_the_wheels_library_obeys():
    blas = module._openblas()
    if blas is not None:  # macOS has a BLAS of its own
        with one_thread():
            assert blas.scipy_openblas_get_num_threads64_() == 1


def test_without_the_library_nothing_happens(monkeypatch):
    monkeypatch.setattr(module, "_openblas", lambda: None)
    with one_thread():
        pass
