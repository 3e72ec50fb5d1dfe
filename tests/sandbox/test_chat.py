"""The chat protocol: a model that prefers the brighter image, for OpenAI's own client too."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import httpx
import pytest
from openai import AuthenticationError, BadRequestError, InternalServerError, OpenAI, RateLimitError

from voxweave_nb.media.poster import rgb_frame, write_still
from voxweave_nb.sandbox import Fault, Sandbox

pytestmark = pytest.mark.slow  # importing the client takes a second


@pytest.fixture
def chat(sandbox: Sandbox) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {sandbox.key('chat')}"}
    with httpx.Client(base_url=sandbox.base_url("chat"), headers=headers, trust_env=False) as client:
        yield client


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[OpenAI]:
    with OpenAI(api_key=sandbox.key("chat"), base_url=sandbox.base_url("chat"), max_retries=0) as client:
        yield client


@pytest.fixture
def grays(tmp_path) -> dict[int, str]:
    """Data URLs of JPEGs by their brightness."""
    import numpy as np

    found = {}
    for level in (60, 180):
        path = tmp_path / f"{level}.jpg"
        write_still(rgb_frame(np.full((36, 64, 3), level, np.uint8)), path, width=64)
        found[level] = f"data:image/jpeg;base64,{base64.b64encode(path.read_bytes()).decode()}"
    return found


def ask(*urls: str) -> list:
    images = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    return [{"role": "user", "content": [{"type": "text", "text": "Which is better?"}, *images]}]


def test_the_brighter_image_is_preferred(client, grays):
    for urls, better in (((180, 60), "first"), ((60, 180), "second"), ((60, 60), "tie")):
        messages = ask(*(grays[level] for level in urls))
        found = client.chat.completions.create(model="any-model", messages=messages)
        assert json.loads(found.choices[0].message.content)["better"] == better
        assert found.model == "any-model"
        assert found.usage.total_tokens > 1000
    assert [each.id for each in client.models.list()] == ["sandbox-vision"]


def test_errors_are_those_of_the_client(sandbox, client, grays):
    with pytest.raises(AuthenticationError):
        client.with_options(api_key="wrong").chat.completions.create(model="m", messages=ask())
    sandbox.fault("create", Fault.status(429, retry_after=2), provider="chat")
    with pytest.raises(RateLimitError):
        client.chat.completions.create(model="m", messages=ask())
    sandbox.fault("create", Fault.status(500), provider="chat")
    with pytest.raises(InternalServerError):
        client.chat.completions.create(model="m", messages=ask())
    sandbox.fault("create", Fault.refuse_content(), provider="chat")
    with pytest.raises(BadRequestError, match="safety system"):
        client.chat.completions.create(model="m", messages=ask())


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"messages": ask()}, "model"),
        ({"model": "m"}, "'messages'"),
        ({"model": "m", "messages": [{"role": "robot", "content": "x"}]}, "role"),
        ({"model": "m", "messages": ask("https://example.org/a.jpg")}, "unsupported image"),
        (
            {"model": "m", "messages": ask("data:image/jpeg;base64,AAAA", "data:image/jpeg;base64,AAAA")},
            "unsupported",
        ),
    ],
)
def test_fields_are_checked(chat, body, words):
    answer = chat.post("/chat/completions", json=body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]


def test_scripted_answers_come_first(sandbox, chat, grays):
    sandbox.next_answers("I like both", usd=0.01)
    body = {"model": "m", "messages": ask(grays[60], grays[180])}
    first, second = (chat.post("/chat/completions", json=body).json() for _ in range(2))
    assert first["choices"][0]["message"]["content"] == "I like both"
    assert first["usage"]["cost"] == 0.01
    assert "second" in second["choices"][0]["message"]["content"]
    assert "cost" not in second["usage"]


def test_without_images_it_is_polite(chat):
    body = {"model": "m", "messages": [{"role": "user", "content": "Hello"}]}
    assert "Hello" in chat.post("/chat/completions", json=body).json()["choices"][0]["message"]["content"]


def test_an_unknown_url_is_named(sandbox, chat):
    sandbox.fault("create", Fault.gone(), provider="chat")
    answer = chat.post("/chat/completions", json={})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_url")


def test_scenes_get_a_prompt_each(client):
    scenes = [{"scene": 1, "words": "The ferry\nleaves."}, {"scene": 2, "words": "Gulls follow."}]
    messages = [
        {"role": "system", "content": "Write prompts."},
        {"role": "user", "content": json.dumps({"scenes": scenes})},
    ]
    found = client.chat.completions.create(model="any-model", messages=messages)
    assert json.loads(found.choices[0].message.content) == {
        "scenes": [
            {"scene": 1, "prompt": "In soft light: The ferry leaves."},
            {"scene": 2, "prompt": "In soft light: Gulls follow."},
        ]
    }


@pytest.mark.parametrize("told", ['{"scenes": 3}', '{"scenes": [1]}', "[1]", '{"scenes"'])
def test_other_json_is_only_talk(chat, told):
    body = {"model": "m", "messages": [{"role": "user", "content": told}]}
    assert "Hello" in chat.post("/chat/completions", json=body).json()["choices"][0]["message"]["content"]
