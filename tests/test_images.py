"""The image that a clip starts from: every form, every refusal, and the copy that is kept."""

from __future__ import annotations

import io
import json
import pickle
import struct

import pytest

from tests.pictures import picture, quarters
from voxweave_nb import ConfigError, VideoConfig
from voxweave_nb.images import MOST_BYTES, ImageFile, measure
from voxweave_nb.kept_files import KeptFiles
from voxweave_nb.request import VideoRequest


@pytest.fixture
def image(tmp_path):
    return picture(tmp_path / "a map.png")


def upload(path):
    return ({"name": path.name, "content": memoryview(path.read_bytes())},)


@pytest.mark.parametrize(
    "form",
    [
        str,
        lambda path: f'"{path}"',
        lambda path: path.as_uri(),
        lambda path: path.read_bytes(),
        lambda path: bytearray(path.read_bytes()),
        lambda path: io.BytesIO(path.read_bytes()),
        upload,
    ],
    ids=["text", "quoted", "uri", "bytes", "bytearray", "file", "upload"],
)
def test_every_form_is_the_same_image(image, form):
    config = VideoConfig(image=form(image))
    assert config == VideoConfig(image=image)
    assert hash(config) == hash(VideoConfig(image=image))
    assert config.image.path.read_bytes() == image.read_bytes()
    assert (config.image.width, config.image.height) == (400, 300)


def test_a_pil_image_is_taken(tmp_path):
    config = VideoConfig(image=quarters())
    assert config.image.path.suffix == ".png"
    assert config == VideoConfig(image=quarters())
    assert config != VideoConfig(image=quarters(500))


def test_other_contents_are_another_config(image, tmp_path):
    before = VideoConfig(image=image)
    picture(image, 402)
    assert before != VideoConfig(image=image)
    assert before.as_content() != VideoConfig(image=image).as_content()


def test_plain_values_are_read_back(image):
    config = VideoConfig(image=image, seed=3)
    plain = json.loads(json.dumps(config.as_dict()))
    assert plain["image"]["sha256"] == config.image.sha256
    image.unlink()  # a journal of long ago is still read
    assert VideoConfig.of(plain) == config == pickle.loads(pickle.dumps(config))
    assert VideoConfig.of(plain).image.path == image


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("https://example.org/map.png", "is an address .*https is not fetched. Download the file"),
        ("", "is an empty text; give the path of an image"),
        ("a mop.png", r"No image was found at .*Did you mean 'a map.png'\?"),
        (b"", "The image is empty"),
        (b"%PDF-1.7 " + bytes(99), "The image is not a PNG, JPEG or WebP image"),
        (b"\x89PNG\r\n\x1a\n", "The image is damaged: its header breaks off"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "The image is damaged"),
        (b"\xff\xd8\xff\xd9" + bytes(40), "The image is damaged"),
        (12, "The image is 12; give the path of an image, its bytes, or a PIL image"),
        ({"sha256": "ab"}, "image is .*give the path"),
    ],
)
def test_what_is_no_image_is_refused(image, given, says, monkeypatch):
    monkeypatch.chdir(image.parent)
    with pytest.raises(ConfigError, match=says):
        VideoConfig(image=given)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="is a folder; give the path of a PNG"):
        VideoConfig(image=tmp_path)


def test_too_many_bytes_are_refused(tmp_path):
    huge = tmp_path / "huge.png"
    with huge.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(ConfigError, match=r"huge\.png has 30\.0 MB; the limit is 30 MB"):
        VideoConfig(image=huge)
    with pytest.raises(ConfigError, match=r"more than 30 MB, which is the limit\. Give a compressed file\.$"):
        VideoConfig(image=huge.read_bytes())


@pytest.mark.parametrize(
    ("width", "height", "says"),
    [
        (63, 900, "63x900 pixels; the shorter side needs at least 64"),
        (8_000, 5_001, "the limit is 40 million"),
    ],
)
def test_the_pixels_have_limits(width, height, says):
    header = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)
    with pytest.raises(ConfigError, match=says):
        VideoConfig(image=header)


@pytest.mark.parametrize(
    ("ending", "options"),
    [("png", {}), ("jpg", {}), ("jpg", {"progressive": True}), ("webp", {}), ("webp", {"lossless": True})],
)
def test_the_header_tells_the_size(tmp_path, ending, options):
    path = tmp_path / f"image.{ending}"
    quarters(321, 123).save(path, **options)
    found = measure(path.read_bytes())
    assert (found.width, found.height, found.orientation) == (321, 123, 1)


def test_a_transparent_webp_has_its_size(tmp_path):
    path = tmp_path / "image.webp"
    quarters(321, 123).convert("RGBA").rotate(10).save(path)
    assert (measure(path.read_bytes()).width, measure(path.read_bytes()).height) == (321, 123)


def test_exif_turns_the_size(tmp_path):
    from PIL import Image

    exif, path = Image.Exif(), tmp_path / "phone.jpg"
    exif[0x0112] = 6
    quarters(400, 300).save(path, exif=exif)
    assert (measure(path.read_bytes()).width, measure(path.read_bytes()).height) == (300, 400)


def test_a_request_keeps_its_own_copy(image, narration_file, tmp_path):
    kept = KeptFiles(tmp_path / "home")
    request = VideoRequest.of(narration_file, image=image, kept=kept)
    content = image.read_bytes()
    picture(image, 402)  # the person goes on drawing
    assert request.config.image.path.parent == kept.folder
    assert request.config.image.content() == content
    again = VideoRequest.of(narration_file, config=request.config, kept=kept)
    assert again.config.image.path == request.config.image.path
    assert len(list(kept.folder.iterdir())) == 1


def test_a_changed_image_is_not_sent(image, narration_file):
    config = VideoConfig(image=image)
    picture(image, 402)
    with pytest.raises(ConfigError, match="has changed since this config was made"):
        VideoRequest.of(narration_file, config=config)
    image.unlink()
    with pytest.raises(ConfigError, match=r"cannot be read .*Give it again with image="):
        VideoRequest.of(narration_file, config=config)


def test_a_file_is_read_once_for_many_configs(image, monkeypatch):
    VideoConfig(image=image)
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda _: pytest.fail("read again"))
    assert VideoConfig(image=image, seed=1).image == ImageFile.of(str(image))
