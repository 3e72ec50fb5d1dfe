"""Buffers that are reused, and operations in place."""

from __future__ import annotations

import numpy as np

from voxweave_nb.render.arrays import as_mask, bound, look_up, resized_scratch, scratch, shifted


def test_scratch_is_one_buffer_per_slot() -> None:
    assert scratch((3, 4)) is scratch((3, 4))
    assert scratch((3, 4)) is not scratch((3, 4), 1)


def test_a_resized_buffer_has_the_requested_shape() -> None:
    for shape in ((2, 3), (40, 50), (4, 5)):
        buffer = resized_scratch(9, shape)
        assert buffer.shape == shape
        assert buffer.dtype == np.float32


def test_a_look_up_reads_the_table() -> None:
    table = np.random.default_rng(1).random(20, np.float32)
    places = np.random.default_rng(2).integers(0, 20, (6, 7)).astype(np.int16)
    out = np.empty((6, 7), np.float32)
    look_up(table, places, out)
    assert np.array_equal(out, table[places])


def test_bound_clips_in_place() -> None:
    values = as_mask([-1.0, 0.25, 3.0])
    bound(values)
    assert values.tolist() == [0.0, 0.25, 1.0]


def test_a_shift_wraps_around() -> None:
    assert shifted(as_mask([4.0, 0.0, 0.0, 8.0]), 0.25).tolist() == [5.0, 1.0, 0.0, 6.0]
    assert shifted(as_mask([1.0, 2.0]), 0.0).tolist() == [1.0, 2.0]
