"""The blur."""

from __future__ import annotations

import numpy as np
import pytest

from voxweave_nb.render.blur import blur


def test_a_blur_is_symmetric_and_keeps_the_sum():
    spot = np.zeros((81, 81), np.float32)
    spot[40, 40] = 1
    for radius in (0.6, 1.5, 3.0, 8.0):
        soft = blur(spot, radius)
        assert soft.sum() == pytest.approx(1, abs=1e-4)
        np.testing.assert_allclose(soft, soft.T, atol=1e-6)
        np.testing.assert_allclose(soft, soft[::-1], atol=1e-6)
