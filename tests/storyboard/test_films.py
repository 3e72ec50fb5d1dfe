"""The film of a board, and its animatic: real files from real takes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest

from voxweave_nb.media.probe import probe

pytestmark = pytest.mark.slow


def frames_of(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for packet in container.demux(video=0) if packet.size)


def chapters_of(path: Path) -> list[tuple[float, str]]:
    with av.open(str(path)) as container:
        return [
            (float(each["start"] * Fraction(each["time_base"])), each["metadata"]["title"])
            for each in container.chapters()
        ]


def test_a_made_board_becomes_a_film(plan, sandbox):
    board = plan(aspect="9:16")
    board.make().result(120)
    sent = sandbox.submissions("zai")
    film = board.assemble().result(200)
    assert sandbox.submissions("zai") == sent
    assert (film.width, film.height) == (720, 1280)
    assert frames_of(film.path) == round(30 * film.provenance.config.fps)
    assert len(film.cues) == 6
    assert film.captions.is_file()
    assert [round(at, 1) for at, _ in chapters_of(film.path)] == [
        round(each.start, 1) for each in board.scenes
    ]
    assert film.chapters.is_file()
    assert film.provenance.usd == pytest.approx(0.6)
    assert film.provenance.provider == "zai"
    assert probe(film.path).audio is not None


def test_holes_show_the_animatic(plan, sandbox):
    board = plan()
    board.redo(2).result(60)
    film = board.assemble().result(300)
    assert any("Scenes 1, 3 have no take yet" in each for each in film.warnings)
    assert frames_of(film.path) == round(30 * film.provenance.config.fps)
    assert sandbox.submissions("zai") == 1


def test_an_older_film_stays(plan):
    board = plan()
    board.make().result(120)
    first = board.assemble().result(200)
    content = first.path.read_bytes()
    board.redo(2, seed=8).result(60)
    second = board.assemble().result(200)
    assert second.path != first.path
    assert first.path.read_bytes() == content


def test_a_stale_take_is_told(plan):
    board = plan()
    board.make().result(120)
    board.scenes[2].prompt = "a lamp"
    film = board.assemble().result(200)
    assert any(each.startswith("Scene 2 shows a take from before the last edit") for each in film.warnings)


def test_own_files_are_shown(plan, tmp_path, sandbox):
    board = plan()
    board.make().result(120)
    picture = tmp_path / "map.png"
    with av.open(str(board.folder.takes / board.scenes[1].take.file)) as container:
        next(container.decode(video=0)).to_image().save(picture)
    board.scenes[2].still = picture
    board.scenes[3].clip = board.folder.takes / board.scenes[1].take.file
    picture.unlink()
    film = board.assemble().result(200)
    assert frames_of(film.path) == round(30 * film.provenance.config.fps)
    assert not [each for each in film.warnings if "no take" in each]
    assert board.make().result(60).usd == 0


def test_a_follower_starts_from_the_frame_before(plan, sandbox):
    board = plan(provider="openai_sora")
    board.scenes[2].follows = True
    progress = board.make(at_once=3).result(120)
    assert progress.failed == 0
    assert board.scenes[2].state == "made"
    jobs = [job for job in sandbox.jobs if job.provider == "openai_sora"]
    assert len(jobs) == len(board.scenes)
    board.scenes[1].prompt = "a lamp"
    assert [scene.state for scene in board.scenes][:3] == ["stale", "stale", "made"]
    board.make().result(120)
    # The sandbox's clips of one size are alike: the frame is the same again, and scene 2 is not paid for anew.
    assert sandbox.accepted("openai_sora") == len(board.scenes) + 1
    assert [scene.state for scene in board.scenes] == ["made"] * len(board.scenes)


def test_the_animatic_is_free(plan, sandbox):
    board = plan()
    film = board.animatic().result(300)
    assert film.duration == pytest.approx(30, abs=0.1)
    assert film.path.parent == board.path
    assert probe(film.path).audio is not None
    assert len(film.cues) == 6
    assert board.spent == 0
    assert not sandbox.jobs
