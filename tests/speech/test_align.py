"""Known text gets the times at which it is spoken, and text that is not spoken is told."""

from __future__ import annotations

import numpy as np
import pytest

from voxweave_nb.media.narration import RATE, open_narration
from voxweave_nb.media.subtitles import read_subtitles
from voxweave_nb.sample import sample_narration, sample_subtitles
from voxweave_nb.speech.align import Alignment, align

from .voices import STORY, Speech, music, say, with_noise


def starts_off(found: Alignment, speech: Speech) -> np.ndarray:
    """How far the starts of the sentences are off, in seconds."""
    assert len(found.sentences) == len(speech.sentences)
    return np.array(
        [
            abs(each.cue.start - start)
            for each, (start, _) in zip(found.sentences, speech.sentences, strict=True)
        ]
    )


def words_off(found: Alignment, speech: Speech) -> np.ndarray:
    """How far the starts of the words are off, in seconds."""
    truth = [start for words in speech.words for start, _ in words]
    return np.abs(np.array([word.start for word in found.words]) - truth)


@pytest.fixture(scope="module")
def speech() -> Speech:
    return say(STORY)


def test_sentences_and_words_are_found(speech):
    found = align(" ".join(STORY), speech.samples)
    assert found.doubts == ()
    assert starts_off(found, speech).max() < 0.05
    assert words_off(found, speech).mean() < 0.06
    assert [each.cue.text for each in found.sentences] == STORY
    times = [time for word in found.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert all(0 < word.sure < 1 for word in found.words)


@pytest.mark.parametrize("bed", ["noise", "music"])
def test_beds_do_not_hide_the_pauses(speech, bed):
    heard = with_noise(speech.samples, 20) if bed == "noise" else speech.samples + music(speech.seconds, 0.05)
    found = align(" ".join(STORY), heard)
    off = starts_off(found, speech)
    assert off.mean() < 0.04
    assert off.max() < 0.15


def test_soft_and_loud_voices_are_heard_alike(speech):
    halves = speech.samples.copy()
    halves[len(halves) // 2 :] //= 8
    off = starts_off(align(" ".join(STORY), halves), speech)
    assert off.max() < 0.06


def test_a_sentence_that_is_not_said_is_told(speech):
    text = [*STORY[:4], "Nobody in the village ever mentions the price of paraffin.", *STORY[4:]]
    found = align(" ".join(text), speech.samples)
    (doubt,) = found.doubts
    assert doubt.cue.text == text[4]
    assert doubt.why.startswith("“Nobody in the village")
    assert "and has no caption" in doubt.why
    assert all("paraffin" not in each.cue.text for each in found.sentences)
    assert starts_off(found, speech).max() < 0.1


def test_speech_that_is_not_written_is_told(speech):
    kept = [*STORY[:2], *STORY[3:]]
    found = align(" ".join(kept), speech.samples)
    begun, ended = speech.sentences[2]
    assert any(doubt.cue.start < ended and doubt.cue.end > begun for doubt in found.doubts)
    later = [each.cue.start for each in found.sentences[3:]]
    assert later == pytest.approx([start for start, _ in speech.sentences[4:]], abs=0.1)


def test_the_text_of_another_talk_does_not_fit(speech):
    other = (
        "In 1923 the company built its first engine, a machine of forty horsepower. It failed. The second one, which "
        "took the engineers more than two years, ran for a week before a bearing broke, and nobody could say why. So "
        "they asked a clockmaker. He listened, tapped the housing twice, and shook his head. Too tight, he said. They "
        "loosened every screw by a quarter of a turn."
    )
    found = align(other, speech.samples)
    assert not found.fits
    assert found.doubts


@pytest.mark.parametrize(
    ("samples", "word"),
    [(np.zeros(3 * RATE, np.int16), "speech"), (np.zeros(0, np.int16), "speech"), (music(8.0), "")],
    ids=["silence", "nothing", "music"],
)
def test_where_nobody_speaks_nothing_is_forced(samples, word):
    found = align(" ".join(STORY), samples)
    assert not found.fits
    assert word in found.doubts[0].why


@pytest.mark.parametrize("text", ["", "   \n\n ", "🎉🎉", "***"])
def test_a_text_without_words_is_told(text, speech):
    found = align(text, speech.samples)
    assert found.words == ()
    assert not found.fits
    assert "no word" in found.doubts[0].why


def test_one_word_is_found():
    speech = say(["Hello."], lead=0.5)
    found = align("Hello.", speech.samples)
    assert found.words[0].start == pytest.approx(0.5, abs=0.05)
    assert found.words[0].end == pytest.approx(speech.words[0][0][1], abs=0.05)


@pytest.mark.parametrize(
    "sentences",
    [
        ["海の底では、光は消えていく。", "それでも、生き物たちは輝いている。", "なぜだろうか？", "答えは化学にある。"],
        ["深海里没有阳光。", "可是那里的动物自己会发光，像星星一样。", "为什么呢？", "答案在它们的身体里。"],
        ["في أعماق البحر يختفي الضوء.", "لكن الكائنات هناك تضيء بنفسها، مثل النجوم.", "لماذا؟", "الجواب في الكيمياء."],
        ["В глубине моря свет исчезает.", "Но животные там светятся сами, как звёзды.", "Почему?", "Ответ даёт химия."],
        ["ใต้ทะเลลึกไม่มีแสง", "แต่สัตว์ที่นั่นเรืองแสงได้เอง", "ทำไมจึงเป็นเช่นนั้น", "คำตอบอยู่ในเคมี"],
    ],
    ids=["Japanese", "Chinese", "Arabic", "Russian", "Thai"],
)  # fmt: skip
def test_other_scripts_are_aligned(sentences):
    speech = say(sentences, seed=4)
    found = align("\n\n".join(sentences), speech.samples)
    assert starts_off(found, speech).max() < 0.12
    assert "".join(word.text for word in found.words) == "".join("".join(sentences).split())


def test_a_long_talk_keeps_its_place():
    sentences = STORY * 5
    speech = say(sentences, seed=8)
    assert speech.seconds > 120
    off = starts_off(align(" ".join(sentences), speech.samples), speech)
    assert np.percentile(off, 99) < 0.1


def test_the_sample_is_aligned(tmp_path):
    narration = open_narration(sample_narration(), work=tmp_path, max_seconds=60, max_bytes=10**7)
    cues = read_subtitles(sample_subtitles()).cues
    found = align(" ".join(" ".join(cue.text.split()) for cue in cues), narration.samples)
    assert found.doubts == ()
    words = [(word.text, word.start) for word in found.words]
    for cue in cues:  # the captions begin at most a little before their first word
        first = cue.text.split()[0]
        assert any(text == first and abs(start - cue.start) < 0.35 for text, start in words)
