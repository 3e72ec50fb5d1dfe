"""Images as pixels, the same for a first frame and for a shot of a film."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.pictures import noise
from voxweave_nb import ConfigError, MediaError
from voxweave_nb.images import ImageFile
from voxweave_nb.media.first_frame import fitted_pixels
from voxweave_nb.media.stills import open_image

DARK_INK, WHITE_INK = (20, 20, 40, 255), (250, 250, 250, 255)


def logo(path: Path, ink: tuple[int, int, int, int], mode: str = "RGBA") -> Path:
    """Save ink in the middle of a transparent image."""
    pixels = np.zeros((90, 160, 4), np.uint8)
    pixels[30:60, 60:100] = ink
    Image.fromarray(pixels).convert(mode).save(path)
    return path


def both(path: Path) -> list[np.ndarray]:
    """Return the pixels of a first frame and those of a shot, in the image's own size."""
    return [fitted_pixels(ImageFile.of(path), (160, 90)), open_image(path)]


@pytest.mark.parametrize("name", ["logo.png", "logo.webp"])
@pytest.mark.parametrize(("ink", "ground"), [(DARK_INK, 255), (WHITE_INK, 18)])
def test_a_logo_lies_on_what_shows_it(tmp_path, name, ink, ground):
    path = logo(tmp_path / name, ink)
    for pixels in both(path):
        assert np.abs(pixels[:20, :40].astype(int) - ground).max() <= 2
        assert np.abs(pixels[40:50, 75:90].astype(int) - ink[:3]).max() <= 4


def test_transparent_colors_of_a_palette_are_white(tmp_path):
    for pixels in both(logo(tmp_path / "logo.png", DARK_INK, mode="P")):
        assert pixels[:20, :40].min() > 250


def test_a_turned_webp_is_the_same_in_both(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (160, 90), (200, 30, 60)).save(tmp_path / "turned.webp", exif=exif)
    frame, shot = both(tmp_path / "turned.webp")
    assert (frame.shape, {*shot.shape}) == ((90, 160, 3), {160, 90, 3})


def test_half_an_image_is_refused_by_both(tmp_path):
    whole = noise(tmp_path / "whole.jpg").read_bytes()
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ConfigError, match="damaged"):
        fitted_pixels(ImageFile.of(broken), (160, 90))
    with pytest.raises(MediaError, match="could not be read"):
        open_image(broken)
