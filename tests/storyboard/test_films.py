"""The film of a board, and its animatic: real files from real takes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from voxweave_nb.media.probe import probe
from voxweave_nb.media.subtitles import read_subtitles
from voxweave_nb.storyboard.films import _title

pytestmark = pytest.mark.slow


def frames_of(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for packet in container.demux(video=0) if packet.size)


def pictures_of(path: Path) -> list[np.ndarray]:
    """Return the frames in grey, as small as a stamp but for their height."""
    with av.open(str(path)) as container:
        return [
            frame.reformat(width=180, height=320, format="gray").to_ndarray().astype(float)
            for frame in container.decode(video=0)
        ]


def captions_in(path: Path) -> list[tuple[float, float]]:
    """Return start and end of each caption in a file's track, in seconds."""
    with av.open(str(path)) as container:
        if not container.streams.subtitles:
            return []
        base = float(container.streams.subtitles[0].time_base)
        packets = [packet for packet in container.demux(subtitles=0) if packet.size > 2]
        return [(round(each.pts * base, 3), round((each.pts + each.duration) * base, 3)) for each in packets]


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
    # Captions lie on the narration, in the file and beside it, whatever the scenes are.
    times = [(round(5 * number + 0.2, 3), round(5 * number + 4.8, 3)) for number in range(6)]
    assert [(cue.start, cue.end) for cue in film.cues] == times
    assert [(cue.start, cue.end) for cue in read_subtitles(film.captions).cues] == times
    assert captions_in(film.path) == times
    chapters = chapters_of(film.path)
    assert [round(at, 1) for at, _ in chapters] == [round(each.start, 1) for each in board.scenes]
    track = read_subtitles(film.chapters).cues
    assert [(round(cue.start, 3), cue.text) for cue in track] == [
        (round(at, 3), title) for at, title in chapters
    ]
    assert chapters[0][1].startswith("The harbour wakes before the town")
    assert film.provenance.usd == pytest.approx(0.6)
    assert film.provenance.provider == "zai"
    assert probe(film.path).audio is not None


def test_holes_show_the_animatic(plan, sandbox):
    """And a local take is a scene of the same film: it looks as the animatic does there, without a fade or a title."""
    board = plan(quality="draft", style="cinematic", prompt="a slow day")
    board.scenes[3].provider = "local"
    board.redo(3).result(60)
    board.redo(2).result(60)
    film = board.assemble().result(300)
    assert any("Scene 1 has no take yet" in each for each in film.warnings)
    assert frames_of(film.path) == round(30 * film.provenance.config.fps)
    assert sandbox.submissions("zai") == 1
    (draft,) = (board.path / "cache").glob("draft-*.mp4")
    whole, shown = pictures_of(draft), pictures_of(film.path)
    begin, end = (round(at * 24) for at in (board.scenes[3].start, board.scenes[3].end))
    take = pictures_of(board.folder.takes / board.scenes[3].take.file)
    assert len(take) == end - begin
    assert max(np.abs(one - other).mean() for one, other in zip(take, whole[begin:end], strict=True)) < 3
    border = round(board.scenes[2].start * 30)
    assert np.abs(shown[border - 1] - whole[round(board.scenes[2].start * 24) - 1]).mean() < 3
    assert np.abs(shown[border] - whole[round(board.scenes[2].start * 24)]).mean() > 9


def test_burnt_captions_are_in_the_frames(plan):
    board = plan(aspect="9:16", subtitle_mode="burn", transition="dissolve", quality="draft")
    board.make().result(120)
    film = board.assemble().result(200)
    assert film.subtitle_mode.value == "burn"
    assert captions_in(film.path) == []
    pictures = pictures_of(film.path)
    assert len(pictures) == round(30 * film.provenance.config.fps)
    fps = film.provenance.config.fps
    bright = [(pictures[round(at * fps)][200:] > 220).mean() for at in (2.5, 5.0, 7.5, 10.0, 12.5)]
    assert min(bright[::2]) > 0.002 > max(bright[1::2])


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("A bus took it over the hills. The road climbed.", "A bus took it over the hills"),
        ("No. The road climbed between stone walls.", "No. The road climbed between stone walls"),
        ("and the grass leaned in the wind.", "And the grass leaned in the wind"),
        ("word " * 20, "Word word word word word word word word word word word word…"),
        ("港は朝の光の中にあり、静かである。船が出ていく。", "港は朝の光の中にあり、静かである。"),
        ("", ""),
    ],
)
def test_a_chapter_is_called_by_its_first_sentence(words, title):
    assert _title(words) == title


def test_an_older_film_stays(plan, sandbox):
    board = plan()
    board.make().result(120)
    first = board.assemble().result(200)
    content = first.path.read_bytes()
    board.redo(2, seed=8).result(60)
    second = board.assemble().result(200)
    assert sandbox.submissions("zai") == len(board.scenes) + 1
    assert second.path != first.path
    assert first.path.read_bytes() == content
    assert second.provenance.usd == first.provenance.usd  # of what it shows; the board has spent more
    assert board.spent == pytest.approx(first.provenance.usd + 0.2)


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
