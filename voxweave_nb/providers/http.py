"""HTTP for all providers: the one place that knows httpx.

What is free is asked again after a pause; what is paid for is sent once, on a connection of its own, so that a stale
one cannot leave it in doubt. A key goes to its own origin only, redirects included, and is in no text that leaves here.
"""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import json
import random
import time
from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urljoin, urlsplit

import httpx

from ..errors import (
    DownloadFailed,
    ProviderError,
    ProviderUnavailable,
    SubmissionInDoubt,
)
from ..version import __version__
from .base import tell

__all__ = ["LONGEST_BODY", "Http", "Reply", "Secret", "origin", "segment"]

_TRIES = 4
"""How often a free request is sent, and a create that provably never left."""

_LONGEST_PAUSE = 30.0
_LONGEST_ANSWER = 64_000_000
"""The largest answer that is not a download, in bytes: a video as base64 text among them."""

_PIECE = 1 << 18
LONGEST_BODY = 2000
"""How many characters of a server's own words are kept."""

_REDIRECTS = 5

NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""What httpx raises before a request is on its way: refused, no such host, no TLS, a proxy that lets nobody through."""


class Secret:
    """A key that no repr, log or traceback shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The key itself."""
        return self._text

    def hide_in(self, text: str) -> str:
        """A text without the key, should a server have repeated it."""
        return text.replace(self._text, "***") if len(self._text) >= 4 else text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "Secret(***)" if self._text else "Secret()"

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("A key is never written down.")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered.

    Attributes:
        status: The HTTP status.
        headers: Its headers, names in lower case.
        text: The body as text, without any key.
        data: The body as JSON where it is an object, else None.
    """

    status: int
    headers: Mapping[str, str]
    text: str
    data: dict[str, Any] | None

    @property
    def ok(self) -> bool:
        """Whether the status says that it worked."""
        return 200 <= self.status < 300

    @property
    def retry_after(self) -> float | None:
        """Seconds that the server asks to wait, from `retry-after-ms` or `retry-after` (RFC 9110, 10.2.3)."""
        return _retry_after(self.headers)

    @property
    def words(self) -> str:
        """The server's own words about an error: its message where it is known where that stands, else the body."""
        found: Any = self.data or {}
        for name in ("error", "message", "detail", "msg"):
            if isinstance(found, dict) and found.get(name):
                found = found[name]
        text = found if isinstance(found, str) else self.text
        return " ".join(text.split())[:LONGEST_BODY]


def _retry_after(headers: Mapping[str, str]) -> float | None:
    with contextlib.suppress(ValueError, KeyError):
        return max(0.0, float(headers["retry-after-ms"]) / 1000)
    text = headers.get("retry-after", "")
    with contextlib.suppress(ValueError):
        return max(0.0, float(text))
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    return None


class _Key(httpx.Auth):
    """Puts the key on requests to its own origin and on no others."""

    def __init__(self, origin: str, header: str, prefix: str, key: Secret) -> None:
        self._origin, self._header, self._prefix, self._key = origin, header, prefix, key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if self._key and origin(str(request.url)) == self._origin:
            request.headers[self._header] = f"{self._prefix}{self._key.reveal()}"
        yield request


def origin(url: str) -> str:
    """Scheme, host and port of an address, written in one way."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def segment(job_id: str) -> str:
    """A server's id of a job as one step of a path, whatever is in it."""
    return quote(job_id, safe="")


