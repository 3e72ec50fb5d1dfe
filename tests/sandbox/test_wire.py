"""Faults on the wire: every one does what it says."""

from __future__ import annotations

import json
import socket
import time

import httpx
import pytest

from voxweave_nb.sandbox import Fault, Sandbox

from .clients import PROMPT, finished_job


def address_of(sandbox: Sandbox) -> tuple[str, int]:
    url = httpx.URL(sandbox.url)
    return url.host, url.port or 0


@pytest.mark.parametrize("fault", [Fault.reset_before(), Fault.reset_while_sending()], ids=str)
def test_a_reset_during_the_request_accepts_nothing(
    openai: httpx.Client, sandbox: Sandbox, fault: Fault
) -> None:
    sandbox.fault("create", fault)
    head = "POST /openai/v1/videos HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    with socket.create_connection(address_of(sandbox), timeout=5) as connection:
        connection.sendall(f"{head}Content-Length: 8000000\r\n\r\n--b".encode())
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    assert (sandbox.submissions("openai_sora"), sandbox.accepted("openai_sora")) == (1, 0)
    assert (sandbox.history[0].status, sandbox.history[0].fields) == (None, {})


def test_a_reset_while_sending_breaks_the_connection(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("create", Fault.reset_while_sending())
    big = {"input_reference": ("big.png", b"x" * 8_000_000, "image/png")}
    with pytest.raises(httpx.TransportError):
        openai.post("/videos", data=PROMPT, files=big)
    assert sandbox.accepted("openai_sora") == 0


@pytest.mark.parametrize(("accept", "jobs"), [(True, 1), (False, 0)])
def test_a_reset_after_the_request_may_accept(
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


def test_a_hang_with_seconds_closes_the_connection(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("list", Fault.hang(seconds=0.05))
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        openai.get("/videos")


def test_a_delay_gives_the_right_answer_late(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("create", Fault.delay(0.15))
    before = time.monotonic()
    assert openai.post("/videos", data=PROMPT).status_code == 200
    assert time.monotonic() - before >= 0.15


def test_a_drip_gives_the_right_answer_slowly(openai: httpx.Client, sandbox: Sandbox) -> None:
    job = finished_job(openai)
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
def test_a_truncated_answer_declares_its_full_length(
    openai: httpx.Client, sandbox: Sandbox, share: float
) -> None:
    job = finished_job(openai)
    sandbox.fault("content", Fault.truncate(share))
    with openai.stream("GET", f"/videos/{job}/content") as response:
        length = int(response.headers["content-length"])
        with pytest.raises(
            httpx.RemoteProtocolError, match=f"received {int(length * share)} bytes, expected {length}"
        ):
            response.read()
    assert sandbox.jobs[0].fetched == 0


def test_a_continued_download_counts_as_one(openai: httpx.Client, sandbox: Sandbox) -> None:
    job = finished_job(openai)
    sandbox.fault("content", Fault.truncate(0.5))
    with openai.stream("GET", f"/videos/{job}/content") as response:
        half = int(response.headers["content-length"]) // 2
        tag = response.headers["etag"]
        with pytest.raises(httpx.RemoteProtocolError):
            response.read()
    rest = openai.get(f"/videos/{job}/content", headers={"Range": f"bytes={half}-", "If-Range": tag})
    assert rest.status_code == 206
    assert sandbox.jobs[0].fetched == 1


def test_a_malformed_answer_was_accepted(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("create", Fault.malformed())
    response = openai.post("/videos", data=PROMPT)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    with pytest.raises(json.JSONDecodeError):
        response.json()
    assert sandbox.accepted("openai_sora") == 1


def test_json_can_be_sent_as_video(openai: httpx.Client, sandbox: Sandbox) -> None:
    job = finished_job(openai)
    sandbox.fault("content", Fault.json_as_video())
    response = openai.get(f"/videos/{job}/content")
    assert (response.status_code, response.headers["content-type"]) == (200, "video/mp4")
    assert response.json()["status"] == "completed"
    assert sandbox.jobs[0].fetched == 0


def test_a_page_is_a_proxys_error(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("create", Fault.page(504))
    response = openai.post("/videos", data=PROMPT)
    assert response.status_code == 504
    assert response.headers["content-type"].startswith("text/html")
    assert "504 Gateway Time-out" in response.text
    assert sandbox.accepted("openai_sora") == 0


def test_a_status_can_have_retry_after_and_body(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("poll", Fault.status(429, retry_after=1.5))
    response = openai.get("/videos/any")
    assert (response.status_code, response.headers["retry-after"]) == (429, "1.5")
    assert response.json()["error"]["code"] == "rate_limit_exceeded"
    sandbox.fault("poll", Fault.status(418, body={"detail": "tea"}))
    assert openai.get("/videos/any").json() == {"detail": "tea"}
    sandbox.fault("poll", Fault.status(503, body="no tea"))
    assert openai.get("/videos/any").text == "no tea"


def test_a_server_error_may_accept_the_job(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("create", Fault.status(500, accept=True))
    assert openai.post("/videos", data=PROMPT).status_code == 500
    assert sandbox.accepted("openai_sora") == 1


def test_a_download_can_be_redirected(gateway: httpx.Client, sandbox: Sandbox) -> None:
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
