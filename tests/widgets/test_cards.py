"""The style cards."""

from __future__ import annotations

from voxweave_nb.models import VideoStyle
from voxweave_nb.widgets.cards import StyleCards


def test_every_style_has_a_card_with_an_image():
    cards = {style["name"]: style for style in StyleCards(lambda: None).styles}
    assert set(cards) == {style.value for style in VideoStyle}
    for style in cards.values():
        assert style["image"].startswith("data:image/webp;base64,")
        assert len(style["backdrops"]) == 3


def test_other_backdrops_are_sent_on_request(monkeypatch):
    cards, sent = StyleCards(lambda: None), []
    monkeypatch.setattr(cards, "send", sent.append)
    cards._on_message(cards, {"kind": "backdrops", "style": "anime"}, [])
    (answer,) = sent
    assert (answer["style"], len(answer["images"])) == ("anime", 2)
    assert len({*answer["images"], cards.styles[1]["image"]}) == 3


def test_choosing_a_style_calls_back():
    called = []
    cards = StyleCards(lambda: called.append(cards.chosen))
    cards.set_state({"chosen": "anime"})
    assert called == [VideoStyle.ANIME]


def test_a_variation_belongs_to_the_chosen_style():
    called = []
    cards = StyleCards(lambda: called.append(cards.variation))
    cards.set_state({"variation": "harbour"})
    assert called == ["harbour"]
    cards.set_state({"chosen": "anime"})
    assert cards.variation == ""
    cards.set_state({"variation": "harbour"})
    assert cards.variation == ""
