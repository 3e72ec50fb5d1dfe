"""Splitting text of any language into sentences, and finding the ends of sentences and clauses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .writing import spaceless

__all__ = ["ending", "gap_between", "sentences"]

_CLOSERS = "\"'”’»›)]}」』）】〉》"
_SENTENCE, _CLAUSE = frozenset(".?!…。？！．؟।॥։။៕⸮۔"), frozenset(",;:、，；：—–،؛")
# Short forms whose full stop ends no sentence. "No." and the like do so only before a number.
_SHORT = re.compile(
    r"(?:^|\W)(?:[A-HJ-Z]|(?i:mr|mrs|ms|dr|prof|vs|nr|fig|[a-z]\.[a-z]|st|mt|jr|sr|gen|col|lt|sgt|capt|rev|hon|approx|dept|"
    r"ca|bzw|sog|abb|hr|hrsg|mme|mlle|mgr|sra|dra|srta|cf|al|т\.е|г|ул|им))\.$"
)
_BEFORE_NUMBER = re.compile(r"(?:^|\W)(?i:no|nos|vol|ch|p|pp|art|sec|op|s|n)\.$")
# A number of an enumeration at the start of a line, and the day before a German or Nordic month.
_ORDINAL = re.compile(r"(?:^|\n)\s*\d{1,3}\.$")
_DAY = re.compile(r"(?:^|\s)\d{1,2}\.$")
_MONTH = re.compile(
    r"\s*(?:Jan|Feb|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez|Jh\b|Jahrhundert|Stock|Klasse|Kapitel|Weltkrieg)"
)
_MOST_BACK = 16  # characters before a full stop that tell whether it ends a sentence

_STOP = re.compile(rf"[{re.escape(''.join(sorted(_SENTENCE)))}]+[{re.escape(_CLOSERS)}]*")
_WIDE = frozenset("。？！．")  # no space follows these
_PARAGRAPH = re.compile(r"\n\s*\n")
# What stands before a line without being spoken: marks of headings, lists and quotations.
_ITEM = re.compile(r"\s*(?:#{1,6}\s+|[-*+•–—]\s+|>\s+)(?=\S)")
_NUMBERED = re.compile(r"\s*\(?\d{1,3}[.)]\s+(?=\S)")


def ending(text: str, after: str = "") -> str:
    """Return `"sentence"`, `"clause"` or an empty text, by the punctuation at the end of a text.

    Args:
        text: The text up to that place.
        after: The text that follows; a small letter shows that a full stop ended no sentence.
    """
    bare = text.rstrip()
    if bare[-1:].isalnum():
        return ""
    open_text = bare.rstrip(_CLOSERS)
    quoted, bare = open_text != bare, open_text.rstrip()
    last, following = bare[-1:], after.lstrip().lstrip(_CLOSERS)
    small = following[:1].islower()
    if last in _SENTENCE and last:
        if last == "." and (small or _goes_on(bare[-_MOST_BACK:], following)):
            return "clause" if bare.endswith("..") else ""
        # “Stop!” she said.
        return "clause" if small and (last == "…" or (quoted and last in "?!")) else "sentence"
    return "clause" if last and last in _CLAUSE else ""


def _goes_on(text: str, following: str) -> bool:
    """Return True if the full stop at the end of a text belongs to a short form or a number."""
    if _SHORT.search(text) or _ORDINAL.search(text):
        return True
    if _BEFORE_NUMBER.search(text):
        return following[:1].isdigit()
    return bool(_DAY.search(text) and _MONTH.match(following))


def sentences(text: str) -> list[str]:
    """Split a text into sentences, each on one line; the marks of headings and lists are left out.

    A paragraph, an item of a list and a line before one end a sentence even without a mark. Other line breaks are those
    of wrapped text. Sentences without anything to read in them, such as `***`, are joined to the one before.
    """
    found: list[str] = []
    for block in _PARAGRAPH.split(text.replace("\r\n", "\n").replace("\r", "\n")):
        for passage in _passages(block):
            for sentence in _split(passage):
                if found and not any(map(str.isalnum, sentence)):
                    found[-1] += gap_between(found[-1], sentence) + sentence
                else:
                    found.append(sentence)
    if len(found) > 1 and not any(map(str.isalnum, found[0])):
        found[:2] = [found[0] + gap_between(found[0], found[1]) + found[1]]
    return found if any(map(str.isalnum, "".join(found[:1]))) else []


def _passages(block: str) -> Iterator[str]:
    """Yield the items and the running text of a paragraph, each on one line."""
    passage = ""
    for line in block.split("\n"):
        item = _ITEM.match(line)
        if (item or _NUMBERED.match(line)) and passage:
            yield passage
            passage = ""
        bare = " ".join((line[item.end() :] if item else line).split())
        passage += gap_between(passage, bare) + bare
        if item and "#" in item[0]:
            yield passage
            passage = ""
    if passage:
        yield passage


def gap_between(before: str, after: str) -> str:
    """Return what stands between two texts that are joined: a space, but none in writing without spaces."""
    if not before or not after:
        return ""
    # Long texts are joined piece by piece: only the end counts.
    last = before[-8:].rstrip("".join(_WIDE) + _CLOSERS + "、，；：")[-1:] or before[-1:]
    return "" if _wide(last) and _wide(after[:1]) else " "


def _wide(character: str) -> bool:
    return spaceless(character) and not "\u0e00" <= character <= "\u0eff"


def _split(passage: str) -> Iterator[str]:
    begin = 0
    for stop in _STOP.finditer(passage):
        end = stop.end()
        spaced = end >= len(passage) or passage[end].isspace()
        if not spaced and not _WIDE & set(stop[0]):
            continue
        before = passage[max(begin, end - 2 * _MOST_BACK) : end]
        if ending(before, passage[end : end + 32]) == "sentence":
            yield passage[begin:end].strip()
            begin = end
    rest = passage[begin:].strip()
    if rest:
        yield rest
