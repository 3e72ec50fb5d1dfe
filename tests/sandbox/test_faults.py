"""Each fault does on the wire what it says."""

from __future__ import annotations

import json
import socket
import threading
import time
from typing import Any

import httpx
import pytest

from voxweave_nb.errors import ConfigError
from voxweave_nb.sandbox import Fault, Sandbox

PROMPT = {"prompt": "The deep sea"}


def _address(sandbox: Sandbox) -> tuple[str, int]:
    url = httpx.URL(sandbox.url)
    return url.host, url.port or 0


def _made(client: httpx.Client, **fields: str) -> str:
    """A job that is done, so that its video can be had."""
    job = client.post("/videos", data={**PROMPT, **fields}).raise_for_status().json()["id"]
    assert client.get(f"/videos/{job}").json()["status"] == "completed"
    return str(job)


@pytest.mark.parametrize("fault", [Fault.reset_before(), Fault.reset_while_sending()], ids=str)
def test_a_reset_before_the_end_of_the_request_accepts_nothing(
    openai: httpx.Client, sandbox: Sandbox, fault: Fault
) -> None:
    sandbox.fault("create", fault)
    head = "POST /openai/v1/videos HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    with socket.create_connection(_address(sandbox), timeout=5) as connection:
        connection.sendall(f"{head}Content-Length: 8000000\r\n\r\n--b".encode())
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    assert (sandbox.submissions("openai_sora"), sandbox.accepted("openai_sora")) == (1, 0)
    assert (sandbox.history[0].status, sandbox.history[0].fields) == (None, {})


def test_a_client_that_is_cut_off_while_sending_sees_a_broken_connection(
    openai: httpx.Client, sandbox: Sandbox
) -> None:
    sandbox.fault("create", Fault.reset_while_sending())
    big = {"input_reference": ("big.png", b"x" * 8_000_000, "image/png")}
    with pytest.raises(httpx.TransportError):
        openai.post("/videos", data=PROMPT, files=big)
    assert sandbox.accepted("openai_sora") == 0


@pytest.mark.parametrize(("accept", "jobs"), [(True, 1), (False, 0)])
def test_a_reset_after_the_request_accepts_as_told(
    openai: httpx.Client, sandbox: Sandbox, accept: bool, jobs: int
) -> None:
    sandbox.fault("create", Fault.reset_after(accept=accept))
    with pytest.raises(httpx.ReadError, match="reset"):
        openai.post("/videos", data=PROMPT)
    assert sandbox.accepted("openai_sora") == jobs
    assert sandbox.history[0].fields == PROMPT


@pytest.mark.parametrize(("accept", "jobs"), [(True, 1), (False, 0)])
def test_a_hang_never_answers(openai: httpx.Client, sandbox: Sandbox, accept: bool, jobs: int) -> None:
    sandbox.fault("create", Fault.hang(accept=accept))
    with pytest.raises(httpx.ReadTimeout):
        openai.post("/videos", data=PROMPT, timeout=0.2)
    assert sandbox.accepted("openai_sora") == jobs


