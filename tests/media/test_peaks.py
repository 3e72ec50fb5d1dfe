"""The shape of a sound, its true length, and a part cut out of it."""

from __future__ import annotations

import wave

import av
import numpy as np
import pytest

from voxweave_nb import NarrationError
from voxweave_nb.media.cut import cut_sound
from voxweave_nb.media.peaks import samples_of, shape_of
from voxweave_nb.media.probe import probe
from voxweave_nb.sample import SAMPLE_SECONDS, sample_narration


def write_ramp(path, seconds, rate=44_100, channels=2):
    """A tone that grows from silence to full, the second channel silent."""
    time = np.arange(int(seconds * rate)) / rate
    tone = (time / seconds * 30_000 * np.sin(2 * np.pi * 441 * time)).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(np.stack([tone, *[np.zeros_like(tone)] * (channels - 1)], axis=1).tobytes())
    return path


def write_webm(path, seconds):
    """What a browser records: Opus in WebM, whose header says no length."""
    with av.open(str(path), "w", format="webm", options={"live": "1"}) as out:
        stream = out.add_stream("libopus", rate=48_000, layout="mono")
        for place in range(int(seconds * 50)):
            time = (place * 960 + np.arange(960)) / 48_000
            frame = av.AudioFrame.from_ndarray(
                (9000 * np.sin(2 * np.pi * 440 * time)).astype(np.int16)[None], format="s16", layout="mono"
            )
            frame.rate, frame.pts = 48_000, place * 960
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def test_peaks_rise_with_the_sound_and_the_loudest_is_100(tmp_path):
    shape = shape_of(write_ramp(tmp_path / "ramp.wav", 4.0), bins=20)
    assert len(shape.peaks) == 20
    assert list(shape.peaks) == sorted(shape.peaks)
    assert shape.peaks[-1] == 100
    assert shape.peaks[0] < 10
    assert shape.duration == pytest.approx(4.0, abs=0.01)


def test_the_length_is_heard_where_the_header_says_none(tmp_path):
    path = write_webm(tmp_path / "recording.webm", 2.0)
    assert probe(path).duration == 0
    assert shape_of(path).duration == pytest.approx(2.0, abs=0.05)


def test_a_long_sound_has_as_many_peaks_as_were_asked_for_and_loses_none(tmp_path, monkeypatch):
    monkeypatch.setattr("voxweave_nb.media.peaks._MOST_PEAKS", 64)
    shape = shape_of(write_ramp(tmp_path / "ramp.wav", 9.0), bins=20)
    assert len(shape.peaks) == 20
    assert shape.peaks[-1] == 100
    assert shape.duration == pytest.approx(9.0, abs=0.01)


def test_what_holds_no_sound_is_refused_in_words(tmp_path):
    text = tmp_path / "talk.mp3"
    text.write_text("no sound at all, only words " * 100)
    with pytest.raises(NarrationError, match=r"talk\.mp3 cannot be opened"):
        shape_of(text)


@pytest.mark.parametrize("channels", [1, 2])
def test_a_part_is_cut_exactly_to_the_sample(tmp_path, channels):
    path = write_ramp(tmp_path / "ramp.wav", 3.0, channels=channels)
    whole = np.concatenate(list(samples_of(path)))
    cut = cut_sound(path, 0.5, 1.75, tmp_path / "part.wav")
    part = np.concatenate(list(samples_of(cut)))
    assert np.array_equal(part, whole[22_050:77_175])
    audio = probe(cut).audio
    assert audio is not None
    assert (audio.sample_rate, audio.channels) == (44_100, channels)


def test_a_part_of_a_compressed_file_is_as_long_as_was_asked_for(tmp_path):
    cut = cut_sound(sample_narration(), 4.0, 9.5, tmp_path / "part.wav")
    assert probe(cut).duration == pytest.approx(5.5, abs=0.001)
    beyond = cut_sound(sample_narration(), 19.0, 90.0, tmp_path / "end.wav")
    assert probe(beyond).duration == pytest.approx(SAMPLE_SECONDS - 19.0, abs=0.1)


def test_a_part_without_sound_leaves_nothing_behind(tmp_path):
    with pytest.raises(NarrationError, match=r"no sound between 30\.0 and 31\.0 s"):
        cut_sound(sample_narration(), 30.0, 31.0, tmp_path / "part.wav")
    assert list(tmp_path.iterdir()) == []
