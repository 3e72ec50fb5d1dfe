"""Writing ASS scripts."""

from __future__ import annotations

import pytest

from voxweave_nb.media.ass import AssStyle, ass_event, ass_script, ass_text
from voxweave_nb.media.subtitles import read_subtitles


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("plain", "plain"),
        ("{\\b1}bold", "\\{\\\u2060b1\\}bold"),
        ("C:\\new", "C:\\\u2060new"),
        (" one \n\n two", "one\\Ntwo"),
    ],
)
def test_text_is_escaped(text, escaped):
    assert ass_text(text) == escaped


def test_a_style_lists_all_its_fields():
    style = AssStyle(name="Words", size=40, box=True, outline=2.5, alignment=7, margin_left=3)
    assert str(style) == (
        "Style: Words,Inter,40,&H00FFFFFF,&H00FFFFFF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,3,2.5,0,7,3,0,0,1"
    )


def test_an_event_has_its_times_and_layer():
    assert ass_event(1.5, 62, "Words", "hi", layer=2) == "Dialogue: 2,0:00:01.50,0:01:02.00,Words,,0,0,0,,hi"


def test_a_script_declares_every_field_it_writes():
    lines = ass_script(640, 360, [AssStyle(name="A")], [ass_event(0, 1, "A", "hi")], wrap=True).split("\n")
    formats = [line.count(",") for line in lines if line.startswith("Format:")]
    assert formats == [line.count(",") for line in lines if line.startswith(("Style:", "Dialogue:"))]
    assert {"PlayResX: 640", "PlayResY: 360", "WrapStyle: 0"} <= {*lines}


def test_a_script_reads_back_as_subtitles():
    text = ass_script(640, 360, [AssStyle(name="A")], [ass_event(1, 2, "A", ass_text("a\nb"))], wrap=False)
    read = read_subtitles(text)
    assert [(cue.start, cue.end, cue.text) for cue in read.cues] == [(1, 2, "a\nb")]
