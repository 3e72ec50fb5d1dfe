"""The sandbox's own promises: jobs, history, origins, ranges, rules of the protocols, the command."""

from __future__ import annotations

import asyncio
import base64
import io
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

import voxweave_nb.sandbox as public
from tests.conftest import write_narration
from voxweave_nb.errors import ConfigError
from voxweave_nb.media.probe import probe
from voxweave_nb.sandbox import Asked, Fault, Sandbox, run

PROMPT = {"prompt": "The deep sea"}
MODEL = "fal-ai/ltx-2/audio-to-video"


def _client(sandbox: Sandbox, provider: str) -> httpx.Client:
    key = sandbox.key(provider)
    headers = {
        "fal": {"Authorization": f"Key {key}"},
        "gemini": {"x-goog-api-key": key},
    }.get(provider, {"Authorization": f"Bearer {key}"})
    return httpx.Client(base_url=sandbox.base_url(provider), headers=headers, trust_env=False)


def _job(client: httpx.Client, **fields: str) -> str:
    return str(client.post("/videos", data={**PROMPT, **fields}).raise_for_status().json()["id"])


def _polls(client: httpx.Client, job: str, count: int) -> list[tuple[Any, Any]]:
    bodies = [client.get(f"/videos/{job}").json() for _ in range(count)]
    return [(body["status"], body.get("progress", "missing")) for body in bodies]


def test_the_public_face_is_this() -> None:
    assert public.__all__ == ["Asked", "Fault", "Sandbox", "SandboxJob", "run"]


def test_every_provider_has_its_own_key_address_and_variables(sandbox: Sandbox) -> None:
    names = ("openai_sora", "zai", "gateway", "fal", "gemini")
    assert len({sandbox.key(name) for name in names}) == 5
    assert {sandbox.base_url(name).removeprefix(sandbox.url) for name in names} == {
        "/openai/v1",
        "/zai/api/paas/v4",
        "/gateway",
        "/fal",
        "/gemini/v1beta",
    }
    assert sandbox.env == {
        "OPENAI_API_KEY": sandbox.key("openai_sora"),
        "OPENAI_BASE_URL": sandbox.base_url("openai_sora"),
        "ZAI_API_KEY": sandbox.key("zai"),
        "ZAI_BASE_URL": sandbox.base_url("zai"),
        "VOXWEAVE_API_KEY": sandbox.key("gateway"),
        "VOXWEAVE_BASE_URL": sandbox.base_url("gateway"),
        "FAL_KEY": sandbox.key("fal"),
        "FAL_BASE_URL": sandbox.base_url("fal"),
        "GEMINI_API_KEY": sandbox.key("gemini"),
        "GEMINI_BASE_URL": sandbox.base_url("gemini"),
    }


def test_keys_may_be_chosen_and_are_shown_nowhere() -> None:
    with Sandbox(keys={"zai": "my-very-own-key"}) as sandbox, _client(sandbox, "zai") as client:
        assert sandbox.key("zai") == "my-very-own-key"
        client.get("/async-result/my-very-own-key", params={"key": "somebody-elses-key", "a": "b"})
        client.post("/videos/generations", json={"prompt": "my-very-own-key"})
        told = f"{sandbox!r} {sandbox.history} {[str(asked) for asked in sandbox.history]}"
    assert "my-very-own-key" not in told
    assert "somebody-elses-key" not in told
    assert "***" in told


def test_a_provider_that_there_is_not_is_refused(sandbox: Sandbox) -> None:
    for wrong in (lambda: Sandbox(keys={"sora": "x"}), lambda: sandbox.key("sora")):
        with pytest.raises(ConfigError, match="openai_sora, zai, gateway, fal, gemini"):
            wrong()


def test_it_has_no_address_before_it_is_started() -> None:
    with pytest.raises(ConfigError, match="with Sandbox"):
        _ = Sandbox().url


def test_a_port_that_is_taken_is_said_plainly(sandbox: Sandbox) -> None:
    port = int(sandbox.url.rpartition(":")[2])
    with pytest.raises(ConfigError, match="cannot start at 127"):
        Sandbox(port=port).start()


def test_it_starts_and_stops_between_cells_and_leaves_nothing() -> None:
    before_all = threading.active_count()
    sandbox = Sandbox().start()
    url = sandbox.url
    assert httpx.get(url, trust_env=False).status_code == 404
    before = time.monotonic()
    sandbox.stop()
    assert time.monotonic() - before < 1
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)
    assert threading.active_count() == before_all


