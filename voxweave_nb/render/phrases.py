"""Text for titles: a title from a prompt, a short phrase from a spoken sentence, lines that fit a width."""

from __future__ import annotations

import re

from ..media.typeset import letters_of, pieces, width_of
from ..media.writing import spaceless

__all__ = ["key_phrase", "lines", "title_of", "width_of"]

_REQUEST = re.compile(
    r"^(?:please\s+)?(?:(?:create|make|generate|show|render|draw|give)\s+(?:me\s+|us\s+)?)?"
    r"(?:an?\s+|the\s+)?(?:short\s+)?(?:video|film|clip|movie|animation|scene|picture)\s+(?:of|about|showing|with|on)\s+",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:and|but|yet|so|or|then|now|well|also|thus|however|indeed|today|first|finally|therefore)\b[\s,]+",
    re.IGNORECASE,
)
_DANGLING = re.compile(
    r"[\s,;:–—-]+(?:and|or|but|the|a|an|of|in|on|at|to|for|with|by|from|over|under|into|that|which|is|are)$",
    re.IGNORECASE,
)
_SUBCLAUSE = re.compile(
    r"^(?:and\s+)?(?:to|or|nor|who|which|whose|where|when|while|because|as|if)\b", re.IGNORECASE
)
_BREAK = re.compile(
    r"\s(?=(?:in|on|at|to|for|with|by|from|that|which|who|where|when|while|because|as|and|but|or|if|we|they|you|it|i)\b)",
    re.IGNORECASE,
)
_STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be been but by can could do does for from had has have he her his i if in into is it its "
        "more most not of on or our she so some than that the their them then there these they this those to very "
        "was we were what when which who will with would you your",
    )
)
_MEAN_WIDTH = 0.59  # em of a letter
_UNDRAWABLE = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]")


def title_of(prompt: str, longest: int = 54) -> str:
    """Return a title made of a prompt's first clause; empty for an empty prompt.

    Args:
        prompt: The prompt.
        longest: Characters.
    """
    text = " ".join(_UNDRAWABLE.sub("", prompt).split())
    text = _REQUEST.sub("", text)
    text = re.split(r"(?<=[.!?])\s|(?<=[。！？؟])|[;；\n]", text + " ")[0].strip().rstrip(".。,:; ")
    if len(text) > longest and "," in text[12 : longest + 1]:
        text = text[: text.rindex(",", 12, longest + 1)]
    return _capitalized(_cut(text, longest))


def key_phrase(sentence: str, longest: int = 60) -> str:
    """Return the clause of a spoken sentence with most content words, short enough for a slide."""
    text = " ".join(_UNDRAWABLE.sub("", sentence).split()).strip(" \"'“”‘’.…–—-")
    text = _OPENING.sub("", text)
    clauses = [
        part.strip()
        for part in re.split(r"[,;:–—?!.]\s|[。，、；：！？]", text)
        if part.strip() and not _SUBCLAUSE.match(part.strip())
    ]
    best = max(reversed(clauses), key=_content, default=text)
    if len(text) > 36 and _content(best) >= 3 and len(best) >= 14:
        text = _OPENING.sub("", best)
    if len(text) > longest:
        ends = [match.start() for match in _BREAK.finditer(text) if 24 <= match.start() <= longest - 8]
        text = text[: ends[-1]] if ends else text
    return _capitalized(_cut(text, longest))


def _content(clause: str) -> int:
    """Count the distinct words that are not stop words."""
    return len({word for word in re.findall(r"\w+", clause.lower()) if word not in _STOP_WORDS})


def _cut(text: str, longest: int) -> str:
    """Shorten a text at a word, without a dangling article, preposition or punctuation."""
    if any(map(spaceless, text)):
        text = _cut_without_spaces(text, longest * _MEAN_WIDTH)
    elif len(text) > longest:
        space = text.rfind(" ", longest // 2, longest + 1)
        text = text[: space if space > 0 else longest]
        while _DANGLING.search(text):
            text = _DANGLING.sub("", text)
    return text.rstrip(" .,;:–—-。、，")


def _cut_without_spaces(text: str, widest: float) -> str:
    """Shorten a text in a script without spaces, where letters are of very different widths, to `widest` em."""
    kept = ""
    for piece in pieces(text):
        if kept and width_of(kept + piece) > widest:
            break
        kept += piece
    return kept


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def lines(text: str, widest: float, most: int) -> list[str]:
    """Break a text into at most `most` lines of similar length, none wider than `widest` em where possible."""
    for count in range(1, most + 1):
        goal = width_of(text) / count * (1.0 if count == 1 else 1.12)
        broken = _balanced(text, goal, count, widest)
        if max(map(width_of, broken)) <= widest:
            return broken
    kept = _balanced(text, widest, 99, widest)
    return kept if len(kept) <= most else [*kept[: most - 1], kept[most - 1].rstrip(" ,") + "…"]


def _balanced(text: str, goal: float, most: int, widest: float) -> list[str]:
    """Break a text into at most `most` lines of about `goal` em; a word wider than `widest` is broken, too."""
    broken = [""]
    for part in (letter for piece in pieces(text) for letter in letters_of(piece, widest)):
        joined = broken[-1] + part
        if broken[-1] and width_of(joined.rstrip(" ")) > goal and len(broken) < most:
            broken.append(part)
        else:
            broken[-1] = joined
    return _without_dangling([row.strip(" ") for row in broken])


def _without_dangling(broken: list[str]) -> list[str]:
    """Move an article or preposition from the end of a line to the next, to the word that it belongs to."""
    for number in range(len(broken) - 1):
        if _DANGLING.search(broken[number]):
            broken[number], word = broken[number].rsplit(maxsplit=1)
            broken[number + 1] = f"{word} {broken[number + 1]}"
    return broken
