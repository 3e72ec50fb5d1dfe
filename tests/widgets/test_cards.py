"""The style cards."""

from __future__ import annotations

from voxweave_nb.models import VideoStyle
from voxweave_nb.widgets.cards import StyleCards


def requested(cards: StyleCards, monkeypatch, **message: str) -> dict:
    """Return the answer to a message of the page."""
    sent = []
    monkeypatch.setattr(cards, "send", sent.append)
    cards._on_message(cards, message, [])
    (answer,) = sent
    return answer


def test_every_style_has_a_card_with_an_image(monkeypatch):
    cards = StyleCards(lambda: None)
    assert [style["name"] for style in cards.styles] == [style.value for style in VideoStyle]
    assert all(len(style["backdrops"]) == 3 for style in cards.styles)
    images = requested(cards, monkeypatch, kind="cards")["images"]
    assert len(set(images)) == len(cards.styles)
    assert all(image.startswith("data:image/webp;base64,") for image in images)


def test_the_state_holds_no_images():
    assert "image/webp" not in str(StyleCards(lambda: None).get_state()["styles"])


def test_other_backdrops_are_sent_on_request(monkeypatch):
    cards = StyleCards(lambda: None)
    answer = requested(cards, monkeypatch, kind="backdrops", style="anime")
    first = requested(cards, monkeypatch, kind="cards")["images"][1]
    assert (answer["style"], len(answer["images"])) == ("anime", 2)
    assert len({*answer["images"], first}) == 3


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
