"""SubStation Alpha as it is in the wild: read as plain text."""

from __future__ import annotations

import pytest

from voxweave_nb.media.subtitles import read_subtitles

from .samples import SCRIPT_HEAD, dialogue

CASES = {
    "commands": (
        SCRIPT_HEAD + dialogue("{\\fscx100000}big\\Ntext{\\b1}, a comma\\h!"),
        [(1, 2, "big\ntext, a comma\u00a0!")],
    ),
    "comments and drawings": (
        SCRIPT_HEAD
        + dialogue("kept")
        + dialogue("no").replace("Dialogue", "Comment")
        + dialogue("{\\p1}m 0 0 l 9 9{\\p0}"),
        [(1, 2, "kept")],
    ),
    "a drawing before words": (
        SCRIPT_HEAD + dialogue("{\\an5\\p2}m 0 0 l 9 9{\\p0\\pos(1,2)}words"),
        [(1, 2, "words")],
    ),
    "karaoke": (SCRIPT_HEAD + dialogue("{\\k20}far {\\k30}be{\\kf9}low"), [(1, 2, "far below")]),
    "braces that never close": (SCRIPT_HEAD + dialogue("a {b"), [(1, 2, "a {b")]),
    "entities are letters": (SCRIPT_HEAD + dialogue("R&amp;B <b>"), [(1, 2, "R&amp;B <b>")]),
    "ssa": (
        "[Script Info]\n[V4 Styles]\n[Events]\nFormat: Marked, Start, End, Style, Name, MarginL, MarginR, MarginV, "
        "Effect, Text\nDialogue: Marked=0,0:00:01.00,0:00:02.00,Default,,0000,0000,0000,,old\n",
        [(1, 2, "old")],
    ),
    "fields of its own": (
        "[Events]\nFormat: Start, End, Text\nDialogue: 0:00:01.00,0:00:02.00,a, b\n",
        [(1, 2, "a, b")],
    ),
    "styles do not name the fields": (
        "[V4+ Styles]\nFormat: Name, Fontname\nStyle: Default,Arial\n\n[Events]\n" + dialogue("a"),
        [(1, 2, "a")],
    ),
    "a damaged line": (
        SCRIPT_HEAD + dialogue("no", start="soon") + dialogue("a") + "Dialogue: 0,0:00:05",
        [(1, 2, "a")],
    ),
    "missing margins": (SCRIPT_HEAD + "Dialogue: 0,0:00:01.00,0:00:02.00,,,,,,,a\n", [(1, 2, "a")]),
    "a negative start": (SCRIPT_HEAD + dialogue("a", start="-0:00:01.00"), [(0, 2, "a")]),
    "crlf": ((SCRIPT_HEAD + dialogue("a")).replace("\n", "\r\n"), [(1, 2, "a")]),
    "ten hours": (SCRIPT_HEAD + dialogue("a", "10:00:00.00", "10:00:01.00"), [(36_000, 36_001, "a")]),
}


@pytest.mark.parametrize("name", CASES)
def test_the_oddities_of_real_files_are_read(name):
    text, expected = CASES[name]
    read = read_subtitles(text)
    assert [(cue.start, cue.end, cue.text) for cue in read.cues] == expected
    assert (read.format, read.warnings) == ("ass", ())
