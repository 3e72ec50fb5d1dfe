"""fal's protocol: its URLs, and errors that come with the result."""

from __future__ import annotations

import base64
from pathlib import Path

from tests.conftest import write_narration
from voxweave_nb.sandbox import Sandbox

from .clients import PROMPT, client_of

MODEL = "fal-ai/ltx-2/audio-to-video"


def test_urls_keep_the_requests_prefix(sandbox: Sandbox) -> None:
    with client_of(sandbox, "fal") as client:
        queued = client.post(f"/{MODEL}", json=PROMPT).json()
        status = client.get(queued["status_url"])
    assert queued["status_url"].startswith(f"{sandbox.base_url('fal')}/fal-ai/ltx-2/requests/")
    assert (status.status_code, status.json()["status"]) == (200, "COMPLETED")


def test_invalid_input_is_reported_with_the_result(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.reset()
    address = tmp_path / "long.wav"
    long = base64.b64encode(write_narration(address, 11).read_bytes()).decode()
    bodies = {
        "missing": PROMPT,
        "file_download_error": {**PROMPT, "audio_url": "data:audio/wav;base64,AAAA"},
        "audio_duration_too_long": {**PROMPT, "audio_url": f"data:audio/wav;base64,{long}"},
    }
    with client_of(sandbox, "fal") as client:
        for kind, body in bodies.items():
            queued = client.post(f"/{MODEL}", json=body).json()
            assert client.get(queued["response_url"]).json()["detail"] == "Request is still in progress"
            assert client.get(queued["status_url"]).json()["status"] == "COMPLETED"
            result = client.get(queued["response_url"])
            assert result.status_code == 422
            assert result.json()["detail"][0]["type"] == kind
