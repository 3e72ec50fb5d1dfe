"""A chat endpoint: the key goes to its own origin only, and a doubt is not repeated."""

from __future__ import annotations

import json

import pytest

from voxweave_nb import runtime
from voxweave_nb.errors import ConfigError, ProviderUnavailable, RequestRefused, SubmissionInDoubt
from voxweave_nb.providers.chat import ChatEndpoint, image_part
from voxweave_nb.sandbox import Fault, Sandbox

HELLO = [{"role": "user", "content": "Hello"}]


async def complete(endpoint: ChatEndpoint, **options):
    try:
        return await endpoint.complete(HELLO, options)
    finally:
        await endpoint.aclose()


def ask(endpoint: ChatEndpoint, **options):
    return runtime.submit(complete(endpoint, **options)).result(30)


@pytest.fixture
def endpoint(sandbox: Sandbox) -> ChatEndpoint:
    return ChatEndpoint(sandbox.base_url("chat"), "m", sandbox.key("chat"))


def test_the_environment_gives_address_and_key(sandbox):
    found = ask(ChatEndpoint(None, "m"), temperature=0)
    assert found.text.startswith("Hello!")
    assert found.id.startswith("chatcmpl-")
    assert found.usd is None
    (asked,) = sandbox.history
    assert (asked.fields["temperature"], asked.fields["model"]) == (0, "m")


def test_the_whole_route_may_be_given(sandbox):
    address = f"{sandbox.base_url('chat')}/chat/completions/"
    assert ChatEndpoint(address, "m").base_url == sandbox.base_url("chat")


def test_the_key_is_hidden(sandbox, endpoint):
    key = sandbox.key("chat")
    assert key not in repr(endpoint) + repr(vars(endpoint))
    sandbox.fault("create", Fault.status(400, body={"error": {"message": f"bad key {key}"}}), provider="chat")
    with pytest.raises(RequestRefused) as caught:
        ask(endpoint)
    assert key not in f"{caught.value!r} {vars(caught.value)}"


def test_no_redirect_takes_the_key_along(sandbox, endpoint):
    sandbox.fault("create", Fault.redirect(f"{sandbox.cdn_url}/chat/x.mp4", code=307), provider="chat")
    with pytest.raises(SubmissionInDoubt, match="HTTP 307"):
        ask(endpoint)
    assert not any(asked.leaked for asked in sandbox.history)
    assert len(sandbox.history) == 1


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (Fault.status(401), ProviderUnavailable, "rejected the key"),
        (Fault.status(402), ProviderUnavailable, "requires payment"),
        (Fault.gone(), ProviderUnavailable, "base URL of a chat API"),
        (Fault.status(429, retry_after=3), ProviderUnavailable, "is rate-limited"),
        (Fault.status(503), ProviderUnavailable, "is failing"),
        (Fault.refuse_content(), RequestRefused, "safety system"),
        (Fault.status(500), SubmissionInDoubt, "may bill it, but it answered HTTP 500"),
        (Fault.page(502), SubmissionInDoubt, "may bill it"),
        (Fault.malformed(), SubmissionInDoubt, "cannot be parsed"),
        (Fault.reset_after(), SubmissionInDoubt, "may bill it"),
        (Fault.status(200, body={"choices": []}), SubmissionInDoubt, "no text"),
    ],
)
def test_each_failure_is_told_apart(sandbox, endpoint, fault, kind, words):
    sandbox.fault("create", fault, provider="chat")
    with pytest.raises(kind, match=words) as caught:
        ask(endpoint)
    assert len(sandbox.history) == 1
    assert getattr(caught.value, "overloaded", False) is (fault.code in (429, 503))


@pytest.mark.slow
def test_a_server_that_is_not_there_is_named(sandbox):
    with pytest.raises(ProviderUnavailable, match="cannot be reached"):
        ask(ChatEndpoint(sandbox.closed_url(), "m", "key"))


@pytest.mark.parametrize("address", ["", "ftp://x", "https://user:word@x/v1", "https://x/v1?key=1"])
def test_a_bad_address_gets_a_sentence(monkeypatch, address):
    monkeypatch.delenv("VOXWEAVE_JUDGE_BASE_URL", raising=False)
    with pytest.raises(ConfigError) as caught:
        ChatEndpoint(address, "m", "key")
    assert "word" not in str(caught.value).replace("password", "")


def test_a_broken_key_gets_a_sentence():
    with pytest.raises(ConfigError, match="control character"):
        ChatEndpoint("https://x/v1", "m", "a\nb")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("plain", "plain"),
        ([{"type": "text", "text": "in "}, {"type": "text", "text": "parts"}, {"type": "image"}], "in parts"),
        ("half \ud800", "half ?"),
    ],
)
def test_texts_are_read_in_each_form(sandbox, endpoint, content, text):
    body = {"choices": [{"message": {"content": content}}], "usage": {"cost": 0.25}}
    sandbox.fault("create", Fault.status(200, body=json.dumps(body)), provider="chat")
    found = ask(endpoint)
    assert (found.text, found.id, found.usd) == (text, None, 0.25)


def test_a_long_text_is_cut_unless_wanted(sandbox, endpoint):
    sandbox.next_answers("x" * 30_000, times=2)

    async def both() -> list[int]:
        found = [await endpoint.complete(HELLO, {}), await endpoint.complete(HELLO, {}, longest=50_000)]
        await endpoint.aclose()
        return [len(each.text) for each in found]

    assert runtime.submit(both()).result(30) == [20_000, 30_000]


@pytest.mark.parametrize("cost", [-1, True, "0.1", None])
def test_a_cost_that_cannot_be_is_ignored(sandbox, endpoint, cost):
    body = {"id": 3, "choices": [{"message": {"refusal": "No.", "content": None}}], "usage": {"cost": cost}}
    sandbox.fault("create", Fault.status(200, body=body), provider="chat")
    found = ask(endpoint)
    assert (found.text, found.id, found.usd) == ("No.", None, None)


def test_an_image_is_a_data_url():
    assert image_part(b"\xff\xd8")["image_url"]["url"] == "data:image/jpeg;base64,/9g="
