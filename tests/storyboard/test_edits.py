"""Edits keep ids, takes and the whole length; what another program changed is not overwritten."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.storyboard.boards import CUES, state, take
from voxweave_nb.errors import ConfigError
from voxweave_nb.models import Cue
from voxweave_nb.storyboard import edits
from voxweave_nb.storyboard.scene import SceneRecord
from voxweave_nb.storyboard.spoken import Transcript


def ceil(scene: SceneRecord) -> float:
    """Ask for whole seconds, of at most twelve."""
    if scene.length > 12.5:
        raise ConfigError("too long")
    return float(max(1, round(scene.length)))


def ids(board) -> list[str]:
    return [each.id for each in board.scenes]


def test_a_split_keeps_the_first_id():
    board = edits.split(state().with_take("s2", take()), "s2", 7.0, ceil)
    assert ids(board)[:2] == ["s1", "s2"]
    assert ids(board)[3:] == ["s3", "s4"]
    assert [(each.start, each.end, each.asked) for each in board.scenes[1:3]] == [(5, 7, 2), (7, 10, 3)]
    assert board.scenes[1].takes == (take(),)
    assert board.scenes[2].takes == ()


@pytest.mark.parametrize("at", [5.2, 9.9, 4.0, 30.0])
def test_a_split_leaves_no_sliver(at):
    with pytest.raises(ConfigError, match="Scene 2 goes from"):
        edits.split(state(), "s2", at, ceil)


def test_a_merge_keeps_all_takes():
    board = state().with_take("s2", take("two")).with_take("s3", take("three"))
    merged = edits.merge(board, "s2", "s3", ceil)
    assert ids(merged) == ["s1", "s2", "s4"]
    assert {each.run for each in merged.scenes[1].takes} == {"two", "three"}
    assert merged.scenes[1].take.run == "two"
    assert (merged.scenes[1].start, merged.scenes[1].end, merged.scenes[1].asked) == (5, 15, 10)
    assert merged.scene("s3") is merged.scenes[1]


def test_a_merge_joins_own_prompts():
    board = state()
    board = board.changed(replace(board.scenes[1], prompt="a net."))
    board = board.changed(replace(board.scenes[2], prompt="a lamp."))
    assert edits.merge(board, "s2", "s3", ceil).scenes[1].prompt == "a net. a lamp."


def test_only_neighbours_are_merged():
    with pytest.raises(ConfigError, match="not neighbours"):
        edits.merge(state(), "s1", "s3", ceil)


def test_a_merge_that_nobody_fills_is_refused():
    whole = edits.merge(state(), "s1", "s2", ceil)
    with pytest.raises(ConfigError, match="too long"):
        edits.merge(whole, "s1", "s3", ceil)


def test_a_moved_boundary_snaps():
    board = replace(state(), boundaries=((6.2, "clause"),))
    moved = edits.move(board, "s1", 6.0, ceil)
    assert moved.scenes[0].end == moved.scenes[1].start == 6.2
    assert moved.scenes[0].kind == "clause"
    assert edits.move(board, "s1", 6.0, ceil, snap=False).scenes[0].end == 6.0


def test_the_last_boundary_stays():
    with pytest.raises(ConfigError, match="ends with the narration"):
        edits.move(state(), "s4", 19.0, ceil)


def test_words_name_the_place_of_a_split():
    at = edits.place_of("and then", Transcript(CUES), state().scenes[1], 2)
    assert 5.2 < at < 9.8
    board = edits.split(state(), "s2", at, ceil)
    assert board.words_of(board.scenes[1]) == "Nets are carried down,"
    assert board.words_of(board.scenes[2]) == "and then the rain begins."


def test_words_that_are_not_there_are_told():
    with pytest.raises(ConfigError, match="Nets are carried"):
        edits.place_of("a lamp", Transcript(CUES), state().scenes[1], 2)


def test_words_that_come_twice_are_told():
    cues = (Cue(0, 5, "on and on and on"),)
    with pytest.raises(ConfigError, match="more than once"):
        edits.place_of("and on", Transcript(cues), SceneRecord("s1", 0, 5), 1)


def test_stills_move_differently():
    board = state()
    for name in ("s1", "s4", "s2"):
        board = edits.set_options(board, name, {"still": "map.png"})
    assert [each.move for each in board.scenes] == [0, 2, 0, 1]
    # Another picture, or one less before it, changes no move.
    board = edits.set_options(board, "s4", {"still": "lamp.png"})
    board = edits.set_options(board, "s1", {"still": ""})
    assert [each.move for each in board.scenes if each.still] == [2, 1]


def test_a_chain_is_at_most_three_long():
    board = state()
    for name in ("s2", "s3"):
        board = edits.set_options(board, name, {"follows": True})
    with pytest.raises(ConfigError, match="Scenes 1 to 4 would be one chain"):
        edits.set_options(board, "s4", {"follows": True})


def test_the_first_scene_cannot_follow():
    with pytest.raises(ConfigError, match="no scene before"):
        edits.set_options(state(), "s1", {"follows": True})


def test_an_edit_ends_a_refusal():
    board = state()
    board = board.changed(replace(board.scenes[0], error="refused", refused=True))
    after = edits.set_options(board, "s1", {"prompt": "calm"})
    assert not after.scenes[0].refused
    assert not after.scenes[0].error


def test_what_another_program_changed_is_told():
    seen, now = state(), edits.set_options(state(), "s2", {"prompt": "theirs"})
    with pytest.raises(ConfigError, match=r"Scene 2 was changed .* its prompt is 'theirs' now"):
        edits.check_unchanged(now, seen, ["s2"], ["prompt"])
    edits.check_unchanged(now, seen, ["s2"], ["seed"])
    edits.check_unchanged(now, seen, ["s3"], ["prompt"])


def test_a_scene_merged_elsewhere_is_told():
    with pytest.raises(ConfigError, match="merged into another one"):
        edits.check_unchanged(edits.merge(state(), "s1", "s2", ceil), state(), ["s2"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("smv"), st.integers(1, 8), st.floats(0.1, 19.9)), max_size=12))
def test_edits_leave_no_gap(steps):
    board = state().with_take("s2", take())
    for kind, number, at in steps:
        scene = board.scenes[min(number, len(board.scenes)) - 1]
        following = board.scenes[min(number, len(board.scenes) - 1)]
        try:
            if kind == "s":
                board = edits.split(board, scene.id, at, ceil)
            elif kind == "m":
                board = edits.merge(board, scene.id, following.id, ceil)
            else:
                board = edits.move(board, scene.id, at, ceil)
        except ConfigError:
            continue
    assert (board.scenes[0].start, board.scenes[-1].end) == (0.0, 20.0)
    assert all(one.end == two.start for one, two in zip(board.scenes, board.scenes[1:], strict=False))
    assert all(each.length >= edits.SHORTEST for each in board.scenes)
    assert len(set(ids(board))) == len(board.scenes)
    assert board.scene("s2").takes == (take(),)


def test_a_word_is_a_place_to_split():
    board = state(2)
    scene = board.scenes[1]
    words = [word.text.strip() for word in edits.spoken_in(board.transcript, scene)]
    at = edits.place_of_word(words.index("and"), board.transcript, scene, 2)
    assert at == edits.place_of("and then the rain", board.transcript, scene, 2)
    for word in (0, len(words), -1):
        with pytest.raises(ConfigError, match=f"Scene 2 has {len(words)} words"):
            edits.place_of_word(word, board.transcript, scene, 2)


def test_a_split_undone_keeps_one_prompt():
    before = edits.set_options(state(2), "s2", {"prompt": "a lamp"})
    parted = edits.split(before, "s2", 7.0, ceil)
    again = edits.merge(parted, *ids(parted)[1:], ceil)
    assert [each.prompt for each in again.scenes] == ["", "a lamp"]
