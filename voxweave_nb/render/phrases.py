"""Words for the picture: a title out of a prompt, a short phrase out of a spoken sentence, lines that fit."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["key_phrase", "lines", "title_of", "width_of"]

_ORDER = re.compile(
    r"^(?:please\s+)?(?:(?:create|make|generate|show|render|draw|give)\s+(?:me\s+|us\s+)?)?"
    r"(?:an?\s+|the\s+)?(?:short\s+)?(?:video|film|clip|movie|animation|scene|picture)\s+(?:of|about|showing|with|on)\s+",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:and|but|yet|so|or|then|now|well|also|thus|however|indeed|today|first|finally|therefore)\b[\s,]+",
    re.IGNORECASE,
)
_DANGLING = re.compile(
    r"[\s,;:–—-]+(?:and|or|but|the|a|an|of|in|on|at|to|for|with|by|from|over|under|into|that|which|is|are)$",
    re.IGNORECASE,
)
_PART = re.compile(
    r"^(?:and\s+)?(?:to|or|nor|who|which|whose|where|when|while|because|as|if)\b", re.IGNORECASE
)
_BREAK = re.compile(
    r"\s(?=(?:in|on|at|to|for|with|by|from|that|which|who|where|when|while|because|as|and|but|or|if|we|they|you|it|i)\b)",
    re.IGNORECASE,
)
_PLAIN = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be been but by can could do does for from had has have he her his i if in into is it its "
        "more most not of on or our she so some than that the their them then there these they this those to very "
        "was we were what when which who will with would you your",
    )
)
_LOST = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]")


def title_of(prompt: str, longest: int = 54) -> str:
    """A title made of a prompt's first thought; empty for an empty prompt."""
    text = " ".join(_LOST.sub("", prompt).split())
    text = _ORDER.sub("", text)
    text = re.split(r"(?<=[.!?。！？])\s|[;\n]", text + " ")[0].strip().rstrip(".。,:; ")
    if len(text) > longest and "," in text[12 : longest + 1]:
        text = text[: text.rindex(",", 12, longest + 1)]
    return _first_up(_cut(text, longest))


def key_phrase(sentence: str, longest: int = 60) -> str:
    """The part of a spoken sentence that says most, short enough for a slide."""
    text = " ".join(_LOST.sub("", sentence).split()).strip(" \"'“”‘’.…–—-")
    text = _LEAD.sub("", text)
    clauses = [
        part.strip()
        for part in re.split(r"[,;:–—?!.]\s", text)
        if part.strip() and not _PART.match(part.strip())
    ]
    best = max(reversed(clauses), key=_content, default=text)
    if len(text) > 36 and _content(best) >= 3 and len(best) >= 14:
        text = _LEAD.sub("", best)
    if len(text) > longest:
        ends = [match.start() for match in _BREAK.finditer(text) if 24 <= match.start() <= longest - 8]
        text = text[: ends[-1]] if ends else text
    return _first_up(_cut(text, longest))


def _content(clause: str) -> int:
    return len({word for word in re.findall(r"\w+", clause.lower()) if word not in _PLAIN})


def _cut(text: str, longest: int) -> str:
    if len(text) > longest:
        space = text.rfind(" ", longest // 2, longest + 1)
        text = text[: space if space > 0 else longest]
        while _DANGLING.search(text):
            text = _DANGLING.sub("", text)
    return text.rstrip(" .,;:–—-")


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]


def width_of(text: str) -> float:
    """About how wide a text is in Inter's bolder weights, in letter heights (em)."""
    return sum(_letter(character) for character in text)


def _letter(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in "iljtfrI.,:;'|!()[]-’ ":
        return 0.33
    if character in "mwMW@%":
        return 0.9
    return 0.7 if character.isupper() else 0.59


def lines(text: str, widest: float, most: int) -> list[str]:
    """A text in at most `most` lines of about equal length, none wider than `widest` em where that is possible."""
    for count in range(1, most + 1):
        broken = _balanced(text, width_of(text) / count * (1.0 if count == 1 else 1.12), count)
        if max(map(width_of, broken)) <= widest:
            return broken
    kept = _balanced(text, widest, 99)
    return kept if len(kept) <= most else [*kept[: most - 1], kept[most - 1].rstrip(" ,") + "…"]


def _balanced(text: str, goal: float, most: int) -> list[str]:
    broken = [""]
    for word in text.split(" ") if " " in text else _pieces(text, goal):
        joined = f"{broken[-1]} {word}" if broken[-1] and " " in text else broken[-1] + word
        if broken[-1] and width_of(joined) > goal and len(broken) < most:
            broken.append(word)
        else:
            broken[-1] = joined
    return _without_dangling(broken)


def _without_dangling(broken: list[str]) -> list[str]:
    """Articles and prepositions go to the line of the word that they belong to."""
    for number in range(len(broken) - 1):
        if _DANGLING.search(broken[number]):
            broken[number], word = broken[number].rsplit(maxsplit=1)
            broken[number + 1] = f"{word} {broken[number + 1]}"
    return broken


def _pieces(text: str, goal: float) -> list[str]:
    """One unbroken word as letters if it is too wide (Chinese and Japanese have no spaces), else as it is."""
    return list(text) if width_of(text) > goal else [text]
