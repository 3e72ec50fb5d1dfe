"""Gemini's protocol: its video format."""

from __future__ import annotations

from typing import Any

import pytest

from voxweave_nb.sandbox import Sandbox

from .clients import client_of


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
def test_the_format_is_checked(sandbox: Sandbox, wrong: dict[str, Any]) -> None:
    body = {
        "model": "gemini-omni-1.2-flash",
        "input": "The deep sea",
        "background": True,
        "response_format": {"type": "video", **wrong},
    }
    with client_of(sandbox, "gemini") as client:
        error = client.post("/interactions", json=body).json()["error"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    assert f"response_format.{next(iter(wrong))}" in error["message"]


def test_a_broken_image_is_refused(sandbox: Sandbox) -> None:
    parts = [{"type": "text", "text": "a sea"}, {"type": "image", "mime_type": "image/png", "data": "AAAA"}]
    with client_of(sandbox, "gemini") as client:
        response = client.post("/interactions", json={"model": "gemini-omni-1.2-flash", "input": parts})
    assert (response.status_code, "image could not be decoded" in response.text) == (400, True)
