"""The OpenAI Videos protocol: its fields, and what self-hosted servers accept."""

from __future__ import annotations

import base64
import io

import httpx
import pytest

from tests.pictures import quarters
from voxweave_nb.sandbox import Sandbox

from .clients import PROMPT, client_of, poll, submit


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
def test_fields_are_checked(openai: httpx.Client, wrong: dict[str, str], code: str) -> None:
    response = openai.post("/videos", data={**PROMPT, **wrong})
    assert response.status_code == 400
    assert response.json()["error"]["code"] == code


def test_json_needs_seconds_as_text(openai: httpx.Client) -> None:
    assert openai.post("/videos", json={**PROMPT, "seconds": "4"}).status_code == 200
    assert openai.post("/videos", json={**PROMPT, "seconds": 4}).json()["error"]["code"] == "invalid_type"


def test_fields_of_self_hosted_servers_are_accepted(
    openai: httpx.Client, sandbox: Sandbox, sound: bytes
) -> None:
    url = f"data:audio/wav;base64,{base64.b64encode(sound).decode()}"
    more = {"fps": "24", "seed": "7", "audio_reference": f'{{"audio_url": "{url}"}}'}
    assert openai.post("/videos", data={**PROMPT, **more}).status_code == 200
    assert sandbox.history[0].fields["seed"] == "7"


def test_only_finished_jobs_are_deleted(openai: httpx.Client) -> None:
    job = submit(openai)
    assert openai.delete(f"/videos/{job}").status_code == 400
    poll(openai, job, 1)
    assert openai.delete(f"/videos/{job}").json()["deleted"] is True
    assert openai.get(f"/videos/{job}/content").status_code == 404


def test_self_hosted_takes_any_model_and_cancels() -> None:
    with Sandbox(polls=9, self_hosted=True) as sandbox, client_of(sandbox, "openai_sora") as client:
        fields = {"model": "wan-2.2", "seconds": "7", "width": "832", "height": "480", "lora": "x"}
        job = submit(client, **fields)
        assert client.delete(f"/videos/{job}").json()["deleted"] is True
        assert client.get(f"/videos/{job}").json() == {"detail": f"Video with id '{job}' not found."}
        assert client.post("/videos", data={**PROMPT, "size": "large"}).status_code == 422
        taken = sandbox.jobs[0]
    assert (taken.model, taken.size, taken.seconds, taken.canceled) == ("wan-2.2", (832, 480), 7, True)


def test_the_models_of_a_server_are_listed(openai: httpx.Client) -> None:
    listed = openai.get("/models").json()
    assert (listed["object"], listed["data"][0]["id"]) == ("list", "sora-2")
    with Sandbox(self_hosted=True, models=("wan",)) as own, client_of(own, "openai_sora") as client:
        assert [model["id"] for model in client.get("/models").json()["data"]] == ["wan"]
        assert client.post("/videos", data=PROMPT).status_code == 200
        refused = client.post("/videos", data={**PROMPT, "model": "ltx"})
        assert (refused.status_code, refused.json()) == (404, {"detail": "The model 'ltx' does not exist."})
        assert own.jobs[0].model == "wan"


@pytest.mark.parametrize(
    ("size", "sides", "code"),
    [
        ("1280x720", (1280, 720), None),
        ("1280x720", (1280, 700), "invalid_value"),
        ("1280x720", (), "unsupported_file_mimetype"),
    ],
)
def test_an_image_has_the_videos_size(
    openai: httpx.Client, size: str, sides: tuple[int, int], code: str
) -> None:
    buffer = io.BytesIO()
    if sides:
        quarters(*sides).save(buffer, format="PNG")
    image = ("first.png", buffer.getvalue() or b"no image", "image/png")
    answer = openai.post("/videos", data={**PROMPT, "size": size}, files={"input_reference": image}).json()
    assert (answer["error"] or {}).get("code") == code
