"""Pruning asks first, and removes only what was made here and is not needed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.lab.fields import states
from tests.lab.test_report import read
from tests.pictures import picture

pytestmark = pytest.mark.slow


@pytest.fixture
def made(lab):
    lab.run().result(120)
    return lab


def names(path: Path) -> set[str]:
    return {each.name for each in (path / "videos").iterdir()}


def test_nothing_is_removed_without_being_sure(made):
    assert str(made.prune()) == "Nothing to remove."
    dropped = made.variants[0]
    made.drop(dropped)
    before = names(made.path)
    found = made.prune()
    assert [each.variant for each in found] == [dropped.id]
    assert (found[0].why, found.usd, found.removed) == ("dropped", 0.2, False)
    assert found.size == sum(file.stat().st_size for file in dropped.video.files)
    assert names(made.path) == before
    assert "Nothing is removed before prune(sure=True)" in " ".join(read(found._repr_html_()).text)


def test_a_dropped_video_goes_with_its_companions(made, service, sandbox):
    dropped, *others = made.variants
    rendition = dropped.video.path.with_name(f"{dropped.video.path.name}.rendition-1f2e3d4c.webm")
    rendition.write_bytes(b"webm")
    files = dropped.video.files
    assert rendition in files
    assert len(files) > 2
    made.drop(dropped)
    runs, spent = len(service.history(50)), service.journal.spent("journal")
    gone = made.prune(sure=True)
    assert str(gone).startswith("Removed 1 video with")
    assert not any(file.exists() for file in files)
    assert all(file.exists() for each in others for file in each.video.files)
    assert (len(service.history(50)), service.journal.spent("journal")) == (runs, spent)
    made.grid("a {harbour|forest} at {dawn|dusk}", style=["anime"])
    assert sorted(states(made)) == ["gone", "made", "made", "made"]
    assert made.estimate().usd == pytest.approx(0.2)
    assert made.run().result(120).made == 4
    assert sandbox.submissions("zai") == 5


def test_a_replaced_video_is_an_orphan(made):
    first = made.variants[0]
    old = first.video.path
    old.rename(old.with_name("away.mp4"))
    made.run(anew=[first]).result(120)
    old.with_name("away.mp4").rename(old)
    assert made.variants[0].video.path != old
    found = made.prune(sure=True)
    assert [each.why for each in found] == ["orphan"]
    assert not old.exists()
    assert states(made) == ["made"] * 4


def test_unknown_files_are_left_alone(made):
    videos = made.path / "videos"
    (videos / "holiday.mp4").write_bytes(b"mine")
    (videos / "folder").mkdir()
    made.drop(*made.variants)
    made.prune(sure=True)
    assert names(made.path) == {"holiday.mp4", "folder"}


def test_no_link_leads_out_of_the_folder(made, tmp_path):
    first, second, *_ = made.variants
    outside = tmp_path / "outside.mp4"
    first.video.path.rename(outside)
    first.video.path.symlink_to(outside)
    made.drop(first, second)
    made.prune(sure=True)
    assert outside.exists()
    assert first.video.path.is_symlink()
    assert not second.video.path.exists()


def test_a_linked_folder_is_not_touched(made, tmp_path):
    (made.path / "videos").rename(tmp_path / "disk")
    (made.path / "videos").symlink_to(tmp_path / "disk")
    made.drop(*made.variants)
    found = made.prune(sure=True)
    assert "is a link to another folder" in str(found)
    assert any((tmp_path / "disk").glob("*.mp4"))


def test_a_record_that_points_elsewhere_is_harmless(made, tmp_path):
    first, second, *_ = made.variants
    precious = tmp_path / "precious.mp4"
    precious.write_bytes(b"mine")
    lines = made.path / "variants.jsonl"
    text = lines.read_text(encoding="utf-8")
    elsewhere = os.path.relpath(precious, made.path)
    # The first variant's record claims a file outside, the second one that of a variant that is kept.
    text = text.replace(f"videos/{first.video.path.name}", elsewhere)
    text = text.replace(f"videos/{second.video.path.name}", f"videos/{made.variants[2].video.path.name}")
    lines.write_text(text, encoding="utf-8", newline="\n")
    kept = made.variants[2].video.path
    made.drop(first, second)
    reopened = type(made)(made.name, service=made._service, folder=made.path.parent)
    reopened.prune(sure=True)
    assert precious.exists()
    assert kept.exists()


def test_a_video_that_is_being_made_stays(lab, open_lab, sandbox):
    sandbox.next_job("zai", seconds=3.0)
    first = lab.variants[0]
    lab.drop(*[each.id for each in lab.variants[1:]])
    run = lab.run(at_once=1)
    while (job := run.job_of(first.id)) is None or job.provider_job_id is None:
        pass
    other = open_lab()
    other.drop(first.id)
    assert "1 dropped variant is being made" in str(other.prune(sure=True))
    assert run.result(120).made == 1
    assert lab.variant(first.id).video.path.exists()


def test_a_finished_video_without_a_record_is_kept(made):
    lines = made.path / "variants.jsonl"
    text = lines.read_text(encoding="utf-8").splitlines(keepends=True)
    lines.write_text("".join(line for line in text if '"made"' not in line), encoding="utf-8", newline="\n")
    again = type(made)(made.name, service=made._service, folder=made.path.parent)
    assert states(again) == ["to make"] * 4
    assert len(again.prune(sure=True)) == 0
    assert again.run().result(120).made == 4


def test_a_finished_video_of_an_image_is_kept(open_lab, tmp_path):
    lab = open_lab()
    lab.grid("a map", image=picture(tmp_path / "map.png"))
    lab.run().result(120)
    lines = lab.path / "variants.jsonl"
    text = lines.read_text(encoding="utf-8").splitlines(keepends=True)
    lines.write_text("".join(line for line in text if '"made"' not in line), encoding="utf-8", newline="\n")
    again = open_lab()
    assert len(again.prune(sure=True)) == 0
    assert again.run().result(120).made == 1
    assert again.variants[0].config.image.path == tmp_path / "map.png"


def test_a_video_is_left_until_it_is_settled(made, monkeypatch):
    # As another kernel sees a video that is finished, and is not recorded before its checks have run.
    lines = made.path / "variants.jsonl"
    text = lines.read_text(encoding="utf-8").splitlines(keepends=True)
    lines.write_text("".join(line for line in text if '"made"' not in line), encoding="utf-8", newline="\n")
    again = type(made)(made.name, service=made._service, folder=made.path.parent)
    again.drop(again.variants[0])
    assert len(again.prune()) == 0
    assert "1 dropped variant is being made" in str(again.prune())
    monkeypatch.setattr("voxweave_nb.lab.pruning._SETTLED", -1.0)
    assert [each.why for each in again.prune(sure=True)] == ["orphan"]
    assert len(list((made.path / "videos").glob("*.mp4"))) == 3


def test_a_file_that_cannot_go_is_named(made, monkeypatch):
    def refuse(path, missing_ok=False):
        raise PermissionError(13, "Permission denied")

    dropped = made.variants[0]
    made.drop(dropped)
    monkeypatch.setattr(Path, "unlink", refuse)
    found = made.prune(sure=True)
    monkeypatch.undo()
    assert len(found) == 0
    assert f"{dropped.video.path.name} could not be removed: Permission denied." in str(found)
    assert len(made.prune()) == 1