def test_it_serves_a_loop_that_is_at_work_itself() -> None:
    async def work() -> int:
        with Sandbox(polls=1) as sandbox:
            headers = {"Authorization": f"Bearer {sandbox.key('openai_sora')}"}
            async with httpx.AsyncClient(headers=headers, trust_env=False) as client:
                answers = [
                    client.post(f"{sandbox.base_url('openai_sora')}/videos", data=PROMPT) for _ in range(20)
                ]
                assert all(answer.status_code == 200 for answer in await asyncio.gather(*answers))
            return sandbox.accepted("openai_sora")

    assert asyncio.run(work()) == 20


def test_a_job_advances_by_polls(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.reset()
    sandbox.next_job("openai_sora", polls=4)
    job = _job(openai)
    assert _polls(openai, job, 5) == [
        ("queued", 0),
        ("in_progress", 50),
        ("in_progress", 75),
        ("completed", 100),
        ("completed", 100),
    ]


def test_a_job_advances_by_the_clock() -> None:
    with Sandbox(seconds=0.3) as sandbox, _client(sandbox, "openai_sora") as client:
        before = time.monotonic()
        job = _job(client)
        seen = [("queued", 0)]
        while seen[-1][0] != "completed":
            seen += _polls(client, job, 1)
        assert 0.3 <= time.monotonic() - before < 1
        assert {status for status, _ in seen} == {"queued", "in_progress", "completed"}
        progress = [figure for _, figure in seen]
        assert progress == sorted(progress)


def test_polls_say_what_the_script_says(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.reset()
    sandbox.next_job("openai_sora", progress=[0, 40, 30, None, ...], statuses=["submitted", "dreaming"])
    assert _polls(openai, _job(openai), 6) == [
        ("submitted", 0),
        ("dreaming", 40),
        ("in_progress", 30),
        ("in_progress", None),
        ("in_progress", "missing"),
        ("completed", 100),
    ]


def test_scripts_queue_up_and_are_used_once(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.reset()
    sandbox.next_job("openai_sora", fails="one")
    sandbox.next_job("openai_sora", fails="two")
    jobs = [_job(openai) for _ in range(3)]
    errors = [openai.get(f"/videos/{job}").json()["error"] for job in jobs]
    assert [error and error["message"] for error in errors] == ["one", "two", None]
    assert [job.state for job in sandbox.jobs] == ["failed", "failed", "completed"]


def test_an_expired_job_is_complete_and_has_no_video(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.reset()
    sandbox.next_job("openai_sora", expired=True)
    job = _job(openai)
    assert _polls(openai, job, 1) == [("completed", 100)]
    response = openai.get(f"/videos/{job}/content")
    assert response.status_code == 404
    assert "has expired" in response.text


def test_a_video_is_not_there_before_the_job_is_done(openai: httpx.Client) -> None:
    response = openai.get(f"/videos/{_job(openai)}/content")
    assert response.status_code == 404
    assert "not ready yet" in response.text


def test_the_video_comes_in_ranges(openai: httpx.Client, sandbox: Sandbox) -> None:
    job = _job(openai)
    _polls(openai, job, 1)
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


def test_a_video_has_the_shape_that_was_asked_for(
    openai: httpx.Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.reset()
    job = _job(openai, model="sora-2-pro", size="1024x1792", seconds="4")
    _polls(openai, job, 1)
    (tmp_path / "film.mp4").write_bytes(openai.get(f"/videos/{job}/content").content)
    found = probe(tmp_path / "film.mp4")
    assert found.video
    assert (found.video.width, found.video.height) == (640, 1120)
    assert (sandbox.jobs[0].size, sandbox.jobs[0].seconds) == ((1024, 1792), 4)


def test_videos_can_be_full_sized_and_padded(tmp_path: Path) -> None:
    with (
        Sandbox(polls=0, full_size=True, pad_to=3_000_000) as sandbox,
        _client(sandbox, "openai_sora") as client,
    ):
        content = client.get(f"/videos/{_job(client)}/content").content
    assert len(content) == 3_000_000
    (tmp_path / "film.mp4").write_bytes(content)
    found = probe(tmp_path / "film.mp4").video
    assert found
    assert (found.width, found.height) == (720, 1280)


def test_the_index_of_a_video_comes_first(openai: httpx.Client) -> None:
    job = _job(openai)
    _polls(openai, job, 1)
    content = openai.get(f"/videos/{job}/content").content
    assert content.index(b"moov") < content.index(b"mdat")


def test_many_jobs_share_one_film_and_cost_next_to_nothing() -> None:
    with Sandbox(polls=0) as sandbox, _client(sandbox, "openai_sora") as client:
        client.get(f"/videos/{_job(client)}/content")
        before = time.monotonic()
        for _ in range(100):
            assert client.get(f"/videos/{_job(client)}/content").status_code == 200
        assert time.monotonic() - before < 4  # two requests each; with Nagle's algorithm it would be eight


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


def test_history_tells_what_was_asked(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("poll", Fault.status(500))
    before = time.time()
    job = _job(openai, seconds="8")
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


def test_what_was_forgotten_stays_forgotten_when_it_ends(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("create", Fault.delay(0.3))
    thread = threading.Thread(target=openai.post, args=("/videos",), kwargs={"data": PROMPT})
    thread.start()
    while not sandbox.jobs:
        pass
    sandbox.reset()
    openai.get("/videos")
    thread.join()
    assert [(asked.step, asked.status) for asked in sandbox.history] == [("list", 200)]


def test_the_other_origin_needs_no_key_and_shows_one_that_comes(sandbox: Sandbox) -> None:
    with _client(sandbox, "zai") as client:
        task = client.post("/videos/generations", json={"model": "cogvideox-3", **PROMPT}).json()
        url = client.get(f"/async-result/{task['id']}").json()["video_result"][0]["url"]
        assert httpx.URL(url).port != httpx.URL(sandbox.url).port
        assert httpx.get(url, trust_env=False).status_code == 200
        assert client.get(url).status_code == 200
    assert [asked.leaked for asked in sandbox.history] == [False, False, False, True]
    assert sandbox.jobs[0].fetched == 2


def test_the_other_origin_answers_for_no_provider(sandbox: Sandbox) -> None:
    path = sandbox.base_url("zai").removeprefix(sandbox.url)
    assert httpx.post(f"{sandbox.cdn_url}{path}/videos/generations", trust_env=False).status_code == 404


def test_one_providers_key_at_another_is_a_leak(sandbox: Sandbox) -> None:
    headers = {"Authorization": f"Bearer {sandbox.key('zai')}"}
    httpx.get(f"{sandbox.base_url('gateway')}/video/status/x", headers=headers, trust_env=False)
    assert sandbox.history[0].leaked


def test_the_gateway_goes_from_a_narration_to_a_video(
    gateway: httpx.Client, sandbox: Sandbox, sound: bytes
) -> None:
    uploaded = gateway.post("/upload", files={"file": ("talk.wav", sound, "audio/wav")}).json()["url"]
    body = {"audio_url": uploaded, "style": "cyberpunk", "resolution": "1080p", "model": "any", **PROMPT}
    job = gateway.post("/video/generate", json=body).json()["job_id"]
    done = gateway.get(f"/video/status/{job}").json()
    assert (done["status"], done["progress"], done["video_url"][0]) == ("completed", 100, "/")
    url = httpx.URL(sandbox.url).join(done["video_url"])
    assert httpx.get(url, trust_env=False).status_code == 401
    assert gateway.get(url).headers["content-type"] == "video/mp4"
    taken = sandbox.jobs[0]
    assert (taken.size, taken.seconds, taken.prompt) == ((1920, 1080), 2.0, PROMPT["prompt"])
    assert [asked.step for asked in sandbox.history] == ["upload", "create", "poll", "content", "content"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"audio_url": ""}, "'audio_url' is missing"),
        ({"audio_url": "talk.wav"}, "Unknown upload 'talk.wav'"),
        ({"style": "baroque"}, "Style 'baroque'"),
        ({"resolution": "8k"}, "Resolution '8k'"),
        ({"model": "sora-2-pro"}, "Resolution '720p'"),
        ({"model": ""}, "'model' is missing"),
    ],
)
def test_the_gateway_checks_its_fields(gateway: httpx.Client, wrong: dict[str, str], words: str) -> None:
    right = {"audio_url": "https://example.org/a.mp3", "style": "anime", "resolution": "720p", "model": "any"}
    response = gateway.post("/video/generate", json={**right, **wrong})
    assert response.status_code in (400, 422)
    assert words in response.text


def test_the_gateway_takes_nothing_but_audio(gateway: httpx.Client) -> None:
    assert gateway.post("/upload", files={"file": ("talk.wav", b"no sound", "audio/wav")}).status_code == 415
    assert gateway.post("/upload", files={"other": ("talk.wav", b"", "audio/wav")}).status_code == 422


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"prompt": ""}, "missing_required_parameter"),
        ({"prompt": "x" * 32_001}, "string_above_max_length"),
        ({"seconds": "5"}, "invalid_value"),
        ({"model": "sora-9"}, "invalid_value"),
        ({"size": "1920x1080"}, "invalid_value"),
        ({"length": "4"}, "unknown_parameter"),
        ({"audio_reference": '{"audio_url": "data:audio/wav;base64,AAAA"}'}, "invalid_value"),
    ],
)
def test_openai_checks_its_fields(openai: httpx.Client, wrong: dict[str, str], code: str) -> None:
    response = openai.post("/videos", data={**PROMPT, **wrong})
    assert response.status_code == 400
    assert response.json()["error"]["code"] == code


