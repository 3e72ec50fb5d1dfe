"""The part of the narration that a take hears, and the runs that may have made it."""

from __future__ import annotations

from voxweave_nb.storyboard.takes import RATE, piece_of


def test_silence_follows_the_narration(tmp_path):
    samples = tmp_path / "samples.s16"
    samples.write_bytes(b"\x01\x00" * RATE)
    piece = piece_of(samples, 0.5, 2.0, tmp_path / "piece.s16").read_bytes()
    assert piece == b"\x01\x00" * (RATE // 2) + b"\0" * (2 * RATE * 3 // 2)
