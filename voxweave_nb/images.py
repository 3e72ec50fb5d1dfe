"""The image that a clip starts from: found, measured, known by its hash, and kept."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, Self

from .errors import ConfigError
from .inputs import exists, image_path, near_file
from .kept_files import KeptFiles
from .validation import shown

__all__ = ["MOST_BYTES", "MOST_PIXELS", "ImageFile", "Measures", "jpeg_orientation", "measure"]

MOST_BYTES = 30_000_000
"""Largest image file in bytes."""

MOST_PIXELS = 40_000_000
"""Most pixels of an image: above 8K (7680x4320), the same as for a frame of a video."""

_SHORTEST_SIDE = 64
_FORMATS = "a PNG, JPEG or WebP image"
_NO_SIZE = frozenset({0xC4, 0xC8, 0xCC})  # markers among those of a JPEG's frame that are not one
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers of a JPEG without a length


@dataclass(frozen=True, slots=True)
class Measures:
    """The facts in an image's header.

    Attributes:
        format: `"PNG"`, `"JPEG"` or `"WebP"`.
        width: Width in pixels, as shown.
        height: Height in pixels, as shown.
        orientation: The turn that Exif asks for, 1 (none) to 8; `width` and `height` are those after it.
    """

    format: str
    width: int
    height: int
    orientation: int = 1


@dataclass(frozen=True, slots=True)
class ImageFile:
    """An image in a file, known by its content: files with the same bytes are equal.

    Attributes:
        path: The file.
        sha256: The SHA-256 of its bytes, in hexadecimal.
        width: Width in pixels, as shown.
        height: Height in pixels, as shown.
    """

    path: Path = field(compare=False)
    sha256: str
    width: int = field(compare=False)
    height: int = field(compare=False)

    @classmethod
    def of(cls, image: Any) -> Self:
        """Return an image in any form that `VideoConfig.image` takes as a file.

        Bytes and PIL images are kept in the private folder. What `as_dict` returned is taken as it is, without a look
        at the file.

        Raises:
            ConfigError: It is a URL, not found, in no known form, damaged, or over a limit.
        """
        if isinstance(image, cls):
            return image
        if isinstance(image, Mapping) and "sha256" in image:
            return cls._from_dict(image)
        path = _existing(image_path(image, KeptFiles(most=MOST_BYTES))).absolute()
        sha256, measures = _read(path, path.name if isinstance(image, str | os.PathLike) else "")
        return cls(path, sha256, measures.width, measures.height)

    @classmethod
    def _from_dict(cls, values: Mapping[str, Any]) -> Self:
        path, sha256, *sides = (values.get(name) for name in ("path", "sha256", "width", "height"))
        if not (isinstance(path, str | os.PathLike) and isinstance(sha256, str)):
            raise ConfigError(f"image is {shown(dict(values))}; give the path of {_FORMATS}, or its bytes.")
        width, height = (side if isinstance(side, int) else 0 for side in sides)
        return cls(Path(path), sha256, width, height)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON; `of` reads them back."""
        return {"path": str(self.path), "sha256": self.sha256, "width": self.width, "height": self.height}

    def keep(self, kept: KeptFiles) -> ImageFile:
        """Return this image in a private folder, where nobody overwrites it; copied there once.

        Raises:
            ConfigError: The file is gone, or has other content than when the config was made.
        """
        content = self.content()
        if self.path.parent == kept.folder:
            with contextlib.suppress(OSError):
                os.utime(self.path)  # its days in the folder count from now
            return self
        path = kept.keep([content], name=self.path.name, what="image")
        return ImageFile(path, self.sha256, self.width, self.height)

    def content(self) -> bytes:
        """Return the file's bytes.

        Raises:
            ConfigError: The file is gone, or has other content than when the config was made.
        """
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise ConfigError(
                f"The image {_short(self.path)} cannot be read ({error.strerror or error}). Give it again with image=."
            ) from error
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise ConfigError(
                f"The image {_short(self.path)} has changed since this config was made. Make the config again for the "
                "new image."
            )
        return content


def measure(content: bytes, name: str = "") -> Measures:
    """Return the format and the size in an image's header; the pixels are not decoded.

    Args:
        content: The image's bytes.
        name: The name of its file, for error messages; empty if it has none.

    Raises:
        ConfigError: It is not a PNG, JPEG or WebP, damaged, too small or too large.
    """
    what = f"The image {name}".rstrip()
    try:
        found = _measured(content)
    except (struct.error, IndexError):
        found = None
        if _kind(content):
            raise ConfigError(
                f"{what} is damaged: its header breaks off. Save it again, and give that file."
            ) from None
    if found is None:
        raise ConfigError(f"{what} is not {_FORMATS}. Save it as one of these.")
    size = f"{found.width:,}x{found.height:,}"
    if min(found.width, found.height) < _SHORTEST_SIDE:
        raise ConfigError(
            f"{what} has {size} pixels; the shorter side needs at least {_SHORTEST_SIDE}. Give a larger one."
        )
    if found.width * found.height > MOST_PIXELS:
        raise ConfigError(
            f"{what} has {size} pixels; the limit is {MOST_PIXELS / 1e6:.0f} million. Give a smaller one."
        )
    return found


