"""What a job ends with: a video on disk that knows where it came from and shows itself in a notebook."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import starmap
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from .inline import video_bundle
from .models import Cue, SubtitleMode, dollars

if TYPE_CHECKING:
    from .config import VideoConfig

__all__ = ["GeneratedVideo", "Provenance"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who made the video, from what.

    Attributes:
        provider: The provider that made it, such as `"local"`.
        model: Its model, or None where it has none.
        job_id: The provider's own id of the job.
        config: What was asked for.
        narration: The narration's file name.
        created: When it was finished, in seconds since 1970.
        seconds: How long the whole run took.
        declined: Why the providers that were asked before did not make it, by name.
        usd: The estimated price in US dollars, 0 when it was free, None when it is not known.
        understood: What the local renderer read in the prompt, such as `{"time": "dawn"}`.
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
        """Who made it, and for how much, such as `"zai (cogvideox-3), about $0.20"`."""
        model = f" ({self.model})" if self.model and self.model != self.provider else ""
        cost = f", about {dollars(self.usd)}" if self.usd else ""
        return f"{self.provider}{model}{cost}"

    @property
    def story(self) -> str:
        """Who made it, for how much, and who declined before and why: one line for a person."""
        return "; ".join([f"made by {self.maker}", *starmap(_declined, self.declined.items())])


def _declined(name: str, reason: str) -> str:
    """Why one declined, without its name twice: reasons begin with it."""
    rest = reason.removeprefix(name).lstrip(": ") if reason.startswith(name) else ""
    return f"{name} declined: {f'it {rest}' if rest else reason}".rstrip(".")


@dataclass(frozen=True)
class GeneratedVideo:
    """A finished video. Displayed in a notebook it plays inline with its captions, also once saved.

    Attributes:
        path: The video.
        captions: The WebVTT file beside it, or None without subtitles.
        poster: A still (JPEG) beside it, or None.
        duration: Seconds.
        width: Pixels.
        height: Pixels.
        subtitle_mode: Where the subtitles really went, which after a warning may not be what was asked.
        cues: The captions.
        provenance: Who made it, from what.
        warnings: Everything that is not as asked, in sentences.
        embed_limit: Up to how many bytes the video is embedded in the notebook.
        sprite: A sheet of small frames (JPEG) beside it, or None.
        thumbnails: The WebVTT track that tells a player which part of the sheet belongs to which seconds, or None.
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

    @property
    def size(self) -> int:
        """The video's size in bytes."""
        return self.path.stat().st_size

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file of this result that is on disk, the video first."""
        srt = self.path.with_name(self.path.stem + ".srt")
        beside = (self.captions, self.poster, srt, self.sprite, self.thumbnails)
        return (self.path, *(path for path in beside if path is not None and path.exists()))

    def save(self, to: str | Path, *, overwrite: bool = False) -> Path:
        """Copies the video, its captions, its poster and its thumbnails.

        Args:
            to: A folder, or a file name whose ending is the video's own.
            overwrite: Whether files that exist may be replaced.

        Returns:
            Where the video is now.

        Raises:
            FileExistsError: Something is there already and `overwrite` is off; nothing was copied.
            ValueError: The ending is another container's; a copy does not convert.
        """
        to = Path(to).expanduser()
        target = to / self.path.name if to.is_dir() or not to.suffix else to
        if target.suffix.lower() != self.path.suffix.lower():
            raise ValueError(
                f"{target.name} does not end in {self.path.suffix}, and saving copies without converting. "
                f"Name it so, or generate with format={target.suffix.lstrip('.')!r}."
            )
        plan = {path: _beside(path, self.path, target) for path in self.files}
        if not overwrite and (taken := [str(new) for new in plan.values() if new.exists()]):
            raise FileExistsError(f"{', '.join(taken)} exists. Choose another name or say overwrite=True.")
        target.parent.mkdir(parents=True, exist_ok=True)
        for path, new in plan.items():
            with contextlib.suppress(shutil.SameFileError):
                shutil.copyfile(path, new)
        if self.sprite in plan and self.thumbnails in plan:  # the track names the sheet
            track = plan[self.thumbnails]
            text = track.read_text(encoding="utf-8")
            track.write_text(text.replace(self.sprite.name, plan[self.sprite].name), encoding="utf-8")
        return target

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain values, for JSON; `from_dict` takes them back."""
        made = self.provenance
        return {
            "path": str(self.path.absolute()),
            "captions": str(self.captions.absolute()) if self.captions else None,
            "poster": str(self.poster.absolute()) if self.poster else None,
            "sprite": str(self.sprite.absolute()) if self.sprite else None,
            "thumbnails": str(self.thumbnails.absolute()) if self.thumbnails else None,
            "duration": self.duration,
            "width": self.width,
            "height": self.height,
            "subtitle_mode": self.subtitle_mode.value,
            "cues": [[cue.start, cue.end, cue.text] for cue in self.cues],
            "warnings": list(self.warnings),
            "provenance": {
                "provider": made.provider,
                "model": made.model,
                "job_id": made.job_id,
                "config": made.config.as_dict(),
                "narration": made.narration,
                "created": made.created,
                "seconds": made.seconds,
                "declined": dict(made.declined),
                "understood": dict(made.understood),
                "usd": made.usd,
                "version": made.version,
            },
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], *, embed_limit: int = 8_000_000) -> Self:
        """A result from what `as_dict` returned; its files may be gone since."""
        from .config import VideoConfig

        made = {**values["provenance"], "config": VideoConfig.of(values["provenance"]["config"])}
        names = ("captions", "poster", "sprite", "thumbnails")
        paths = {name: Path(values[name]) if values.get(name) else None for name in names}
        return cls(
            path=Path(values["path"]),
            captions=paths["captions"],
            poster=paths["poster"],
            duration=values["duration"],
            width=values["width"],
            height=values["height"],
            subtitle_mode=SubtitleMode.parse(values["subtitle_mode"]),
            provenance=Provenance(**made),
            cues=tuple(Cue(*cue) for cue in values["cues"]),
            warnings=tuple(values["warnings"]),
            embed_limit=embed_limit,
            sprite=paths["sprite"],
            thumbnails=paths["thumbnails"],
        )

    def __str__(self) -> str:
        how = f"{self.width}x{self.height}, {self.duration:.1f} s, by {self.provenance.provider}"
        more = f", {len(self.warnings)} warning{'s' * (len(self.warnings) > 1)}" if self.warnings else ""
        return f"{self.path} ({how}{more})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return video_bundle(self)


def _beside(path: Path, video: Path, target: Path) -> Path:
    return target.with_name(target.stem + path.name.removeprefix(video.stem))
