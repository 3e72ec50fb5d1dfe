"""The base of every provider over HTTP: its key, its address, and the meaning of its errors."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from ..errors import ConfigError, ContentRefused, ProviderError, ProviderUnavailable, RequestRefused
from ..settings import Settings
from .base import Provider
from .http import LONGEST_BODY, Http, Reply, origin
from .parsing import is_missing_model
from .proof import is_proof
from .secret import Secret, mask_password
from .types import Availability

__all__ = ["HttpProvider", "check_base_url"]

_DEADLINE = 1800.0
"""Seconds after which a job at a provider's public server counts as late: its queue may be long at a busy hour."""

_OWN_DEADLINE = 3600.0
"""Seconds after which a job at a server of one's own counts as late: such renders may take long."""


class HttpProvider(Provider):
    """A provider over HTTP, with a key, an address, connections and the usual meaning of HTTP errors.

    A subclass sets the class attributes and defines `submit`, `status` and `download`, and `upload` and `cancel` if the
    protocol has them:

        class Lantern(HttpProvider):
            name = "lantern"
            key_variable, url_variable = "LANTERN_API_KEY", "LANTERN_BASE_URL"
            default_url = "https://lantern.example/v1"
            capabilities = Capabilities((Model("wick-1", lengths=(4.0, 8.0)),), cancel=False, source="its manual")

            async def submit(self, request):
                fields = {"prompt": request.plan.prompt, "seconds": request.plan.seconds}
                reply = await self.http.send_once("jobs", say=request.say, json=fields)
                if "job" not in reply.data:
                    raise self.http.in_doubt("its answer has no job id", reply)
                return Accepted(reply.data["job"])

            async def status(self, job_id):
                reply = await self.http.ask(f"jobs/{job_id}")
                if not reply.ok:
                    raise self.no_status(reply, job_id)
                return ProviderStatus(JobState(reply.data["state"]))

            async def download(self, job_id, to, on_bytes):
                most = self.settings.max_download_bytes
                await self.http.fetch(f"jobs/{job_id}/clip", to, on_bytes, most=most)

    `self.http` (an `Http`) sends the requests: `send_once` what is billed, `ask`, `upload` and `fetch` what is free.
    `send_once` raises `error_of` of an answer that is not 2xx; `ask` and `upload` return every answer, so check
    `reply.ok`. Quote an id that a server chose with `voxweave_nb.providers.http.segment`.

    Attributes:
        key_variable: The environment variable with the key.
        url_variable: The environment variable with the base URL.
        default_url: The base URL without that variable; empty if there is none.
        header: The request header with the key.
        prefix: The text before the key in that header.
        about: A few words for `availability`, after the address.
        http: The connections, opened on first use.

    Args:
        api_key: The API key; by default the environment variable `key_variable`. Never shown.
        base_url: The base URL; by default the environment variable `url_variable`, else `default_url`.
        settings: Time-outs and limits; by default those of the service that uses the provider.

    Raises:
        ConfigError: The base URL is invalid.
    """

    key_variable: ClassVar[str]
    url_variable: ClassVar[str]
    default_url: ClassVar[str] = ""
    header: ClassVar[str] = "Authorization"
    prefix: ClassVar[str] = "Bearer "
    about: str = ""

    def __init__(
        self,
        api_key: str | Secret | None = None,
        base_url: str | None = None,
        *,
        settings: Settings | None = None,
    ) -> None:
        api_key, base_url = Secret.of(api_key), mask_password(base_url)
        self._settings = settings
        self._key = Secret(os.environ.get(self.key_variable, "").strip()) if api_key is None else api_key
        chosen = (base_url if base_url is not None else _address_in(self.url_variable)).strip()
        self.base_url = (chosen or self.default_url).rstrip("/")
        self._own_server = bool(chosen) and self.base_url != self.default_url
        check_base_url(self.base_url, self.url_variable)
        self._connections: Http | None = None

    def availability(self) -> Availability:
        """Ready with a key, or at another address than the default, which may need no key."""
        if not self.base_url:
            return Availability(
                False, f"has no address: set {self.url_variable}, and {self.key_variable} if it takes a key"
            )
        if not self._key and not self._own_server:
            return Availability(False, f"has no key: set {self.key_variable}")
        if not self._key.reveal().isprintable():
            return Availability(False, f"has a malformed key: {self.key_variable} holds a control character")
        how = "with a key" if self._key else "without a key"
        return Availability(True, f"{how}, at {origin(self.base_url)}{self.about and f' ({self.about})'}")

    @property
    def http(self) -> Http:
        """The connections, opened on first use."""
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

    def hide_key(self, text: str) -> str:
        """Return a text without control characters and with the key masked, in any form."""
        return self._key.clean(text)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._connections is not None:
            connections, self._connections = self._connections, None
            await connections.aclose()

    async def upload(self, narration: Path, on_bytes: Callable[[int], None]) -> str:
        """Do nothing: this provider takes no narration, or takes it with the submission."""
        return ""

    def deadline(self, model: str | None) -> float | None:
        """Return what the capabilities say, else half an hour, or an hour for a server of one's own."""
        return super().deadline(model) or (_OWN_DEADLINE if self._own_server else _DEADLINE)

    async def cancel(self, job_id: str) -> bool:
        """Return False: this provider cannot cancel."""
        return False

    def refused(self, reply: Reply) -> bool:
        """Return True if an unsuccessful answer refuses the content; override it if the protocol says so.

        Then `error_of` gives `ContentRefused`, and no other provider is asked.
        """
        return False

    def error_of(self, reply: Reply) -> ProviderError:
        """Map an unsuccessful answer to a submission to an error; override it to check error codes first.

        `ProviderUnavailable` lets the next provider be asked, `ContentRefused` and `RequestRefused` end the job, and
        `SubmissionInDoubt` stops without another submission. For an answer to an upload, raise `unavailable`.

        The table in `providers/proof.py` says which answers prove that nothing was taken, and the pipeline holds every
        error against it: for a code that only your provider documents, give `source`, or it is in doubt all the same.
        """
        status = reply.status
        if self.refused(reply):
            return self.error(
                ContentRefused, "refused the content", reply, source=f"{self.name}'s error codes"
            )
        if not is_proof(status, reply.text, retry_after=reply.retry_after):
            return self.http.in_doubt(self._doubt(reply), reply)
        if status in (401, 403):
            return self.unavailable("rejected the key", reply)
        if status == 402:
            return self.unavailable("requires payment", reply)
        if status == 404 and is_missing_model(reply.words):
            return self.unavailable("does not have this model", reply, lacks_model=True)
        if status in (404, 405, 410):
            return self.unavailable(
                f"has no such route below {self.base_url} (check {self.url_variable})", reply, gone=True
            )
        if status == 429:
            return self.unavailable("is rate-limited", reply, overloaded=True)
        if status >= 500:
            return self.unavailable("is failing", reply)
        return self.error(RequestRefused, "rejected the request", reply)

    def _doubt(self, reply: Reply) -> str:
        """Return the reason why an answer proves nothing, as the rest of a sentence after "but"."""
        status, words = reply.status, reply.words[:300].rstrip(".") or "no message"
        if 300 <= status < 400:
            return (
                f"it answered HTTP {status}, a redirect, which a submission does not follow "
                f"(check {self.url_variable})"
            )
        # These come from an intermediary: 502 and 504 (RFC 9110, 15.6), 408 (LiteLLM's word for an upstream time-out)
        # and 520 to 528 (Cloudflare's).
        proxy = status in (408, 502, 504) or 520 <= status <= 528
        return f"{'a proxy in front of it' if proxy else 'it'} answered HTTP {status}: {words}"

    def no_status(self, reply: Reply, job_id: str) -> ProviderError:
        """Return the error to raise from `status` for an answer without a status, such as a 404 or 500.

        The poll loop reports it, waits for the server's `Retry-After` and goes on polling until the deadline.
        """
        what = f"did not report the status of job {job_id}"
        if reply.retry_after is None:
            return self.error(ProviderError, what, reply, job_id=job_id)
        return self.unavailable(what, reply, overloaded=True)

    def unavailable(
        self,
        what: str,
        reply: Reply,
        *,
        gone: bool = False,
        lacks_model: bool = False,
        unusable: bool = False,
        overloaded: bool = False,
        source: str = "",
    ) -> ProviderUnavailable:
        """Return the error that lets the next provider be asked, with the server's words.

        Args:
            what: What happened, as the rest of a sentence that begins with the provider's name: "is failing".
            reply: The answer.
            gone: True if the provider is not to be asked again by this service; without effect for an answer that is
                not a JSON object, unless `source` is given.
            lacks_model: The same for one model; the provider is asked again for other models.
            unusable: True if it cannot be used with this key or account at all; always so for HTTP 401, 402 and 403.
            overloaded: True if the same request may succeed after a pause; the pipeline then retries it.
            source: Where the provider documents that such an answer means that nothing was accepted, for an HTTP
                status that does not prove it by itself.
        """
        # A page is a proxy's, perhaps for a moment only; what a provider says of itself is JSON, or documented.
        lasting = reply.data is not None or bool(source)
        return ProviderUnavailable(
            self._sentence(what, reply),
            provider=self.name,
            status=reply.status,
            body=reply.text[:LONGEST_BODY],
            gone=gone and lasting,
            lacks_model=lacks_model and lasting,
            unusable=unusable,
            overloaded=overloaded,
            retry_after=reply.retry_after,
            source=source,
        )

    def error(
        self,
        kind: type[ProviderError],
        what: str,
        reply: Reply,
        *,
        job_id: str | None = None,
        source: str = "",
    ) -> ProviderError:
        """Return an error of the given kind, with the answer's words; `what` and `source` as in `unavailable`."""
        return kind(
            self._sentence(what, reply),
            provider=self.name,
            status=reply.status,
            job_id=job_id,
            body=reply.text[:LONGEST_BODY],
            source=source,
        )

    def _sentence(self, what: str, reply: Reply) -> str:
        return f"{self.label} {what} (HTTP {reply.status}): {reply.words[:400] or 'no message'}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"


def _address_in(variable: str) -> str:
    return mask_password(os.environ.get(variable, "").strip())


def check_base_url(address: str, variable: str) -> None:
    """Validate a base URL: reject credentials, query and fragment."""
    try:
        parts = urlsplit(address)
        fine = not address or (parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0)
    except ValueError:  # unbalanced brackets, an invalid port
        fine = False
    if not fine:
        raise ConfigError(f"{variable} is {address!r}; give a URL that begins with https:// or http://.")
    if parts.username is not None or parts.query or parts.fragment:
        raise ConfigError(
            f"{variable} holds more than a base URL; remove the user, the password and everything after '?' or '#'. "
            "Put a key into its own variable."
        )