def test_a_hang_with_seconds_ends_without_an_answer(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("list", Fault.hang(seconds=0.05))
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        openai.get("/videos")


def test_a_delay_gives_the_right_answer_late(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("create", Fault.delay(0.15))
    before = time.monotonic()
    assert openai.post("/videos", data=PROMPT).status_code == 200
    assert time.monotonic() - before >= 0.15


def test_a_drip_gives_the_right_answer_slowly(openai: httpx.Client, sandbox: Sandbox) -> None:
    job = _made(openai)
    whole = openai.get(f"/videos/{job}/content").content
    sandbox.fault("content", Fault.drip(len(whole) * 4))
    before = time.monotonic()
    with openai.stream("GET", f"/videos/{job}/content") as response:
        pieces = list(response.iter_raw())
    assert b"".join(pieces) == whole
    assert len(pieces) > 2
    assert time.monotonic() - before >= 0.2
    assert sandbox.jobs[0].fetched == 2


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_truncated_answer_declares_what_it_does_not_send(
    openai: httpx.Client, sandbox: Sandbox, share: float
) -> None:
    job = _made(openai)
    sandbox.fault("content", Fault.truncate(share))
    with openai.stream("GET", f"/videos/{job}/content") as response:
        length = int(response.headers["content-length"])
        with pytest.raises(
            httpx.RemoteProtocolError, match=f"received {int(length * share)} bytes, expected {length}"
        ):
            response.read()
    assert sandbox.jobs[0].fetched == 0


def test_a_broken_download_that_is_continued_counts_as_one(openai: httpx.Client, sandbox: Sandbox) -> None:
    job = _made(openai)
    sandbox.fault("content", Fault.truncate(0.5))
    with openai.stream("GET", f"/videos/{job}/content") as response:
        half = int(response.headers["content-length"]) // 2
        tag = response.headers["etag"]
        with pytest.raises(httpx.RemoteProtocolError):
            response.read()
    rest = openai.get(f"/videos/{job}/content", headers={"Range": f"bytes={half}-", "If-Range": tag})
    assert rest.status_code == 206
    assert sandbox.jobs[0].fetched == 1


def test_a_malformed_answer_was_accepted_and_is_no_json(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("create", Fault.malformed())
    response = openai.post("/videos", data=PROMPT)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    with pytest.raises(json.JSONDecodeError):
        response.json()
    assert sandbox.accepted("openai_sora") == 1


def test_json_may_come_as_a_video(openai: httpx.Client, sandbox: Sandbox) -> None:
    job = _made(openai)
    sandbox.fault("content", Fault.json_as_video())
    response = openai.get(f"/videos/{job}/content")
    assert (response.status_code, response.headers["content-type"]) == (200, "video/mp4")
    assert response.json()["status"] == "completed"
    assert sandbox.jobs[0].fetched == 0


def test_a_page_is_what_a_proxy_would_send(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("create", Fault.page(504))
    response = openai.post("/videos", data=PROMPT)
    assert response.status_code == 504
    assert response.headers["content-type"].startswith("text/html")
    assert "504 Gateway Time-out" in response.text
    assert sandbox.accepted("openai_sora") == 0


def test_a_status_may_say_when_to_come_back_and_speak_other_words(
    openai: httpx.Client, sandbox: Sandbox
) -> None:
    sandbox.fault("poll", Fault.status(429, retry_after=1.5))
    response = openai.get("/videos/any")
    assert (response.status_code, response.headers["retry-after"]) == (429, "1.5")
    assert response.json()["error"]["code"] == "rate_limit_exceeded"
    sandbox.fault("poll", Fault.status(418, body={"detail": "tea"}))
    assert openai.get("/videos/any").json() == {"detail": "tea"}
    sandbox.fault("poll", Fault.status(503, body="no tea"))
    assert openai.get("/videos/any").text == "no tea"


def test_a_server_error_may_come_after_the_job_was_accepted(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("create", Fault.status(500, accept=True))
    assert openai.post("/videos", data=PROMPT).status_code == 500
    assert sandbox.accepted("openai_sora") == 1


def test_a_video_may_be_elsewhere(gateway: httpx.Client, sandbox: Sandbox) -> None:
    body = {"audio_url": "https://example.org/a.mp3", "style": "anime", "resolution": "720p", "model": "any"}
    job = gateway.post("/video/generate", json=body).json()["job_id"]
    url = sandbox.url + gateway.get(f"/video/status/{job}").json()["video_url"]
    sandbox.fault("content", Fault.redirect(), provider="gateway")
    response = gateway.get(url)
    assert response.status_code == 302
    assert response.headers["location"].startswith(sandbox.cdn_url)
    assert gateway.get(response.headers["location"]).status_code == 200
    assert [asked.leaked for asked in sandbox.history if asked.step == "content"] == [False, True]
    sandbox.fault("content", Fault.redirect("http://127.0.0.1:1/x"), provider="gateway")
    assert gateway.get(url).headers["location"] == "http://127.0.0.1:1/x"


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
def test_each_protocol_refuses_content_in_its_own_words(
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
def test_each_protocol_says_in_its_own_words_that_it_is_gone(
    sandbox: Sandbox, provider: str, path: str, words: str
) -> None:
    sandbox.fault("create", Fault.gone(), provider=provider)
    response = httpx.post(sandbox.base_url(provider) + path, json=PROMPT, trust_env=False)
    assert response.status_code == 404
    assert words in response.text


def _statuses(client: httpx.Client, count: int) -> list[int]:
    return [client.get("/videos").status_code for _ in range(count)]


def test_a_fault_comes_as_often_and_as_late_as_planned(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("list", Fault.status(500), times=2, after=1)
    assert _statuses(openai, 4) == [200, 500, 500, 200]
    sandbox.fault("list", Fault.status(503), times=None)
    assert _statuses(openai, 3) == [503, 503, 503]


def test_faults_of_one_step_queue_up(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("list", Fault.status(500))
    sandbox.fault("list", Fault.status(502))
    assert _statuses(openai, 3) == [500, 502, 200]


def test_a_fault_of_another_provider_or_step_is_not_taken(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("list", Fault.status(500), provider="zai")
    sandbox.fault("create", Fault.status(500))
    assert _statuses(openai, 1) == [200]


def test_a_step_or_provider_that_there_is_not_is_refused(sandbox: Sandbox) -> None:
    wrong: Any = "download"
    with pytest.raises(ConfigError, match="upload, create, poll, result, content, list, cancel"):
        sandbox.fault(wrong, Fault.gone())
    with pytest.raises(ConfigError, match="openai_sora, zai, gateway, fal, gemini"):
        sandbox.fault("create", Fault.gone(), provider="sora")


def test_the_sandbox_stops_while_requests_hang() -> None:
    with Sandbox() as sandbox:
        for step in ("create", "list"):
            sandbox.fault(step, Fault.hang(), times=None)  # type: ignore[arg-type]
        ended = []

        def ask(method: str) -> None:
            url, headers = f"{sandbox.base_url('openai_sora')}/videos", {"Authorization": "Bearer x"}
            with pytest.raises(httpx.HTTPError):
                httpx.request(method, url, headers=headers, trust_env=False, timeout=30)
            ended.append(method)

        threads = [threading.Thread(target=ask, args=(method,)) for method in ("GET", "POST")]
        for thread in threads:
            thread.start()
        while len(sandbox.history) < 2:
            pass
        before = time.monotonic()
    assert time.monotonic() - before < 1
    for thread in threads:
        thread.join(1)
    assert sorted(ended) == ["GET", "POST"]


def test_connections_to_a_closed_address_are_refused(sandbox: Sandbox) -> None:
    with pytest.raises(httpx.ConnectError, match="refused"):
        httpx.get(sandbox.closed_url(), trust_env=False)
