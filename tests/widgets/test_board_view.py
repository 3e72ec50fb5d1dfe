"""The view of a board on its Python side: what the page is told, and what it may do."""

from __future__ import annotations

import json
import shutil

import ipywidgets
import pytest
from ipywidgets.embed import dependency_state

from tests.samples import finished_video
from tests.widgets.actions import wait_for
from voxweave_nb import Storyboard
from voxweave_nb.storyboard.newest import remember_film
from voxweave_nb.widgets import contact_sheet
from voxweave_nb.widgets.board_view import BoardView, display_board

pytestmark = pytest.mark.slow

MOST_SAVED = 200_000


@pytest.fixture
def view(board):
    view = BoardView(board)
    view.sent = []
    view.send = lambda content, buffers=None: view.sent.append(content)
    yield view
    view.close()


@pytest.fixture
def film(tmp_path, narrated_clip):
    """A film of twelve seconds, of which a second is there."""
    made = finished_video(tmp_path / "films")
    shutil.copy(narrated_clip, made.path)
    return made


def say(view, **message):
    view._on_message(view, message, [])


def states(view) -> list[str]:
    return [row["state"] for row in view._rows]


def test_the_page_gets_the_board(view, board):
    assert [row["id"] for row in view._rows] == [scene.id for scene in board.scenes]
    about = view._about
    assert (about["name"], about["seconds"], about["spent"]) == ("talk", 30.0, 0.0)
    assert about["cost"] == {"count": 6, "usd": 1.2, "unknown": 0, "left": 0, "doubt": 0}
    assert ["zai", True] in about["providers"]
    wait_for(lambda: ["local", True] in view._about["providers"])
    wait_for(lambda: view._wave)
    assert len(view._wave["peaks"]) > 200
    assert [5.0, 1] in [[round(time), kind] for time, kind in view._wave["places"]]


def test_an_edit_in_python_is_shown(view, board):
    board.scenes[2].prompt = "a lamp"
    wait_for(lambda: view._rows[1]["prompt"] == "a lamp")


def test_an_edit_by_another_program_is_shown(view, board):
    Storyboard.open(board.path).split(2, at="and then")
    wait_for(lambda: len(view._rows) == 7)


def test_an_error_is_told_at_its_scene(view, board):
    scene = board.scenes[2]
    of = {"of": scene.id, "was": [scene.start, scene.end], "turn": "a"}
    say(view, kind="move", end=0.1, snap=False, **of)
    assert "can lie between" in view._said[scene.id]
    assert view.sent[-1] == {"kind": "done", "turn": "a"}
    say(view, kind="edit", field="prompt", value="a lamp", **{**of, "was": scene.prompt})
    assert view._said == {}


def test_an_error_of_the_board_stays(view):
    say(view, kind="make", turn="a", usd=0.1, unknown=0)
    assert "Nothing was sent" in view._said["board"]


def test_a_run_is_followed_to_its_end(view, board, sandbox):
    say(view, kind="make", turn="a", usd=1.2, unknown=0)
    wait_for(lambda: view._run)
    wait_for(lambda: view._run["running"] is False)
    wait_for(lambda: set(states(view)) == {"made"})
    assert view._about["spent"] == pytest.approx(1.2)
    assert view._about["cost"]["count"] == 0
    assert view._shares == {}


def test_a_run_in_python_is_followed(view, board):
    board.make().result(120)
    wait_for(lambda: set(states(view)) == {"made"})


def test_the_page_cancels_a_run(view, board, sandbox):
    for _ in range(6):
        sandbox.next_job("zai", seconds=30.0)
    say(view, kind="make", turn="a", usd=1.2, unknown=0)
    wait_for(lambda: sandbox.accepted("zai"))
    say(view, kind="cancel", turn="b")
    wait_for(lambda: view._run.get("running") is False)
    wait_for(lambda: view._about["cost"]["left"] >= 1)
    assert view._run["state"] == "canceled"


def test_an_animatic_is_drawn_and_shown(sandbox, service, narration_file):
    board = service.storyboard(narration_file, provider="zai", quality="draft").result(60)
    view = BoardView(board)
    assert view._facts == {}
    say(view, kind="work", what="animatic", turn="a")
    say(view, kind="work", what="animatic", turn="b")  # one is enough
    wait_for(lambda: view._about["playing"] == "animatic")
    assert view._facts["duration"] == pytest.approx(2.0, abs=0.1)
    wait_for(lambda: view._works == {})
    view.close()


def test_the_newest_film_is_shown(view, board, film):
    remember_film(board.folder, film)
    wait_for(lambda: view._about["playing"] == "film")
    assert [chapter[0] for chapter in view._facts["chapters"]] == [scene.start for scene in board.scenes]
    assert len(view._cues) == 2
    say(view, kind="thumbnail", of=f"scene:{board.scenes[1].id}@1")
    wait_for(lambda: view.sent)
    assert view.sent[0]["url"].startswith("data:image/webp;base64,")
    other = BoardView(board)
    wait_for(lambda: other._about.get("playing") == "film")
    other.close()


def test_a_take_is_played_and_left(view, board, film):
    board.redo(2).result(60)
    take = board.scenes[2].take
    say(view, kind="take", run=take.run, turn="a")
    assert view.path.name == take.file
    assert view._about["playing"] == take.run
    remember_film(board.folder, film)
    wait_for(lambda: view._about["playing"] == "film")
    say(view, kind="take", run=take.run, turn="b")
    say(view, kind="film", turn="c")
    assert view._about["playing"] == "film"


def test_a_failed_film_is_told(view, board, monkeypatch):
    board.narration.rename(board.narration.with_name("elsewhere.wav"))
    say(view, kind="work", what="film", turn="a")
    wait_for(lambda: "is not there" in view._said.get("board", "") or "error" in view._works.get("film", {}))


def test_a_removed_board_is_told(view, board):
    board.folder.file.unlink()
    wait_for(
        lambda: "holds no board" in view._said.get("read", "") or "is gone" in view._said.get("read", "")
    )


def test_it_lives_in_a_box(view, board):
    box = ipywidgets.VBox([view])
    assert box.children == (view,)
    assert view.board is board


def test_a_board_displays_its_view(board, monkeypatch):
    shown = []
    monkeypatch.setattr(contact_sheet, "display", lambda data, raw: shown.append(data))
    view = display_board(board)
    board._ipython_display_()
    assert len(shown) == 2
    assert shown[0]["text/plain"].startswith("Storyboard 'talk': 6 scenes, 30.0 s: run this cell")
    assert "application/vnd.jupyter.widget-view+json" in shown[0]
    assert isinstance(board._display_(), BoardView)
    view.close()


def test_the_saved_state_is_small(view):
    state = json.dumps(dependency_state([view], drop_defaults=True))
    assert len(state) < MOST_SAVED
    assert "_API_KEY" not in state
