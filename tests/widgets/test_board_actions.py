"""What the page of a board asks for: edits that overwrite nothing, and money that is paid once, as it was said."""

from __future__ import annotations

import pytest

from tests.pictures import picture
from voxweave_nb import ConfigError, Storyboard
from voxweave_nb.sandbox import Fault
from voxweave_nb.widgets.board_actions import BoardActions

pytestmark = pytest.mark.slow


@pytest.fixture
def actions(board) -> BoardActions:
    return BoardActions(board)


@pytest.fixture
def do(board, actions):
    """Ask for something about a scene, by its number."""

    def done(kind: str, number: int = 0, **message) -> None:
        of = {"of": board.scenes[number].id} if number else {}
        assert actions.receive({"kind": kind, **of, **message})
        for run in board.current_runs:
            run.result(120)

    return done


def times(board: Storyboard, number: int) -> list[float]:
    scene = board.scenes[number]
    return [round(scene.start, 3), round(scene.end, 3)]


def test_a_prompt_is_edited(board, do):
    do("edit", 2, field="prompt", value="a lamp", was=board.scenes[2].prompt)
    assert board.scenes[2].prompt == "a lamp"


def test_a_prompt_from_elsewhere_is_not_overwritten(board, do):
    was = board.scenes[2].prompt
    other = Storyboard.open(board.path)
    other.scenes[2].prompt = "rain"
    board.refresh()
    with pytest.raises(ConfigError, match=r"its prompt is 'rain' now\. Nothing was overwritten"):
        do("edit", 2, field="prompt", value="a lamp", was=was)
    assert board.scenes[2].prompt == "rain"
    do("edit", 2, field="prompt", value="a lamp", was="rain")
    assert board.scenes[2].prompt == "a lamp"


def test_a_provider_is_chosen_and_taken_back(board, do):
    do("edit", 2, field="provider", value="local", was="")
    assert board.scenes[2].provider == "local"
    with pytest.raises(ConfigError, match="changed meanwhile: its provider is 'local' now"):
        do("edit", 2, field="provider", value="openai_sora", was="")
    do("edit", 2, field="provider", value="", was="local")
    assert board.scenes[2].provider is None


def test_a_scene_is_split_and_merged(board, do):
    words = board.rows()[1].words
    do("split", 2, word=words.index("and "), was=times(board, 2))
    assert [board.scenes[number].words for number in (2, 3)] == [
        "Nets are carried down,", "and then the rain begins.",
    ]  # fmt: skip
    do("merge", 2, was=times(board, 2))
    assert len(board.scenes) == 6


def test_a_boundary_moves_to_a_sentence(board, do):
    do("move", 2, end=10.1, snap=True, was=times(board, 2))
    assert board.scenes[2].end == pytest.approx(board.scenes[3].start)
    do("move", 2, end=9.0, snap=False, was=times(board, 2))
    assert board.scenes[2].end == 9.0
    with pytest.raises(ConfigError, match="changed meanwhile: it goes from"):
        do("move", 2, end=8.0, was=[0.0, 1.0])
    with pytest.raises(ConfigError, match="can lie between"):
        do("move", 2, end=0.1, snap=False, was=times(board, 2))


def test_own_images_give_way_to_takes(board, do, tmp_path):
    board.scenes[1].still = picture(tmp_path / "map.png")
    do("edit", 1, field="own")
    assert board.scenes[1].still is None


def test_a_take_is_chosen(board, do):
    board.redo(1).result(60)
    board.redo(1, seed=8).result(60)
    first = board.scenes[1].takes[0]
    do("choose", 1, run=first.run)
    assert board.scenes[1].take == first
    with pytest.raises(ConfigError, match="not in the board any more"):
        do("choose", 1, run="nobody")


def test_making_pays_what_was_said(board, do, sandbox):
    with pytest.raises(
        ConfigError, match=r"Nothing was sent: making 6 scenes costs \$1.20 by now, not \$1.00"
    ):
        do("make", turn="a", usd=1.0, unknown=0)
    assert sandbox.submissions("zai") == 0
    do("make", turn="b", usd=1.2, unknown=0)
    assert sandbox.submissions("zai") == 6


def test_a_message_that_comes_twice_pays_once(board, do, sandbox):
    message = {"turn": "a", "usd": 0.2, "takes": 0}
    do("redo", 1, **message)
    do("redo", 1, **message)
    assert sandbox.submissions("zai") == 1


def test_a_second_press_before_the_take_pays_once(board, actions, sandbox):
    of = {"kind": "redo", "of": board.scenes[1].id, "usd": 0.2, "takes": 0}
    actions.receive({**of, "turn": "a"})
    with pytest.raises(ConfigError, match=r"is being made; wait for it|has 1 takes by now"):
        actions.receive({**of, "turn": "b"})
    for run in board.current_runs:
        run.result(60)
    with pytest.raises(ConfigError, match="Nothing was sent: scene 1 has 1 takes by now"):
        actions.receive({**of, "turn": "c"})
    assert sandbox.submissions("zai") == 1


def test_a_take_costs_what_was_said(board, do, sandbox):
    with pytest.raises(ConfigError, match=r"a take of scene 1 costs \$0.20 by now"):
        do("redo", 1, turn="a", usd=0.0, takes=0)
    assert sandbox.submissions("zai") == 0


def test_what_is_in_doubt_is_submitted_on_purpose(board, do, sandbox):
    sandbox.fault("create", Fault.reset_after(accept=True))
    do("redo", 1, turn="a", usd=0.2, takes=0)
    assert board.rows()[0].left == "doubt"
    do("redo", 1, turn="b", usd=0.2, takes=0)  # without `anew` the provider is only asked
    assert sandbox.accepted("zai") == 1
    do("redo", 1, turn="c", usd=0.2, takes=0, anew=True)
    assert sandbox.accepted("zai") == 2
    assert board.scenes[1].state == "made"


def test_a_budget_is_kept(board, do, sandbox):
    do("make", turn="a", usd=1.2, unknown=0, budget=0.5)
    assert sandbox.submissions("zai") == 2


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"kind": "choose", "of": "nobody"}, "merged into another one"),
        ({"kind": "edit", "field": "colour"}, "'colour' cannot be edited"),
        ({"kind": "split", "word": "x"}, "is split before a word"),
        ({"kind": "move", "end": "soon"}, "'soon' is not a time"),
    ],
)
def test_a_wrong_message_gets_a_sentence(board, actions, message, said):
    of = {"of": board.scenes[1].id, "was": times(board, 1)}
    with pytest.raises(ConfigError, match=said):
        actions.receive({**of, **message})


def test_other_messages_are_left_alone(actions):
    assert not actions.receive({"kind": "pull"})
