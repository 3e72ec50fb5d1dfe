"""The gateway's protocol: upload, submission, download."""

from __future__ import annotations

import httpx
import pytest

from voxweave_nb.sandbox import Sandbox

from .clients import PROMPT


def test_a_narration_becomes_a_video(gateway: httpx.Client, sandbox: Sandbox, sound: bytes) -> None:
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
def test_fields_are_checked(gateway: httpx.Client, wrong: dict[str, str], words: str) -> None:
    right = {"audio_url": "https://example.org/a.mp3", "style": "anime", "resolution": "720p", "model": "any"}
    response = gateway.post("/video/generate", json={**right, **wrong})
    assert response.status_code in (400, 422)
    assert words in response.text


def test_uploads_must_be_audio(gateway: httpx.Client) -> None:
    assert gateway.post("/upload", files={"file": ("talk.wav", b"no sound", "audio/wav")}).status_code == 415
    assert gateway.post("/upload", files={"other": ("talk.wav", b"", "audio/wav")}).status_code == 422
