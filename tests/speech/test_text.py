"""A known text is split into words with what ends after them."""

from __future__ import annotations

from voxweave_nb.speech.text import KnownText, joined, tokens_of


def test_words_know_what_ends_after_them():
    known = KnownText.of("First this, then that. And more.")
    assert [token.text for token in known.tokens] == ["First", "this,", "then", "that.", "And", "more."]
    assert [token.ends for token in known.tokens] == ["", "clause", "", "sentence", "", "sentence"]
    assert [token.sentence for token in known.tokens] == [0, 0, 0, 0, 1, 1]


def test_words_before_a_pause_are_drawn_out():
    plain, before = tokens_of("home home,")
    assert before.length > plain.length


def test_directions_are_not_spoken():
    assert [token.length > 0 for token in tokens_of("He [laughs softly] left.")] == [True, False, False, True]


def test_japanese_is_split_into_characters():
    tokens = [*tokens_of("光は消える。")]
    assert "".join(token.text for token in tokens) == "光は消える。"
    assert len(tokens) == 5
    assert all(token.gap == "" for token in tokens[:-1])


def test_words_are_joined_as_their_script_does():
    assert joined(["Far", "below."]) == "Far below."
    assert joined(["光", "は。", "海"]) == "光は。海"
    assert joined([]) == ""