def test_openai_takes_json_and_wants_seconds_as_text(openai: httpx.Client) -> None:
    assert openai.post("/videos", json={**PROMPT, "seconds": "4"}).status_code == 200
    assert openai.post("/videos", json={**PROMPT, "seconds": 4}).json()["error"]["code"] == "invalid_type"


def test_a_form_that_is_none_is_refused(openai: httpx.Client, sandbox: Sandbox) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    response = openai.post("/videos", content=b"--b\r\nnot a form", headers=headers)
    assert (response.status_code, response.json()["error"]["param"]) == (400, "prompt")
    assert openai.post("/videos", content=b"[1]").status_code == 400
    assert [asked.status for asked in sandbox.history] == [400, 400]


def test_openai_takes_what_self_hosted_servers_take(
    openai: httpx.Client, sandbox: Sandbox, sound: bytes
) -> None:
    url = f"data:audio/wav;base64,{base64.b64encode(sound).decode()}"
    more = {"fps": "24", "seed": "7", "audio_reference": f'{{"audio_url": "{url}"}}'}
    assert openai.post("/videos", data={**PROMPT, **more}).status_code == 200
    assert sandbox.history[0].fields["seed"] == "7"


def test_openai_deletes_only_what_is_over(openai: httpx.Client) -> None:
    job = _job(openai)
    assert openai.delete(f"/videos/{job}").status_code == 400
    _polls(openai, job, 1)
    assert openai.delete(f"/videos/{job}").json()["deleted"] is True
    assert openai.get(f"/videos/{job}/content").status_code == 404


