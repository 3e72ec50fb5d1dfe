"""What can go wrong, as data, and the script that says when it does."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from ..errors import ConfigError

__all__ = ["STEPS", "Fault", "Faults", "Step"]

Step = Literal["upload", "create", "poll", "result", "content", "list", "cancel"]

STEPS: tuple[Step, ...] = ("upload", "create", "poll", "result", "content", "list", "cancel")
"""What a client can ask for; `result` is fal's alone, where the outcome is asked for apart from the status."""


@dataclass(frozen=True)
class Fault:
    """One way to break, made by one of its class methods.

    Attributes:
        kind: The class method's name.
        accept: Whether the request is processed before things break, so that a create is accepted, and billed.
        code: The HTTP status, where one is sent.
        retry_after: Seconds for a `Retry-After` header.
        body: What is sent instead of the provider's own error.
        seconds: How long it hangs or waits.
        rate: Bytes per second.
        share: The part of the answer that is sent, 0 to 1.
        url: Where a redirect leads.
    """

    kind: str
    accept: bool = False
    code: int | None = None
    retry_after: float | None = None
    body: Any = None
    seconds: float | None = None
    rate: float | None = None
    share: float | None = None
    url: str | None = None

    def __str__(self) -> str:
        return f"{self.kind} {self.code}" if self.code else self.kind

    @classmethod
    def refuse_content(cls) -> Self:
        """The provider's own words for a prompt that it will not film."""
        return cls("refuse_content")

    @classmethod
    def reset_before(cls) -> Self:
        """The connection is reset before any of the body has been read."""
        return cls("reset_before")

    @classmethod
    def reset_while_sending(cls) -> Self:
        """The connection is reset after some of the body has been read."""
        return cls("reset_while_sending")

    @classmethod
    def reset_after(cls, *, accept: bool = True) -> Self:
        """The whole request is read, and processed if `accept`; then the connection is reset instead of an answer."""
        return cls("reset_after", accept=accept)

    @classmethod
    def hang(cls, *, accept: bool = False, seconds: float | None = None) -> Self:
        """The whole request is read, and no answer comes; after `seconds` the connection is closed."""
        return cls("hang", accept=accept, seconds=seconds)

    @classmethod
    def delay(cls, seconds: float) -> Self:
        """The right answer, late: the request is processed at once."""
        return cls("delay", accept=True, seconds=seconds)

    @classmethod
    def drip(cls, bytes_per_second: float) -> Self:
        """The right answer, its body slowly."""
        return cls("drip", accept=True, rate=bytes_per_second)

    @classmethod
    def truncate(cls, share: float = 0.5) -> Self:
        """The full length is declared, a part is sent, and the connection is closed."""
        return cls("truncate", accept=True, share=share)

    @classmethod
    def malformed(cls) -> Self:
        """The request is processed, and answered with status 200 and JSON that breaks off."""
        return cls("malformed", accept=True, code=200)

    @classmethod
    def json_as_video(cls) -> Self:
        """Status 200, `Content-Type: video/mp4`, and JSON in it."""
        return cls("json_as_video", code=200)

    @classmethod
    def status(
        cls, code: int, *, retry_after: float | None = None, body: Any = None, accept: bool = False
    ) -> Self:
        """An error status in the provider's own form, or with a body of your own: text, or anything for JSON."""
        return cls("status", accept=accept, code=code, retry_after=retry_after, body=body)

    @classmethod
    def page(cls, code: int = 502, *, accept: bool = False) -> Self:
        """An error status with an HTML page, as proxies send it."""
        return cls("page", accept=accept, code=code)

    @classmethod
    def gone(cls) -> Self:
        """What the provider says where an API no longer is."""
        return cls("gone")

    @classmethod
    def redirect(cls, url: str | None = None, *, code: int = 302) -> Self:
        """Elsewhere: to `url`, or to the job's video on the sandbox's other origin."""
        return cls("redirect", code=code, url=url)


@dataclass
class _Entry:
    step: Step
    fault: Fault
    provider: str | None
    left: int | None
    after: int


@dataclass
class Faults:
    """The faults that are to come; safe to use from any thread."""

    _entries: list[_Entry] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, step: Step, fault: Fault, *, provider: str | None, times: int | None, after: int) -> None:
        """Plans a fault; see `Sandbox.fault`.

        Raises:
            ConfigError: There is no such step.
        """
        if step not in STEPS:
            raise ConfigError(f"There is no step {step!r}; choose one of: {', '.join(STEPS)}.")
        with self._lock:
            self._entries.append(_Entry(step, fault, provider, times, after))

    def take(self, provider: str, step: Step) -> Fault | None:
        """The fault for a request that has just come, or None."""
        with self._lock:
            for entry in self._entries:
                if entry.step != step or entry.provider not in (None, provider) or entry.left == 0:
                    continue
                if entry.after:
                    entry.after -= 1
                    continue
                if entry.left is not None:
                    entry.left -= 1
                return entry.fault
        return None

    def clear(self) -> None:
        """Forgets them all."""
        with self._lock:
            self._entries.clear()
