"""Words move to where their letters sound, and text of something else gains nothing by them."""

from __future__ import annotations

import numpy as np

from voxweave_nb.speech.hearing import listen
from voxweave_nb.speech.letters import Passage, moved_words
from voxweave_nb.speech.text import tokens_of

from .voices import STORY, Speech, say


def passages_of(speech: Speech, sentences: list[str]) -> list[Passage]:
    """Passages of whole sentences, their words spread evenly over them."""
    found = []
    for sentence, (start, end) in zip(sentences, speech.sentences, strict=True):
        tokens = [*tokens_of(sentence)]
        starts = np.linspace(start, end, len(tokens) + 1)[:-1]
        found.append(Passage(start, end, tokens, [float(each) for each in starts]))
    return found


def test_words_move_to_their_letters():
    speech = say(STORY * 2, seed=5)
    passages = passages_of(speech, STORY * 2)
    moved = moved_words(passages, listen(speech.samples)).starts
    assert moved is not None
    truth = np.array([start for words in speech.words for start, _ in words])
    before = np.abs(np.array([start for each in passages for start in each.starts]) - truth)
    after = np.abs(np.array([start for starts in moved for start in starts]) - truth)
    assert after.mean() < 0.6 * before.mean()


def test_letters_of_another_text_gain_less():
    speech = say(STORY * 2, seed=5)
    heard = listen(speech.samples)
    own = moved_words(passages_of(speech, STORY * 2), heard).gains
    other = moved_words(passages_of(speech, (STORY * 2)[::-1]), heard).gains
    assert np.mean(own) > 2 * np.mean(other)


def test_thousands_of_characters_are_not_learnt():
    text = "".join(chr(0x4E00 + number) for number in range(200))
    passage = Passage(0.0, 1.0, [*tokens_of(text)], list(np.linspace(0, 1, 200)))
    assert moved_words([passage], listen(np.zeros(16_000, np.int16))).starts is None
    assert moved_words([], listen(np.zeros(16_000, np.int16))).gains == []
