"""Z.ai's protocol: its fields and limits."""

from __future__ import annotations

from typing import Any

import pytest

from voxweave_nb.sandbox import Sandbox

from .clients import PROMPT, client_of


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
def test_fields_are_checked(sandbox: Sandbox, wrong: dict[str, Any], code: str) -> None:
    with client_of(sandbox, "zai") as client:
        response = client.post("/videos/generations", json={"model": "cogvideox-3", **PROMPT, **wrong})
    assert response.status_code == 400
    assert response.json()["error"]["code"] == code


def test_limits_allow_one_job_at_once() -> None:
    body = {"model": "cogvideox-3", **PROMPT}
    with Sandbox(polls=1, limits=True) as sandbox, client_of(sandbox, "zai") as client:
        job = client.post("/videos/generations", json=body).json()["id"]
        busy = client.post("/videos/generations", json=body)
        assert (busy.status_code, busy.json()["error"]["code"]) == (429, "1302")
        client.get(f"/async-result/{job}")
        assert client.post("/videos/generations", json=body).status_code == 200


@pytest.mark.parametrize("image", ["data:image/png;base64,AAAA", "a map", 5, ["data:image/png;base64,AAAA"]])
def test_a_broken_image_is_refused(sandbox: Sandbox, image: object) -> None:
    with client_of(sandbox, "zai") as client:
        body = {"model": "cogvideox-3", **PROMPT, "image_url": image}
        response = client.post("/videos/generations", json=body)
    assert (response.status_code, "image_url" in response.text) == (400, True)
