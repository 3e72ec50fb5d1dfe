"""Words in the picture, set by libass at the video's full size over the softer painted picture.

The type of each style is data (`[type]` in its TOML). Two layouts: `title` sets the prompt's title for the first
seconds, and then a few words of what is said as lower thirds where the scene changes; `lesson` keeps the title as a
headline and adds the narration's key phrases, each as it is spoken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import FFmpegMissing
from ..media.ass import AssStyle, ass_event, ass_script, ass_text
from ..media.burn import font_folder, glyph_warnings
from ..media.ffmpeg import find_ffmpeg
from ..models import Cue
from ..styles import StyleSheet, load_style
from .phrases import key_phrase, lines, title_of, width_of
from .plan import RenderJob
from .prompt import Reading
from .scene import Color, is_wide, measure
from .shades import Shade
from .shots import Shot

__all__ = ["Titles", "lay_titles", "script"]

_FONT = 1.21
"""libass counts a font's size from its highest to its lowest point; for Inter that is 1.21 em."""

_SET = 1.21 / 1.43
"""An em as it is set: libass goes by the font's `usWinAscent` and `usWinDescent`, together 1.43 em in Inter."""

_SCRIPT = "words.ass"
_STYLE = AssStyle(name="Words", alignment=7)


@dataclass(frozen=True)
class Titles:
    """What the encoder needs to set the words.

    Attributes:
        filters: An FFmpeg filter that reads files in the work folder; empty for no words.
        env: Variables that make it find the font.
        warnings: Why words are missing, in sentences.
        shades: What the picture is to be painted with under them.
    """

    filters: str = ""
    env: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    shades: tuple[Shade, ...] = ()

    def filters_from(self, start: float) -> str:
        """The filter for a video whose first frame is shown at a time of the film, in seconds."""
        if not self.filters or not start:
            return self.filters
        return f"setpts=PTS+{start:.6f}/TB,{self.filters},setpts=PTS-{start:.6f}/TB"

    def complaints(self, said: str) -> tuple[str, ...]:
        """What the encoder's log says about the words, in sentences."""
        if self.filters and glyph_warnings(said):
            return (
                "No font here can draw some letters of the words in the picture; they are boxes there. Install a "
                "font for them, or write the prompt in another script.",
            )
        return ()


def lay_titles(job: RenderJob, reading: Reading, work: Path, shots: Sequence[Shot] = ()) -> Titles:
    """Writes the script of a video's words and its font into the work folder."""
    text, shades = _set(job, reading, shots)
    if not text:
        return Titles()
    try:
        able = "ass" in find_ffmpeg().filters
    except FFmpegMissing:
        return Titles()
    if not able:
        return Titles(warnings=("This FFmpeg has no libass, so the picture has no words in it.",))
    (work / _SCRIPT).write_text(text, encoding="utf-8")
    return Titles(filters=f"ass=f={_SCRIPT}", env=font_folder(work), shades=shades)


def script(job: RenderJob, reading: Reading, shots: Sequence[Shot] = ()) -> str:
    """The SubStation script of a video's words; empty if it has none."""
    return _set(job, reading, shots)[0]


def _set(job: RenderJob, reading: Reading, shots: Sequence[Shot]) -> tuple[str, tuple[Shade, ...]]:
    """The script, and what goes under its words."""
    sheet = load_style(job.style)
    title = title_of(job.prompt) if job.title is None else job.title
    setter = _Setter(job, sheet, reading)
    events: list[str | Shade]
    if sheet.type["layout"] == "lesson":
        events = list(setter.lesson(title))
    else:
        events = [*setter.title(title), *setter.lower_thirds(shots, len(title))] if title else []
    script = [event for event in events if isinstance(event, str)]
    shades = tuple(event for event in events if isinstance(event, Shade))
    return ass_script(job.width, job.height, [_STYLE], script, wrap=False) if script else "", shades


