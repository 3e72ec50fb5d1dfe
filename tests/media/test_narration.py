"""Opening narrations: what counts is what is decoded, not what headers say."""

from __future__ import annotations

import io
import time
import tracemalloc
import wave

import av
import numpy as np
import pytest

from voxweave_nb import JobCanceled, NarrationError
from voxweave_nb.media.narration import RATE, mp3_bytes, open_narration, wav_bytes

from .files import write_silent_video, write_tone

LIMITS = {"max_seconds": 1800.0, "max_bytes": 512_000_000}


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp3", "libmp3lame"), ("a.wav", "pcm_s16le"), ("a.flac", "flac"), ("a.m4a", "aac"), ("a.ogg", "libopus"),
     ("a.webm", "libopus"), ("a.aiff", "pcm_s16be"), ("a.mka", "libopus"), ("a.mov", "aac")],
)  # fmt: skip
def test_every_common_format_is_decoded_completely(tmp_path, name, codec):
    narration = open_narration(write_tone(tmp_path / name, codec, 2.0), work=tmp_path, **LIMITS)
    assert narration.duration == pytest.approx(2.0, abs=0.06)
    assert narration.samples.stat().st_size == round(narration.duration * RATE) * 2
    assert narration.warnings == ()


def test_any_stereo_becomes_mono_at_16_khz(tmp_path):
    source = write_tone(tmp_path / "a.flac", "flac", 1.5, rate=44_100, channels="stereo")
    narration = open_narration(source, work=tmp_path, **LIMITS)
    assert (narration.sample_rate, narration.channels) == (44_100, 2)
    assert narration.duration == pytest.approx(1.5, abs=0.01)


def flac_frames(content: bytes) -> bytes:
    """Return what follows the metadata of a FLAC file."""
    at, last = 4, 0
    while not last:
        last, at = content[at] & 128, at + 4 + int.from_bytes(content[at + 1 : at + 4], "big")
    return content[at:]


def test_a_rate_below_speech_is_refused(tmp_path):
    slow = write_tone(tmp_path / "slow.flac", "flac", 10.0, rate=8)
    with pytest.raises(NarrationError, match=r"^slow\.flac.*fewer than 1,000 samples per second"):
        open_narration(slow, work=tmp_path, **LIMITS)
    mixed = write_tone(tmp_path / "mixed.flac", "flac", 1.0, rate=16_000)
    mixed.write_bytes(mixed.read_bytes() + flac_frames(slow.read_bytes()))
    with pytest.raises(NarrationError, match=r"mixed\.flac, or a part of it, has fewer than 1,000"):
        open_narration(mixed, work=tmp_path, **LIMITS)


def test_the_lowest_rate_is_accepted(tmp_path):
    low = write_tone(tmp_path / "low.flac", "flac", 2.0, rate=1_000)
    assert open_narration(low, work=tmp_path, **LIMITS).duration == pytest.approx(2.0, abs=0.05)


def test_names_with_any_characters_are_opened(tmp_path):
    for name in ('it\'s, [a] "talk".wav', "größe 深海.wav", "http:x.wav", "a:b|c;d=e%d.wav", "-o.wav"):
        narration = open_narration(write_tone(tmp_path / name, "pcm_s16le", 0.5), work=tmp_path, **LIMITS)
        assert narration.duration == pytest.approx(0.5, abs=0.01)


