"""Do captions fit the screen and the eye? Beside the peer: one caption a sentence, as scripts are cut by hand.

The story of `benchmarks/align.py` is read by a voice and aligned, and its words are broken into captions. Its pace is
about 183 words a minute: 20 characters a second cannot always be kept, since captions are what is said. The same words
are broken as one text of 900 for the time that it takes.

`scripts/bench --breaks`, or `python benchmarks/breaks.py [FOLDER]`, where the speech is kept. It needs
`pip install 'voxweave-nb[speak]' 'piper-tts[alignment]'`.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.align import TEXT, speak
from voxweave_nb.media.narration import RATE
from voxweave_nb.models import Cue, Word
from voxweave_nb.speech.align import align
from voxweave_nb.speech.breaks import break_words
from voxweave_nb.speech.limits import units_of

MOST_FAST, MOST_SECONDS, WORDS = 0.02, 0.15, 900


def greedy(cue: Cue) -> Cue:
    """Return a sentence as one caption, its lines filled to 42 characters."""
    lines = [""]
    for word in cue.text.split():
        if units_of(f"{lines[-1]} {word}") > 42:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return replace(cue, text="\n".join(lines))


def figures(name: str, cues: Sequence[Cue]) -> tuple[int, float]:
    """Print a line of the table; return the captions of wrong form, and the share of those that are too fast."""
    speeds = sorted(len(cue.text.replace("\n", " ")) / (cue.end - cue.start) for cue in cues)
    seconds = [cue.end - cue.start for cue in cues]
    lines = [line for cue in cues for line in cue.text.split("\n")]
    wrong = sum(
        cue.text.count("\n") > 1 or any(units_of(line) > 42 for line in cue.text.split("\n")) for cue in cues
    )
    fast = sum(speed > 20 for speed in speeds)
    short = sum(each < 0.83 for each in seconds)
    print(
        f"  {name:24} {len(cues):3} captions, {len(lines) - len(cues)} second lines; over two lines or 42: {wrong}; "
        f"characters a second: median {speeds[len(speeds) // 2]:.1f}, over 20: {fast}, over 17: "
        f"{sum(speed > 17 for speed in speeds)}; {min(seconds):.2f} to {max(seconds):.2f} s; below 5/6 s: {short}"
    )
    return wrong, fast / len(cues)


def seconds_for(words: Sequence[Word], count: int) -> float:
    """Return the seconds that breaking so many words takes, as the best of three."""
    length = words[-1].end + 0.5
    many = [
        replace(word, start=word.start + turn * length, end=word.end + turn * length)
        for turn in range(count // len(words) + 1)
        for word in words
    ][:count]
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        break_words(many)
        best = min(best, time.process_time() - began)
    return best


def main() -> int:
    """Print the figures; return 1 if one is over its limit."""
    text = TEXT.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(made)
        samples, _ = speak(text, folder, "lighthouse")
    found = align(text, samples)
    duration = len(samples) / RATE
    print(f"{len(found.words)} words in {duration:.0f} s: {60 * len(found.words) / duration:.0f} a minute")
    figures("a caption a sentence", [greedy(each.cue) for each in found.sentences])
    cues = break_words(found.words, found.text, duration=duration)
    wrong, fast = figures("broken", cues)
    taken = seconds_for(found.words, WORDS)
    print(f"  {WORDS} words are broken in {taken:.3f} CPU s (at most {MOST_SECONDS:g})")
    for cue in cues[:6]:
        print(f"    {cue.start:6.2f} {cue.end:6.2f}  {' / '.join(cue.text.split(chr(10)))}")
    return int(wrong > 0 or fast > MOST_FAST or taken > MOST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
