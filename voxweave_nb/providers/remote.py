"""What every provider behind a web address has in common: its key, its address, and what an answer means."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from ..errors import ConfigError, ContentRefused, ProviderError, ProviderUnavailable, RequestRefused
from .base import Availability, Provider
from .http import LONGEST_BODY, Http, Reply, Secret, origin

__all__ = ["HttpProvider"]


class HttpProvider(Provider):
    """A provider behind a web address: brings the key, the address, the connections and the usual errors.

    Args:
        api_key: Its key; the variable `key_variable` unless given. Never shown.
        base_url: Where it lives; the variable `url_variable` unless given, else `default_url`.

    Raises:
        ConfigError: The address is no http or https URL.
    """

    key_variable: ClassVar[str]
    url_variable: ClassVar[str]
    default_url: ClassVar[str] = ""
    header: ClassVar[str] = "Authorization"
    prefix: ClassVar[str] = "Bearer "
    about: ClassVar[str] = ""

    def __init__(self, api_key: str | None = None, base_url: str | None = None) -> None:
        self._key = Secret(
            (api_key if api_key is not None else os.environ.get(self.key_variable, "")).strip()
        )
        chosen = (base_url if base_url is not None else os.environ.get(self.url_variable, "")).strip()
        self.base_url = (chosen or self.default_url).rstrip("/")
        self._elsewhere = bool(chosen) and self.base_url != self.default_url
        _check(self.base_url, self.url_variable)
        self._connections: Http | None = None

    def availability(self) -> Availability:
        """Ready with a key, or at an address of one's own, which may need none."""
        if not self.base_url:
            return Availability(
                False, f"has no address: set {self.url_variable}, and {self.key_variable} if it takes a key"
            )
        if not self._key and not self._elsewhere:
            return Availability(False, f"has no key: set {self.key_variable}")
        if not self._key.reveal().isprintable():
            return Availability(
                False, f"has a broken key: {self.key_variable} holds a line break or the like"
            )
        how = "with a key" if self._key else "without a key"
        return Availability(True, f"{how}, at {origin(self.base_url)}{self.about and f' ({self.about})'}")

    @property
    def http(self) -> Http:
        """The connections, made when they are first needed."""
        if self._connections is None:
            self._connections = Http(
                self.name,
                self.base_url,
                self._key,
                header=self.header,
                prefix=self.prefix,
                timeout=self.settings.http_timeout,
                error_of=self.error_of,
            )
        return self._connections

    async def aclose(self) -> None:
        """Closes the connections."""
        if self._connections is not None:
            connections, self._connections = self._connections, None
            await connections.aclose()

    async def upload(self, narration: Path, on_bytes: Callable[[int], None]) -> str:
        """Nothing, for providers that take no narration, or take it with the create."""
        return ""

    async def cancel(self, job_id: str) -> bool:
        """Nothing, for providers that cannot."""
        return False

    def refused(self, reply: Reply) -> bool:
        """Whether an answer is a refusal of the content."""
        return False

    def error_of(self, reply: Reply) -> ProviderError:
        """What an answer means that is no success; adapters look at their own codes first.

        A 502 or 504 is an intermediary's: what is behind it may have taken the request (RFC 9110, 15.6), so a create
        that gets one is ambiguous; the same goes for a 408, as LiteLLM says of what timed out behind it, and for a
        520, 522 or 524, which are Cloudflare's. Any other answer says that nothing was taken.
        """
        status = reply.status
        if self.refused(reply):
            return self.error(ContentRefused, "refuses the content", reply)
        if status in (401, 403):
            return self.unavailable("refuses the key", reply)
        if status == 402:
            return self.unavailable("wants to be paid first", reply)
        if status in (404, 405, 410) or 300 <= status < 400:
            return self.unavailable(
                f"has no such address below {self.base_url} (check {self.url_variable})", reply, gone=True
            )
        if status in (425, 429):
            return self.unavailable("is busy", reply, overloaded=True)
        if status in (408, 502, 504, 520, 522, 524):
            return self.http.ambiguous(f"what stands before it answered {status}: {reply.words[:300]}", reply)
        if status >= 500:
            return self.unavailable("is out of order", reply)
        return self.error(RequestRefused, "does not take the request", reply)

    def no_status(self, reply: Reply, job_id: str) -> ProviderError:
        """That an answer to a status request tells nothing of the job; the poll loop passes it over."""
        what = f"did not say how job {job_id} stands"
        if reply.retry_after is None:
            return self.error(ProviderError, what, reply, job_id=job_id)
        return self.unavailable(what, reply, overloaded=True)

    def unavailable(
        self, what: str, reply: Reply, *, gone: bool = False, overloaded: bool = False
    ) -> ProviderUnavailable:
        """That another provider may do it, in this one's own words."""
        return ProviderUnavailable(
            self._sentence(what, reply),
            provider=self.name,
            status=reply.status,
            body=reply.text[:LONGEST_BODY],
            gone=gone,
            overloaded=overloaded,
            retry_after=reply.retry_after,
        )

    def error(
        self, kind: type[ProviderError], what: str, reply: Reply, *, job_id: str | None = None
    ) -> ProviderError:
        """An error of a kind that needs no more than the answer."""
        return kind(
            self._sentence(what, reply),
            provider=self.name,
            status=reply.status,
            job_id=job_id,
            body=reply.text[:LONGEST_BODY],
        )

    def _sentence(self, what: str, reply: Reply) -> str:
        return f"{self.name} {what} (HTTP {reply.status}): {reply.words[:400] or 'it said nothing more'}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"


def _check(address: str, variable: str) -> None:
    """Refuses what is no address to send requests to, or holds what would be shown and written down with it."""
    try:
        parts = urlsplit(address)
        fine = not address or (parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0)
    except ValueError:  # brackets that do not close, a port that is none
        fine = False
    if not fine:
        raise ConfigError(f"{variable} is {address!r}; give an address that begins with https:// or http://.")
    if parts.username is not None or parts.query or parts.fragment:
        raise ConfigError(
            f"{variable} holds more than an address; leave out the user, the password and what follows a '?' or '#'. A "
            "key goes into its own variable."
        )
