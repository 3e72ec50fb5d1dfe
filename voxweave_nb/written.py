"""`Script`: a narration that is still a text."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass

from .errors import ConfigError
from .validation import positive, shown

__all__ = ["LONGEST_TEXT", "Script"]

LONGEST_TEXT = 60_000
"""Characters of a text: half an hour of a fast voice."""

_SLOWEST, _FASTEST = 0.5, 2.0
_LONGEST_PAUSE = 5.0
_WORDS_IN_NAME, _LONGEST_NAME = 5, 40
_VERSION = 1  # another one where the same text would be spoken otherwise


@dataclass(frozen=True, slots=True)
class Script:
    """A text that is spoken before its video is made: `service.submit(Script("Far below the waves ..."))`.

    Attributes:
        text: The text, of up to 60,000 characters. What stands in square brackets is not spoken, nor are emoji.
        voice: A voice's id, such as `"piper/en_US-joe-medium"`, or the path of one; None for the first that is
            installed and speaks the language.
        rate: The speed, from 0.5 to 2; 1 is the voice's own.
        pause: Seconds between two sentences, from 0 to 5; twice as many between paragraphs.
        language: A BCP 47 tag, such as `"en"`; None for the voice's.

    Raises:
        ConfigError: A value is invalid, or there is nothing to say.
    """

    text: str
    voice: str | None = None
    rate: float = 1.0
    pause: float = 0.35
    language: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.text, str):
            raise ConfigError(f"The text is {shown(self.text)}; give the words to speak, as a string.")
        if len(self.text) > LONGEST_TEXT:
            raise ConfigError(
                f"The text has {len(self.text):,} characters; at most {LONGEST_TEXT:,} are spoken, about half an hour. "
                "Make several narrations of it."
            )
        if not any(character.isalnum() for character in self.text):
            raise ConfigError("The text has no words; give the words to speak.")
        rate, pause = positive(self.rate, "rate"), positive(self.pause, "pause", zero=True)
        if not _SLOWEST <= rate <= _FASTEST:
            raise ConfigError(f"rate is {rate:g}; give a number from {_SLOWEST:g} to {_FASTEST:g}.")
        if pause > _LONGEST_PAUSE:
            raise ConfigError(f"pause is {pause:g}; give seconds from 0 to {_LONGEST_PAUSE:g}.")
        object.__setattr__(self, "rate", rate)
        object.__setattr__(self, "pause", pause)

    @property
    def digest(self) -> str:
        """The SHA-256 of the text, the voice and the settings: equal scripts are spoken once."""
        facts = json.dumps({**asdict(self), "version": _VERSION}, sort_keys=True)
        return hashlib.sha256(facts.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def file_name(self) -> str:
        """The name of the file that it is spoken to: its first words, and its digest."""
        words = "-".join(re.findall(r"\w+", self.text.lower())[:_WORDS_IN_NAME])
        return f"{words[:_LONGEST_NAME].strip('-')}-{self.digest[:16]}.wav"