def test_polls_carry_what_a_cousin_of_the_service_would_say(openai: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.reset()
    also = {"error": "none", "progress": ..., "output": {"url": "{cdn}"}, "urls": ["{cdn}"]}
    sandbox.next_job("openai_sora", size=(160, 90), also=also)
    body = openai.get(f"/videos/{_job(openai)}").json()
    assert (body["status"], body["error"], "progress" in body) == ("completed", "none", False)
    assert body["output"]["url"] == body["urls"][0]
    assert httpx.get(body["urls"][0], trust_env=False).headers["content-type"] == "video/mp4"


def test_a_self_hosted_server_takes_any_model_and_stops_a_running_job() -> None:
    with Sandbox(polls=9, self_hosted=True) as sandbox, _client(sandbox, "openai_sora") as client:
        fields = {"model": "wan-2.2", "seconds": "7", "width": "832", "height": "480", "lora": "x"}
        job = _job(client, **fields)
        assert client.delete(f"/videos/{job}").json()["deleted"] is True
        assert client.get(f"/videos/{job}").json() == {"detail": f"Video with id '{job}' not found."}
        assert client.post("/videos", data={**PROMPT, "size": "large"}).status_code == 422
        taken = sandbox.jobs[0]
    assert (taken.model, taken.size, taken.seconds, taken.canceled) == ("wan-2.2", (832, 480), 7, True)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"model": "cogvideox-9"}, "1211"),
        ({"prompt": None}, "1214"),
        ({"duration": 8}, "1214"),
        ({"duration": "5"}, "1214"),
        ({"size": "640x480"}, "1214"),
        ({"fps": 24}, "1214"),
        ({"quality": "best"}, "1214"),
        ({"with_audio": 1}, "1214"),
        ({"model": "vidu2-image"}, "1214"),
        ({"model": "viduq1-text", "aspect_ratio": "4:3"}, "1214"),
    ],
)
def test_zai_checks_its_fields(sandbox: Sandbox, wrong: dict[str, Any], code: str) -> None:
    with _client(sandbox, "zai") as client:
        response = client.post("/videos/generations", json={"model": "cogvideox-3", **PROMPT, **wrong})
    assert response.status_code == 400
    assert response.json()["error"]["code"] == code


