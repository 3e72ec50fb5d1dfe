"""The table of answers that prove that a submission was not taken; every other answer leaves a doubt."""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["NOT_TAKEN", "NOT_TAKEN_IN_OWN_WORDS", "is_proof", "wrapped_code"]

NOT_TAKEN = frozenset({400, 401, 402, 403, 404, 405, 410, 413, 415, 422, 429})
"""HTTP statuses that a server sends before it takes a job."""

NOT_TAKEN_IN_OWN_WORDS = frozenset({503, 529})
"""HTTP statuses that prove it only in the server's own words: a proxy sends them too, for a server behind it."""

_ERROR_FIELDS = ("error", "detail", "message", "msg", "code")
_WRAPPED = re.compile(r"\blitellm\.")
_LOST = re.compile(
    r"disconnected|time(?:d )?-?out|broken pipe|connection ?error|"
    r"connection (?:reset|closed|lost|aborted|refused|broke\w*)",
    re.IGNORECASE,
)
_INNER_ERROR = re.compile(r"""\{.*["'](?:error|detail|message|code)["']\s*:""", re.DOTALL)
_INNER_CODE = re.compile(r"""["']code["']\s*:\s*["']([\w.-]+)["']""")


def is_proof(status: int, body: str, *, retry_after: float | None = None) -> bool:
    """Return True if an unsuccessful answer to a submission proves that it was not taken.

    A code that a provider documents is its adapter's business: the adapter gives the error a `source`.

    Args:
        status: The HTTP status.
        body: The start of the answer's body.
        retry_after: Seconds to wait, as the answer asks, or None if it does not ask.
    """
    words = _error_text(body)
    if _WRAPPED.search(words) and (_LOST.search(words) or status not in NOT_TAKEN):
        # LiteLLM's own sentence around an error of the server behind it, which it may have lost.
        return (
            status in NOT_TAKEN_IN_OWN_WORDS and not _LOST.search(words) and bool(_INNER_ERROR.search(words))
        )
    if status in NOT_TAKEN_IN_OWN_WORDS:
        return bool(words) or retry_after is not None
    return status in NOT_TAKEN


def wrapped_code(data: dict[str, Any] | None) -> str:
    """Return the code of the error that LiteLLM wraps in its own `message`, or an empty text."""
    words = _text_of(data)
    found = _INNER_CODE.search(words) if _WRAPPED.search(words) and not _LOST.search(words) else None
    return found[1] if found else ""


def _error_text(body: str) -> str:
    """Return the error in a body that is a JSON object, as text; empty for pages and other bodies."""
    try:
        return _text_of(json.loads(body))
    except (ValueError, RecursionError):
        return ""


def _text_of(data: object) -> str:
    """Return the text of the first error field; a nested one is asked for its own `message`."""
    if not isinstance(data, dict):
        return ""
    found = next((data[name] for name in _ERROR_FIELDS if data.get(name)), "")
    if isinstance(found, dict):
        return _text_of(found) or json.dumps(found)
    return found if isinstance(found, str) else json.dumps(found)
