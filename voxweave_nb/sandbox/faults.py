"""Faults that the sandbox can simulate, and the queue of planned faults."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from ..errors import ConfigError

__all__ = ["STEPS", "Fault", "Faults", "Step"]

Step = Literal["upload", "create", "poll", "result", "content", "list", "cancel", "models"]

STEPS: tuple[Step, ...] = ("upload", "create", "poll", "result", "content", "list", "cancel", "models")
"""The kinds of requests; only fal has `result`, since its status does not contain the outcome."""


@dataclass(frozen=True)
class Fault:
    """A simulated fault; its class methods make one of each kind.

    Attributes:
        kind: The class method's name.
        accept: Process the request before failing, so that a submission is accepted and billed.
        code: The HTTP status, if one is sent.
        retry_after: Seconds for a `Retry-After` header.
        body: Content sent instead of the provider's own error.
        seconds: Duration of a hang or delay.
        rate: Bytes per second of a slow answer.
        share: The part of the answer that is sent, 0 to 1.
        url: Target of a redirect.
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
        """Answer with the provider's content-policy error."""
        return cls("refuse_content")

    @classmethod
    def reset_before(cls) -> Self:
        """Reset the connection before the request's body is read."""
        return cls("reset_before")

    @classmethod
    def reset_while_sending(cls) -> Self:
        """Reset the connection after a part of the request's body is read."""
        return cls("reset_while_sending")

    @classmethod
    def reset_after(cls, *, accept: bool = True) -> Self:
        """Read the whole request, process it if `accept`, and reset the connection instead of answering."""
        return cls("reset_after", accept=accept)

    @classmethod
    def hang(cls, *, accept: bool = False, seconds: float | None = None) -> Self:
        """Read the whole request, process it if `accept`, never answer, and close the connection after `seconds`."""
        return cls("hang", accept=accept, seconds=seconds)

    @classmethod
    def delay(cls, seconds: float) -> Self:
        """Process the request at once and send the right answer late."""
        return cls("delay", accept=True, seconds=seconds)

    @classmethod
    def drip(cls, bytes_per_second: float) -> Self:
        """Send the right answer with a slow body."""
        return cls("drip", accept=True, rate=bytes_per_second)

    @classmethod
    def truncate(cls, share: float = 0.5) -> Self:
        """Declare the full length, send a part, and close the connection."""
        return cls("truncate", accept=True, share=share)

    @classmethod
    def malformed(cls) -> Self:
        """Process the request, and answer with status 200 and truncated JSON."""
        return cls("malformed", accept=True, code=200)

    @classmethod
    def json_as_video(cls) -> Self:
        """Answer with status 200, `Content-Type: video/mp4` and a JSON body."""
        return cls("json_as_video", code=200)

    @classmethod
    def status(
        cls, code: int, *, retry_after: float | None = None, body: Any = None, accept: bool = False
    ) -> Self:
        """Answer with an error status, in the provider's format or with your own body (text, or a value for JSON)."""
        return cls("status", accept=accept, code=code, retry_after=retry_after, body=body)

    @classmethod
    def page(cls, code: int = 502, *, accept: bool = False) -> Self:
        """Answer with an error status and an HTML page, as proxies do."""
        return cls("page", accept=accept, code=code)

    @classmethod
    def gone(cls) -> Self:
        """Answer as the provider does for an API that was shut down."""
        return cls("gone")

    @classmethod
    def redirect(cls, url: str | None = None, *, code: int = 302) -> Self:
        """Redirect to `url`, or to the job's video on the sandbox's second origin."""
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
    """The planned faults; thread-safe."""

    _entries: list[_Entry] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, step: Step, fault: Fault, *, provider: str | None, times: int | None, after: int) -> None:
        """Plan a fault; see `Sandbox.fault`.

        Raises:
            ConfigError: The step is unknown.
        """
        if step not in STEPS:
            raise ConfigError(f"Unknown step {step!r}; choose one of: {', '.join(STEPS)}.")
        with self._lock:
            self._entries.append(_Entry(step, fault, provider, times, after))

    def take(self, provider: str, step: Step) -> Fault | None:
        """Return the fault for a new request, or None."""
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
        """Remove all planned faults."""
        with self._lock:
            self._entries.clear()
