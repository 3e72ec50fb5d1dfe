"""HTTP for all providers: the only module that imports httpx.

Free requests are retried after a pause. Submissions, which are billed, are sent once, each on a new connection, since a
stale connection could leave one in doubt. A key is sent to its own origin only, also across redirects, and is removed
from every text that leaves this module.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import ssl
from collections.abc import Awaitable, Callable, Generator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpx

from ..errors import DownloadFailed, ProviderError, ProviderUnavailable, RequestRefused, SubmissionInDoubt
from ..version import __version__
from . import addresses
from .backoff import pause_before
from .decoding import LONGEST_ANSWER, Undecodable, decoded, json_as_bytes
from .legacy import OldHttpNames, tell
from .proxies import broken_variable, proxy_words, variables_set
from .reply import LONGEST_BODY, Reply, read_reply
from .secret import Secret
from .transfer import Connection, CountedFile, CutShort, PartialFile, header_safe, in_download_thread
from .types import Progress

__all__ = ["LONGEST_BODY", "Http", "Reply", "Secret", "origin", "segment"]

_TRIES = 4
"""Attempts for a free request, and for a submission that provably never left."""

_LONGEST_PAUSE = 30.0
_REDIRECTS = 5
_READ_IN_THREAD = 1 << 16
"""Bytes from which on an answer is read on a thread, so that the loop goes on meanwhile."""

_DOWNLOADS_AT_ONCE = 64
"""Largest number of downloads from one provider at the same time; each has a thread."""

_CONNECTED = "connection.connect_tcp.complete"
"""What httpcore calls the moment between connecting and the first byte, which TLS sends."""

NEVER_LEFT = (
    *(httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout),
    *(httpx.ProxyError, httpx.UnsupportedProtocol),
)
"""Errors that httpx raises before a request is sent: refused, unknown host, TLS failure, proxy failure."""


class _KeyAuth(httpx.Auth):
    """Sets the key on requests to its own origin and on no others."""

    def __init__(self, origin: str, header: str, prefix: str, key: Secret) -> None:
        self._origin, self._header, self._prefix, self._key = origin, header, prefix, key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if self._key and origin(str(request.url)) == self._origin:
            request.headers[self._header] = f"{self._prefix}{self._key.reveal()}"
        yield request


def origin(url: str) -> str:
    """Return the normalized scheme, host and port of a URL."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def segment(job_id: str) -> str:
    """Return a job id quoted as one path segment."""
    return quote(job_id, safe="")


