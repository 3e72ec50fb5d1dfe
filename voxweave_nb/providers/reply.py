"""What a server answered, as the providers read it: without control characters and without the key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .backoff import asked_pause
from .decoding import Undecodable, decode_answer, parse_object, text_of

__all__ = ["LONGEST_BODY", "Reply", "read_reply"]

LONGEST_BODY = 2000
"""Number of characters kept of a server's own words."""

_LONGEST_TEXT = 1_000_000
"""Number of characters kept of an answer's text."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of a server.

    Attributes:
        status: The HTTP status.
        headers: The headers, names in lower case.
        text: The body as text, at most a million characters, without control characters and with the key masked.
        data: The body if it is a JSON object, else None.
    """

    status: int
    headers: Mapping[str, str]
    text: str
    data: dict[str, Any] | None

    @property
    def ok(self) -> bool:
        """True if the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def retry_after(self) -> float | None:
        """The seconds to wait, from `retry-after-ms` or `retry-after` (RFC 9110, 10.2.3), or None."""
        return asked_pause(self.headers)

    @property
    def words(self) -> str:
        """The server's error message: from the usual JSON fields, else the body as one line."""
        found: Any = self.data or {}
        for name in ("error", "message", "detail", "msg"):
            if isinstance(found, dict) and found.get(name):
                found = found[name]
        text = found if isinstance(found, str) else self.text
        return " ".join(text.split())[:LONGEST_BODY]


def read_reply(status: int, headers: Mapping[str, str], content: bytes, clean: Callable[[str], str]) -> Reply:
    """Return an answer with its body decoded.

    Args:
        status: The HTTP status.
        headers: The headers, names in any case.
        content: The body, as it was sent.
        clean: Applied to every text that the server chose: the headers, the body, and each text in a JSON object.
    """
    cleaned = {name.lower(): clean(value) for name, value in headers.items()}
    try:
        content = decode_answer(content, cleaned.get("content-encoding", ""))
    except Undecodable as error:
        return Reply(status, cleaned, f"(the answer {error})", None)
    text = clean(text_of(content[: 4 * _LONGEST_TEXT]))[:_LONGEST_TEXT]
    # In the parsed texts too: there a key is plain that was escaped before.
    return Reply(status, cleaned, text, parse_object(content, clean))