def jpeg_orientation(content: bytes) -> int | None:
    """Return the turn that the Exif of a JPEG asks for, 1 (none) to 8; None for another format or a broken header."""
    with contextlib.suppress(struct.error, IndexError):
        return _jpeg(content).orientation if _kind(content) == "JPEG" else None
    return None


def _existing(path: Path) -> Path:
    if not exists(path):
        raise ConfigError(
            f"No image was found at {_short(path)!r}. Check the path; it is read on the machine where the kernel runs."
            f"{near_file(path)}"
        )
    if not path.is_file():
        raise ConfigError(f"The image {_short(path)} is a folder; give the path of {_FORMATS}.")
    return path


def _read(path: Path, name: str) -> tuple[str, Measures]:
    """Return the SHA-256 and the measures of a file, which the person knows by a name."""
    try:
        state = path.stat()
        if state.st_size > MOST_BYTES:
            _refuse_size(path, state.st_size)
        return _read_once(path, name, state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino)
    except OSError as error:
        raise ConfigError(
            f"The image {_short(path)} cannot be read: {error.strerror or error}. Check who may read it."
        ) from error


@functools.lru_cache(maxsize=64)
def _read_once(path: Path, name: str, *_: int) -> tuple[str, Measures]:
    # A panel makes a config for each key that is typed; a changed file has another date.
    content = path.read_bytes()
    if not content:
        raise ConfigError(f"The image {path.name} is empty (0 bytes). Give {_FORMATS}.")
    return hashlib.sha256(content).hexdigest(), measure(content, name)


def _refuse_size(path: Path, size: int) -> NoReturn:
    raise ConfigError(
        f"The image {path.name} has {size / 1e6:,.1f} MB; the limit is {MOST_BYTES / 1e6:.0f} MB. Save it smaller, or "
        "as a JPEG."
    )


def _short(path: Path, most: int = 70) -> str:
    text = str(path)
    return text if len(text) <= most else f"{text[:20]}…{text[-most + 21 :]}"


def _kind(content: bytes) -> str:
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    return "WebP" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else ""


def _measured(content: bytes) -> Measures | None:
    kind = _kind(content)
    if kind == "PNG":
        return Measures(kind, *struct.unpack_from(">II", content, 16))
    if kind == "WebP":
        return Measures(kind, *_webp_size(content))
    return _jpeg(content) if kind else None


def _webp_size(content: bytes) -> tuple[int, int]:
    chunk = content[12:16]
    if chunk == b"VP8X":
        return (1 + int.from_bytes(content[24:27], "little"), 1 + int.from_bytes(content[27:30], "little"))
    if chunk == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", content, 26)
    return width & 0x3FFF, height & 0x3FFF


def _jpeg(content: bytes) -> Measures:
    """Return the measures in the frame of a JPEG, behind its other segments."""
    at, orientation = 2, 1
    while True:
        while content[at] == 0xFF and content[at + 1] == 0xFF:  # fill bytes
            at += 1
        marker = content[at + 1]
        if content[at] != 0xFF or marker in (0xD9, 0xDA):  # the pixels begin, without a frame
            raise IndexError
        if marker in _BARE:
            at += 2
            continue
        (length,) = struct.unpack_from(">H", content, at + 2)
        if 0xC0 <= marker <= 0xCF and marker not in _NO_SIZE:
            height, width = struct.unpack_from(">HH", content, at + 5)
            turned = orientation >= 5
            return Measures("JPEG", height if turned else width, width if turned else height, orientation)
        if marker == 0xE1:
            orientation = _exif_orientation(content[at + 4 : at + 2 + length]) or orientation
        at += 2 + max(2, length)


def _exif_orientation(segment: bytes) -> int | None:
    """Return the orientation in an Exif segment, 1 to 8, or None (Exif 2.32, tag 0x0112)."""
    order = {b"II": "<", b"MM": ">"}.get(segment[6:8])
    if not segment.startswith(b"Exif\0\0") or order is None:
        return None
    with contextlib.suppress(struct.error):
        (first,) = struct.unpack_from(f"{order}I", segment, 10)
        (count,) = struct.unpack_from(f"{order}H", segment, 6 + first)
        for entry in range(count):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", segment, 8 + first + 12 * entry)
            if tag == 0x0112:
                return value if 1 <= value <= 8 else None
    return None
