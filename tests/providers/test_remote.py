"""The base of HTTP providers: keys, addresses, readiness, and the meaning of HTTP errors."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import pytest

from voxweave_nb import (
    ConfigError,
    ContentRefused,
    ProviderUnavailable,
    RequestRefused,
    Settings,
    SubmissionInDoubt,
    VideoGenerationService,
    VoxweaveError,
)
from voxweave_nb.providers import provider_class
from voxweave_nb.providers.http import Reply, Secret
from voxweave_nb.providers.openai_sora import OpenAiSora
from voxweave_nb.providers.remote import HttpProvider
from voxweave_nb.providers.zai import Zai
from voxweave_nb.sandbox import Fault


def reply(status: int, body: dict[str, Any] | None = None, **headers: str) -> Reply:
    return Reply(status, headers, "" if body is None else json.dumps(body), body)


def provider() -> Zai:
    return Zai("key-1", "https://example.org/v4/")


def test_variables_give_key_and_address(monkeypatch):
    monkeypatch.setenv("ZAI_API_KEY", " key-2 ")
    monkeypatch.setenv("ZAI_BASE_URL", " https://example.org/v4/ ")
    found = Zai()
    assert found.base_url == "https://example.org/v4"
    assert found.availability().reason == "with a key, at https://example.org:443"


def test_an_empty_argument_hides_the_variable(monkeypatch):
    monkeypatch.setenv("ZAI_API_KEY", "key-2")
    assert Zai("").availability().reason == "has no key: set ZAI_API_KEY"


def test_another_address_needs_no_key():
    assert not Zai().availability().ready
    state = Zai(base_url="https://example.org/v4").availability()
    assert (state.ready, state.reason) == (True, "without a key, at https://example.org:443")


@pytest.mark.parametrize(
    "address", ["foo", "ftp://example.org", "https://", "https://example.org:0", "http://[::1"]
)
def test_an_invalid_address_names_its_variable(address):
    with pytest.raises(ConfigError, match=r"ZAI_BASE_URL is .*give a URL"):
        Zai("k", address)


@pytest.mark.parametrize("more", ["?key=1", "#part"])
def test_an_address_with_more_is_refused(more):
    with pytest.raises(ConfigError, match="holds more than a base URL"):
        Zai("k", f"https://example.org/v4{more}")


@pytest.mark.parametrize(
    ("status", "kind", "says", "gone", "overloaded"),
    [
        (401, ProviderUnavailable, "rejected the key", False, False),
        (403, ProviderUnavailable, "rejected the key", False, False),
        (402, ProviderUnavailable, "requires payment", False, False),
        (404, ProviderUnavailable, "has no such route below https://example.org/v4", True, False),
        (
            302,
            SubmissionInDoubt,
            "it answered HTTP 302, a redirect, which a submission does not",
            False,
            False,
        ),
        (425, SubmissionInDoubt, "it answered HTTP 425", False, False),
        (503, SubmissionInDoubt, "but it answered HTTP 503: own words", False, False),
        (529, SubmissionInDoubt, "but it answered HTTP 529: own words", False, False),
        (429, ProviderUnavailable, "is rate-limited", False, True),
        (502, SubmissionInDoubt, "a proxy in front of it answered HTTP 502", False, False),
        (524, SubmissionInDoubt, "a proxy in front of it", False, False),
        (500, SubmissionInDoubt, "but it answered HTTP 500: own words", False, False),
        (400, RequestRefused, "rejected the request", False, False),
        (422, RequestRefused, "rejected the request", False, False),
    ],
)
def test_http_errors_have_a_meaning(status, kind, says, gone, overloaded):
    error = provider().error_of(reply(status, {"message": "own words"}))
    assert type(error) is kind
    assert says in str(error)
    assert "own words" in str(error) or 300 <= status < 400
    assert (error.provider, error.status) == ("zai", status)
    assert (getattr(error, "gone", False), getattr(error, "overloaded", False)) == (gone, overloaded)


def test_refused_content_wins_over_the_status():
    body = {"error": {"code": "moderation_blocked", "message": "no"}}
    assert isinstance(OpenAiSora("k").error_of(reply(400, body)), ContentRefused)


def test_a_status_answer_without_a_status():
    error = provider().no_status(reply(200), "job-1")
    assert (error.job_id, str(error)) == (
        "job-1",
        "zai did not report the status of job job-1 (HTTP 200): no message",
    )


def test_connections_open_on_use_and_close():
    async def opened() -> bool:
        found = provider()
        found.use_settings(Settings(http_timeout=3))
        first = found.http
        assert found.http is first
        await found.aclose()
        await found.aclose()
        renewed = found.http is not first
        await found.aclose()
        return renewed

    assert asyncio.run(opened())


def test_a_plain_protocol_neither_uploads_nor_cancels(narration_file):
    async def defaults() -> tuple[str, bool]:
        found = OpenAiSora("k")
        return await HttpProvider.upload(found, narration_file, print), await HttpProvider.cancel(found, "1")

    assert asyncio.run(defaults()) == ("", False)


# A key given as an argument

DOOR_KEY = "sk-canary/never=shown"
PASSWORD = "pass-canary"


def frames_of(error: BaseException) -> str:
    """All local variables of this package's frames, and the error, as a verbose traceback shows them."""
    shown, pending, seen = [], [error], set()
    while pending:
        one = pending.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        pending += [other for other in (one.__cause__, one.__context__) if other is not None]
        shown += [repr(one), str(one), repr(vars(one))]
        trace = one.__traceback__
        while trace is not None:
            if "/voxweave_nb/" in trace.tb_frame.f_code.co_filename:
                for value in trace.tb_frame.f_locals.values():
                    with contextlib.suppress(AttributeError):  # a half-made object has no repr
                        shown.append(repr(value))
            trace = trace.tb_next
    return "\n".join(shown)


