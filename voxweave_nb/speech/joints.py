"""The cost of a break between two words: little after a sentence, much between an article and its noun.

Words are not understood. Punctuation tells most, then small words of the larger European languages, capitals, numbers,
and in Chinese and Japanese the change from one kind of character to another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..media.sentences import ending
from ..media.typeset import pieces

__all__ = ["Joint", "joints_of"]

_AFTER_SENTENCE, _AFTER_CLAUSE, _BEFORE_LINK, _BETWEEN = 0.0, 1.0, 2.0, 4.0
_IN_A_NAME, _AFTER_SMALL, _IN_A_WORD, _NEVER = 7.0, 8.0, 9.0, 40.0


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


# Words before which a person may breathe: conjunctions and prepositions.
_LINKS = _words(
    "and but or nor so that which who whom whose because although though while when where if unless until since",
    "after before than as with without for from in on at by to into over under between through about against during",
    "within",
    "und aber oder denn sondern dass weil obwohl wenn als wo wie bevor nachdem damit mit ohne für von aus bei nach",
    "zu an auf über unter zwischen durch gegen",
    "et mais ou donc car que qui dont où quand si parce comme avec sans pour de dans sur sous entre par chez",
    "y e pero o u ni quien cuando donde porque con sin para por en sobre hasta desde",
    "ma che chi quando dove se perché come senza per di da su tra fra",
    "mas quem onde com sem em até",
    "en maar of want dat die omdat waar met zonder voor van uit bij naar op",
    "och men eller att som när där om för med utan från til og når hvor fra",
    "i a ale lub albo że który kiedy gdzie jeśli bo z bez dla od do w na pod przez",
    "и а но или что который когда где если потому как с без для от до в на под через о",
)
# Words that lean on the next one: articles, and what a line should not end with.
_SMALL = _words(
    "a an the this that these those my your his her its our their some any no every each is are was were be been am",
    "has have had will would can could may might must shall should do does did not very more most of to in on at by",
    "for from with within and or but as than i you he she we they it who which",
    "der die das den dem des ein eine einen einem einer eines mein sein ihr kein ist sind war waren und oder von zu",
    "mit im am zum zur nicht sehr",
    "le la les un une des du de au aux l ce cette ces mon son sa ses est sont et ou à en ne pas très",
    "el los las una unos unas del al lo su sus mi es era y e o u no muy",
    "il gli i uno della dei delle è sono non più",
    "os as um uma do da dos das na não são mais",
    "het een de zijn niet van den det ett och är inte",
    "и в на с к у о не по за из",
)
_TITLES = frozenset(
    ["mr", "mrs", "ms", "dr", "prof", "st", "mt", "herr", "frau", "m", "mme", "sr", "sra", "san"]
)
_BARE = re.compile(r"^\W+|\W+$")
_KANJI = re.compile("[\u3400-\u9fff々]")
_HIRAGANA, _KATAKANA = re.compile("[\u3040-\u309f]"), re.compile("[\u30a0-\u30ff]")
_PARTICLES = frozenset("はがをにでとものへや")
_CHINESE_ENDS = frozenset("的了着过吗呢吧")


@dataclass(frozen=True, slots=True)
class Joint:
    """The place after a word.

    Attributes:
        disturbs: How much a break here disturbs, from 0 for not at all.
        ends: `"sentence"` or `"clause"` if one ends here, else an empty text.
    """

    disturbs: float
    ends: str


def joints_of(words: Sequence[str], gaps: Sequence[str]) -> list[Joint]:
    """Return the place after each word.

    Args:
        words: The words with their punctuation.
        gaps: What stands after each: a space or nothing.
    """
    following = [*words[1:], ""]
    return [_joint(word, gap, after) for word, gap, after in zip(words, gaps, following, strict=True)]


def _joint(word: str, gap: str, after: str) -> Joint:
    if not after:
        return Joint(_AFTER_SENTENCE, "sentence")
    ends = ending(word, after)
    if ends:
        return Joint(_AFTER_SENTENCE if ends == "sentence" else _AFTER_CLAUSE, ends)
    return Joint(_between(word, after) if gap else _without_space(word, after), "")


def _between(word: str, after: str) -> float:
    last, first = _BARE.sub("", word), _BARE.sub("", after)
    if not last or not first:  # a dash or an emoji: rather after it than before it
        return _AFTER_CLAUSE if not last else _IN_A_NAME
    small, low = last.lower(), first.lower()
    if small in _TITLES or (last[-1].isdigit() and not first[0].isupper()):
        return _AFTER_SMALL
    if small in _SMALL:
        return _AFTER_SMALL
    if low in _LINKS:
        return _BEFORE_LINK
    if first[0].isdigit() and last[:1].isupper():
        return _IN_A_NAME
    return _IN_A_NAME if last[:1].isupper() and first[:1].isupper() else _BETWEEN


def _without_space(word: str, after: str) -> float:
    """Return how much a break disturbs in writing without spaces, or within a word that is wider than a line."""
    last, first = word[-1], after[0]
    if len(pieces(last + first)) < 2:
        return _IN_A_WORD if last.isascii() and first.isascii() else _NEVER
    kinds = [_kind(last), _kind(first)]
    if kinds == ["hiragana", "hiragana"]:
        return _BEFORE_LINK + 1 if last in _PARTICLES else _AFTER_SMALL
    if kinds[0] == "hiragana":
        return _BEFORE_LINK if last in _PARTICLES else _BETWEEN - 1
    if kinds == ["kanji", "hiragana"] or kinds[0] == kinds[1] == "katakana":
        return _IN_A_WORD
    if last in _CHINESE_ENDS:
        return _BEFORE_LINK
    return _BETWEEN + 1 if kinds == ["kanji", "kanji"] else _BETWEEN


def _kind(character: str) -> str:
    if _KANJI.match(character):
        return "kanji"
    if _HIRAGANA.match(character):
        return "hiragana"
    return "katakana" if _KATAKANA.match(character) else "other"
