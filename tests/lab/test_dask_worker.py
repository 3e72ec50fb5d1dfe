"""A Dask worker's side, without a cluster."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from voxweave_nb.lab import dask_worker
from voxweave_nb.lab.dask_worker import PIECE, file_digest, put_piece, read_piece, release, work

ROOT = Path(__file__).parents[2]


def test_pieces_make_the_file_again(tmp_path):
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(bytes(range(256)) * (PIECE // 128))
    offset = 0
    while data := read_piece(str(source), offset):
        last = offset + len(data) == source.stat().st_size
        put_piece(str(target), offset, data, file_digest(source) if last else None)
        assert target.exists() is last
        offset += len(data)
    assert target.read_bytes() == source.read_bytes()


def test_a_piece_may_be_sent_twice(tmp_path):
    target = tmp_path / "b"
    put_piece(str(target), 0, b"abc", None)
    put_piece(str(target), 0, b"abc", None)
    (tmp_path / "whole").write_bytes(b"abcdef")
    put_piece(str(target), 3, b"def", file_digest(tmp_path / "whole"))
    assert target.read_bytes() == b"abcdef"


def test_a_damaged_file_gets_no_name(tmp_path):
    with pytest.raises(OSError, match="arrived damaged"):
        put_piece(str(tmp_path / "b"), 0, b"abc", "0" * 64)
    assert not (tmp_path / "b").exists()


def test_another_version_is_not_worked_for():
    with pytest.raises(RuntimeError, match=r"the notebook has 0\.0\.1; install the same"):
        work({"version": "0.0.1"})


def test_an_unknown_attempt_is_released_in_silence():
    release("unknown")


@pytest.mark.parametrize(("proof", "shared"), [("abc", True), ("other", False), (None, False)])
def test_a_folder_is_shared_only_with_proof(tmp_path, proof, shared):
    if proof:
        (tmp_path / "proof.txt").write_text(proof, encoding="utf-8")
    assert dask_worker._is_shared({"share": str(tmp_path), "proof": "abc"}) is shared
    assert dask_worker._is_shared({"share": None, "proof": "abc"}) is False


def test_a_worker_can_reach_nothing_that_pays():
    """A worker imports neither a provider, nor the journal, nor what sends requests, nor a key's place."""
    code = (
        "import sys, voxweave_nb.lab.dask_worker, voxweave_nb.lab.flags, voxweave_nb.render.renderer; "
        "print(*sorted(sys.modules))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert "voxweave_nb.lab.dask_worker" in found
    forbidden = ("providers", "journal", "pipeline", "service", "job", "settings")
    names = tuple(f"voxweave_nb.{name}" for name in forbidden)
    assert [name for name in found if name.startswith((*names, "httpx", "sqlite3"))] == []
