"""Titles, drawn by libass at the video's full size over the painted frames.

Each style's typography is data (`[type]` in its TOML). There are two layouts: `title` shows the prompt's title for the
first seconds and later a key phrase as a lower third at the start of a shot; `lesson` keeps the title as a headline and
adds the narration's key phrases as numbered points, each when it is spoken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import FFmpegMissing
from ..media.ass import BY_FIRST_LETTER, AssStyle, ass_event, ass_script, ass_text
from ..media.burn import font_folder, font_option, glyph_warnings
from ..media.ffmpeg import find_ffmpeg
from ..media.typeset import width_of
from ..media.writing import in_direction, joined_letters, right_to_left
from ..models import Cue
from ..styles import StyleSheet, load_style
from .backdrop import base_size, is_wide
from .colors import hex_text, mix
from .job import RenderJob
from .phrases import key_phrase, lines, title_of
from .prompt import Reading
from .shades import Shade
from .shots import Shot

__all__ = ["Titles", "script", "write_titles"]

_FONT = 1.21
"""libass font size per em: it measures from a font's highest to its lowest point, 1.21 em for Inter."""

_RENDERED_EM = 1.21 / 1.43
"""Rendered size of an em: libass scales by the font's `usWinAscent` and `usWinDescent`, together 1.43 em in Inter."""

_SIZES = (1.0, 0.92, 0.84, 0.76, 0.68, 0.6)
"""Sizes to try for a long title, as shares of the style's."""

_ABOVE = {7: 0.0, 9: 0.0, 5: 0.5, 1: 1.0, 3: 1.0}
"""Shares of the lines' height above a position, by SubStation's alignment: 7 top left, 5 centre, 3 bottom right."""

_BEFORE = {7: 0.0, 1: 0.0, 5: 0.5, 9: 1.0, 3: 1.0}
"""Shares of a line's width at the left of a position, likewise."""

_LABEL = 0.045
"""Size of a scene's label and its distance from the corner, as a share of the base size."""

_SCENE_PAUSE = 12.0
"""Seconds between two key phrases in a film of scenes."""

_SCRIPT = "words.ass"
_STYLE = AssStyle(name="Words", alignment=7, encoding=BY_FIRST_LETTER)


@dataclass(frozen=True)
class Titles:
    """The encoder's parameters for the titles.

    Attributes:
        filters: An FFmpeg filter that reads files in the work folder; empty without titles.
        env: Environment variables with the font's location.
        warnings: Reasons for missing titles, in sentences.
        shades: The shadows to paint under the titles.
    """

    filters: str = ""
    env: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    shades: tuple[Shade, ...] = ()

    def filters_from(self, start: float) -> str:
        """Return the filter for a part of the film whose first frame is at `start` seconds."""
        if not self.filters or not start:
            return self.filters
        return f"setpts=PTS+{start:.6f}/TB,{self.filters},setpts=PTS-{start:.6f}/TB"

    def font_warnings(self, log: str) -> tuple[str, ...]:
        """Return the problems with the titles' letters in the encoder's log, in sentences."""
        if self.filters and glyph_warnings(log):
            return (
                "No installed font has some letters of the title or the captions' key phrases; the video shows boxes "
                "instead. Install a font for them, or use another script.",
            )
        return ()


def write_titles(job: RenderJob, reading: Reading, work: Path, shots: Sequence[Shot] = ()) -> Titles:
    """Write the titles' script and font to the work folder."""
    text, shades = _typeset(job, reading, shots)
    if not text:
        return Titles()
    try:
        able = "ass" in find_ffmpeg().filters
    except FFmpegMissing:
        return Titles()
    if not able:
        return Titles(warnings=("FFmpeg was built without libass, so the video has no titles.",))
    (work / _SCRIPT).write_text(text, encoding="utf-8", newline="\n")
    return Titles(filters=f"ass=f={_SCRIPT}{font_option()}", env=font_folder(work), shades=shades)


def script(job: RenderJob, reading: Reading, shots: Sequence[Shot] = ()) -> str:
    """Return the titles as a SubStation script; empty without titles."""
    return _typeset(job, reading, shots)[0]