def doors():
    service = VideoGenerationService
    return {
        "service": lambda: service("openai_sora", api_key=DOOR_KEY, base_url="ftp://x"),
        "several": lambda: service(["zai", "fal"], api_key=DOOR_KEY),
        "no key taken": lambda: service("local", api_key=DOOR_KEY),
        "unknown": lambda: service("nobody", api_key=DOOR_KEY),
        "local": lambda: service.local(api_key=DOOR_KEY),
        "from_env": lambda: service.from_env(api_key=DOOR_KEY),
        "default": lambda: service.default(api_key=DOOR_KEY),
        "wrong setting": lambda: service.default(api_key=DOOR_KEY, output_dir=3),
        "OpenAiSora": lambda: provider_class("openai_sora")(DOOR_KEY, "ftp://x"),
        "Fal": lambda: provider_class("fal")(api_key=DOOR_KEY, base_url="ftp://x"),
    }


@pytest.mark.parametrize("door", doors())
def test_no_frame_holds_a_key_in_plain(door):
    with pytest.raises((ConfigError, TypeError)) as caught:
        doors()[door]()
    assert "canary" not in frames_of(caught.value)


def everything_in(thing, depth=6):
    """The attributes of an object and of all that it holds, as text."""
    if depth == 0:
        return ""
    own = vars(thing) if hasattr(thing, "__dict__") else {}
    held = [*own.values(), *(thing.values() if isinstance(thing, dict) else ())]
    return "\n".join([repr(thing), repr(own), *(everything_in(one, depth - 1) for one in held)])


def test_no_object_holds_a_key_in_plain():
    service = VideoGenerationService("openai_sora", api_key=DOOR_KEY, base_url="http://127.0.0.1:9/v1")
    assert "canary" not in everything_in(service)
    service.close()
    assert "canary" not in everything_in(service)
    assert service._pool.get("openai_sora")._key.reveal() == DOOR_KEY


