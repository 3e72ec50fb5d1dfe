"""Samples in an array, as the bytes of a WAV file."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest

from voxweave_nb import NarrationError
from voxweave_nb.sample_arrays import wav_blocks


def read(pair):
    data = b"".join(wav_blocks(pair, 10**9))
    with wave.open(io.BytesIO(data)) as file:
        kind = {1: np.uint8, 2: "<i2", 4: "<i4"}[file.getsampwidth()]
        frames = np.frombuffer(file.readframes(file.getnframes()), kind)
        return file.getframerate(), frames.reshape(-1, file.getnchannels())


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_floats_become_sixteen_bits(kind):
    rate, samples = read((16_000, np.array([0, 0.5, -1, 1], kind)))
    assert rate == 16_000
    assert samples[:, 0].tolist() == [0, 16384, -32767, 32767]


def test_loud_floats_are_scaled_down():
    assert read((8_000, np.array([0.0, 2.0, -1.0])))[1][:, 0].tolist() == [0, 32767, -16384]


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (np.array([-5, 32767], np.int16), [-5, 32767]),
        (np.array([-5, 2**31 - 1], np.int32), [-5, 2**31 - 1]),
        (np.array([-5, 7], np.int64), [-5, 7]),
        (np.array([0, 255], np.uint8), [0, 255]),
        (np.array([-128, 127], np.int8), [0, 255]),
    ],
)
def test_whole_numbers_keep_their_depth(given, written):
    samples = read((44_100, given))[1]
    assert samples[:, 0].tolist() == written
    assert samples.dtype.itemsize == min(given.dtype.itemsize, 4 if given.dtype == np.int32 else 2)


@pytest.mark.parametrize("turned", [False, True])
def test_the_shorter_side_is_channels(turned):
    samples = np.arange(12, dtype=np.int16).reshape(6, 2)
    assert np.array_equal(read((8_000, samples.T if turned else samples))[1], samples)


def test_a_long_array_is_converted_in_blocks():
    samples = np.zeros(1_000_000, np.float32)
    blocks = list(wav_blocks((48_000, samples), 10**9))
    assert max(map(len, blocks)) <= 500_000
    assert len(read((48_000, samples))[1]) == 1_000_000


@pytest.mark.parametrize("rate", [0, -1, 0.5, 1e12, None, "fast", True, float("nan")])
def test_a_wrong_rate_is_told(rate):
    with pytest.raises(NarrationError, match="The sample rate is"):
        wav_blocks((rate, np.zeros(10)), 10**9)


def test_numbers_of_more_than_32_bits_are_refused():
    with pytest.raises(NarrationError, match="more than 32 bits"):
        wav_blocks((8_000, np.array([2**40])), 10**9)
