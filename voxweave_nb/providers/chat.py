"""Any OpenAI-compatible chat endpoint: `POST {base}/chat/completions`, with images as data URLs.

A completion is billed like a job, and its answer cannot be fetched later. So it follows the rule for submissions: it is
sent once on a connection of its own, and again only if the table in `proof.py` says that it was not accepted, as HTTP
429 does. HTTP 500, a lost connection and an answer without text are a doubt, and a doubt is not repeated.

Source: platform.openai.com/docs/api-reference/chat/create, as of 2026-11.
"""

from __future__ import annotations

import base64
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import ConfigError, ProviderError, ProviderUnavailable, RequestRefused, SubmissionInDoubt
from .http import LONGEST_BODY, Http, Reply
from .proof import is_proof
from .remote import check_base_url
from .secret import Secret, mask_password

__all__ = ["KEY_VARIABLE", "URL_VARIABLE", "ChatEndpoint", "Completion", "image_part"]

KEY_VARIABLE, URL_VARIABLE = "VOXWEAVE_JUDGE_API_KEY", "VOXWEAVE_JUDGE_BASE_URL"
_ROUTE = "chat/completions"
_LONGEST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Completion:
    """An answer of a chat model.

    Attributes:
        id: The server's id of it, or None.
        text: The answer, or its first part if it is long.
        usd: Its cost in US dollars, as some servers state it, or None.
    """

    id: str | None
    text: str
    usd: float | None = None


def image_part(jpeg: bytes) -> dict[str, Any]:
    """Return a JPEG as a part of a message."""
    url = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode('ascii')}"
    return {"type": "image_url", "image_url": {"url": url}}


class ChatEndpoint:
    """A chat model at an address, opened and used on the background loop.

    Args:
        base_url: The base URL, such as `https://api.openai.com/v1`; by default `VOXWEAVE_JUDGE_BASE_URL`.
        model: The model's name.
        api_key: The key; by default `VOXWEAVE_JUDGE_API_KEY`, or none. Never shown, and sent to this address only.
        timeout: Seconds without any data after which a request times out.

    Attributes:
        base_url: The base URL.
        model: The model's name.

    Raises:
        ConfigError: The address is missing or invalid, or the key has a control character.
    """

    def __init__(
        self,
        base_url: str | None,
        model: str,
        api_key: str | Secret | None = None,
        *,
        timeout: float = 60.0,
    ) -> None:
        api_key, base_url = Secret.of(api_key), mask_password(base_url)
        chosen = base_url if base_url is not None else mask_password(os.environ.get(URL_VARIABLE, "").strip())
        self.base_url = chosen.strip().rstrip("/").removesuffix(f"/{_ROUTE}")
        if not self.base_url:
            raise ConfigError(
                f"No endpoint was given; give the base URL of a chat API, or set {URL_VARIABLE}."
            )
        check_base_url(self.base_url, "The endpoint" if base_url is not None else URL_VARIABLE)
        self.model = model
        self._key = Secret(os.environ.get(KEY_VARIABLE, "").strip()) if api_key is None else api_key
        if not self._key.reveal().isprintable():
            raise ConfigError(
                "The key of the chat endpoint holds a control character; give it as it was issued."
            )
        self._timeout = timeout
        self._connections: _ChatHttp | None = None

    async def complete(
        self,
        messages: Sequence[Mapping[str, Any]],
        options: Mapping[str, Any],
        *,
        longest: int = _LONGEST_TEXT,
    ) -> Completion:
        """Send one request and return the answer; nothing is repeated here.

        Args:
            messages: The messages.
            options: Further fields of the request.
            longest: The number of characters of the answer that are kept, 20,000 by default.

        Raises:
            SubmissionInDoubt: It may have been accepted and billed, but no usable answer came back.
            ProviderUnavailable: Nothing was accepted; `overloaded` if it may be after a pause.
            RequestRefused: The server rejects the request.
        """
        fields = {**options, "model": self.model, "messages": list(messages)}
        # A refused key must not be met as a redirect to another origin: submissions follow none.
        reply = await self._http.send_once(_ROUTE, say=_silent, json=fields)
        text = _text_of(reply.data or {})
        if text is None:
            raise self._http.in_doubt("its answer has no text", reply)
        found = (reply.data or {}).get("id")
        # Half of a character, which JSON allows, could not be written down.
        written = text[:longest].encode("utf-8", "replace").decode()
        return Completion(
            found if isinstance(found, str) and found else None, written, _cost_of(reply.data or {})
        )

    async def aclose(self) -> None:
        """Close the connections."""
        if self._connections is not None:
            connections, self._connections = self._connections, None
            await connections.aclose()

    @property
    def _http(self) -> _ChatHttp:
        if self._connections is None:
            self._connections = _ChatHttp(
                self.model, self.base_url, self._key, timeout=self._timeout, error_of=self._error_of
            )
        return self._connections

    def _error_of(self, reply: Reply) -> ProviderError:
        status, words = reply.status, reply.words[:400] or "no message"
        if not is_proof(status, reply.text, retry_after=reply.retry_after):
            return self._http.in_doubt(f"it answered HTTP {status}: {words.rstrip('.')}", reply)
        what = {
            401: "rejected the key",
            403: "rejected the key",
            402: "requires payment",
            404: f"does not exist at {self.base_url}, or that is not the base URL of a chat API",
            405: f"does not exist at {self.base_url}, or that is not the base URL of a chat API",
            429: "is rate-limited",
        }.get(status, "is failing" if status >= 500 else "rejected the request")
        sentence = f"{self.model} {what} (HTTP {status}): {words}"
        body = reply.text[:LONGEST_BODY]
        if status in (400, 413, 415, 422):
            return RequestRefused(sentence, provider=self.model, status=status, body=body)
        busy = status == 429 or status >= 500
        return ProviderUnavailable(
            sentence,
            provider=self.model,
            status=status,
            body=body,
            overloaded=busy,
            retry_after=reply.retry_after,
        )

    def __repr__(self) -> str:
        return f"ChatEndpoint({self.base_url!r}, {self.model!r})"


class _ChatHttp(Http):
    """The connections, with a doubt in the words of a completion."""

    def in_doubt(self, why: str, reply: Reply | None = None) -> SubmissionInDoubt:
        """Return the error for a completion that may have been made and billed."""
        return SubmissionInDoubt(
            f"{self._provider} may have answered, and may bill it, but {self._key.clean(why)}. It was not sent again.",
            provider=self._provider,
            status=reply.status if reply else None,
            body=reply.text[:LONGEST_BODY] if reply else "",
        )


def _silent(_: str) -> None:
    """Say nothing: the caller reports its own pauses."""


def _text_of(data: Mapping[str, Any]) -> str | None:
    """Return the text of the first choice, which is a string or a list of parts; None if there is none."""
    choices = data.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, dict) else None
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        content = "".join(part for part in parts if isinstance(part, str))
    if isinstance(content, str):
        return content
    # A model that declines to answer says so in a field of its own.
    refusal = message.get("refusal") if isinstance(message, dict) else None
    return refusal if isinstance(refusal, str) else None


def _cost_of(data: Mapping[str, Any]) -> float | None:
    usage = data.get("usage")
    cost = usage.get("cost") if isinstance(usage, dict) else None
    if isinstance(cost, bool) or not isinstance(cost, int | float) or not 0 <= cost < math.inf:
        return None
    return float(cost)