def _typeset(job: RenderJob, reading: Reading, shots: Sequence[Shot]) -> tuple[str, tuple[Shade, ...]]:
    """Return the script and the shades under its lines."""
    sheet = load_style(job.style)
    title = title_of(job.prompt) if job.title is None else job.title
    setter = _Typesetter(job, sheet, reading)
    events: list[str | Shade]
    if sheet.type["layout"] == "lesson":
        events = list(setter.lesson(title))
    else:
        events = [*setter.title(title), *setter.lower_thirds(shots, len(title))] if title else []
    events += setter.labels(shots)
    script = [event for event in events if isinstance(event, str)]
    shades = tuple(event for event in events if isinstance(event, Shade))
    return ass_script(job.width, job.height, [_STYLE], script, wrap=False) if script else "", shades


@dataclass(frozen=True)
class _Typesetter:
    """The typesetter of one video. Sizes are in em or fractions of the frame's base size."""

    job: RenderJob
    sheet: StyleSheet
    reading: Reading

    @property
    def type(self) -> Mapping[str, Any]:
        return self.sheet.type

    @property
    def unit(self) -> float:
        """The base size of type in pixels."""
        # Upright and square videos are mostly watched on a phone at arm's length: larger type.
        factor = 1.0 if self.wide else 1.3 if self.upright else 1.1
        return base_size(self.job.width, self.job.height) * factor

    @property
    def wide(self) -> bool:
        return is_wide(self.job.width, self.job.height)

    @property
    def upright(self) -> bool:
        return self.job.height > 1.3 * self.job.width

    def title(self, text: str) -> Iterator[str | Shade]:
        """Typeset the title of the first seconds: glow, letters, rule."""
        rows, em, spacing = self._fitted(text.upper() if self.type["upper"] else text)
        start, end = self._interval(len(text))
        x, y, anchor = self._place(len(rows), em, right_to_left(text))
        wide = max(width_of(row) * em + spacing * len(row) for row in rows)
        words = "\\N".join(ass_text(row) for row in rows)
        base = f"\\an{anchor}\\fs{em * _FONT:.1f}\\b{self.type['weight']}\\q2"
        arrive = f"\\pos({x:.0f},{y:.0f})\\fsp{spacing * 2.2:.2f}\\t(0,1400,0.4,\\fsp{spacing:.2f})"
        if glow := self.type["glow"]:
            look = f"\\1c{_bgr(glow)}\\3c{_bgr(glow)}\\bord{em * 0.09:.1f}\\blur{em * 0.26:.1f}\\alpha&H50&"
            yield _event(1, start, end, f"{{{base}{arrive}{look}\\fad(500,600)}}{words}")
        soft = f"\\1c{_bgr(self.type['color'])}\\bord0\\shad0\\blur{em * 0.008:.2f}"
        yield self._shade(rows, em, spacing, (x, y), anchor, (start, end), (0.5, 0.6))
        yield _event(2, start, end, f"{{{base}{arrive}{soft}\\fad(500,600)}}{words}")
        if rule := self.type["rule"]:
            yield from self._rule(rule, (x, y), anchor, len(rows), em, wide, (start + 0.25, end))

    def _shade(
        self,
        rows: Sequence[str],
        em: float,
        spacing: float,
        at: tuple[float, float],
        anchor: int,
        times: tuple[float, float],
        fades: tuple[float, float],
    ) -> Shade:
        """Return the shade under each line, from the height of a capital to the baseline."""
        width, height = self.job.width, self.job.height
        line = em * _FONT
        top = at[1] - _ABOVE[anchor] * len(rows) * line
        boxes = []
        for number, row in enumerate(rows):
            wide = width_of(row) * em * _RENDERED_EM + spacing * len(row)
            left = at[0] - _BEFORE[anchor] * wide
            above = top + number * line
            box = (
                left / width,
                (above + 0.26 * em) / height,
                (left + wide) / width,
                (above + 1.02 * em) / height,
            )
            boxes.append(box)
        return Shade(tuple(boxes), 0.24 * em / height, 0.36, *times, *fades)

    def _spacing(self, text: str, em: float, most: float = 1000.0) -> float:
        """Return the space between letters; letters that join or run from right to left have none."""
        return 0.0 if joined_letters(text) else em * min(most, float(self.type["spacing"])) / 1000

    def _fitted(self, text: str) -> tuple[list[str], float, float]:
        """Return the title's lines, em and spacing: smaller letters where it would be cut off."""
        for factor in _SIZES:
            em = 0.066 * self.unit * float(self.type["scale"]) * factor
            spacing = self._spacing(text, em)
            rows = self._rows(text, em, spacing)
            if not rows[-1].endswith("…"):
                break
        return in_direction(text, rows), em, spacing

    def _rows(self, text: str, em: float, spacing: float) -> list[str]:
        """Break the title into lines: half a wide frame, nearly all of a narrow one."""
        width = self.job.width
        if self.wide:
            return lines(text, 0.56 * width / (em + spacing * 1.6), 2)
        return lines(text, 0.84 * width / (em + max(0.0, spacing) * 3.6), 4 if self.upright else 3)

    def _place(self, rows: int, em: float, backwards: bool) -> tuple[float, float, int]:
        """Return the title's x, y and SubStation alignment; a title from right to left stands at the right."""
        width, height = self.job.width, self.job.height
        left = (0.056 if self.wide else 0.07) * width
        side, over = (width - left, 2) if backwards else (left, 0)
        return {
            "top-left": (side, 0.085 * height, 7 + over),
            "center": (0.5 * width, 0.42 * height, 5),
            "bottom-left": (side, 0.80 * height - 0.5 * em, 1 + over),
        }[self.type["place"]]

    def _interval(self, letters: int) -> tuple[float, float]:
        """Return the title's start and end in seconds: long enough to read it twice."""
        length = self.job.duration
        start = min(0.5, length * 0.1)
        return start, min(start + max(4.0, 2.0 + letters * 0.11), max(start + 0.5, length * 0.8))

    def _rule(
        self,
        color: str,
        at: tuple[float, float],
        anchor: int,
        rows: int,
        em: float,
        wide: float,
        times: tuple[float, float],
    ) -> Iterator[str]:
        """Draw a line under the title that grows from its middle or its left."""
        thick = max(2.0, em * 0.075)
        length = min(wide, em * 5.2)
        gap = {0.0: 0.32, 0.5: 0.4, 1.0: 0.35}[_ABOVE[anchor]]
        left = at[0] - _BEFORE[anchor] * length
        top = at[1] + (1 - _ABOVE[anchor]) * rows * em * _FONT + em * gap
        middle = left + _BEFORE[anchor] * length
        grow = (
            f"\\clip({middle:.0f},{top - 40:.0f},{middle:.0f},{top + 60:.0f})"
            f"\\t(0,700,0.5,\\clip({left - 30:.0f},{top - 40:.0f},{left + length + 30:.0f},{top + 60:.0f}))"
        )
        shape = f"m 0 0 l {length:.0f} 0 {length:.0f} {thick:.0f} 0 {thick:.0f}"
        # A blurred copy below the line is its glow.
        for layer, look in ((1, f"\\blur{em * 0.2:.1f}\\alpha&H60&"), (2, "")):
            if layer == 2 or self.type["glow"]:
                yield _event(
                    layer,
                    *times,
                    f"{{\\an7\\pos({left:.0f},{top:.0f})\\bord0\\shad0\\1c{_bgr(color)}{look}{grow}\\fad(0,600)\\p1}}{shape}",
                )

    def lower_thirds(self, shots: Sequence[Shot], letters: int) -> Iterator[str | Shade]:
        """Typeset the key phrase of the sentence that starts with a shot."""
        # Not before the title has gone, and with pauses between.
        free = self._interval(letters)[1] + 0.4
        # Every scene begins with a sentence; a phrase for each would be too many, and a draft shows captions.
        pause = _SCENE_PAUSE if self.job.scenes else 3.0
        if any(scene.label for scene in self.job.scenes):
            return
        for shot in shots:
            begin = shot.start + 0.45
            spoken = [cue for cue in self.job.cues if shot.start - 0.6 <= cue.start <= shot.start + 1.5]
            end = min(shot.end - 0.35, begin + 4.2)
            text = key_phrase(spoken[0].text, 64) if spoken else ""
            if len(text) > 3 and begin >= free and end - begin >= 1.4:
                free = end + pause
                yield from self._lower_third(text, begin, end)

    def labels(self, shots: Sequence[Shot]) -> Iterator[str]:
        """Typeset each scene's label in the upper right corner."""
        em = _LABEL * self.unit
        dark = self.type["layout"] == "lesson"  # on bright paper
        color, around = (self._ink(), "#ffffff") if dark else ("#ffffff", "#000000")
        look = (
            f"\\an9\\pos({self.job.width - em:.0f},{em:.0f})\\fs{em * _FONT:.1f}\\b700\\q2\\1c{_bgr(color)}"
        )
        outline = f"\\shad0\\3c{_bgr(around)}\\3a&H50&\\bord{em * 0.12:.1f}\\blur{em * 0.05:.1f}"
        # Half a frame early, as times are rounded.
        early = 0.5 / self.job.fps
        for scene, shot in zip(self.job.scenes, shots, strict=False):
            if scene.label:
                text = f"{{{look}{outline}}}{ass_text(scene.label)}"
                yield _event(3, max(0.0, shot.start - early), shot.end - early, text)

    def _lower_third(self, text: str, start: float, end: float) -> Iterator[str | Shade]:
        """Draw a bar in the style's colour and the text, at the lower left above the captions."""
        width, height = self.job.width, self.job.height
        em = 0.036 * self.unit * float(self.type["scale"]) ** 0.5
        spacing = self._spacing(text, em, 60.0)
        shown = text.upper() if self.type["upper"] else text
        rows = in_direction(text, lines(shown, (0.5 if self.wide else 0.78) * width / em, 2))
        left, bottom = (0.056 if self.wide else 0.07) * width, 0.80 * height
        side = -1 if right_to_left(text) else 1
        anchor = 1 if side > 0 else 3
        left = left if side > 0 else width - left
        tall, thick = len(rows) * em * _FONT, max(2.0, em * 0.11)
        color = self.type["rule"] or self.type["color"]
        bar = f"m 0 0 l {thick:.0f} 0 {thick:.0f} {tall:.0f} 0 {tall:.0f}"
        grow = f"\\pos({left:.0f},{bottom:.0f})\\an{anchor}\\fscy0\\t(0,350,0.5,\\fscy100)"
        yield _event(2, start, end, f"{{{grow}\\bord0\\shad0\\1c{_bgr(color)}\\fad(0,350)\\p1}}{bar}")
        x = left + side * (thick + em * 0.5)
        slide = f"\\move({x - side * em * 0.5:.1f},{bottom:.1f},{x:.1f},{bottom:.1f},0,450)"
        weight = max(500, int(self.type["weight"]))
        base = f"\\an{anchor}{slide}\\fs{em * _FONT:.1f}\\b{weight}\\fsp{spacing:.2f}\\q2\\fad(380,350)"
        words = "\\N".join(ass_text(row) for row in rows)
        yield self._shade(rows, em, spacing, (x, bottom), anchor, (start + 0.1, end), (0.38, 0.35))
        yield _event(2, start + 0.1, end, f"{{{base}\\bord0\\shad0\\1c{_bgr(self.type['color'])}}}{words}")

    def lesson(self, headline: str) -> Iterator[str]:
        """Typeset a permanent headline, and the key phrases as numbered points that appear when spoken."""
        height, width, unit = self.job.height, self.job.width, self.unit
        left = (0.0625 if self.wide else 0.07) * width
        top, em = (0.105 if self.wide else 0.075) * height, 0.072 * unit * float(self.type["scale"])
        end = max(0.1, self.job.duration - 0.25)
        rows, em = self._headline_rows(headline, em)
        if rows:
            yield from self._headline(rows, (left, top), em, end)
        first = top + (len(rows) * em * 1.16 + 0.104 * unit if rows else 0.02 * unit)
        points = _points(self.job.cues, self.job.duration)
        for page in _pages(points, self._points_per_page(len(rows)), self.job.duration):
            for place, (point, until) in enumerate(page):
                y = first + place * 0.132 * unit
                yield from self._bullet(point, until, (left, y))

    def _headline_rows(self, text: str, largest: float) -> tuple[list[str], float]:
        """Return the headline's lines and em: smaller letters where it would be cut off."""
        rows, em = list[str](), largest
        for factor in _SIZES if text else ():
            em = largest * factor
            rows = lines(text, (0.455 if self.wide else 0.84) * self.job.width / em, 3 if self.upright else 2)
            if not rows[-1].endswith("…"):
                break
        return in_direction(text, rows), em

    def _points_per_page(self, rows: int) -> int:
        """Return the number of points that fit under a headline of so many lines."""
        room = 4 if self.wide or self.upright else 3
        return room - 1 if rows > 1 else room

    def _headline(self, rows: Sequence[str], at: tuple[float, float], em: float, end: float) -> Iterator[str]:
        """Typeset the headline, which rises line by line, and a bar under it."""
        (x, y), spacing = at, self._spacing(" ".join(rows), em)
        size = f"\\an7\\fs{em * _FONT:.1f}\\b{self.type['weight']}\\fsp{spacing:.2f}"
        look = f"{size}\\bord0\\shad0\\1c{_bgr(self._ink())}"
        for number, row in enumerate(rows):
            top = y + number * em * 1.16 - em * 0.1
            rise = f"\\move({x:.1f},{top + em * 0.35:.1f},{x:.1f},{top:.1f},0,600)"
            begin = 0.35 + 0.12 * number
            yield _event(2, begin, end, f"{{{look}{rise}\\fad(450,300)\\q2}}{ass_text(row)}")
        top = y + len(rows) * em * 1.16 + em * 0.36
        shape = _round_bar(em * 2.6, max(3.0, em * 0.13))
        grow = "\\fscx0\\t(0,700,0.5,\\fscx100)"
        color = _bgr(hex_text(self.reading.palette.accents[3 % len(self.reading.palette.accents)]))
        yield _event(
            2,
            0.6,
            end,
            f"{{\\an7\\pos({x:.0f},{top:.0f})\\bord0\\shad0\\1c{color}{grow}\\fad(0,300)\\p4}}{shape}",
        )

    def _bullet(self, point: _Point, until: float, at: tuple[float, float]) -> Iterator[str]:
        """Draw a point's number in a disc, and its phrase."""
        unit = self.unit
        (x, y), radius = at, 0.033 * unit
        accents = self.reading.palette.accents
        color = _bgr(hex_text(accents[(point.number - 1) % min(4, len(accents))]))
        pop = "\\fscx20\\fscy20\\t(0,260,0.6,\\fscx112\\fscy112)\\t(260,420,\\fscx100\\fscy100)"
        middle = f"\\an5\\pos({x + radius:.1f},{y + radius:.1f})"
        yield _event(
            1,
            point.start,
            until,
            f"{{{middle}\\bord0\\shad0\\1c{color}{pop}\\fad(120,250)\\p4}}{_circle(radius)}",
        )
        em = 0.034 * unit
        yield _event(
            2,
            point.start,
            until,
            f"{{{middle}\\fs{em * _FONT:.1f}\\b700\\bord0\\shad0\\1c&HFFFFFF&{pop}\\fad(120,250)}}{point.number}",
        )
        yield from self._phrase(point, until, (x + radius * 2 + 0.03 * unit, y + radius))

    def _phrase(self, point: _Point, until: float, at: tuple[float, float]) -> Iterator[str]:
        """Typeset a point's phrase, which turns paler once it has been spoken."""
        em = 0.038 * self.unit
        widest = ((0.495 if self.wide else 0.92) * self.job.width - at[0]) / em
        text = "\\N".join(ass_text(row) for row in lines(point.text, widest, 2))
        spoken = round(1000 * max(0.5, point.end - point.start))
        settle = f"\\1c{_bgr(self._ink())}\\t({spoken},{spoken + 500},\\1c{_bgr(self._ink(0.30))})"
        slide = f"\\move({at[0] + em * 0.8:.1f},{at[1]:.1f},{at[0]:.1f},{at[1]:.1f},0,380)"
        look = f"\\an4\\fs{em * _FONT:.1f}\\b600\\bord0\\shad0\\q2"
        yield _event(2, point.start, until, f"{{{look}{slide}{settle}\\fad(240,250)}}{text}")

    def _ink(self, paler: float = 0.0) -> str:
        ink, paper = self.reading.palette.ink, self.reading.palette.sky[1]
        return hex_text(mix(ink, paper, paler))


