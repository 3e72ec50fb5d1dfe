"""Scripted answers of the chat model."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

__all__ = ["Answer", "Answers"]


@dataclass(frozen=True)
class Answer:
    """A scripted answer.

    Attributes:
        text: The model's message.
        usd: The cost in US dollars that the answer states, or None.
    """

    text: str
    usd: float | None = None


@dataclass
class Answers:
    """The scripted answers in their order; thread-safe."""

    _queue: list[tuple[Answer, int | None]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, answer: Answer, times: int | None) -> None:
        """Script an answer for a number of requests, or for all with None."""
        with self._lock:
            self._queue.append((answer, times))

    def take(self) -> Answer | None:
        """Return the answer to a new request, or None for the model's own."""
        with self._lock:
            if not self._queue:
                return None
            answer, left = self._queue[0]
            if left is not None:
                self._queue[0] = (answer, left - 1)
                if left <= 1:
                    self._queue.pop(0)
            return answer

    def clear(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._queue.clear()
