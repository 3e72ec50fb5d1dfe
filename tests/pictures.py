"""Images for tests: four quarters of one colour each, so that a turn or a crop shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def quarters(width: int = 400, height: int = 300) -> Any:
    """Red and green above, blue and white below, as a PIL image."""
    pixels = np.zeros((height, width, 3), np.uint8)
    for rows, columns, color in (
        (slice(None, height // 2), slice(None, width // 2), RED),
        (slice(None, height // 2), slice(width // 2, None), GREEN),
        (slice(height // 2, None), slice(None, width // 2), BLUE),
        (slice(height // 2, None), slice(width // 2, None), WHITE),
    ):
        pixels[rows, columns] = color
    return Image.fromarray(pixels)


def picture(path: Path, width: int = 400, height: int = 300) -> Path:
    """Save the quarters as a file."""
    path.parent.mkdir(exist_ok=True)
    quarters(width, height).save(path)
    return path


def noise(path: Path, width: int = 640, height: int = 360) -> Path:
    """Save an image in which each pixel matters, so that none can be missing unseen."""
    pixels = np.random.default_rng(1).integers(0, 255, (height, width, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path
