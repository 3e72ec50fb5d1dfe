"""The parts that all protocols share: keys, downloads, errors, scripted fields."""

from __future__ import annotations

import httpx
import pytest

from voxweave_nb.sandbox import Fault, Sandbox
from voxweave_nb.sandbox.base import Protocol, data_uri

from .clients import PROMPT, poll, submit


@pytest.mark.parametrize("key", ["", "Bearer wrong", "Key wrong"])
@pytest.mark.parametrize(
    ("provider", "path"),
    [
        ("openai_sora", "/videos/x"),
        ("zai", "/async-result/x"),
        ("gateway", "/video/status/x"),
        ("fal", "/fal-ai/ltx-2/requests/x/status"),
        ("gemini", "/interactions/x"),
    ],
)
def test_a_wrong_or_missing_key_is_refused(sandbox: Sandbox, provider: str, path: str, key: str) -> None:
    headers = {"Authorization": key} if key else {}
    response = httpx.get(sandbox.base_url(provider) + path, headers=headers, trust_env=False)
    assert response.status_code == 401
    assert set(response.json()) <= {"error", "detail"}


def test_an_expired_job_completes_without_a_video(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.reset()
    sandbox.next_job("openai_sora", expired=True)
    job = submit(openai)
    assert poll(openai, job, 1) == [("completed", 100)]
    response = openai.get(f"/videos/{job}/content")
    assert response.status_code == 404
    assert "has expired" in response.text


def test_a_running_job_has_no_video(openai: httpx.Client) -> None:
    response = openai.get(f"/videos/{submit(openai)}/content")
    assert response.status_code == 404
    assert "not ready yet" in response.text


def test_the_video_is_served_in_ranges(openai: httpx.Client, sandbox: Sandbox) -> None:
    job = submit(openai)
    poll(openai, job, 1)
    url = f"/videos/{job}/content"
    whole = openai.get(url)
    assert (whole.headers["accept-ranges"], bool(whole.headers["etag"])) == ("bytes", True)
    part = openai.get(url, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.content)}"
    assert part.headers["etag"] == whole.headers["etag"]
    changed = openai.get(url, headers={"Range": "bytes=10-", "If-Range": '"another"'})
    assert (changed.status_code, changed.content) == (200, whole.content)
    assert openai.get(url, headers={"Range": "bytes=99999999-"}).status_code == 416
    assert sandbox.jobs[0].fetched == 2


def test_a_broken_form_is_refused(openai: httpx.Client, sandbox: Sandbox) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    response = openai.post("/videos", content=b"--b\r\nnot a form", headers=headers)
    assert (response.status_code, response.json()["error"]["param"]) == (400, "prompt")
    assert openai.post("/videos", content=b"[1]").status_code == 400
    assert [asked.status for asked in sandbox.history] == [400, 400]


def test_polls_can_have_other_services_fields(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.reset()
    also = {"error": "none", "progress": ..., "output": {"url": "{cdn}"}, "urls": ["{cdn}"]}
    sandbox.next_job("openai_sora", size=(160, 90), also=also)
    body = openai.get(f"/videos/{submit(openai)}").json()
    assert (body["status"], body["error"], "progress" in body) == ("completed", "none", False)
    assert body["output"]["url"] == body["urls"][0]
    assert httpx.get(body["urls"][0], trust_env=False).headers["content-type"] == "video/mp4"


@pytest.mark.parametrize(
    ("provider", "path", "status", "words"),
    [
        ("openai_sora", "/videos", 400, "moderation_blocked"),
        ("zai", "/videos/generations", 400, '"code":"1301"'),
        ("gateway", "/video/generate", 400, "content_policy_violation"),
        ("fal", "/fal-ai/ltx-2/audio-to-video", 422, "content_policy_violation"),
        ("gemini", "/interactions", 400, "SAFETY"),
    ],
)
def test_each_protocol_has_its_content_policy_error(
    sandbox: Sandbox, provider: str, path: str, status: int, words: str
) -> None:
    sandbox.fault("create", Fault.refuse_content(), provider=provider)
    response = httpx.post(sandbox.base_url(provider) + path, json=PROMPT, trust_env=False)
    assert response.status_code == status
    assert words in response.text


@pytest.mark.parametrize(
    ("provider", "path", "words"),
    [
        ("openai_sora", "/videos", "unknown_url"),
        ("zai", "/videos/generations", '"1222"'),
        ("gateway", "/video/generate", "not_found"),
        ("fal", "/fal-ai/ltx-2/audio-to-video", "not found"),
        ("gemini", "/interactions", "NOT_FOUND"),
    ],
)
def test_each_protocol_has_its_shutdown_error(sandbox: Sandbox, provider: str, path: str, words: str) -> None:
    sandbox.fault("create", Fault.gone(), provider=provider)
    response = httpx.post(sandbox.base_url(provider) + path, json=PROMPT, trust_env=False)
    assert response.status_code == 404
    assert words in response.text


@pytest.mark.parametrize(
    ("uri", "content"),
    [
        ("data:audio/wav;base64,AAAA", b"\0\0\0"),
        ("data:audio/wav,AAAA", None),
        ("data:audio/wav;base64,A!", None),
        ("https://example.org/a.wav", None),
    ],
)
def test_only_base64_data_uris_have_content(uri: str, content: bytes | None) -> None:
    assert data_uri(uri) == content


@pytest.mark.parametrize(("text", "size"), [("1280x720", (1280, 720)), ("9*16", (0, 0)), ("large", (0, 0))])
def test_sizes_are_read_as_pixels(text: str, size: tuple[int, int]) -> None:
    assert Protocol.pixels(text) == size