def test_a_truncated_file_is_used_with_warning(tmp_path):
    whole = write_tone(tmp_path / "a.flac", "flac", 20.0).read_bytes()
    half = tmp_path / "half.flac"
    half.write_bytes(whole[: len(whole) // 2])
    narration = open_narration(half, work=tmp_path, **LIMITS)
    assert 5 < narration.duration < 15
    assert any("half.flac" in warning for warning in narration.warnings)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.mp3", b"", "is empty"),
        ("text.mp3", b"This is a talk about the deep sea.\n" * 200, "cannot be opened"),
        ("picture.wav", b"\x89PNG\r\n\x1a\n" + b"\x00" * 500, "cannot be opened|no sound|could be decoded"),
        ("noise.mp3", bytes(range(256)) * 40, "cannot be opened|could be decoded|no sound"),
        ("page.m4a", b"<!doctype html><html></html>" * 20, "cannot be opened"),
    ],
)
def test_a_file_that_is_not_audio_is_refused(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(NarrationError, match=says) as caught:
        open_narration(path, work=tmp_path, **LIMITS)
    assert caught.value.path == path


def test_an_m4a_without_its_index_is_refused(tmp_path):
    whole = write_tone(tmp_path / "a.m4a", "aac", 5.0).read_bytes()
    cut = tmp_path / "cut.m4a"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(NarrationError, match=r"cut\.m4a"):
        open_narration(cut, work=tmp_path, **LIMITS)


def test_a_video_without_sound_is_not_a_narration(tmp_path):
    path = write_silent_video(tmp_path / "silent.mp4")
    with pytest.raises(NarrationError, match="no sound"):
        open_narration(path, work=tmp_path, **LIMITS)


PLAYLISTS = {
    "ffconcat": "ffconcat version 1.0\nfile victim.wav\n",
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nvictim.wav\n#EXT-X-ENDLIST\n",
    "hls-absolute": "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{victim}\n#EXT-X-ENDLIST\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
}


@pytest.mark.parametrize("kind", PLAYLISTS)
@pytest.mark.parametrize("suffix", [".mp3", ".wav", ".m3u8"])
def test_a_disguised_playlist_reads_no_other_file(tmp_path, kind, suffix):
    victim = write_tone(tmp_path / "victim.wav", "pcm_s16le", 2.0)
    path = tmp_path / f"evil{suffix}"
    path.write_text(PLAYLISTS[kind].format(victim=victim))
    with pytest.raises(NarrationError, match="cannot be opened"):
        open_narration(path, work=tmp_path, **LIMITS)


@pytest.mark.slow
def test_ten_hours_of_silence_stop_at_the_limit(tmp_path):
    path = tmp_path / "silence.flac"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("flac", rate=8000, layout="mono")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 8000 * 30), np.int16), format="s16", layout="mono")
        silence.rate = 8000
        packets = None
        for minute in range(2 * 60 * 10):
            silence.pts = minute * 8000 * 30
            out.mux(stream.encode(silence))
        out.mux(stream.encode(packets))
    begin = time.monotonic()
    with pytest.raises(NarrationError, match="longer than 30 minutes"):
        open_narration(path, work=tmp_path, **LIMITS)
    assert time.monotonic() - begin < 60
    assert (tmp_path / "samples.s16").stat().st_size < 70_000_000


def test_a_file_that_is_too_large_is_refused(tmp_path, narration_file):
    with pytest.raises(NarrationError, match="the limit is 0 MB"):
        open_narration(narration_file, work=tmp_path, max_seconds=60, max_bytes=100)


def test_reading_can_be_canceled(tmp_path, narration_file):
    with pytest.raises(JobCanceled):
        open_narration(narration_file, work=tmp_path, **LIMITS, canceled=lambda: True)


def test_memory_does_not_grow_with_the_length(tmp_path):
    short, long = (write_tone(tmp_path / f"{n}.flac", "flac", n, rate=16_000) for n in (5, 120))
    peaks = []
    for path in (short, long):
        tracemalloc.start()
        open_narration(path, work=tmp_path, **LIMITS)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 1_000_000


def test_wav_bytes_are_the_first_seconds(tmp_path):
    narration = open_narration(write_tone(tmp_path / "a.wav", "pcm_s16le", 2.0), work=tmp_path, **LIMITS)
    with wave.open(io.BytesIO(wav_bytes(narration.samples, 1.5))) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (RATE, 1, 2)
        assert sound.getnframes() == int(1.5 * RATE)


def test_wav_bytes_end_with_silence(tmp_path):
    (tmp_path / "samples.s16").write_bytes(b"\x01\x02" * RATE)
    with wave.open(io.BytesIO(wav_bytes(tmp_path / "samples.s16", 2.0))) as sound:
        assert sound.readframes(2 * RATE) == b"\x01\x02" * RATE + bytes(2 * RATE)


@pytest.mark.parametrize(
    "seconds", [0.3, 20.0, *(pytest.param(seconds, marks=pytest.mark.slow) for seconds in (100.0, 300.0))]
)
def test_mp3_bytes_fit_into_a_limit(tmp_path, seconds):
    noise = np.random.default_rng(1).integers(-9000, 9000, int(seconds * RATE), dtype=np.int16)
    (tmp_path / "samples.s16").write_bytes(noise.tobytes())
    sound = mp3_bytes(tmp_path / "samples.s16", seconds, most=780_000)
    assert 5_000 * min(seconds, 90) < len(sound) <= 780_000
    (tmp_path / "sound.mp3").write_bytes(sound)
    again = open_narration(tmp_path / "sound.mp3", work=tmp_path, **LIMITS)
    assert (again.codec, again.channels) == ("mp3float", 1)
    assert again.duration == pytest.approx(seconds, abs=0.15)
