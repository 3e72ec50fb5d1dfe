"""Submissions that cannot be written: nothing has left this machine."""

from __future__ import annotations

import math
from typing import Any

import pytest

from voxweave_nb import RequestRefused, Settings, VideoGenerationService

from .adapter import run

NAMES = ["gateway", "gemini", "fal", "zai", "openai_sora"]


@pytest.mark.parametrize("name", NAMES)
def test_half_a_character_is_not_sent(sandbox, narration_file, tmp_path, name):
    service = VideoGenerationService(name, settings=Settings(output_dir=tmp_path / "out", http_timeout=2))
    with pytest.raises(RequestRefused, match=r"Nothing was sent to .*half of a character") as caught:
        service.submit(narration_file, config={"resolution": "720p", "prompt": "a \ud83d sea"}).result(30)
    str(caught.value).encode()
    assert (caught.value.provider, sandbox.submissions(name)) == (name, 0)
    assert service.history()[0].state == "failed"


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("videos", {"json": {"guidance": math.nan}}),
        ("videos", {"json": {"guidance": object()}}),
        ("videos", {"json": {"prompt": "\udcff"}}),
        ("videos", {"files": {"prompt": (None, "\udcff")}}),
        ("videos", {"headers": {"x-note": "\udcff"}}),
        ("videos\x01", {"json": {}}),
        ("http://[::1", {"json": {}}),
    ],
    ids=range(7),
)
def test_what_cannot_be_written_is_not_sent(sandbox, path: str, options: dict[str, Any]):
    with pytest.raises(RequestRefused, match="Nothing was sent to openai_sora") as caught:
        run("openai_sora", lambda sora: sora.http.send_once(path, **options))
    assert caught.value.status is None
    assert sandbox.history == ()