class Http(OldHttpNames):
    """The connections to one provider, opened and used on the background loop.

    Args:
        provider: The provider's name, for errors.
        base_url: Its base URL; paths are relative to it.
        key: Its API key; may be empty.
        header: The name of the header with the key.
        prefix: The text before the key in that header.
        timeout: Seconds without any data after which a request fails.
        error_of: Maps an unsuccessful answer to an error.

    Raises:
        ProviderUnavailable: A variable for proxies or certificates is broken.
    """

    def __init__(
        self,
        provider: str,
        base_url: str,
        key: Secret,
        *,
        header: str = "Authorization",
        prefix: str = "Bearer ",
        timeout: float = 60.0,
        error_of: Callable[[Reply], ProviderError],
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._provider, self._key, self._error_of = provider, key, error_of
        self._auth = _KeyAuth(origin(base_url), header, prefix, key)
        times = httpx.Timeout(timeout, connect=min(10.0, timeout), pool=None)
        common: dict[str, Any] = {
            **_network_options(provider, base_url),
            "timeout": times,
            "auth": self._auth,
            # A compressed answer may be a thousand times as large when it is decoded.
            "headers": {"User-Agent": f"voxweave_nb/{__version__}", "Accept-Encoding": "identity"},
        }
        try:
            self._open(common)
        except (httpx.InvalidURL, ValueError, OSError):  # its text may hold a proxy's password
            if not addresses.is_loopback(base_url):
                why = f"{variables_set(certificates=False)} cannot be used for requests."
                raise _broken_network(provider, why) from None
            self._open({**common, "trust_env": False, "mounts": None})
        self._downloads = asyncio.Semaphore(_DOWNLOADS_AT_ONCE)

    def _open(self, common: dict[str, Any]) -> None:
        """Make the clients, which read the variables for proxies."""
        self._client = httpx.AsyncClient(**common, limits=httpx.Limits(max_connections=64))
        self._single = httpx.AsyncClient(**common, limits=httpx.Limits(max_keepalive_connections=0))
        # A canceled download breaks its connection, so none is used again.
        self._downloader = httpx.Client(**common, limits=httpx.Limits(max_keepalive_connections=0))

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()
        await self._single.aclose()
        self._downloader.close()

    def url(self, path: str) -> str:
        """Resolve a path against the base URL, as RFC 3986 resolves links; a whole URL stays."""
        return urljoin(f"{self.base_url}/", path)

    # Free requests

    async def ask(
        self,
        path: str,
        *,
        tries: int = 1,
        method: str = "GET",
        say: Callable[[str], None] = tell,
        **options: Any,
    ) -> Reply:
        """Send a request that costs nothing; retry after a pause while the server is overloaded or failing.

        Args:
            path: A path below the base, or a whole URL.
            tries: The largest number of attempts.
            method: The HTTP method.
            say: Called with a sentence before each pause.
            **options: Passed to httpx: `json`, `files`, `headers` ...

        Returns:
            The answer, whatever its status.

        Raises:
            ProviderUnavailable: There was no answer.
        """

        async def send() -> Reply:
            url = self.url(path)
            if self._is_foreign(url):
                await asyncio.to_thread(self._check_place, url)
            return await self._request(self._client, method, url, **options)

        return await self._retry(send, tries, say)

    async def upload(self, path: str, field: str, file: Path, on_bytes: Callable[[int], None]) -> Reply:
        """Send a file as a form field, streamed from disk; retried, for it is free. Return any answer."""
        progress = Progress.of(on_bytes)

        async def send() -> Reply:
            with file.open("rb") as source:
                form = {field: (header_safe(file.name), CountedFile(source, progress))}
                return await self._request(self._client, "POST", self.url(path), files=form)

        return await self._retry(send, _TRIES, progress.say)

    async def _retry(
        self, send: Callable[[], Awaitable[Reply]], tries: int, say: Callable[[str], None]
    ) -> Reply:
        """Return the first answer that is not a temporary failure, or the last answer."""
        for turn in range(1, tries + 1):
            try:
                reply = await send()
            except (httpx.InvalidURL, ValueError) as error:
                raise self._no_answer(error) from None
            except httpx.RequestError as error:
                if turn == tries:
                    raise self._no_answer(error) from None
                await self._pause(None, _describe(error), turn, say)
                continue
            if turn == tries or not _temporary(reply.status):
                return reply
            await self._pause(reply.retry_after, f"the server answered HTTP {reply.status}", turn, say)
        raise AssertionError("the last attempt returns or raises")

    # Submissions

    async def send_once(self, path: str, *, say: Callable[[str], None] = tell, **options: Any) -> Reply:
        """Send a submission once; retry only if it provably never left this machine.

        Args:
            path: A path below the base.
            say: Called with a sentence before each pause.
            **options: Passed to httpx: `json`, `files` ...

        Returns:
            The answer, successful and with a JSON object as its body.

        Raises:
            RequestRefused: The request cannot be written, such as half of a character; nothing was sent.
            SubmissionInDoubt: The answer was lost or cannot be parsed; the job may have been accepted.
            ProviderError: The server answered with an error, as `error_of` reads it.
        """
        for turn in range(1, _TRIES + 1):
            last = turn == _TRIES
            request = self._written(path, options)
            try:
                reply = await self._send(self._single, request)
            except NEVER_LEFT as error:
                if last:
                    raise self._no_answer(error) from None
                await self._pause(None, _describe(error), turn, say)
                continue
            except addresses.ForeignPlace as error:
                raise self._no_answer(error) from None
            except (httpx.HTTPError, httpx.StreamError, ValueError) as error:
                raise self.in_doubt(_describe(error)) from None
            if reply.ok and reply.data is not None:
                return reply
            if reply.ok:
                raise self.in_doubt("its answer cannot be parsed", reply)
            raise self._error_of(reply) from None
        raise AssertionError("the last round answers or raises")

    def _written(self, path: str, options: dict[str, Any]) -> httpx.Request:
        """Return a submission that is ready to be sent; an error on the way leaves nothing in doubt."""
        try:
            return self._build(self._single, "POST", self.url(path), **options)
        except (httpx.InvalidURL, ValueError, TypeError, AttributeError, RecursionError) as error:
            why = f"; the request cannot be written: {self._key.hide_in(_describe(error))}."
            raise RequestRefused(
                f"Nothing was sent to {self._provider}{why}", provider=self._provider
            ) from None

    def in_doubt(self, why: str, reply: Reply | None = None) -> SubmissionInDoubt:
        """Return the error for a submission that may have been accepted."""
        return SubmissionInDoubt(
            f"{self._provider} may have accepted the job, and may bill it, but {self._key.clean(why)}. It was not "
            "sent again: check the provider's own list of jobs before you generate it once more.",
            provider=self._provider,
            status=reply.status if reply else None,
            body=reply.text[:LONGEST_BODY] if reply else "",
        )

    # Downloads

    async def fetch(
        self, address: str, to: Path, on_bytes: Callable[[int], None], *, most: int, tries: int = _TRIES
    ) -> None:
        """Download to a file with flat memory; resume a broken download where the server allows it.

        Args:
            address: A path below the base, or a whole URL.
            to: The file.
            on_bytes: Called with the bytes written so far.
            most: The largest size to download, in bytes.
            tries: The number of attempts in a row that may bring nothing.

        Raises:
            DownloadFailed: The download failed.
        """
        progress = Progress.of(on_bytes)
        part = PartialFile(to, most)
        failures = 0
        while True:
            before = part.length
            try:
                reply = await self._download_part(self.url(address), part, progress)
            except (httpx.RequestError, CutShort) as error:
                reply, why, wait = None, _describe(error) + proxy_words(self.url(address)), None
            except OverflowError as error:
                raise self._download_failed(str(error)) from None
            except Undecodable as error:
                raise self._download_failed(f"the file {error}") from None
            except addresses.ForeignPlace as error:
                raise self._download_failed(str(error)) from None
            except (httpx.InvalidURL, ValueError) as error:
                raise self._download_failed(f"the server gave an invalid URL ({error})") from None
            else:
                if reply is None:
                    return
                why, wait = f"the server answered HTTP {reply.status}: {reply.words[:300]}", reply.retry_after
                if not _temporary(reply.status) and reply.status != 404:
                    raise self._download_failed(why, reply)
            failures = 0 if part.length > before else failures + 1
            if failures >= tries:
                raise self._download_failed(why, reply)
            await self._pause(wait, why, failures, progress.say)

    async def _download_part(
        self, url: str, part: PartialFile, on_bytes: Callable[[int], None]
    ) -> Reply | None:
        """Make one attempt; return None if the file is complete, else the answer that was not a file."""
        reported = part.length

        def report() -> None:
            nonlocal reported
            if part.length != reported:
                reported = part.length
                on_bytes(reported)

        async with self._downloads:
            return await in_download_thread(lambda connection: self._download(url, part, connection), report)

    def _download(self, url: str, part: PartialFile, connection: Connection) -> Reply | None:
        """Make one attempt, blocking, on the download's thread."""
        for _ in range(_REDIRECTS):
            self._check_place(url)
            check = {"trace": functools.partial(self._check_connection, url)}
            with self._downloader.stream("GET", url, headers=part.headers(), extensions=check) as response:
                stream = response.extensions.get("network_stream")
                connection.attach(stream and stream.get_extra_info("socket"))
                if response.status_code in (301, 302, 303, 307, 308) and "location" in response.headers:
                    url = str(response.url.join(response.headers["location"]))
                    continue
                if response.status_code not in (200, 206):
                    content = bytearray()
                    for piece in response.iter_raw():
                        _append(content, piece)
                    return self._reply(response, bytes(content))
                pieces = decoded(response.iter_raw(), response.headers.get("content-encoding", ""))
                part.write(response.status_code, response.headers, pieces, connection)
                return None
        raise self._download_failed(f"more than {_REDIRECTS} redirects")

    def _is_foreign(self, url: str) -> bool:
        return origin(url) != origin(self.base_url)

    def _check_place(self, url: str, peer: Any = None) -> None:
        """Raise `ForeignPlace` for a URL that the provider may not name, or whose connection has led elsewhere."""
        if not self._is_foreign(url):
            return
        if peer is None:
            why = addresses.foreign_place(url, self.base_url)
        else:  # through a proxy, the peer is the proxy
            why = "" if proxy_words(url) else addresses.foreign_peer(url, str(peer[0]), self.base_url)
        if why:
            raise addresses.ForeignPlace(why)

    def _check_connection(self, url: str, event: str, found: Mapping[str, Any]) -> None:
        """Raise `ForeignPlace` if a connection has led elsewhere, before anything is sent over it."""
        if event == _CONNECTED:
            stream = found["return_value"]
            try:
                self._check_place(url, stream.get_extra_info("server_addr"))
            except addresses.ForeignPlace:
                stream.close()
                raise

    async def _check_connection_later(self, url: str, event: str, found: Mapping[str, Any]) -> None:
        """Do the same on the loop."""
        if event == _CONNECTED:
            stream = found["return_value"]
            try:
                await asyncio.to_thread(self._check_place, url, stream.get_extra_info("server_addr"))
            except BaseException:
                await stream.aclose()
                raise

    def _download_failed(self, why: str, reply: Reply | None = None) -> DownloadFailed:
        return DownloadFailed(
            f"The clip could not be downloaded from {self._provider}: {self._key.clean(why).rstrip('.')}.",
            provider=self._provider,
            status=reply.status if reply else None,
            body=reply.text[:LONGEST_BODY] if reply else "",
        )

    # How requests are sent

    async def _pause(self, asked: float | None, why: str, attempt: int, say: Callable[[str], None]) -> None:
        wait = pause_before(attempt, asked=asked, longest=_LONGEST_PAUSE)
        say(f"{self._provider}: {self._key.clean(why)}; retrying in {wait:.1f} s.")
        await asyncio.sleep(wait)

    async def _request(self, client: httpx.AsyncClient, method: str, url: str, **options: Any) -> Reply:
        return await self._send(client, self._build(client, method, url, **options))

    def _build(self, client: httpx.AsyncClient, method: str, url: str, **options: Any) -> httpx.Request:
        trace = functools.partial(self._check_connection_later, url) if self._is_foreign(url) else None
        request = client.build_request(method, url, extensions={"trace": trace}, **json_as_bytes(options))
        if options.get("json") is not None:
            request.headers.setdefault("Content-Type", "application/json")
        return request

    async def _send(self, client: httpx.AsyncClient, request: httpx.Request) -> Reply:
        async with contextlib.aclosing(await client.send(request, stream=True)) as response:
            return await self._read(response)

    async def _read(self, response: httpx.Response) -> Reply:
        content = bytearray()
        async for piece in response.aiter_raw():
            _append(content, piece)
        if len(content) < _READ_IN_THREAD and "content-encoding" not in response.headers:
            return self._reply(response, bytes(content))
        return await asyncio.to_thread(self._reply, response, bytes(content))

    def _reply(self, response: httpx.Response, content: bytes) -> Reply:
        return read_reply(response.status_code, response.headers, content, self._key.clean)

    def _no_answer(self, error: Exception) -> ProviderUnavailable:
        return ProviderUnavailable(
            f"{self._provider} cannot be reached at {origin(self.base_url)}{proxy_words(self.base_url)}: "
            f"{self._key.clean(_describe(error))}. Check the network and the address.",
            provider=self._provider,
        )


def _network_options(provider: str, base_url: str) -> dict[str, Any]:
    """Return the options of a client that depend on environment variables. No proxy is used for this machine."""
    why = broken_variable()
    try:
        context = None if why.startswith("SSL") else _tls_context()
    except OSError as error:
        context, why = None, f"{variables_set(certificates=True)} cannot be used for certificates ({error})."
    if not addresses.is_loopback(base_url):
        if why:
            raise _broken_network(provider, why)
        return {"verify": context}
    verify = context or _own_tls_context()
    if why:
        return {"verify": verify, "trust_env": False}
    host = urlsplit(base_url).hostname or ""
    return {"verify": verify, "mounts": {f"all://[{host}]" if ":" in host else f"all://{host}": None}}


def _broken_network(provider: str, why: str) -> ProviderUnavailable:
    return ProviderUnavailable(
        f"{provider} cannot be asked: {why} Correct it, or remove it. Nothing was sent.", provider=provider
    )


def _own_tls_context() -> ssl.SSLContext:
    """Return a context that no variable can break."""
    try:
        return httpx.create_ssl_context(trust_env=False)
    except OSError:  # Python itself opens SSLKEYLOGFILE
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_default_certs()
        return context


def _tls_context() -> ssl.SSLContext:
    return _tls_context_for(*map(os.environ.get, ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")))


@functools.lru_cache(maxsize=4)
def _tls_context_for(*_variables: str | None) -> ssl.SSLContext:
    # Loading the certificates takes 20 ms of CPU time. httpx reads these variables itself.
    return httpx.create_ssl_context()


def _append(content: bytearray, piece: bytes) -> None:
    """Append a piece of an answer, up to the largest size."""
    content += piece
    if len(content) > LONGEST_ANSWER:
        raise httpx.ReadError(f"the answer is larger than {LONGEST_ANSWER / 1e6:.0f} MB")


def _temporary(status: int) -> bool:
    return status in (408, 425, 429) or status >= 500


def _describe(error: Exception) -> str:
    names: dict[type[Exception], str] = {
        httpx.ConnectTimeout: "connecting timed out",
        httpx.ReadTimeout: "the answer timed out",
        httpx.WriteTimeout: "sending timed out",
        httpx.RemoteProtocolError: "the connection was closed",
        httpx.ReadError: "the connection broke",
        CutShort: "the connection broke",
        addresses.ForeignPlace: "it was not asked",
        httpx.WriteError: "the connection broke",
        UnicodeEncodeError: "a text holds half of a character, or one that is not allowed there",
    }
    text = str(error)
    return names.get(type(error), type(error).__name__) + (f" ({text})" if text else "")
