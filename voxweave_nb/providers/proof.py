"""The table of answers that prove that a submission was not taken; every other answer leaves a doubt."""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["NOT_TAKEN", "NOT_TAKEN_IN_OWN_WORDS", "is_proof", "wrapped_code"]

NOT_TAKEN = frozenset({400, 401, 402, 403, 404, 405, 410, 413, 415, 422, 429})
"""HTTP statuses that a server sends before it takes a job."""

NOT_TAKEN_IN_OWN_WORDS = frozenset({503, 529})
"""HTTP statuses that prove it only in the server's own words: a proxy sends them too, for a server behind it.

Own words are an error under `error` or `detail`, or a `code`: API gateways have a bare `message`, as AWS's and Kong's.
"""

_ERROR_FIELDS = ("error", "detail", "message", "msg", "code")
_WRAPPED = re.compile(r"(?:\b|\\[nrt])litellm\.")
_LOST = re.compile(
    r"disconnected|time(?:d )?-?out|timing out|broken pipe|connection ?error|reset by peer|bad gateway|"
    r"connection (?:\w+ ){0,2}(?:reset|closed|lost|aborted|refused|terminat\w+|broke\w*)|"
    r"clos(?:ed|es|ing) (?:the )?connection|without (?:\w+ ){0,3}(?:response|message|answer)",
    re.IGNORECASE,
)
_BEHIND = re.compile(r"upstream|backend|gateway", re.IGNORECASE)
_INNER_ERROR = re.compile(r"""["'](?:error|detail|message|code)["']\s*:""")
_INNER_STATUS = re.compile(r"""["'](?:code|status|status_code)["']\s*:\s*["']?([3-5]\d\d)\b""")
_INNER_CODE = re.compile(r"""["']code["']\s*:\s*["']([\w.-]+)["']""")


def is_proof(status: int, body: str, *, retry_after: float | None = None) -> bool:
    """Return True if an unsuccessful answer to a submission proves that it was not taken.

    A code that a provider documents is its adapter's business: the adapter gives the error a `source`.

    Args:
        status: The HTTP status.
        body: The answer's body, or its start.
        retry_after: Seconds to wait, as the answer asks, or None if it does not ask.
    """
    words = _error_text(body)
    if wrapped := _WRAPPED.search(words) or _WRAPPED.search(body):
        return not _LOST.search(words + body) and _is_wrapped_proof(status, words, wrapped)
    if status in NOT_TAKEN_IN_OWN_WORDS:
        return retry_after is not None or _is_own_error(body)
    return status in NOT_TAKEN


def _is_own_error(body: str) -> bool:
    """Return True for a JSON error of the server itself, which is not about a connection to another server."""
    data = _parsed(body)
    if not isinstance(data, dict) or _LOST.search(body) or _BEHIND.search(body):
        return False
    code = data.get("code")  # an HTTP status says nothing more than the answer's own
    own_code = isinstance(code, (str, int)) and code and not re.fullmatch(r"\d{3}", str(code))
    return bool(own_code) or any(
        data.get(name) and isinstance(data[name], (str, dict, list)) for name in ("error", "detail")
    )


def _is_wrapped_proof(status: int, words: str, wrapped: re.Match[str]) -> bool:
    """Return True if LiteLLM's own sentence holds an error that proves it, of the server behind it."""
    inner = wrapped.string[wrapped.start() :].replace("\\", "").partition("{")[2]
    statuses = {int(found) for found in _INNER_STATUS.findall(inner)}
    if statuses - NOT_TAKEN - NOT_TAKEN_IN_OWN_WORDS:
        return False
    # In a body that is not parsed, what follows may be LiteLLM's own fields.
    whole = wrapped.string is words and bool(_INNER_ERROR.search(inner))
    return status in NOT_TAKEN or (status in NOT_TAKEN_IN_OWN_WORDS and whole)


def wrapped_code(data: dict[str, Any] | None) -> str:
    """Return the code of the error that LiteLLM wraps in its own `message`, or an empty text."""
    words = _text_of(data)
    found = _INNER_CODE.search(words) if _WRAPPED.search(words) and not _LOST.search(words) else None
    return found[1] if found else ""


def _error_text(body: str) -> str:
    """Return the error in a body that is a JSON object, as text; empty for pages and other bodies."""
    return _text_of(_parsed(body))


def _parsed(body: str) -> object:
    """Return a body's JSON value, or None."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _text_of(data: object) -> str:
    """Return the text of the first error field; a nested one is asked for its own `message`."""
    if not isinstance(data, dict):
        return ""
    found = next((data[name] for name in _ERROR_FIELDS if data.get(name)), "")
    if isinstance(found, dict):
        return _text_of(found) or json.dumps(found)
    return found if isinstance(found, str) else json.dumps(found)