class Http:
    """The connections to one provider; made and used on the background loop.

    Args:
        provider: The provider's name, for errors.
        base_url: Where it lives; paths are relative to it.
        key: Its key; may be empty.
        header: The header that the key goes into.
        prefix: What stands before the key there.
        timeout: Seconds without a sign of life after which a request is given up.
        error_of: What an answer that is no success means to this provider.
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
        self._auth = _Key(origin(base_url), header, prefix, key)
        context = httpx.create_ssl_context()
        times = httpx.Timeout(timeout, connect=min(10.0, timeout), pool=None)
        common: dict[str, Any] = {
            "verify": context,
            "timeout": times,
            "auth": self._auth,
            "headers": {"User-Agent": f"voxweave_nb/{__version__}"},
        }
        self._client = httpx.AsyncClient(**common, limits=httpx.Limits(max_connections=64))
        self._single = httpx.AsyncClient(**common, limits=httpx.Limits(max_keepalive_connections=0))

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._client.aclose()
        await self._single.aclose()

    def url(self, path: str) -> str:
        """An address, relative to the base as links are to a page (RFC 3986), or whole."""
        return urljoin(f"{self.base_url}/", path)

    # What is free

    async def ask(self, path: str, *, tries: int = 1, method: str = "GET", **how: Any) -> Reply:
        """Sends a request that costs nothing, again after a pause while the server is unwell.

        Returns:
            Its answer, whatever its status.

        Raises:
            ProviderUnavailable: No answer came.
        """
        return await self._until_well(lambda: self._reply(self._client, method, self.url(path), **how), tries)

    async def upload(self, path: str, field: str, file: Path, on_bytes: Callable[[int], None]) -> Reply:
        """Sends a file as a form, streamed from disk; costs nothing, so it is sent again if it has to be."""

        async def send() -> Reply:
            with file.open("rb") as source:
                form = {field: (_plain(file.name), _Counted(source, on_bytes))}
                return await self._reply(self._client, "POST", self.url(path), files=form)

        return await self._until_well(send, _TRIES)

    async def _until_well(self, send: Callable[[], Awaitable[Reply]], tries: int) -> Reply:
        """The first answer of a server that is well, or the last of one that is not."""
        for turn in range(1, tries + 1):
            try:
                reply = await send()
            except (httpx.InvalidURL, ValueError) as error:
                raise self._no_answer(error) from None
            except httpx.RequestError as error:
                if turn == tries:
                    raise self._no_answer(error) from None
                await self._pause(None, _why(error), turn)
                continue
            if turn == tries or not _unwell(reply.status):
                return reply
            await self._pause(reply.retry_after, f"the server answered {reply.status}", turn)
        raise AssertionError("the last round answers or raises")

    # What is paid for

    async def send_once(self, path: str, **how: Any) -> Reply:
        """Sends a create, once; again only when it provably never left.

        Returns:
            The answer of a server that took it, with a JSON object in it.

        Raises:
            SubmissionInDoubt: It may have been taken: the answer never came, or cannot be read.
            ProviderError: What the server's answer means.
        """
        for turn in range(1, _TRIES + 1):
            last = turn == _TRIES
            try:
                reply = await self._reply(self._single, "POST", self.url(path), **how)
            except NEVER_LEFT as error:
                if last:
                    raise self._no_answer(error) from None
                await self._pause(None, _why(error), turn)
                continue
            except (httpx.HTTPError, httpx.StreamError, ValueError) as error:
                raise self.ambiguous(_why(error)) from None
            if reply.ok and reply.data is not None:
                return reply
            if reply.ok:
                raise self.ambiguous("its answer cannot be read", reply)
            raise self._error_of(reply) from None
        raise AssertionError("the last round answers or raises")

    def ambiguous(self, why: str, reply: Reply | None = None) -> SubmissionInDoubt:
        """The error for a create that may have been taken."""
        return SubmissionInDoubt(
            f"{self._provider} may have accepted the job, and may bill it, but {why}. It was not sent again: look at "
            "the provider's own list of jobs before you generate it once more.",
            provider=self._provider,
            status=reply.status if reply else None,
            body=reply.text[:LONGEST_BODY] if reply else "",
        )

    # What is fetched

    async def fetch(
        self, address: str, to: Path, on_bytes: Callable[[int], None], *, most: int, tries: int = _TRIES
    ) -> None:
        """Downloads to a file, memory flat in its size; goes on where it broke off, where the server allows that.

        Args:
            address: A path below the base, or a whole URL.
            to: The file.
            on_bytes: Told how many bytes are there so far.
            most: The largest size that is taken, in bytes.
            tries: How many attempts in a row may bring nothing.

        Raises:
            DownloadFailed: It could not be fetched.
        """
        part = _Part(to, on_bytes, most)
        failures = 0
        while True:
            before = part.length
            try:
                reply = await self._get_part(self.url(address), part)
            except httpx.RequestError as error:
                reply, why, wait = None, _why(error), None
            except OverflowError as error:
                raise self._not_fetched(str(error)) from None
            except (httpx.InvalidURL, ValueError) as error:
                raise self._not_fetched(f"its address is none ({error})") from None
            else:
                if reply is None:
                    return
                why, wait = f"the server answered {reply.status}: {reply.words[:300]}", reply.retry_after
                if not _unwell(reply.status) and reply.status != 404:
                    raise self._not_fetched(why, reply)
            failures = 0 if part.length > before else failures + 1
            if failures >= tries:
                raise self._not_fetched(why, reply)
            await self._pause(wait, why, failures)

    async def _get_part(self, url: str, part: _Part) -> Reply | None:
        """One attempt: None when the file is whole, else the answer that was no file."""
        for _ in range(_REDIRECTS):
            headers = {"Accept-Encoding": "identity", **part.headers()}
            async with self._client.stream("GET", url, headers=headers) as response:
                if response.status_code in (301, 302, 303, 307, 308) and "location" in response.headers:
                    url = str(response.url.join(response.headers["location"]))
                    continue
                if response.status_code not in (200, 206):
                    return await self._read(response)
                await part.write(response)
                return None
        raise self._not_fetched(f"it was sent on more than {_REDIRECTS} times")

    def _not_fetched(self, why: str, reply: Reply | None = None) -> DownloadFailed:
        return DownloadFailed(
            f"The picture could not be fetched from {self._provider}: {self._key.hide_in(why).rstrip('.')}.",
            provider=self._provider,
            status=reply.status if reply else None,
            body=reply.text[:LONGEST_BODY] if reply else "",
        )

    # How

    async def _pause(self, asked: float | None, why: str, turn: int) -> None:
        """Waits as long as the server asks, else a random time that doubles its bound with each turn, and says so."""
        bound = min(_LONGEST_PAUSE, 0.5 * 2**turn)
        wait = random.uniform(0, bound) if asked is None else min(asked, _LONGEST_PAUSE)  # noqa: S311  no secret
        tell(f"{self._provider}: {self._key.hide_in(why)}; trying again in {wait:.1f} s.")
        await asyncio.sleep(wait)

    async def _reply(self, client: httpx.AsyncClient, method: str, url: str, **how: Any) -> Reply:
        async with client.stream(method, url, **how) as response:
            return await self._read(response)

    async def _read(self, response: httpx.Response) -> Reply:
        content = bytearray()
        async for piece in response.aiter_bytes():
            content += piece
            if len(content) > _LONGEST_ANSWER:
                raise httpx.ReadError(f"its answer is larger than {_LONGEST_ANSWER / 1e6:.0f} MB")
        text = self._key.hide_in(content.decode("utf-8", "replace"))
        try:
            data = _storable(json.loads(text), text)
        except (ValueError, RecursionError):
            data = None
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, headers, text, data if isinstance(data, dict) else None)

    def _no_answer(self, error: Exception) -> ProviderUnavailable:
        return ProviderUnavailable(
            f"{self._provider} cannot be reached at {origin(self.base_url)}: {self._key.hide_in(_why(error))}. "
            "Check the network and the address.",
            provider=self._provider,
        )


class _Counted:
    """A file that says how much of it has been read."""

    def __init__(self, source: IO[bytes], on_bytes: Callable[[int], None]) -> None:
        self._source, self._on_bytes = source, on_bytes

    def read(self, size: int = -1) -> bytes:
        piece = self._source.read(size)
        self._on_bytes(self._source.tell())
        return piece

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)


class _Part:
    """What is there of a file that is being fetched."""

    def __init__(self, to: Path, on_bytes: Callable[[int], None], most: int) -> None:
        self.length = 0
        self._to, self._on_bytes, self._most = to, on_bytes, most
        self._tag = ""

    def headers(self) -> dict[str, str]:
        """Asks for the rest, if the file is still the same; without a strong tag of it, for the whole."""
        if not self.length or not self._tag:
            return {}
        return {"Range": f"bytes={self.length}-", "If-Range": self._tag}

    async def write(self, response: httpx.Response) -> None:
        goes_on = response.headers.get("content-range", "").startswith(f"bytes {self.length}-")
        if response.status_code != 206 or not goes_on:
            self.length = 0
        tag = response.headers.get("etag", "")
        self._tag = "" if tag.startswith("W/") else tag
        pending = bytearray()
        with await asyncio.to_thread(self._open) as out:
            try:
                async for piece in response.aiter_raw():
                    pending += piece
                    if len(pending) >= _PIECE:
                        await self._put(out, pending)
                        pending = bytearray()
            finally:
                await self._put(out, pending)
        if response.status_code == 206 and self.length < _total(response):
            raise httpx.ReadError("only a part of it came")

    def _open(self) -> IO[bytes]:
        out = self._to.open("r+b" if self.length else "wb")
        out.seek(self.length)
        out.truncate()
        return out

    async def _put(self, out: IO[bytes], piece: bytearray) -> None:
        if self.length + len(piece) > self._most:
            raise OverflowError(
                f"it is larger than the {self._most / 1e6:,.0f} MB that are taken (VOXWEAVE_MAX_DOWNLOAD_BYTES)"
            )
        await asyncio.to_thread(out.write, piece)
        self.length += len(piece)
        self._on_bytes(self.length)


def _plain(name: str) -> str:
    """A file name that no header trips over."""
    return "".join(letter if letter.isprintable() and letter not in '"\\/' else "_" for letter in name)[-120:]


def _total(response: httpx.Response) -> int:
    """The size of the whole file, where an answer with a part of it says so; else 0."""
    total = response.headers.get("content-range", "").rpartition("/")[2].strip()
    return int(total) if total.isdecimal() else 0


def _storable(data: Any, text: str) -> Any:
    """JSON without halves of a character, which some servers leave when they cut a text, and no database takes."""
    if "\\ud" not in text.lower():
        return data
    return json.loads(json.dumps(data, ensure_ascii=False).encode("utf-8", "replace"))


def _unwell(status: int) -> bool:
    return status in (408, 425, 429) or status >= 500


def _why(error: Exception) -> str:
    names: dict[type[Exception], str] = {
        httpx.ConnectTimeout: "no connection in time",
        httpx.ReadTimeout: "no answer in time",
        httpx.WriteTimeout: "it stopped taking data",
        httpx.RemoteProtocolError: "the connection broke off",
        httpx.ReadError: "the connection broke",
        httpx.WriteError: "the connection broke",
    }
    text = str(error)
    return names.get(type(error), type(error).__name__) + (f" ({text})" if text else "")
