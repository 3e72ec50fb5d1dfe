"""What the sandbox was asked, in order, without the keys."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .faults import Fault, Step

__all__ = ["Asked", "History"]

_SECRET = frozenset(
    {"authorization", "x-goog-api-key", "x-api-key", "api-key", "cookie", "proxy-authorization"}
)
_KEY = re.compile(r"([?&]key=)[^&]*")
_LONGEST = 4000
_LONGEST_DATA = 60


@dataclass(frozen=True)
class Asked:
    """One request.

    Attributes:
        provider: Whose protocol it was.
        step: What was asked for.
        method: The HTTP method.
        path: The path and the query.
        status: What was answered, or None where no answer went out (yet).
        job_id: The job that it was about or that it made.
        fault: What broke, if something did.
        at: When it came, in seconds since the epoch.
        headers: Its headers, names in lower case; those that carry keys are left out.
        fields: The fields of its body. A file is a mapping of its name, type and size in bytes; data URIs are cut.
        leaked: Whether a key came to where it does not belong.
    """

    provider: str
    step: Step
    method: str
    path: str
    status: int | None
    job_id: str | None
    fault: Fault | None
    at: float
    headers: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    leaked: bool = False

    def __str__(self) -> str:
        broken = f"  [{self.fault}]" if self.fault else ""
        leaked = "  A KEY CAME ALONG" if self.leaked else ""
        answer = self.status or "no answer"
        return f"{self.provider:<11} {self.step:<7} {self.method} {self.path} -> {answer}{broken}{leaked}"


class History:
    """Collects what is asked; written on the server's thread, read on any."""

    def __init__(self, secrets: Iterable[str], listener: Callable[[Asked], None] | None = None) -> None:
        self._secrets = tuple(secrets)
        self._listener = listener
        self._numbers = itertools.count()
        self._asked: dict[int, Asked] = {}

    def open(self, provider: str, step: Step, method: str, path: str, headers: Mapping[str, str]) -> int:
        """Notes a request as it comes.

        Returns:
            Its number, for `note` and `close`.
        """
        told = {name: self._scrub(text) for name, text in headers.items() if name not in _SECRET}
        path = self._scrub(_KEY.sub(r"\1***", path))
        number = next(self._numbers)
        self._asked[number] = Asked(provider, step, method, path, None, None, None, time.time(), told)
        return number

    def note(self, number: int, **facts: Any) -> None:
        """Adds what has become known of a request."""
        if "fields" in facts:
            facts["fields"] = {name: self._plain(value) for name, value in facts["fields"].items()}
        if facts.get("job_id"):
            facts["job_id"] = self._scrub(facts["job_id"])
        asked = self._asked
        if number in asked:  # else it was forgotten meanwhile
            asked[number] = replace(asked[number], **facts)

    def close(self, number: int) -> None:
        """Tells the listener that a request is done with."""
        if self._listener is not None and number in self._asked:
            self._listener(self._asked[number])

    def all(self) -> tuple[Asked, ...]:
        """Everything, in the order in which it came."""
        return tuple(self._asked.values())

    def clear(self) -> None:
        """Forgets it all."""
        self._asked = {}

    def _scrub(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def _plain(self, value: Any) -> Any:
        if isinstance(value, str):
            longest = _LONGEST_DATA if value.startswith("data:") else _LONGEST
            shown = value if len(value) <= longest else f"{value[:longest]}… ({len(value)} characters)"
            return self._scrub(shown)
        if isinstance(value, Mapping):
            return {str(name): self._plain(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self._plain(part) for part in value]
        return value