@dataclass(frozen=True)
class _Point:
    """A numbered key phrase and the seconds in which it is spoken."""

    number: int
    start: float
    end: float
    text: str


def _points(cues: Sequence[Cue], duration: float) -> list[_Point]:
    """Return the narration's key phrases, at least 2.2 seconds apart and without repetitions."""
    points: list[_Point] = []
    spoken: set[str] = set()
    last = -10.0
    for cue in sorted(cues, key=lambda cue: cue.start):
        text = key_phrase(cue.text)
        start = max(0.9, cue.start)
        if len(text) < 4 or text.lower() in spoken or start - last < 2.2 or start > duration - 0.8:
            continue
        spoken.add(text.lower())
        last = start
        points.append(_Point(len(points) + 1, start, min(duration, cue.end), text))
    return points


def _pages(points: Sequence[_Point], most: int, duration: float) -> Iterator[list[tuple[_Point, float]]]:
    """Return the points in pages of nearly equal size, each with the time at which its page ends."""
    count = -(-len(points) // most)
    begin = 0
    for page in range(count):
        end = begin + -(-(len(points) - begin) // (count - page))
        until = points[end].start - 0.05 if end < len(points) else max(0.1, duration - 0.25)
        numbered = [_Point(k + 1, p.start, p.end, p.text) for k, p in enumerate(points[begin:end], begin)]
        yield [(point, until) for point in numbered]
        begin = end


def _event(layer: int, start: float, end: float, text: str) -> str:
    return ass_event(start, end, "Words", text, layer=layer)


def _bgr(color: str) -> str:
    """Convert `#rrggbb` to SubStation's `&HBBGGRR&`."""
    return f"&H{color[5:7]}{color[3:5]}{color[1:3]}&".upper()


def _circle(radius: float) -> str:
    """Return a circle as a SubStation drawing of four curves, in eighths of a pixel, with its box at (0, 0)."""
    r, k = radius * 8, radius * 8 * 0.5523
    d = 2 * r
    curves = [
        (r + k, 0, d, r - k, d, r),
        (d, r + k, r + k, d, r, d),
        (r - k, d, 0, r + k, 0, r),
        (0, r - k, r - k, 0, r, 0),
    ]
    return f"m {r:.0f} 0 b " + " ".join(f"{v:.0f}" for curve in curves for v in curve)


def _round_bar(length: float, thick: float) -> str:
    """Return a bar with round ends as a SubStation drawing, in eighths of a pixel."""
    r, end, k = thick / 2 * 8, length * 8, thick / 2 * 8 * 0.5523
    d = 2 * r
    return (
        f"m {r:.0f} 0 l {end - r:.0f} 0 b {end - r + k:.0f} 0 {end:.0f} {r - k:.0f} {end:.0f} {r:.0f} "
        f"b {end:.0f} {r + k:.0f} {end - r + k:.0f} {d:.0f} {end - r:.0f} {d:.0f} l {r:.0f} {d:.0f} "
        f"b {r - k:.0f} {d:.0f} 0 {r + k:.0f} 0 {r:.0f} b 0 {r - k:.0f} {r - k:.0f} 0 {r:.0f} 0"
    )