@dataclass(frozen=True)
class _Setter:
    """One video's type. Sizes are in letter heights (em) or shares of the picture's measure."""

    job: RenderJob
    sheet: StyleSheet
    reading: Reading

    @property
    def type(self) -> Mapping[str, Any]:
        return self.sheet.type

    @property
    def unit(self) -> float:
        """What type is measured by: larger in an upright picture, which is held at arm's length."""
        factor = 1.0 if self.wide else 1.3 if self.upright else 1.1
        return measure(self.job.width, self.job.height) * factor

    @property
    def wide(self) -> bool:
        return is_wide(self.job.width, self.job.height)

    @property
    def upright(self) -> bool:
        return self.job.height > 1.3 * self.job.width

    def title(self, text: str) -> Iterator[str | Shade]:
        """The title of the first seconds: its glow, its letters, its rule."""
        em = 0.066 * self.unit * float(self.type["scale"])
        spacing = em * float(self.type["spacing"]) / 1000
        rows = self._rows(text.upper() if self.type["upper"] else text, em, spacing)
        start, end = self._time(len(text))
        x, y, anchor = self._place(len(rows), em)
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
        """Under the letters of each line, from the height of a capital to the line they stand on."""
        width, height = self.job.width, self.job.height
        line = em * _FONT
        top = at[1] - {7: 0.0, 5: 0.5, 1: 1.0}[anchor] * len(rows) * line
        boxes = []
        for number, row in enumerate(rows):
            wide = width_of(row) * em * _SET + spacing * len(row)
            left = at[0] - (wide / 2 if anchor == 5 else 0.0)
            above = top + number * line
            box = (
                left / width,
                (above + 0.26 * em) / height,
                (left + wide) / width,
                (above + 1.02 * em) / height,
            )
            boxes.append(box)
        return Shade(tuple(boxes), 0.24 * em / height, 0.36, *times, *fades)

    def _rows(self, text: str, em: float, spacing: float) -> list[str]:
        """The title's lines: half of a wide picture is left free; in a narrow one they go from edge to edge."""
        width = self.job.width
        if self.wide:
            return lines(text, 0.56 * width / (em + spacing * 1.6), 2)
        return lines(text, 0.84 * width / (em + max(0.0, spacing) * 3.6), 4 if self.upright else 3)

    def _place(self, rows: int, em: float) -> tuple[float, float, int]:
        width, height = self.job.width, self.job.height
        left = (0.056 if self.wide else 0.07) * width
        return {
            "top-left": (left, 0.085 * height, 7),
            "center": (0.5 * width, 0.42 * height, 5),
            "bottom-left": (left, 0.80 * height - 0.5 * em, 1),
        }[self.type["place"]]

    def _time(self, letters: int) -> tuple[float, float]:
        """From shortly after the first frame, for as long as it takes to read it twice."""
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
        """A line under the title, drawn from its middle or its left."""
        thick = max(2.0, em * 0.075)
        length = min(wide, em * 5.2)
        below = {7: rows * em * _FONT + em * 0.32, 5: rows * em * _FONT / 2 + em * 0.4, 1: em * 0.35}[anchor]
        left = at[0] - (length / 2 if anchor == 5 else 0)
        top = at[1] + below
        middle = left + (length / 2 if anchor == 5 else 0)
        grow = (
            f"\\clip({middle:.0f},{top - 40:.0f},{middle:.0f},{top + 60:.0f})"
            f"\\t(0,700,0.5,\\clip({left - 30:.0f},{top - 40:.0f},{left + length + 30:.0f},{top + 60:.0f}))"
        )
        shape = f"m 0 0 l {length:.0f} 0 {length:.0f} {thick:.0f} 0 {thick:.0f}"
        for layer, look in ((1, f"\\blur{em * 0.2:.1f}\\alpha&H60&"), (2, "")):
            if layer == 2 or self.type["glow"]:
                yield _event(
                    layer,
                    *times,
                    f"{{\\an7\\pos({left:.0f},{top:.0f})\\bord0\\shad0\\1c{_bgr(color)}{look}{grow}\\fad(0,600)\\p1}}{shape}",
                )

    # --- lower thirds ---

    def lower_thirds(self, shots: Sequence[Shot], letters: int) -> Iterator[str | Shade]:
        """A few words of what is being said, where a new shot begins."""
        free = self._time(letters)[1] + 0.4
        for shot in shots:
            begin = shot.start + 0.45
            said = [cue for cue in self.job.cues if shot.start - 0.6 <= cue.start <= shot.start + 1.5]
            end = min(shot.end - 0.35, begin + 4.2)
            text = key_phrase(said[0].text, 64) if said else ""
            if len(text) > 3 and begin >= free and end - begin >= 1.4:
                free = end + 3.0
                yield from self._lower_third(text, begin, end)

    def _lower_third(self, text: str, start: float, end: float) -> Iterator[str | Shade]:
        """A bar of the style's colour, then the words, at the lower left above where players set captions."""
        width, height = self.job.width, self.job.height
        em = 0.036 * self.unit * float(self.type["scale"]) ** 0.5
        spacing = em * min(60.0, float(self.type["spacing"])) / 1000
        rows = lines(
            text.upper() if self.type["upper"] else text, (0.5 if self.wide else 0.78) * width / em, 2
        )
        left, bottom = (0.056 if self.wide else 0.07) * width, 0.80 * height
        tall, thick = len(rows) * em * _FONT, max(2.0, em * 0.11)
        color = self.type["rule"] or self.type["color"]
        bar = f"m 0 0 l {thick:.0f} 0 {thick:.0f} {tall:.0f} 0 {tall:.0f}"
        grow = f"\\pos({left:.0f},{bottom:.0f})\\an1\\fscy0\\t(0,350,0.5,\\fscy100)"
        yield _event(2, start, end, f"{{{grow}\\bord0\\shad0\\1c{_bgr(color)}\\fad(0,350)\\p1}}{bar}")
        x = left + thick + em * 0.5
        slide = f"\\move({x - em * 0.5:.1f},{bottom:.1f},{x:.1f},{bottom:.1f},0,450)"
        weight = max(500, int(self.type["weight"]))
        base = f"\\an1{slide}\\fs{em * _FONT:.1f}\\b{weight}\\fsp{spacing:.2f}\\q2\\fad(380,350)"
        words = "\\N".join(ass_text(row) for row in rows)
        yield self._shade(rows, em, spacing, (x, bottom), 1, (start + 0.1, end), (0.38, 0.35))
        yield _event(2, start + 0.1, end, f"{{{base}\\bord0\\shad0\\1c{_bgr(self.type['color'])}}}{words}")

    # --- lesson ----------------------------------------------------------------------------------------------

    def lesson(self, headline: str) -> Iterator[str]:
        """A headline that stays, and the key phrases as numbered points that come when they are spoken."""
        height, width, unit = self.job.height, self.job.width, self.unit
        left = (0.0625 if self.wide else 0.07) * width
        top, em = (0.105 if self.wide else 0.075) * height, 0.072 * unit * float(self.type["scale"])
        end = max(0.1, self.job.duration - 0.25)
        rows = (
            lines(headline, (0.455 if self.wide else 0.84) * width / em, 3 if self.upright else 2)
            if headline
            else []
        )
        if rows:
            yield from self._headline(rows, (left, top), em, end)
        first = top + (len(rows) * em * 1.16 + 0.104 * unit if rows else 0.02 * unit)
        for page in _pages(
            _points(self.job.cues, self.job.duration), self._fits(len(rows)), self.job.duration
        ):
            for place, (point, until) in enumerate(page):
                y = first + place * 0.132 * unit
                yield from self._bullet(point, until, (left, y))

    def _fits(self, rows: int) -> int:
        """How many points there is room for under a headline of so many lines."""
        room = 4 if self.wide or self.upright else 3
        return room - 1 if rows > 1 else room

    def _headline(self, rows: Sequence[str], at: tuple[float, float], em: float, end: float) -> Iterator[str]:
        (x, y), spacing = at, em * float(self.type["spacing"]) / 1000
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
        color = _bgr(_hex(self.reading.palette.accents[3 % len(self.reading.palette.accents)]))
        yield _event(
            2,
            0.6,
            end,
            f"{{\\an7\\pos({x:.0f},{top:.0f})\\bord0\\shad0\\1c{color}{grow}\\fad(0,300)\\p4}}{shape}",
        )

    def _bullet(self, point: _Point, until: float, at: tuple[float, float]) -> Iterator[str]:
        unit = self.unit
        (x, y), radius = at, 0.033 * unit
        accents = self.reading.palette.accents
        color = _bgr(_hex(accents[(point.number - 1) % min(4, len(accents))]))
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
        return _hex(tuple(a + (b - a) * paler for a, b in zip(ink, paper, strict=True)))  # type: ignore[arg-type]


