"""The sandbox's requests in order, without keys."""

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
    """A request.

    Attributes:
        provider: The provider whose protocol was used.
        step: The kind of request.
        method: The HTTP method.
        path: The path and the query.
        status: The HTTP status of the answer, or None if there was no answer (yet).
        job_id: The job that the request was about, or started.
        fault: The simulated fault, if any.
        at: Time of the request, in seconds since the epoch.
        headers: Its headers, names in lower case; those that carry keys are left out.
        fields: The fields of its body. A file is a mapping of its name, type and size in bytes; data URIs are cut.
        leaked: True if the request carried a key that does not belong there.
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
        fault = f"  [{self.fault}]" if self.fault else ""
        leaked = "  LEAKED KEY" if self.leaked else ""
        answer = self.status or "no answer"
        return f"{self.provider:<11} {self.step:<7} {self.method} {self.path} -> {answer}{fault}{leaked}"


class History:
    """The list of requests; written on the server's thread, read on any thread."""

    def __init__(self, secrets: Iterable[str], listener: Callable[[Asked], None] | None = None) -> None:
        self._secrets = tuple(secrets)
        self._listener = listener
        self._numbers = itertools.count()
        self._requests: dict[int, Asked] = {}

    def open(self, provider: str, step: Step, method: str, path: str, headers: Mapping[str, str]) -> int:
        """Record a new request.

        Returns:
            Its number, for `note` and `close`.
        """
        shown = {name: self._scrub(text) for name, text in headers.items() if name not in _SECRET}
        path = self._scrub(_KEY.sub(r"\1***", path))
        number = next(self._numbers)
        self._requests[number] = Asked(provider, step, method, path, None, None, None, time.time(), shown)
        return number

    def note(self, number: int, **facts: Any) -> None:
        """Update the record of a request."""
        if "fields" in facts:
            facts["fields"] = {name: self._plain(value) for name, value in facts["fields"].items()}
        if facts.get("job_id"):
            facts["job_id"] = self._scrub(facts["job_id"])
        requests = self._requests
        if number in requests:  # else it was cleared meanwhile
            requests[number] = replace(requests[number], **facts)

    def close(self, number: int) -> None:
        """Notify the listener that a request has been answered."""
        if self._listener is not None and number in self._requests:
            self._listener(self._requests[number])

    def all(self) -> tuple[Asked, ...]:
        """Return all requests, the oldest first."""
        return tuple(self._requests.values())

    def clear(self) -> None:
        """Remove all requests."""
        self._requests = {}

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
