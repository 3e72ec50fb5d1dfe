"""The base of HTTP providers: keys, addresses, readiness, and the meaning of HTTP errors."""

from __future__ import annotations

import asyncio
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
)
from voxweave_nb.providers.http import Reply
from voxweave_nb.providers.openai_sora import OpenAiSora
from voxweave_nb.providers.remote import HttpProvider
from voxweave_nb.providers.zai import Zai


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
        (503, ProviderUnavailable, "is failing", False, False),
        (529, ProviderUnavailable, "is failing", False, False),
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
