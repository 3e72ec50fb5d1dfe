"""First frames: upright, of the clip's size, on white, and never half of an image."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tests.pictures import BLUE, GREEN, RED, WHITE, noise, quarters
from voxweave_nb import ConfigError
from voxweave_nb.images import ImageFile
from voxweave_nb.media.first_frame import check_image, fit_image

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera stores an upright image for each orientation of Exif."""


def corners(jpeg):
    image = Image.open(io.BytesIO(jpeg)).convert("RGB")
    wide, high = image.size
    places = [(x, y) for y in (high // 8, high * 7 // 8) for x in (wide // 8, wide * 7 // 8)]
    return [image.getpixel(place) for place in places]


def is_near(found, wanted):
    return np.abs(np.array(found, int) - np.array(wanted, int)).max() <= 8


@pytest.mark.parametrize("orientation", [1, *_TURNS])
def test_a_phones_image_is_upright(tmp_path, orientation):
    stored, exif = quarters(), Image.Exif()
    if orientation in _TURNS:
        stored = stored.transpose(_TURNS[orientation])
    exif[0x0112] = orientation
    stored.save(tmp_path / "phone.jpg", exif=exif, quality=95, subsampling=0)
    assert is_near(
        corners(fit_image(ImageFile.of(tmp_path / "phone.jpg"), (400, 300))), [RED, GREEN, BLUE, WHITE]
    )


@pytest.mark.parametrize(
    ("mode", "ending"),
    [("RGB", "png"), ("P", "png"), ("RGBA", "png"), ("CMYK", "jpg"), ("RGB", "webp"), ("RGBA", "webp")],
)
def test_every_kind_of_pixel_is_decoded(tmp_path, mode, ending):
    quarters().convert(mode).save(tmp_path / f"image.{ending}")
    jpeg = fit_image(ImageFile.of(tmp_path / f"image.{ending}"), (400, 300))
    assert is_near(corners(jpeg), [RED, GREEN, BLUE, WHITE])


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (1024, 1024), (1920, 1088), (3840, 2160)])
def test_the_frame_has_exactly_the_clips_size(size):
    jpeg = fit_image(ImageFile.of(quarters()), size)
    assert Image.open(io.BytesIO(jpeg)).size == size
    assert is_near(corners(jpeg), [RED, GREEN, BLUE, WHITE])  # its middle, not squeezed


def test_the_middle_is_seen_unsqueezed(tmp_path):
    pixels = np.zeros((300, 900, 3), np.uint8)
    pixels[:, 300:600] = WHITE
    jpeg = fit_image(ImageFile.of(Image.fromarray(pixels)), (300, 300))
    assert is_near(corners(jpeg), [WHITE] * 4)


def test_what_is_transparent_is_white(tmp_path):
    image = quarters().convert("RGBA")
    image.putalpha(0)
    jpeg = fit_image(ImageFile.of(image), (400, 300))
    assert is_near(corners(jpeg), [WHITE] * 4)


@pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
@pytest.mark.parametrize("share", [0.5, 0.99])
def test_half_an_image_is_refused(tmp_path, ending, share):
    whole = noise(tmp_path / f"whole.{ending}").read_bytes()
    broken = tmp_path / f"broken.{ending}"
    broken.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ConfigError, match=rf"The image broken.{ending} is damaged .*Save it again"):
        fit_image(ImageFile.of(broken), (640, 360))
    with pytest.raises(ConfigError, match="is damaged"):
        check_image(broken)


def test_a_large_frame_fits_into_a_request(tmp_path):
    image = ImageFile.of(noise(tmp_path / "noise.png", 1920, 1080))
    assert len(fit_image(image, (3840, 2160))) < 3_600_000
