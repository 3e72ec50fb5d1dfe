"""Speaking a text: exact captions, even loudness, and nothing spoken twice."""

from __future__ import annotations

import itertools
import wave

import numpy as np
import pytest

from tests.speech.engines import spoken
from voxweave_nb import (
    ConfigError,
    JobCanceled,
    NarrationError,
    Script,
    Settings,
    SpeechError,
    VideoGenerationService,
)

TEXT = "The ferry leaves at six. Nobody waves.\n\nOn the far side a lamp burns [music] 🕯️."


@pytest.fixture
def service(tmp_path):
    with VideoGenerationService.local(output_dir=tmp_path / "out") as service:
        yield service


def samples_of(path):
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2"), file.getframerate()


def test_captions_begin_and_end_with_the_sound(aviary, service):
    talk = service.speak(TEXT, pause=0.5).result()
    sound, rate = samples_of(talk.path)
    loud = np.abs(sound.astype(int)) > 300
    for cue in talk.cues:
        first, last = cue.words[0], cue.words[-1]
        assert not loud[round((first.start - 0.05) * rate) : round((first.start - 0.002) * rate)].any()
        assert loud[round(first.start * rate) : round((first.start + 0.03) * rate)].any()
        assert not loud[round((last.end + 0.002) * rate) : round((last.end + 0.05) * rate)].any()
    assert talk.seconds == pytest.approx(len(sound) / rate)


def test_pauses_are_as_asked(aviary, service):
    talk = service.speak(TEXT, pause=0.5).result()
    words = talk.words
    pauses = [round(after.start - before.end, 2) for before, after in itertools.pairwise(words)]
    assert pauses[4] == pytest.approx(0.5, abs=0.03)  # between sentences
    assert pauses[6] == pytest.approx(1.0, abs=0.03)  # between paragraphs


def test_directions_and_emoji_are_not_spoken(aviary, service):
    service.speak(TEXT).result()
    assert spoken(aviary)[-1] == "On the far side a lamp burns ."


def test_a_text_is_spoken_once(aviary, service):
    first = service.speak(TEXT).result()
    again = service.speak(TEXT).result()
    assert (again.path, again.cues) == (first.path, first.cues)
    assert len(spoken(aviary)) == 3
    service.speak(TEXT, rate=1.5).result()
    assert len(spoken(aviary)) == 6


def test_faster_speech_is_shorter(aviary, service):
    usual, fast = (service.speak(TEXT, rate=rate, pause=0).result().seconds for rate in (1, 2))
    assert fast < 0.65 * usual


def test_speech_becomes_a_captioned_video(aviary, service):
    talk = service.speak("Nobody waves. It rains.").result()
    video = service.submit(talk, style="3d", quality="draft").result()
    assert [word.text for cue in video.cues for word in cue.words] == ["Nobody", "waves.", "It", "rains."]
    assert service.submit(talk, subtitles="", style="3d", quality="draft").result().cues == ()


def test_a_script_is_spoken_on_the_way(aviary, service):
    script = Script("Nobody waves.", voice="hummer/low")
    job = service.submit(script, style="3d", quality="draft")
    seen = []
    job.listen(lambda event: seen.append(event.message))
    video = job.result()
    assert [cue.text for cue in video.cues] == ["Nobody waves."]
    again = service.submit(script, style="3d", quality="draft", reuse=True).result()
    assert again.path == video.path
    assert spoken(aviary) == ["Nobody waves."]


def test_cancel_leaves_no_file(aviary, service, tmp_path):
    work = service.speak("This takes forever.")
    work.cancel()
    with pytest.raises(JobCanceled):
        work.result(timeout=10)
    assert not [*tmp_path.rglob("*.wav")]


@pytest.mark.parametrize(
    ("text", "options", "says"),
    [
        ("", {}, "has no words"),
        ("🎉 🎉", {}, "has no words"),
        ("[music 3]", {}, "nothing that can be spoken"),
        ("nothing", {}, "spoke nothing of the text"),
        ("Привет, как дела?", {}, "cannot read this text, whose letters are mostly Cyrillic"),
        ("שלום לכולם", {}, "letters are mostly Hebrew"),
        ("hello", {"voice": "hummer/lwo"}, "choose one of: hummer/low, hummer/tief"),
        ("hello", {"language": "fr"}, "No voice here speaks 'fr'"),
        ("hello", {"voice": "nowhere.onnx"}, "There is no voice nowhere.onnx|No voice is installed"),
        ("hello", {"rate": 5}, "rate is 5; give a number from 0.5 to 2"),
        ("hello", {"pause": 9}, "pause is 9; give seconds from 0 to 5"),
        ("word " * 20_000, {}, "about half an hour"),
    ],
)
def test_what_cannot_be_spoken_gets_a_sentence(aviary, service, text, options, says):
    with pytest.raises((ConfigError, SpeechError), match=says):
        service.speak(text, **options).result()


def test_a_long_text_stops_at_the_limit(aviary, tmp_path):
    settings = Settings(max_narration_seconds=5, output_dir=tmp_path / "out")
    with VideoGenerationService.local(settings=settings) as service:
        with pytest.raises(SpeechError, match=r"would last about \d+ s; at most 5 s"):
            service.speak("Nobody waves at all. " * 20).result()
        assert spoken(aviary) == []
        with pytest.raises(SpeechError, match="longer than 5 s"):
            service.speak("a b c d e f g h i j k l m n o p q r.").result()


def test_the_language_chooses_the_voice(aviary, service):
    assert service.speak("Niemand winkt.", language="de-AT").result().voice.id == "hummer/tief"


def test_a_file_of_text_is_read(aviary, service, tmp_path):
    path = tmp_path / "talk.txt"
    path.write_text("Nobody waves.\n", encoding="utf-8")
    assert service.speak(path).result().text == "Nobody waves.\n"
    with pytest.raises(SpeechError, match=r"cannot be spoken: the file .* is missing"):
        service.speak(tmp_path / "nowhere.txt")
    (tmp_path / "talk.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nhi\n", encoding="utf-8")
    with pytest.raises(SpeechError, match=r"talk\.srt is not a text to speak"):
        service.speak(tmp_path / "talk.srt")


def test_only_submit_takes_a_script(aviary, service):
    with pytest.raises(NarrationError, match="speak it first"):
        service.captions(Script("hello"))
