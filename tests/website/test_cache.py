"""Rendered loops and executed notebooks are kept until a source changes, and never half finished."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "scripts" / "website" / "cache.py"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    spec = importlib.util.spec_from_file_location("website_cache", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "CACHE", tmp_path / "cache")
    return module


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "wave.py").write_text("height = 1\n")
    return folder


def test_a_change_of_a_source_makes_anew(cache, source):
    made = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "wave.mp4").write_text(str(len(made)))

    for _ in range(2):
        assert (cache.cached("loops", [source], make) / "wave.mp4").read_text() == "1"
    (source / "wave.py").write_text("height = 2\n")
    assert (cache.cached("loops", [source], make) / "wave.mp4").read_text() == "2"


def test_nothing_is_kept_of_a_failure(cache, source):
    def fail(folder: Path) -> None:
        (folder / "half.mp4").write_text("half")
        raise OSError("The disk is full.")

    with pytest.raises(OSError, match="full"):
        cache.cached("loops", [source], fail)
    assert list(cache.CACHE.iterdir()) == []
