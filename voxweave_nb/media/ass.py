r"""Writing SubStation Alpha (ASS) scripts, which libass draws into a video: header, styles, events and escaping.

Scripts are only ever written here from plain text. A person's own script is read as plain captions
(`media/subtitles/substation.py`) and never drawn: it can take gigabytes (`\fscx100000`) or minutes (stacked blurs).

Source: the v4.00+ script format as libass reads it (https://github.com/libass/libass/wiki/ASS-File-Format-Guide).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..timecode import ass_time

__all__ = ["BY_FIRST_LETTER", "AssStyle", "ass_event", "ass_script", "ass_text"]

_STYLE_FIELDS = (
    "Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, "
    "StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, "
    "Encoding"
)
BY_FIRST_LETTER = -1
"""The encoding of a style whose lines run in the direction of their first letter, else all run from left to right."""

_EVENT_FIELDS = "Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text"


@dataclass(frozen=True, kw_only=True)
class AssStyle:
    """A named style. Colours are ASS colours, `&HAABBGGRR`; sizes and margins are pixels of the video.

    Attributes:
        name: The name that events refer to.
        font: The font's family.
        size: The line height that libass scales the font to.
        color: Colour of the letters.
        outline_color: Colour of the outline, or of the box.
        back_color: Colour of the shadow, or of the box.
        spacing: Space between letters.
        box: Draw a box behind the text instead of an outline around the letters.
        outline: Width of the outline, or the box's padding.
        shadow: Distance of the shadow.
        alignment: Position as on a numeric keypad: 2 is bottom centre, 7 is top left.
        margin_left: Margin at the left.
        margin_right: Margin at the right.
        margin_vertical: Margin at the top or bottom, by `alignment`.
        encoding: 1, or `BY_FIRST_LETTER` to let each line run in the direction of its first letter.
    """

    name: str
    font: str = "Inter"
    size: int = 48
    color: str = "&H00FFFFFF"
    outline_color: str = "&H00000000"
    back_color: str = "&H00000000"
    spacing: int = 0
    box: bool = False
    outline: float = 0
    shadow: float = 0
    alignment: int = 2
    margin_left: int = 0
    margin_right: int = 0
    margin_vertical: int = 0
    encoding: int = 1

    def __str__(self) -> str:
        fields = (
            *(self.name, self.font, self.size),
            *(self.color, self.color, self.outline_color, self.back_color),
            *(0, 0, 0, 0),  # not bold, italic, underlined or struck out
            *(100, 100, self.spacing, 0),  # scale in percent, spacing, angle
            *(3 if self.box else 1, f"{self.outline:g}", f"{self.shadow:g}"),
            *(self.alignment, self.margin_left, self.margin_right, self.margin_vertical),
            self.encoding,
        )
        return "Style: " + ",".join(map(str, fields))


def ass_script(
    width: int, height: int, styles: Sequence[AssStyle], events: Sequence[str], *, wrap: bool
) -> str:
    """Return a whole script.

    Args:
        width: Width of the video, in pixels.
        height: Height of the video, in pixels.
        styles: The styles that the events use.
        events: Lines returned by `ass_event`.
        wrap: Break lines that are wider than the video; otherwise only where the text has a line break.
    """
    return "\n".join(
        [
            "[Script Info]",
            "ScriptType: v4.00+",
            f"PlayResX: {width}",
            f"PlayResY: {height}",
            f"WrapStyle: {0 if wrap else 2}",
            "ScaledBorderAndShadow: yes",
            "YCbCr Matrix: TV.709",
            "",
            "[V4+ Styles]",
            f"Format: {_STYLE_FIELDS}",
            *map(str, styles),
            "",
            "[Events]",
            f"Format: {_EVENT_FIELDS}",
            *events,
            "",
        ]
    )


def ass_event(start: float, end: float, style: str, text: str, *, layer: int = 0) -> str:
    r"""Return the line that shows a text from `start` to `end`, in seconds.

    Args:
        start: When it appears.
        end: When it disappears.
        style: A style's name.
        text: The text with its commands, such as `{\b600}`; plain text must be escaped with `ass_text`.
        layer: Higher layers are drawn over lower ones.
    """
    return f"Dialogue: {layer},{ass_time(start)},{ass_time(end)},{style},,0,0,0,,{text}"


def ass_text(text: str) -> str:
    """Escape plain text so that libass finds no command in it; blank lines are dropped."""
    # ASS has no escape for a backslash: a word joiner, which has no width, keeps it from starting a command.
    safe = text.replace("\\", "\\\u2060").replace("{", "\\{").replace("}", "\\}")
    return "\\N".join(line.strip() for line in safe.split("\n") if line.strip())