def test_a_key_may_be_given_wrapped():
    assert provider_class("zai")(Secret(DOOR_KEY))._key.reveal() == DOOR_KEY
    service = VideoGenerationService("zai", api_key=Secret(DOOR_KEY))
    assert service._pool.get("zai")._key.reveal() == DOOR_KEY


class StrictPlugin(HttpProvider):
    """A plug-in with a constructor of its own, which needs its key as text."""

    name = "strict"
    key_variable, url_variable = "STRICT_KEY", "STRICT_URL"

    def __init__(self, api_key="", base_url="http://127.0.0.1:9"):
        super().__init__(api_key.upper(), base_url)

    submit = status = download = None


StrictPlugin.__abstractmethods__ = frozenset()


def test_a_plugins_constructor_gets_its_key_as_text(monkeypatch):
    monkeypatch.setattr("voxweave_nb.providers.pool.provider_class", lambda _: StrictPlugin)
    service = VideoGenerationService("strict", api_key="abcd")
    assert service._pool.get("strict")._key.reveal() == "ABCD"
    assert "abcd" not in everything_in(service)


@pytest.mark.parametrize(
    "address",
    [
        f"http://user:{PASSWORD}@host/v1",
        f"ftp://user:{PASSWORD}@host/v1",
        f"user:{PASSWORD}@host/v1",
        f"http://user:{PASSWORD}@host:99999/v1",
        f"http://user:{PASSWORD}@[host/v1",
        f"http://user:p/{PASSWORD}@host/v1",
        f"http://{PASSWORD}@",
        f"nothing?key={PASSWORD}",
        f"http://host/v1?key={PASSWORD}",
        f"http://host/v1#{PASSWORD}",
    ],
)
@pytest.mark.parametrize("way", ["argument", "service", "variable"])
def test_no_error_shows_a_password_in_an_address(address, way, monkeypatch):
    make = {
        "argument": lambda: provider_class("openai_sora")("k", address),
        "service": lambda: VideoGenerationService("openai_sora", base_url=address),
        "variable": lambda: VideoGenerationService("openai_sora"),
    }[way]
    if way == "variable":
        monkeypatch.setenv("OPENAI_BASE_URL", address)
    with pytest.raises(ConfigError, match="OPENAI_BASE_URL") as caught:
        make()
    assert "canary" not in frames_of(caught.value)


PAGE = "<html><h1>404 Not Found</h1><p>No such model, no such route.</p></html>"
OWN_WORDS = {"error": {"message": "no such model", "code": "1222"}}


@pytest.mark.parametrize("status", [404, 405, 410])
@pytest.mark.parametrize("name", ["gateway", "gemini", "fal", "zai", "openai_sora"])
def test_a_page_takes_nobody_out(name, status):
    one = provider_class(name)("k", "https://example.org")
    at_home = OpenAiSora("k") if name == "openai_sora" else provider_class(name)("k", one.default_url or None)
    for asked in (one, at_home):
        error = asked.error_of(Reply(status, {}, PAGE, None))
        assert isinstance(error, ProviderUnavailable)
        assert (error.gone, error.lacks_model) == (False, False)
        error = asked.error_of(Reply(status, {}, json.dumps(OWN_WORDS), OWN_WORDS))
        assert error.gone or error.lacks_model


def test_a_documented_code_takes_a_provider_out():
    error = provider().unavailable(
        "is retired", Reply(410, {}, "retired", None), gone=True, source="its manual"
    )
    assert error.gone


def test_a_provider_is_asked_after_a_page(sandbox, narration_file, tmp_path):
    sandbox.fault("create", Fault.page(404), provider="gateway", times=1)
    sandbox.next_job("gateway", polls=1, fails="enough")
    settings = Settings(output_dir=tmp_path / "out", poll_interval=0.02, http_timeout=2)
    service = VideoGenerationService("gateway", settings=settings)
    for says in ("HTTP 404", "enough"):
        with pytest.raises(VoxweaveError, match=says):
            service.submit(narration_file, config={"resolution": "720p", "fps": 4}).result(30)
    assert sandbox.submissions("gateway") == 2
