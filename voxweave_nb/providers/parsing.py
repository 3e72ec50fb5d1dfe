"""Parsers for the fields of servers' answers, whose names and forms differ from server to server."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ..models import JobState

__all__ = [
    "error_code",
    "error_words",
    "first_url",
    "fraction",
    "is_missing_model",
    "is_refusal",
    "moment",
    "reported_cost",
    "state_of",
]

_STATES = {
    JobState.QUEUED: "queued pending submitted in_queue created",
    JobState.RUNNING: "in_progress processing running preparing started",
    JobState.SUCCEEDED: "completed complete succeeded success done finished",
    JobState.FAILED: "failed error fail failure expired aborted deleted blocked incomplete budget_exceeded rejected",
    JobState.CANCELED: "cancelled canceled",
}
_BY_NAME = {name: state for state, names in _STATES.items() for name in names.split()}

_REFUSALS = (
    "moderation", "content_policy", "content policy", "contentpolicy", "content_filter", "content checker", "safety",
    "sensitive", "prohibited", "usage polic",
)  # fmt: skip


_MISSING_MODEL = re.compile(
    r"\b(?:unknown|invalid|unsupported|no such|no) model\b|"
    r"\bmodels?\b.{0,120}\b(?:not exist|not found|not supported|not available|unknown|no access)",
    re.IGNORECASE | re.DOTALL,
)


def state_of(status: object) -> JobState:
    """Return the job state for a provider's status; an unknown one counts as running."""
    return _BY_NAME.get(str(status or "").strip().lower().replace("-", "_"), JobState.RUNNING)


def fraction(progress: object) -> float | None:
    """Convert a percentage (0 to 100, also as text) to 0 to 1, or None if it is not a number."""
    if isinstance(progress, bool) or not isinstance(progress, (int, float, str)):
        return None
    with contextlib.suppress(ValueError, OverflowError):
        share = float(str(progress).strip().rstrip("%")) / 100
        return min(1.0, max(0.0, share)) if share == share else None
    return None


def error_words(error: object) -> str:
    """Return the text of an error that is an object, a list or a string."""
    if isinstance(error, Mapping):
        code = error.get("code") or error.get("type")
        words = [error[name] for name in ("message", "msg", "detail") if error.get(name)]
        said = ": ".join(str(part) for part in (code, *words) if part)
        return said or ", ".join(f"{name}: {value}" for name, value in error.items())
    if isinstance(error, (list, tuple)):
        return "; ".join(error_words(one) for one in error)
    return str(error or "")


def error_code(data: Mapping[str, Any] | None) -> str:
    """Return the error code in an answer as text, or an empty text."""
    error = (data or {}).get("error")
    code = error.get("code") if isinstance(error, Mapping) else None
    return str(code if code is not None else (data or {}).get("code") or "")


def is_refusal(words: str) -> bool:
    """Return True if an error's code or text is about the content, not the service."""
    return any(word in words.lower() for word in _REFUSALS)


def is_missing_model(words: str) -> bool:
    """Return True if an error's text says that the model does not exist there."""
    return bool(_MISSING_MODEL.search(words))


def first_url(*candidates: object) -> str | None:
    """Return the first URL among strings, lists of strings and objects with a `url`, or None."""
    for candidate in candidates:
        for one in candidate if isinstance(candidate, (list, tuple)) else (candidate,):
            url = one.get("url") if isinstance(one, Mapping) else one
            if isinstance(url, str) and url.strip():
                return url.strip()
    return None


def moment(time: object) -> float | None:
    """Convert seconds, milliseconds or ISO 8601 text to seconds since 1970, or None."""
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        seconds = float(time)  # type: ignore[arg-type]
        return seconds / 1000 if seconds > 1e11 else seconds
    with contextlib.suppress(ValueError, TypeError):
        at = datetime.fromisoformat(str(time).replace("Z", "+00:00"))
        return at.timestamp() if at.tzinfo else None  # it could be a time of any zone
    return None


def reported_cost(job: Mapping[str, Any]) -> float | None:
    """Return the cost in US dollars that a job reports in `usage.cost`, or None.

    OpenRouter's video API reports it so (API reference, `VideoGenerationUsage`, as of 2026-11).
    """
    usage = job.get("usage")
    cost = usage.get("cost") if isinstance(usage, Mapping) else None
    if isinstance(cost, bool) or not isinstance(cost, (int, float)):
        return None
    return float(cost) if math.isfinite(cost) and cost >= 0 else None


def certain(jobs: Iterable[str]) -> str | None:
    """Return the job if there is exactly one, or None."""
    found = list(dict.fromkeys(jobs))
    return found[0] if len(found) == 1 else None
