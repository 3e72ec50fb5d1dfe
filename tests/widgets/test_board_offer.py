"""The panel's way to a storyboard: offered with its price where a narration is longer than a clip."""

from __future__ import annotations

import pytest

from tests.conftest import write_narration
from tests.storyboard.conftest import SECONDS, SENTENCES, srt
from tests.widgets.actions import text, visible_text, wait_for
from tests.widgets.test_compare import plain
from voxweave_nb import Settings, Storyboard, VideoGenerationService, VideoPanel
from voxweave_nb.widgets.board_view import BoardView

OFFER = "Storyboard (3 scenes, $0.60)"


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    """A narration of half a minute."""
    return write_narration(tmp_path_factory.mktemp("talks") / "talk.wav", SECONDS * len(SENTENCES))


@pytest.fixture
def service(sandbox, tmp_path):
    settings = Settings(home=tmp_path / "home", output_dir=tmp_path / "out", poll_interval=0.02)
    with VideoGenerationService(["zai"], settings=settings) as service:
        yield service


@pytest.fixture
def new_panel(service, talk):
    def panel(**options) -> VideoPanel:
        given = {
            "narration": talk,
            "subtitles": srt(),
            "resolution": "720p",
            "prompt": "a harbour",
            **options,
        }
        return VideoPanel(service, **given)

    return panel


def offered(panel: VideoPanel) -> str:
    """The label of the button, or an empty text where it is not offered."""
    button = panel._board_offer.button
    return "" if button.layout.display == "none" else button.description


def test_a_long_narration_offers_both(new_panel, sandbox, tmp_path):
    panel = new_panel()
    wait_for(lambda: offered(panel) == OFFER)
    assert panel._generate_button.description == "Repeat one clip ($0.20)"
    assert "Storyboard makes a film of scenes instead." in visible_text(panel)
    assert "service.storyboard" not in text(panel)
    assert sandbox.submissions("zai") == 0
    assert not (tmp_path / "out").exists()
    # Other words change neither the scenes nor the price; another model does.
    panel._prompt.value = "a lamp"
    assert offered(panel) == OFFER
    panel._picker._model.value = "viduq1-text"
    wait_for(lambda: offered(panel).startswith("Storyboard (6 scenes"))
    panel.config = panel.config.replace(provider="local", model=None)
    wait_for(lambda: offered(panel) == "")
    assert panel._generate_button.description == "Generate"


def test_a_short_narration_offers_one_clip(new_panel, narration_file):
    panel = new_panel(narration=narration_file)
    wait_for(lambda: panel._estimate.length_of(narration_file))
    assert offered(panel) == ""
    assert panel._generate_button.description == "Generate"


def test_the_table_opens_below_and_again(new_panel, sandbox, service):
    panel = new_panel()
    wait_for(lambda: offered(panel) == OFFER)
    panel._board_offer.button.click()
    wait_for(lambda: panel.board)
    (view,) = panel._board_offer._view.children
    assert isinstance(view, BoardView)
    assert "In code, this storyboard is Storyboard.open(" in plain(panel._board_offer)
    assert sandbox.submissions("zai") == 0
    panel.board.scenes[2].prompt = "a wet lamp"
    # A second press keeps the view.
    panel.storyboard().result(60)
    wait_for(lambda: not panel._board_offer.button.disabled)
    assert panel._board_offer._view.children == (view,)
    # Another panel, as after a restart, offers the same board.
    again = new_panel()
    wait_for(lambda: offered(again) == "Open storyboard (0 of 3 made)")
    assert again.storyboard().result(60).scenes[2].prompt == "a wet lamp"
    assert Storyboard.open(panel.board.path, service=service).scenes[2].prompt == "a wet lamp"


def test_an_error_is_shown(new_panel, tmp_path):
    panel = new_panel()
    wait_for(lambda: offered(panel) == OFFER)
    (tmp_path / "out").write_text("a file where the folder should be")
    panel._board_offer.button.click()
    wait_for(lambda: "cannot be written" in plain(panel._board_offer))
    assert panel.board is None


def test_a_missing_narration_is_told(new_panel):
    panel = new_panel(narration="  ")
    panel._board_offer.button.click()
    assert "No narration yet" in text(panel)
