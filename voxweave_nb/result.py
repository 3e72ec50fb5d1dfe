"""The result of a job: the finished video with its files, provenance and notebook display."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import starmap
from pathlib import Path
from typing import Any, Self

from . import display
from .config import VideoConfig
from .environment import in_ipython_terminal
from .errors import ConfigError
from .inline import video_bundle
from .models import Cue, SubtitleMode, VideoFormat, dollars
from .renditions import renditions_of
from .timecode import clock
from .validation import reject_reserved_name

__all__ = ["GeneratedVideo", "Provenance"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """The origin of a video: its provider, options and price.

    Attributes:
        provider: The provider of the clip, such as `"local"`.
        model: The provider's model, or None without one.
        job_id: The provider's job id.
        config: The requested options.
        narration: The narration's file name.
        created: The time of completion, in seconds since 1970.
        seconds: The duration of the whole run, in seconds.
        declined: The reasons of the providers that were tried before and declined, by name.
        usd: The estimated price in US dollars: 0 if free, None if not known.
        understood: The prompt's words that the local renderer understood, such as `{"time": "dawn"}`.
        version: The version of this package.
    """

    provider: str
    model: str | None
    job_id: str
    config: VideoConfig
    narration: str
    created: float
    seconds: float
    declined: Mapping[str, str] = field(default_factory=dict)
    understood: Mapping[str, str] = field(default_factory=dict)
    usd: float | None = None
    version: str = ""

    @property
    def maker(self) -> str:
        """The provider, its model and the price, such as `"zai (cogvideox-3), about $0.20"`."""
        model = f" ({self.model})" if self.model and self.model != self.provider else ""
        cost = f", about {dollars(self.usd)}" if self.usd else ""
        return f"{self.provider}{model}{cost}"

    @property
    def story(self) -> str:
        """The provider and price, then the providers that declined and their reasons, in one line."""
        return "; ".join([f"Provider: {self.maker}", *starmap(_decline_reason, self.declined.items())])


def _decline_reason(name: str, reason: str) -> str:
    # Most reasons begin with the provider's name, which must not be said twice.
    rest = reason.removeprefix(name).lstrip(": ") if reason.startswith(name) else ""
    return f"{name} declined: {f'it {rest}' if rest else reason}".rstrip(".")


@dataclass(frozen=True)
class GeneratedVideo:
    """A finished video. A notebook shows it inline with its captions, also after saving.

    Attributes:
        path: The video file.
        captions: The WebVTT file beside the video, or None without subtitles.
        poster: The poster (JPEG) beside the video, or None.
        duration: The length in seconds.
        width: The width in pixels.
        height: The height in pixels.
        subtitle_mode: The actual delivery of the subtitles; after a warning it may differ from the request.
        cues: The captions.
        provenance: The provider, options and price.
        warnings: All differences from the request, each a sentence.
        embed_limit: The largest video that is embedded in the notebook, in bytes.
        sprite: A sprite sheet of small frames (JPEG) beside the video, or None.
        thumbnails: The WebVTT track that maps times to parts of the sprite sheet, or None.
        chapters: The WebVTT track of the chapters beside the video, or None.
    """

    path: Path
    captions: Path | None
    poster: Path | None
    duration: float
    width: int
    height: int
    subtitle_mode: SubtitleMode
    provenance: Provenance
    cues: tuple[Cue, ...] = ()
    warnings: tuple[str, ...] = ()
    embed_limit: int = 8_000_000
    sprite: Path | None = None
    thumbnails: Path | None = None
    chapters: Path | None = None

    @property
    def size(self) -> int:
        """The size of the video file in bytes."""
        return self.path.stat().st_size

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of this video that exist, the video first and its renditions last."""
        return (*self._originals, *renditions_of(self.path))

    @property
    def _originals(self) -> tuple[Path, ...]:
        srt = self.path.with_name(self.path.stem + ".srt")
        companions = (self.captions, self.poster, srt, self.sprite, self.thumbnails, self.chapters)
        return (self.path, *(path for path in companions if path is not None and path.exists()))

    def rendition(self, format: VideoFormat | str = VideoFormat.MP4) -> Path:
        """Return a copy of the video for programs that lack its codecs, such as VS Code, which has no AAC.

        The copy is made once, beside the video; for H.264 that takes about 0.3 s for 20 s of video, else about as long
        as encoding the video. The player and the result in VS Code make it by themselves.

        Args:
            format: `"mp4"` for H.264 with MP3, `"webm"` for VP8 with Vorbis.

        Raises:
            ConfigError: The format is `"mov"` or unknown, or the video's folder cannot be written to.
            MediaError: The video is missing, or cannot be encoded.
        """
        wanted = VideoFormat.parse(format)
        if wanted is VideoFormat.MOV:
            raise ConfigError("A rendition cannot be mov; choose mp4 or webm.")
        made = display.make_rendition(self.path, wanted)
        assert made is not None  # only a quick one may be None
        return made

    def save(self, to: str | Path, *, overwrite: bool = False) -> Path:
        """Copy the video with its captions, chapters, poster and thumbnails, without its renditions.

        Args:
            to: A folder, or a file name with the video's own suffix.
            overwrite: Replace existing files.

        Returns:
            The path of the copied video.

        Raises:
            FileExistsError: A file exists and `overwrite` is off; nothing was copied.
            ValueError: The suffix is of another container; a copy is not converted.
            ConfigError: Windows reserves the name.
        """
        to = Path(to).expanduser()
        target = to / self.path.name if to.is_dir() or not to.suffix else to
        reject_reserved_name(target)
        if target.suffix.lower() != self.path.suffix.lower():
            raise ValueError(
                f"{target.name} does not end in {self.path.suffix}, and save() does not convert. Change the name, or "
                f"generate the video with format={target.suffix.lstrip('.')!r}."
            )
        plan = {path: _renamed(path, self.path, target) for path in self._originals}
        if not overwrite and (
            taken := [str(new) for new in plan.values() if new.exists() or new.is_symlink()]
        ):
            raise FileExistsError(f"{', '.join(taken)} exists. Choose another name or pass overwrite=True.")
        target.parent.mkdir(parents=True, exist_ok=True)
        for path, new in plan.items():
            with contextlib.suppress(shutil.SameFileError):
                shutil.copyfile(path, new)
        if self.sprite in plan and self.thumbnails in plan:  # the track refers to the sprite sheet by name
            track = plan[self.thumbnails]
            text = track.read_text(encoding="utf-8")
            renamed = text.replace(self.sprite.name, plan[self.sprite].name)
            track.write_text(renamed, encoding="utf-8", newline="\n")
        return target

    def as_dict(self) -> dict[str, Any]:
        """Return all fields as plain values, for JSON. `from_dict` reads them back."""
        origin = self.provenance
        return {
            "path": str(self.path.absolute()),
            "captions": str(self.captions.absolute()) if self.captions else None,
            "poster": str(self.poster.absolute()) if self.poster else None,
            "sprite": str(self.sprite.absolute()) if self.sprite else None,
            "thumbnails": str(self.thumbnails.absolute()) if self.thumbnails else None,
            "chapters": str(self.chapters.absolute()) if self.chapters else None,
            "duration": self.duration,
            "width": self.width,
            "height": self.height,
            "subtitle_mode": self.subtitle_mode.value,
            "cues": [cue.as_list() for cue in self.cues],
            "warnings": list(self.warnings),
            "provenance": {
                "provider": origin.provider,
                "model": origin.model,
                "job_id": origin.job_id,
                "config": origin.config.as_dict(),
                "narration": origin.narration,
                "created": origin.created,
                "seconds": origin.seconds,
                "declined": dict(origin.declined),
                "understood": dict(origin.understood),
                "usd": origin.usd,
                "version": origin.version,
            },
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], *, embed_limit: int = 8_000_000) -> Self:
        """Restore a video from the values of `as_dict`. Its files may no longer exist."""
        origin = {**values["provenance"], "config": VideoConfig.of(values["provenance"]["config"])}
        names = ("captions", "poster", "sprite", "thumbnails", "chapters")
        paths = {name: Path(values[name]) if values.get(name) else None for name in names}
        return cls(
            path=Path(values["path"]),
            captions=paths["captions"],
            poster=paths["poster"],
            duration=values["duration"],
            width=values["width"],
            height=values["height"],
            subtitle_mode=SubtitleMode.parse(values["subtitle_mode"]),
            provenance=Provenance(**origin),
            cues=tuple(Cue.from_list(cue) for cue in values["cues"]),
            warnings=tuple(values["warnings"]),
            embed_limit=embed_limit,
            sprite=paths["sprite"],
            thumbnails=paths["thumbnails"],
            chapters=paths["chapters"],
        )

    @property
    def description(self) -> str:
        """The path, then the length, size and provider, the captions and the warnings, a line each."""
        facts = f"{clock(self.duration)} ({self.duration:.1f} s), {self.width}x{self.height}"
        size = f", {self.size / 1e6:.1f} MB" if self.path.exists() else ", the file was moved or deleted"
        return "\n".join(
            [
                str(self.path),
                f"{facts}{size}, {self.provenance.story}",
                _caption_text(self),
                *(f"warning: {warning}" for warning in self.warnings),
            ]
        )

    def __repr__(self) -> str:
        return f"<GeneratedVideo {self}>"

    def __str__(self) -> str:
        facts = f"{self.width}x{self.height}, {self.duration:.1f} s, provider: {self.provenance.provider}"
        more = f", {len(self.warnings)} warning{'s' * (len(self.warnings) > 1)}" if self.warnings else ""
        return f"{self.path} ({facts}{more})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle = video_bundle(self)
        return {**bundle, "text/plain": self.description} if in_ipython_terminal() else bundle


def _caption_text(video: GeneratedVideo) -> str:
    if not video.cues:
        return "no captions"
    where = {
        SubtitleMode.SOFT: "as a track in the video",
        SubtitleMode.BURN: "drawn into the frames",
        SubtitleMode.SIDECAR: "in a separate file",
        SubtitleMode.NONE: "not shown",
    }[video.subtitle_mode]
    count = f"{len(video.cues):,} caption{'s' * (len(video.cues) > 1)}"
    return f"{count} {where}" + (f": {video.captions}" if video.captions else "")


def _renamed(path: Path, video: Path, target: Path) -> Path:
    """Return the target of a companion file: the target video's stem with the companion's own ending."""
    return target.with_name(target.stem + path.name.removeprefix(video.stem))
