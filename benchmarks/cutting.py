"""Does cutting pay for little more than it uses, at good places? On made-up narrations of five minutes, beside greedy.

Greedy is what is written first: the longest clip that reaches the end of a sentence, without slowing clips down. Both
choose among the same places. The narrations have the measure of read texts: sentences of 2 to 9 s, one in seven longer,
in paragraphs of 1 to 4. Each model of the table is cut for all narrations. Their captions have times of words, or have
a whole sentence or up to eight words without such times, or are missing, so that the pauses alone count. No cut may lie
inside a word, except those forced in speech without pauses of which no times are known. The worst is of one narration.

`scripts/bench --cutting`, or `python benchmarks/cutting.py [NARRATIONS]`
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from voxweave_nb.models import Cue, Word
from voxweave_nb.providers.types import Price
from voxweave_nb.storyboard.cutting import Boundary, Span, boundaries, cut
from voxweave_nb.storyboard.lengths import ClipLengths

NARRATIONS = 20
MOST_PAID, MOST_PAID_CONTINUOUS, MOST_CLIPS, MOST_SECONDS = 1.10, 1.005, 0.95, 0.1

MODELS = {
    "4/8/12 by the second": ClipLengths((4, 8, 12), price=Price(0.10, "second").of),
    "5/10 by the video": ClipLengths((5, 10), price=Price(0.20, "video").of),
    "2-10 by the second": ClipLengths((2, 10), continuous=True, price=Price(0.10, "second").of),
    "3-15, price unknown": ClipLengths((3, 15), continuous=True),
    "5 by the video": ClipLengths((5,), price=Price(0.40, "video").of),
    "any length, free": ClipLengths(price=Price(0.0, "second").of),
}
FORMS = ("words", "sentences", "short", "pauses")
KINDS = ("paragraph", "sentence", "clause", "pause", "word", "forced")


@dataclass
class Narration:
    """A made-up narration: its captions with the times of all words, its pauses, and its length in seconds."""

    cues: list[Cue]
    pauses: list[tuple[float, float]]
    duration: float

    @property
    def forms(self) -> dict[str, tuple[list[Cue], list[tuple[float, float]]]]:
        """What may be known of it: captions and pauses."""
        plain = [Cue(each.start, each.end, each.text) for each in self.cues]
        short = [part for each in self.cues for part in _in_parts(each)]
        return {
            "words": (self.cues, self.pauses),
            "sentences": (plain, self.pauses),
            "short": (short, self.pauses),
            "pauses": ([], self.pauses),
        }


def _in_parts(cue: Cue) -> list[Cue]:
    """Return captions of at most eight words, as most files have them, without times of words."""
    parts = [cue.words[at : at + 8] for at in range(0, len(cue.words), 8)]
    return [Cue(part[0].start, part[-1].end, " ".join(word.text for word in part)) for part in parts]


def narration(seed: int, seconds: float) -> Narration:
    """Return a narration of at least so many seconds."""
    rng = random.Random(seed)
    cues: list[Cue] = []
    pauses = [(0.0, 0.3)]
    at = 0.3
    while at < seconds:
        for _ in range(rng.choice((1, 2, 2, 3, 4))):
            count = rng.randint(24, 44) if rng.random() < 0.14 else rng.randint(5, 22)
            words: list[Word] = []
            since = 0
            for number in range(count):
                letters = "".join(
                    rng.choices("abcdefghijklmnoprstuvwy", k=min(12, 1 + int(rng.expovariate(0.28))))
                )
                since += 1
                clause = since >= 4 and number < count - 3 and rng.random() < 0.18
                sign = "." if number == count - 1 else "," if clause else ""
                spoken = 0.11 + 0.052 * len(letters) * rng.uniform(0.8, 1.25)
                words.append(Word(letters.capitalize() if not number else letters + sign, at, at + spoken))
                words[-1] = Word(
                    words[-1].text if sign in words[-1].text else words[-1].text + sign, at, at + spoken
                )
                at += spoken
                if clause:
                    since = 0
                    if rng.random() < 0.8:
                        gap = rng.uniform(0.12, 0.3)
                        pauses.append((at, at + gap))
                        at += gap
            cues.append(Cue(words[0].start, at, " ".join(word.text for word in words), tuple(words)))
            gap = rng.uniform(0.18, 0.45)
            pauses.append((at, at + gap))
            at += gap
        gap = rng.uniform(0.3, 0.6)
        pauses[-1] = (pauses[-1][0], at + gap)
        at += gap
    return Narration(cues, pauses, at)


def greedy(places: Sequence[Boundary], lengths: ClipLengths) -> list[Span]:
    """Return scenes that each reach as far as the longest clip does: to a sentence, else to whatever place there is."""
    longest = lengths.lengths[-1] if lengths.lengths else 12.0
    spans: list[Span] = []
    at = 0
    while at < len(places) - 1:
        near = [
            number
            for number in range(at + 1, len(places))
            if places[number].time - places[at].time <= longest
        ]
        good = [number for number in near if places[number].kind in ("end", "paragraph", "sentence")]
        to = (good or near or [at + 1])[-1]
        seconds = places[to].time - places[at].time
        fits = [each for each in lengths.lengths if each >= seconds]
        asked = min(max(seconds, lengths.shortest), longest) if lengths.continuous else (fits or [seconds])[0]
        spans.append(Span(places[at].time, places[to].time, asked, None, places[at].kind, places[to].kind))
        at = to
    return spans


def inside_words(spans: Sequence[Span], words: Sequence[Word]) -> int:
    """Count the cuts inside a word; where nothing is known of words, forced cuts may be."""
    cuts = [span.end for span in spans[:-1] if span.closes != "forced"]
    return sum(any(word.start < time < word.end for word in words) for time in cuts)


def measure(name: str, form: str, count: int) -> tuple[dict[str, float], dict[str, int]]:
    """Return the figures of a model, and the kinds of its cuts."""
    lengths = MODELS[name]
    paid = used = by_greedy = 0.0
    clips = greedy_clips = inside = 0
    worst = worst_clips = longest = 0.0
    shortest = float("inf")
    kinds = dict.fromkeys(KINDS, 0)
    for seed in range(count):
        made = narration(seed, 300)
        cues, pauses = made.forms[form]
        places = boundaries(cues, pauses, made.duration, longest=lengths.longest)
        spans = cut(places, lengths)
        other = greedy(
            boundaries(cues, pauses, made.duration, longest=lengths.lengths[-1] if lengths.lengths else 12),
            lengths,
        )
        own = sum(each.asked for each in spans)
        paid, used, by_greedy = (
            paid + own,
            used + made.duration,
            by_greedy + sum(each.asked for each in other),
        )
        worst, worst_clips = max(worst, own / made.duration), max(worst_clips, len(spans) / len(other))
        clips, greedy_clips = clips + len(spans), greedy_clips + len(other)
        inside += inside_words(spans, [word for cue in made.cues for word in cue.words])
        shortest = min(shortest, *(each.seconds for each in spans))
        longest = max(longest, *(each.seconds for each in spans))
        for span in spans[:-1]:
            kinds[span.closes] += 1
    figures = {
        "clips": clips / count, "greedy clips": greedy_clips / count, "paid": paid / used,
        "greedy paid": by_greedy / used, "worst": worst, "worst clips": worst_clips, "inside": inside,
        "shortest": shortest, "longest": longest,
    }  # fmt: skip
    return figures, kinds


def hour(form: str) -> tuple[float, int, int]:
    """Return the seconds that an hour of captions takes, as the best of five, the number of captions and of scenes."""
    made = narration(1, 3600)
    cues, pauses = made.forms[form]
    lengths = MODELS["4/8/12 by the second"]
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        spans = cut(boundaries(cues, pauses, made.duration, longest=lengths.longest), lengths)
        best = min(best, time.process_time() - began)
    return best, len(cues), len(spans)


def main() -> int:
    """Print the figures; return 1 if one is over its limit."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else NARRATIONS
    well = True
    print(
        f"{count} narrations of 5 minutes; paid: seconds of clips over seconds of narration, greedy in brackets"
    )
    for name, lengths in MODELS.items():
        for form in FORMS:
            figures, kinds = measure(name, form, count)
            by_video = name.startswith("5/10")
            limit = MOST_PAID_CONTINUOUS if lengths.continuous else MOST_PAID
            good = figures["worst"] <= limit if lengths.continuous or name.startswith("4/") else True
            good &= figures["clips"] <= MOST_CLIPS * figures["greedy clips"] if by_video else True
            good &= figures["inside"] == 0 and (form != "words" or not kinds["forced"])
            # Where the model sets no limit, every scene has 4 to 12 s.
            good &= not lengths.unlimited or (figures["shortest"] >= 4 and figures["longest"] <= 12)
            well &= bool(good)
            ends = " ".join(f"{kind} {number}" for kind, number in kinds.items() if number)
            fewer = figures["clips"] / figures["greedy clips"]
            print(
                f"  {name:21} {form:9} {figures['clips']:4.1f} clips ({figures['greedy clips']:4.1f}, {fewer:.2f} of "
                f"it, worst {figures['worst clips']:.2f}), "
                f"paid {figures['paid']:.3f} ({figures['greedy paid']:.3f}), worst {figures['worst']:.3f}; "
                f"scenes of {figures['shortest']:.1f} to {figures['longest']:.1f} s; "
                f"in words {figures['inside']:.0f}; {ends}"
                f"{'' if good else '  <- over the limit'}"
            )
    for form in FORMS:
        seconds, cues, scenes = hour(form)
        well &= seconds <= MOST_SECONDS
        print(
            f"an hour, {cues} captions, {form}: {scenes} scenes in {seconds:.3f} CPU s (at most {MOST_SECONDS:g})"
        )
    return int(not well)


if __name__ == "__main__":
    sys.exit(main())
