"""SubRip as it is in the wild, and as it is written."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from voxweave_nb import Cue
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.media.subtitles import read_subtitles, write_subtitles
from voxweave_nb.media.subtitles.srt import SubRip

from .samples import FIELD, NASTY, ONE

CASES = {
    "as it should be": (ONE, [(1, 2, "Hello")]),
    "crlf": (ONE.replace("\n", "\r\n"), [(1, 2, "Hello")]),
    "cr": (ONE.replace("\n", "\r"), [(1, 2, "Hello")]),
    "byte order mark": ("\ufeff" + ONE, [(1, 2, "Hello")]),
    "no hours, no number": ("00:01,000 --> 00:02,500\na\n", [(1, 2.5, "a")]),
    "no fractions": ("0:01 --> 0:02\na\n", [(1, 2, "a")]),
    "dots": ("1\n00:00:01.5 --> 00:00:02.25\na\n", [(1.5, 2.25, "a")]),
    "short fractions": ("1\n00:00:01,5 --> 00:00:02,25\na\n", [(1.5, 2.25, "a")]),
    "odd marks": ("1\n00:00:01, 500 --> 00:00:02:750\na\n", [(1.5, 2.75, "a")]),
    "translated by a machine": ("1\n00: 00: 01,500 -> 00: 00: 02,750\n<i> a </ i>\n", [(1.5, 2.75, "a")]),
    "more than four days": ("1\n100:00:00,000 --> 100:00:01,000\na\n", [(360_000, 360_001, "a")]),
    "before the start": ("1\n-00:00:01,000 --> 00:00:02,000\na\n", [(0, 2, "a")]),
    "placed": ("00:00:00,000 --> 00:00:01,000 X1:10 Y1:20\na\n", [(0, 1, "a")]),
    "no spaces": ("00:00:00,000-->00:00:01,000\na\n", [(0, 1, "a")]),
    "no blank lines": (
        "1\n00:00:00,0 --> 00:00:01,0\na\n2\n00:00:01,0 --> 00:00:02,0\nb\n",
        [(0, 1, "a"), (1, 2, "b")],
    ),
    "blank lines everywhere": (
        "1\n\n00:00:00,0 --> 00:00:01,0\n\na\n\n2\n\n00:00:01,0 --> 00:00:02,0\n\nb\n",
        [(0, 1, "a"), (1, 2, "b")],
    ),
    "a blank line in a cue": ("1\n0:00 --> 0:01\na\n\nb\n", [(0, 1, "a\nb")]),
    "a number without a cue": ("1\n0:00 --> 0:01\na\n\n2\n", [(0, 1, "a")]),
    "numbers that are words": (
        "1\n0:00 --> 0:01\n1984\n\n2\n0:01 --> 0:02\n2\n",
        [(0, 1, "1984"), (1, 2, "2")],
    ),
    "a number alone": ("1\n0:00 --> 0:01\n1984\n", [(0, 1, "1984")]),
    "a number below words": ("1\n0:00 --> 0:01\na\n2\n", [(0, 1, "a\n2")]),
    "a number at the very end": ("1\n0:00 --> 0:01\na\n2", [(0, 1, "a\n2")]),
    "half a letter": ("0:00 --> 0:01\na\ud83cb\n", [(0, 1, "a\ufffdb")]),
    "a whole second in milliseconds": ("0:01,1000 --> 0:03,1000\na\n", [(2, 4, "a")]),
    "numbers with a sign": ("#1\n0:00 --> 0:01\na\n\n#2\n0:01 --> 0:02\nb\n", [(0, 1, "a"), (1, 2, "b")]),
    "numbers with a point": ("1.\n0:00 --> 0:01\na\n\n2.\n0:01 --> 0:02\nb\n", [(0, 1, "a"), (1, 2, "b")]),
    "a hash that is said": ("1\n0:00 --> 0:01\n#7\n2\n0:01 --> 0:02\nb\n", [(0, 1, "#7"), (1, 2, "b")]),
    "a short arrow": ("1\n0:00 -> 0:01\na\n", [(0, 1, "a")]),
    "a broken arrow": ("1\n0:00 -- > 0:01\na\n", [(0, 1, "a")]),
    "an arrow as a dash": ("1\n0:00 –> 0:01\na\n", [(0, 1, "a")]),
    "an arrow as one letter": ("1\n0:00 → 0:01\na\n", [(0, 1, "a")]),
    "an arrow from a page": ("1\n0:00 --&gt; 0:01\na\n", [(0, 1, "a")]),
    "markup": ("1\n0:00 --> 0:01\n<b>bold</b> {\\an8}up <3\n", [(0, 1, "bold up <3")]),
    "html": (
        '1\n0:00 --> 0:01\n<font color="#fff">R&amp;B</font><br/>R&B &lt;i&gt; <em>c</em>\n',
        [(0, 1, "R&B\nR&B <i> c")],
    ),
    "what only looks like html": (
        "1\n0:00 --> 0:01\na < b > c &notes; &copy 3 <3 <you>\n",
        [(0, 1, "a < b > c &notes; &copy 3 <3 <you>")],
    ),
    "numbered letters": ("1\n0:00 --> 0:01\n&#65;&#x42;&hearts;&nbsp;!\n", [(0, 1, "AB♥\u00a0!")]),
    "words before the first cue": ("Subtitles by Ann\n\n1\n0:00 --> 0:01\na\n", [(0, 1, "a")]),
    "words like a script": (
        "1\n0:00 --> 0:01\nDialogue: 0 is\n[Script Info]\n",
        [(0, 1, "Dialogue: 0 is\n[Script Info]")],
    ),
    "an arrow in the words": ("1\n0:00 --> 0:01\nfrom A --> to B\n", [(0, 1, "from A --> to B")]),
}


@pytest.mark.parametrize("name", CASES)
def test_the_oddities_of_real_files_are_read(name):
    text, expected = CASES[name]
    read = read_subtitles(text)
    assert [(cue.start, cue.end, cue.text) for cue in read.cues] == expected
    assert (read.format, read.warnings) == ("srt", ())


def as_players_show(written: str, work: Path) -> list[str]:
    """Return the captions as FFmpeg muxes them into an MP4 and extracts them again."""
    film = work / "film.mp4"
    (work / "captions").write_text(written, encoding="utf-8")
    quiet = [str(find_ffmpeg().path), "-v", "error", "-y"]
    source = ["-f", "srt", "-i", str(work / "captions")]
    subprocess.run([*quiet, *source, "-c:s", "mov_text", str(film)], check=True)
    out = subprocess.run([*quiet, "-i", str(film), "-f", "srt", "-"], check=True, capture_output=True)
    blocks = out.stdout.decode().replace("\r", "").replace("\u2060", "").strip("\n").split("\n\n")
    return [block.split("\n", 2)[2] for block in blocks]


def test_a_player_shows_every_letter(tmp_path):
    texts = [f"a {text} b" for text in NASTY]
    cues = [Cue(2.0 * place, 2.0 * place + 1, text) for place, text in enumerate(texts)]
    shown = as_players_show(SubRip().write(cues), tmp_path)
    assert shown == [text.replace("\u2060", "") for text in texts]


@pytest.mark.parametrize("text", ["Plain words", "R&D: 3 < 5", "C:\\Users", "a - b -- c", "{note} (1984)"])
def test_text_that_no_player_misreads_is_unchanged(text):
    assert write_subtitles([Cue(0, 1, text)], "srt") == f"1\n00:00:00,000 --> 00:00:01,000\n{text}\n"


@pytest.mark.parametrize("text", NASTY)
def test_arrows_are_in_timing_lines_only(text):
    written = write_subtitles([Cue(0, 1, text)], "srt")
    assert [line for line in written.split("\n") if "-->" in line] == ["00:00:00,000 --> 00:00:01,000"]


def test_numbers_of_the_field_are_no_text():
    read = read_subtitles(FIELD / "hash_numbers.srt")
    assert [cue.text for cue in read.cues] == ["The sea is far below.", "Waves come and go."]
    assert read_subtitles(FIELD / "talk.srt").warnings == ()
