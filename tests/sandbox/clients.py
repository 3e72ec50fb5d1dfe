"""Requests that many tests of the sandbox send."""

from __future__ import annotations

from typing import Any

import httpx

from voxweave_nb.sandbox import Sandbox

PROMPT = {"prompt": "The deep sea"}


def client_of(sandbox: Sandbox, provider: str) -> httpx.Client:
    key = sandbox.key(provider)
    headers = {
        "fal": {"Authorization": f"Key {key}"},
        "gemini": {"x-goog-api-key": key},
    }.get(provider, {"Authorization": f"Bearer {key}"})
    return httpx.Client(base_url=sandbox.base_url(provider), headers=headers, trust_env=False)


def submit(client: httpx.Client, **fields: str) -> str:
    return str(client.post("/videos", data={**PROMPT, **fields}).raise_for_status().json()["id"])


def poll(client: httpx.Client, job: str, count: int) -> list[tuple[Any, Any]]:
    bodies = [client.get(f"/videos/{job}").json() for _ in range(count)]
    return [(body["status"], body.get("progress", "missing")) for body in bodies]


def finished_job(client: httpx.Client, **fields: str) -> str:
    """Return a completed job, whose video can be downloaded."""
    job = client.post("/videos", data={**PROMPT, **fields}).raise_for_status().json()["id"]
    assert client.get(f"/videos/{job}").json()["status"] == "completed"
    return str(job)