def test_zai_runs_one_job_at_once_where_limits_are_kept() -> None:
    body = {"model": "cogvideox-3", **PROMPT}
    with Sandbox(polls=1, limits=True) as sandbox, _client(sandbox, "zai") as client:
        job = client.post("/videos/generations", json=body).json()["id"]
        busy = client.post("/videos/generations", json=body)
        assert (busy.status_code, busy.json()["error"]["code"]) == (429, "1302")
        client.get(f"/async-result/{job}")
        assert client.post("/videos/generations", json=body).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"aspect_ratio": "4:3"},
        {"duration": "8"},
        {"duration": "0s"},
        {"resolution": "8k"},
        {"delivery": "post"},
        {"fps": 24},
    ],
)
def test_gemini_checks_the_format(sandbox: Sandbox, wrong: dict[str, Any]) -> None:
    body = {
        "model": "gemini-omni-1.2-flash",
        "input": "The deep sea",
        "background": True,
        "response_format": {"type": "video", **wrong},
    }
    with _client(sandbox, "gemini") as client:
        error = client.post("/interactions", json=body).json()["error"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    assert f"response_format.{next(iter(wrong))}" in error["message"]


def test_fals_addresses_lie_where_it_was_asked(sandbox: Sandbox) -> None:
    with _client(sandbox, "fal") as client:
        queued = client.post(f"/{MODEL}", json=PROMPT).json()
        status = client.get(queued["status_url"])
    assert queued["status_url"].startswith(f"{sandbox.base_url('fal')}/fal-ai/ltx-2/requests/")
    assert (status.status_code, status.json()["status"]) == (200, "COMPLETED")


def test_fal_says_what_is_wrong_with_the_result(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.reset()
    address = tmp_path / "long.wav"
    long = base64.b64encode(write_narration(address, 11).read_bytes()).decode()
    bodies = {
        "missing": PROMPT,
        "file_download_error": {**PROMPT, "audio_url": "data:audio/wav;base64,AAAA"},
        "audio_duration_too_long": {**PROMPT, "audio_url": f"data:audio/wav;base64,{long}"},
    }
    with _client(sandbox, "fal") as client:
        for kind, body in bodies.items():
            queued = client.post(f"/{MODEL}", json=body).json()
            assert client.get(queued["response_url"]).json()["detail"] == "Request is still in progress"
            assert client.get(queued["status_url"]).json()["status"] == "COMPLETED"
            result = client.get(queued["response_url"])
            assert result.status_code == 422
            assert result.json()["detail"][0]["type"] == kind


def test_without_its_extra_the_sandbox_says_how_to_install_it() -> None:
    code = (
        "import sys; sys.modules['uvicorn'] = None\n"
        "from voxweave_nb.errors import ConfigError\n"
        "try:\n    import voxweave_nb.sandbox\nexcept ConfigError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "needs uvicorn" in done.stdout
    assert "pip install 'voxweave-nb[sandbox]'" in done.stdout


def test_the_package_does_not_bring_the_server_along() -> None:
    code = (
        "import sys, voxweave_nb; print([name for name in ('uvicorn', 'starlette') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_command_says_how_to_use_it_and_logs_what_it_is_asked() -> None:
    out, ended = io.StringIO(), threading.Event()
    thread = threading.Thread(target=run, kwargs={"out": out, "until": ended})
    thread.start()
    while "downloads" not in out.getvalue():
        assert thread.is_alive()
    exports = dict(
        line.removeprefix("export ").split("=", 1)
        for line in out.getvalue().splitlines()
        if line.startswith("export ")
    )
    url, key = exports["OPENAI_BASE_URL"], exports["OPENAI_API_KEY"]
    headers = {"Authorization": f"Bearer {key}"}
    assert httpx.post(f"{url}/videos", data=PROMPT, headers=headers, trust_env=False).status_code == 200
    while "create  POST /openai/v1/videos -> 200" not in out.getvalue():
        assert thread.is_alive()
    ended.set()
    thread.join(2)
    assert out.getvalue().count(key) == 1


def test_a_shell_reads_the_exports() -> None:
    out, ended = io.StringIO(), threading.Event()
    ended.set()
    assert run(out=out, until=ended) == 0
    done = subprocess.run(
        ["sh", "-c", f'{out.getvalue()}\necho "$GEMINI_BASE_URL"'], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().endswith("/gemini/v1beta")