@dataclass(frozen=True)
class _Point:
    """A key phrase and the seconds in which it is spoken."""

    number: int
    start: float
    end: float
    text: str


def _points(cues: Sequence[Cue], duration: float) -> list[_Point]:
    """The narration's key phrases: one in about four seconds at most, each from the cue that says most."""
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
    """The points in groups of nearly equal size; each group stays until the next begins."""
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
    return f"&H{color[5:7]}{color[3:5]}{color[1:3]}&".upper()


def _hex(color: Color) -> str:
    return "#" + "".join(f"{round(value):02x}" for value in color)


def _circle(radius: float) -> str:
    """A circle as four curves; its box begins at (0, 0)."""
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
    r, end, k = thick / 2 * 8, length * 8, thick / 2 * 8 * 0.5523
    d = 2 * r
    return (
        f"m {r:.0f} 0 l {end - r:.0f} 0 b {end - r + k:.0f} 0 {end:.0f} {r - k:.0f} {end:.0f} {r:.0f} "
        f"b {end:.0f} {r + k:.0f} {end - r + k:.0f} {d:.0f} {end - r:.0f} {d:.0f} l {r:.0f} {d:.0f} "
        f"b {r - k:.0f} {d:.0f} 0 {r + k:.0f} 0 {r:.0f} b 0 {r - k:.0f} {r - k:.0f} 0 {r:.0f} 0"
    )
