"""The options of a scene are checked when they are set."""

from __future__ import annotations

import pytest

from tests.conftest import write_narration
from tests.pictures import picture
from voxweave_nb import ConfigError


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("prompt", 7, "prompt"),
        ("prompt", "x" * 10_001, "prompt"),
        ("provider", "lantern", "lantern"),
        ("model", "viduq1-text", r"too long for viduq1-text at zai, which fills at most 5\.4 s"),
        ("seed", -1, "seed"),
        ("seed", 1.5, "seed"),
        ("follows", "yes", "True or False"),
        ("transition", "wipe", "cut"),
        ("still", "nowhere.png", "The picture .* does not exist"),
        ("still", "https://example.org/map.png", "is an address"),
        ("still", 5, "The picture is 5; give a path"),
        ("clip", "nowhere.mp4", "The clip .* does not exist"),
        ("clip", "https://example.org/own.mp4", "The clip is an address"),
    ],
)
def test_wrong_values_are_told(board, name, value, told):
    before = board.folder.read()
    with pytest.raises(ConfigError, match=told):
        setattr(board.scenes[2], name, value)
    assert board.folder.read() == before


def test_a_misspelled_option_is_told(board):
    with pytest.raises(ConfigError, match=r"no option 'promt'.*prompt"):
        board.scenes[2].promt = "a lamp"


def test_a_picture_is_a_picture(board, tmp_path):
    text = tmp_path / "map.txt"
    text.write_text("no")
    with pytest.raises(ConfigError, match="not a picture"):
        board.scenes[2].still = text
    with pytest.raises(ConfigError, match=r"The image map\.png is not a PNG, JPEG or WebP image"):
        board.scenes[2].still = text.rename(tmp_path / "map.png")


def test_a_clip_has_frames(board, tmp_path):
    with pytest.raises(ConfigError, match="no picture in it"):
        board.scenes[2].clip = write_narration(tmp_path / "sound.wav")


def test_one_replaces_the_other(board, tmp_path):
    drawing = picture(tmp_path / "map.png")
    scene = board.scenes[2]
    scene.still = drawing.as_uri()
    assert scene.still.read_bytes() == drawing.read_bytes()
    assert (scene.state, scene.usd) == ("own", 0.0)
    with pytest.raises(ConfigError, match="of your own"):
        board.redo(2)
    scene.still = None
    assert scene.still is None
    assert scene.state == "to make"


def test_another_provider_has_other_lengths(board):
    scene = board.scenes[2]
    assert (scene.asked, scene.usd) == (10, pytest.approx(0.2))
    scene.provider = "local"
    assert scene.asked == pytest.approx(scene.seconds)
    assert scene.usd == 0
    with pytest.raises(ConfigError, match="too long"):
        scene.provider = "openai_sora"
    assert scene.provider == "local"


def test_an_empty_prompt_is_the_scenes_own(board):
    scene = board.scenes[2]
    own = scene.prompt
    assert "lamp" in own
    scene.prompt = "a calm sea"
    assert scene.prompt == "a calm sea"
    scene.prompt = ""
    assert scene.prompt == own


def test_choosing_needs_a_take(board):
    with pytest.raises(ConfigError, match="no take yet"):
        board.scenes[2].choose(0)


def test_completion_lists_the_options(board):
    assert {"prompt", "still", "takes", "choose"} <= set(dir(board.scenes[1]))
