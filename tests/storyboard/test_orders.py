"""An order is what is sent: its prompt, its length, and the key that tells whether a take is of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.storyboard.boards import state, take
from voxweave_nb.errors import ConfigError
from voxweave_nb.models import Cue
from voxweave_nb.storyboard.folder import BoardFolder
from voxweave_nb.storyboard.orders import Orders, named


@pytest.fixture
def orders_of(service, tmp_path):
    def made(board):
        return Orders(service._studio, board, BoardFolder(tmp_path / "talk.board"))

    return made


@pytest.fixture
def key_of(orders_of):
    def key(board, number=2):
        return orders_of(board).order(number, board.scenes[number - 1]).key

    return key


def edited(board, number=2, **values):
    return board.changed(replace(board.scenes[number - 1], **values))


def test_the_prompt_has_all_its_parts(orders_of):
    board = edited(state(), shot="Wide shot")
    prompt = orders_of(board).order(2, board.scenes[1]).config.prompt
    parts = ("teal dusk", "a film", "Nets are carried down", "Wide shot")
    places = [prompt.index(part) for part in parts]
    assert places == sorted(places)


def test_an_own_prompt_keeps_the_bible(orders_of):
    board = edited(state(), prompt="a lamp")
    prompt = orders_of(board).order(2, board.scenes[1]).config.prompt
    assert prompt.startswith("teal dusk")
    assert "Nets" not in prompt


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": "a lamp"},
        {"seed": 8},
        {"provider": "openai_sora"},
        {"model": "cogvideox-3"},
        {"asked": 10.0},
        {"shot": "Wide shot"},
    ],
)
def test_what_changes_the_clip_changes_its_key(key_of, changes):
    assert key_of(edited(state(), **changes)) != key_of(state())


@pytest.mark.parametrize(
    "changes", [{"transition": "dissolve"}, {"error": "no"}, {"kind": "clause"}, {"takes": (take(),)}]
)
def test_what_changes_no_frame_keeps_the_key(key_of, changes):
    assert key_of(edited(state(), **changes)) == key_of(state())


@pytest.mark.parametrize("option", ["format", "subtitle_mode", "subtitle_look"])
def test_the_delivery_keeps_the_key(key_of, option):
    value = {"format": "webm", "subtitle_mode": "burn", "subtitle_look": "large"}[option]
    board = state()
    config = board.purpose.config.replace(**{option: value})
    assert key_of(replace(board, purpose=replace(board.purpose, config=config))) == key_of(board)


def test_a_key_that_is_missing_makes_nothing_stale(key_of, monkeypatch):
    before = key_of(state())
    monkeypatch.delenv("ZAI_API_KEY")
    assert key_of(state()) == before


def test_the_sound_counts_where_it_is_heard(key_of):
    board = edited(state(), prompt="a lamp")
    spoken = replace(board, cues=(*board.cues[:1], Cue(5.2, 9.8, "Other words."), *board.cues[2:]))
    assert key_of(spoken) == key_of(board)
    assert key_of(edited(spoken, provider="local")) != key_of(edited(board, provider="local"))


def test_a_shot_of_the_bible_stands_alone(orders_of):
    board = edited(state(), shot="Wide shot")
    board = replace(board, purpose=replace(board.purpose, bible="all in close-ups"))
    assert "Wide shot" not in orders_of(board).order(2, board.scenes[1]).config.prompt


def test_a_film_reads_words_and_prompts_apart(orders_of):
    board = edited(edited(state(), prompt="a lamp"), 1, provider="local", transition="dissolve")
    film = orders_of(board).film_of_takes()
    assert (film.prompt, film.title) == ("teal dusk. a film.", "A film")
    assert [each.prompt for each in film.scenes] == ["", "a lamp", "", ""]
    assert film.scenes[1].spoken.startswith("Nets are carried down")
    assert {each.transition for each in film.scenes} == {"cut"}
    order = orders_of(board).order(1, board.scenes[0])
    assert order.config.prompt == "teal dusk. a film."
    # A title needs a first scene that draws it.
    assert orders_of(state()).film_of_takes().title == ""


def test_the_move_of_a_still_is_continued(key_of):
    board = edited(edited(state(), provider="openai_sora", model="sora-2"), follows=True)
    one, two = (edited(board, 1, still="map.png", move=move) for move in (0, 1))
    assert key_of(one) != key_of(two)


def test_each_scene_gets_a_clip_of_its_own(orders_of):
    board = edited(edited(state(), 1, prompt="a lamp"), 2, prompt="a lamp")
    one, two = (orders_of(board).order(number, board.scenes[number - 1]) for number in (1, 2))
    assert one.key == two.key
    assert one.reuse_key != two.reuse_key


def test_a_follower_depends_on_the_take_before(key_of):
    board = edited(edited(state(), provider="openai_sora", model="sora-2"), follows=True)
    one, two = (board.with_take("s1", take(sha=sha)) for sha in ("one", "two"))
    assert len({key_of(board), key_of(one), key_of(two)}) == 3


def test_a_model_without_images_is_told(orders_of):
    board = edited(state(), provider="gateway", follows=True)
    order = orders_of(board).order(2, board.scenes[1])
    assert "scene 2 does not start from the last frame of scene 1" in order.warnings[0]


def test_a_follower_of_a_missing_scene_is_missing(orders_of, tmp_path):
    board = edited(edited(state(2), provider="openai_sora", model="sora-2"), follows=True)
    board = board.with_take("s1", take(file="one.mp4"))
    folder = tmp_path / "talk.board" / "takes"
    folder.mkdir(parents=True)
    (folder / "one.mp4").write_bytes(b"1")
    (folder / "two.mp4").write_bytes(b"2")
    key = orders_of(board).order(2, board.scenes[1]).key
    board = board.with_take("s2", take("run-2", file="two.mp4", key=key))
    assert [each.state for each in orders_of(board).statuses()] == ["stale", "stale"]
    first = orders_of(board).order(1, board.scenes[0]).key
    board = edited(board, 1, takes=(replace(board.scenes[0].takes[0], key=first),))
    assert [each.state for each in orders_of(board).statuses()] == ["made", "made"]


def test_a_scene_that_is_too_long_is_told(orders_of):
    board = edited(state(), end=10.0)
    long = replace(board.scenes[1], start=0.0, end=20.0)
    with pytest.raises(ConfigError, match=r"20\.0 s is too long for zai"):
        orders_of(board).asked(long)
    assert orders_of(board).asked(replace(long, provider="local")) == 20.0


def test_an_unknown_provider_is_no_crash(orders_of):
    board = edited(state(), provider="lantern")
    status = orders_of(board).status(2, board.scenes[1])
    assert (status.state, status.plan) == ("to make", None)
    assert "lantern" in status.problem


def test_a_scene_is_named_by_its_words():
    assert named(4, "and then") == "Scene 4 ('and then')"
    assert named(4, "") == "Scene 4"
