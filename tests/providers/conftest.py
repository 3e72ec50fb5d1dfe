"""Narrations as adapters get them."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """Two seconds of silence as raw samples: mono, 16 kHz, signed 16 bit."""
    path = tmp_path / "samples.s16"
    path.write_bytes(bytes(2 * 16_000 * 2))
    return path
