"""Lines are only added, and half a line is no disaster."""

from __future__ import annotations

import json
import multiprocessing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb.errors import ConfigError
from voxweave_nb.lab.lines import LineFile


def numbers(path) -> list[int]:
    return [line["n"] for line in LineFile(path).read_new()]


def test_lines_come_back_in_order(tmp_path):
    file = LineFile(tmp_path / "lab" / "a.jsonl")
    file.append([{"n": 1}, {"n": 2}])
    file.append([{"n": 3, "text": "Ä\nß"}])
    assert [line["n"] for line in file.read_new()] == [1, 2, 3]
    assert file.read_new() == []
    LineFile(file.path).append([{"n": 4}])
    assert [line["n"] for line in file.read_new()] == [4]


@given(cut=st.integers(0, 60))
def test_a_cut_file_loses_only_its_last_line(cut, tmp_path_factory):
    path = tmp_path_factory.mktemp("cut") / "a.jsonl"
    LineFile(path).append([{"n": number} for number in range(6)])
    whole = path.read_bytes()
    left = max(0, len(whole) - cut)
    path.write_bytes(whole[:left])
    kept = left // 8
    file = LineFile(path)
    assert [line["n"] for line in file.read_new()] == list(range(kept))
    half = left % 8 > 0
    assert bool(file.half_line()) == half
    file.append([{"n": 99}])
    again = LineFile(path)
    # A line that lacks only its end is whole again.
    found = [line["n"] for line in again.read_new()]
    assert found in ([*range(kept), 99], [*range(kept + 1), 99])
    assert len(again.damaged) == int(half and len(found) == kept + 1)


def test_a_damaged_line_is_reported_with_its_number(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(b'{"n": 1}\n{"n": \n[2]\n\n\xff\xfe\n{"n": 3}\n')
    file = LineFile(tmp_path / "a.jsonl")
    assert [line["n"] for line in file.read_new()] == [1, 3]
    assert [sentence.split(" of ")[0] for sentence in file.damaged] == ["Line 2", "Line 3", "Line 5"]


def _append(path, first: int) -> None:
    for number in range(first, first + 50):
        LineFile(path).append([{"n": number, "text": "x" * 3000}])


@pytest.mark.slow
def test_two_processes_add_lines_side_by_side(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_append, args=(tmp_path / "a.jsonl", 50 * each)) for each in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    file = LineFile(tmp_path / "a.jsonl")
    assert sorted(line["n"] for line in file.read_new()) == list(range(200))
    assert file.damaged == []


def test_a_folder_that_cannot_be_written_is_reported(tmp_path):
    (tmp_path / "lab").write_text("a file, not a folder")
    with pytest.raises(ConfigError, match="cannot be written"):
        LineFile(tmp_path / "lab" / "a.jsonl").append([{"n": 1}])


def test_values_that_json_lacks_are_refused(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        LineFile(tmp_path / "a.jsonl").append([{"n": float("nan")}])
    assert not (tmp_path / "a.jsonl").exists()
    assert json.dumps({}) == "{}"
