"""The history of requests."""

from __future__ import annotations

import threading
import time

import httpx

from voxweave_nb.sandbox import Asked, Fault, Sandbox
from voxweave_nb.sandbox.history import History

from .clients import PROMPT, client_of, submit


def test_history_has_every_request(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("poll", Fault.status(500))
    before = time.time()
    job = submit(openai, seconds="8")
    openai.get(f"/videos/{job}", params={"a": "b"})
    create, poll = sandbox.history
    assert isinstance(create, Asked)
    assert (create.provider, create.step, create.method) == ("openai_sora", "create", "POST")
    assert (create.path, create.status, create.job_id) == ("/openai/v1/videos", 200, job)
    assert (create.fields, create.fault) == ({**PROMPT, "seconds": "8"}, None)
    assert before <= create.at <= poll.at <= time.time()
    assert "authorization" not in create.headers
    assert create.headers["user-agent"].startswith("python-httpx")
    assert (poll.step, poll.status, poll.job_id) == ("poll", 500, job)
    assert poll.fault == Fault.status(500)
    assert poll.path == f"/openai/v1/videos/{job}?a=b"
    sandbox.reset()
    assert (sandbox.history, sandbox.jobs) == ((), ())


def test_a_cleared_request_stays_cleared(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("create", Fault.delay(0.3))
    thread = threading.Thread(target=openai.post, args=("/videos",), kwargs={"data": PROMPT})
    thread.start()
    while not sandbox.jobs:
        pass
    sandbox.reset()
    openai.get("/videos")
    thread.join()
    assert [(asked.step, asked.status) for asked in sandbox.history] == [("list", 200)]


def test_keys_can_be_chosen_and_stay_hidden() -> None:
    with Sandbox(keys={"zai": "my-very-own-key"}) as sandbox, client_of(sandbox, "zai") as client:
        assert sandbox.key("zai") == "my-very-own-key"
        client.get("/async-result/my-very-own-key", params={"key": "somebody-elses-key", "a": "b"})
        client.post("/videos/generations", json={"prompt": "my-very-own-key"})
        told = f"{sandbox!r} {sandbox.history} {[str(asked) for asked in sandbox.history]}"
    assert "my-very-own-key" not in told
    assert "somebody-elses-key" not in told
    assert "***" in told


def test_data_uris_and_long_texts_are_cut() -> None:
    history = History(["secret"])
    number = history.open(
        "zai", "create", "POST", "/x?key=abc&a=b", {"Authorization".lower(): "k", "x-note": "secret"}
    )
    history.note(number, fields={"audio": "data:audio/wav;base64," + "A" * 900, "list": ["secret", 1]})
    (request,) = history.all()
    assert request.path == "/x?key=***&a=b"
    assert request.headers == {"x-note": "***"}
    assert str(request.fields["audio"]).endswith("… (922 characters)")
    assert request.fields["list"] == ["***", 1]
