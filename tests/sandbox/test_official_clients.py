"""The providers' own clients, as they are published, get a video from the sandbox: that is what keeps it honest."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from google import genai
from openai import AsyncOpenAI, AuthenticationError, BadRequestError, NotFoundError, OpenAI
from PIL import Image
from zai import ZaiClient
from zai.core import APIAuthenticationError, APIReachLimitError, APIRequestFailedError

from voxweave_nb.media.probe import MediaInfo, probe
from voxweave_nb.sandbox import Fault, Sandbox

pytestmark = [
    pytest.mark.slow,
    # OpenAI's client marks every call to the Videos API, which was shut down; servers that speak it go on.
    pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning"),
]

PROMPT = "The deep sea glows at night"


@pytest.fixture
def videos(sandbox: Sandbox) -> Iterator[Any]:
    with _openai(sandbox) as client:
        yield client.videos


def _openai(sandbox: Sandbox, key: str | None = None) -> OpenAI:
    key = key or sandbox.key("openai_sora")
    return OpenAI(api_key=key, base_url=sandbox.base_url("openai_sora"), max_retries=0)


@pytest.fixture
def zai(sandbox: Sandbox) -> ZaiClient:
    return ZaiClient(api_key=sandbox.key("zai"), base_url=sandbox.base_url("zai"), max_retries=0)


@pytest.fixture
def gemini(sandbox: Sandbox) -> Iterator[Any]:
    with _gemini(sandbox) as client:
        yield client.interactions


def _gemini(sandbox: Sandbox, key: str | None = None) -> genai.Client:
    options: Any = {"base_url": f"{sandbox.url}/gemini", "retry_options": {"attempts": 1}}
    return genai.Client(api_key=key or sandbox.key("gemini"), http_options=options)


def _film(content: bytes, folder: Path) -> MediaInfo:
    (folder / "film.mp4").write_bytes(content)
    return probe(folder / "film.mp4")


def test_openai_submits_polls_and_downloads(videos: Any, sandbox: Sandbox, tmp_path: Path) -> None:
    video = videos.create(prompt=PROMPT, model="sora-2", seconds="8", size="1280x720")
    assert (video.status, video.progress, video.seconds, video.size) == ("queued", 0, "8", "1280x720")
    done = videos.poll(video.id)
    assert (done.id, done.status, done.progress) == (video.id, "completed", 100)
    assert done.expires_at > done.completed_at >= done.created_at
    film = _film(videos.download_content(video.id).read(), tmp_path)
    assert film.video
    assert (film.video.codec, film.video.pix_fmt, film.audio) == ("h264", "yuv420p", None)
    assert film.duration == pytest.approx(8, abs=0.1)
    assert [job.fetched for job in sandbox.jobs] == [1]


def test_openai_submits_and_polls_in_one_call(videos: Any, sandbox: Sandbox) -> None:
    video = videos.create_and_poll(prompt=PROMPT, poll_interval_ms=1)
    assert (video.status, video.model, video.seconds, video.size) == ("completed", "sora-2", "4", "720x1280")
    assert sandbox.submissions("openai_sora") == sandbox.accepted("openai_sora") == 1


def test_openai_waits_as_long_as_the_header_says() -> None:
    with Sandbox(polls=2, poll_after_ms=1) as sandbox, _openai(sandbox) as client:
        assert client.videos.create_and_poll(prompt=PROMPT).status == "completed"


def test_openai_works_asynchronously(sandbox: Sandbox, tmp_path: Path) -> None:
    async def work() -> bytes:
        key, base = sandbox.key("openai_sora"), sandbox.base_url("openai_sora")
        async with AsyncOpenAI(api_key=key, base_url=base, max_retries=0) as client:
            video = await client.videos.create_and_poll(prompt=PROMPT, poll_interval_ms=1)
            return (await client.videos.download_content(video.id)).read()

    assert _film(asyncio.run(work()), tmp_path).video


def test_openai_sends_a_reference_image(videos: Any, sandbox: Sandbox) -> None:
    image = io.BytesIO()
    Image.new("RGB", (720, 1280), "navy").save(image, "PNG")
    videos.create(prompt=PROMPT, input_reference=("first.png", image.getvalue(), "image/png"))
    assert sandbox.history[0].fields["input_reference"] == {
        "filename": "first.png",
        "content_type": "image/png",
        "bytes": len(image.getvalue()),
    }


def test_openai_downloads_the_thumbnail_and_the_sheet(videos: Any) -> None:
    video = videos.create_and_poll(prompt=PROMPT, poll_interval_ms=1)
    assert videos.download_content(video.id, variant="thumbnail").read()[8:12] == b"WEBP"
    assert videos.download_content(video.id, variant="spritesheet").read()[:3] == b"\xff\xd8\xff"


def test_openai_lists_page_by_page_and_deletes(videos: Any) -> None:
    ids = [videos.create_and_poll(prompt=PROMPT, poll_interval_ms=1).id for _ in range(3)]
    assert [video.id for video in videos.list(limit=2, order="asc")] == ids
    assert [video.id for video in videos.list()] == ids[::-1]
    gone = videos.delete(ids[0])
    assert (gone.id, gone.deleted, gone.object) == (ids[0], True, "video.deleted")
    with pytest.raises(NotFoundError):
        videos.retrieve(ids[0])


def test_openai_reads_a_failed_job(videos: Any, sandbox: Sandbox) -> None:
    sandbox.reset()
    sandbox.next_job("openai_sora", fails="out of memory")
    sandbox.next_job("openai_sora", refused=True)
    failed = videos.create_and_poll(prompt=PROMPT, poll_interval_ms=1)
    assert (failed.status, failed.error.message) == ("failed", "out of memory")
    assert videos.create_and_poll(prompt=PROMPT, poll_interval_ms=1).error.code == "moderation_blocked"


def test_openai_raises_its_own_errors(videos: Any, sandbox: Sandbox) -> None:
    with _openai(sandbox, "wrong") as stranger, pytest.raises(AuthenticationError) as refused:
        stranger.videos.create(prompt=PROMPT)
    assert refused.value.code == "invalid_api_key"
    with pytest.raises(BadRequestError, match="Supported values are: '4', '8'"):
        videos.create(prompt=PROMPT, seconds="5")
    with pytest.raises(BadRequestError, match="Supported values are: '720x1280', '1280x720'"):
        videos.create(prompt=PROMPT, size="1920x1080")
    sandbox.fault("create", Fault.refuse_content())
    with pytest.raises(BadRequestError) as blocked:
        videos.create(prompt=PROMPT)
    assert blocked.value.code == "moderation_blocked"
    sandbox.fault("create", Fault.gone())
    with pytest.raises(NotFoundError) as gone:
        videos.create(prompt=PROMPT)
    assert gone.value.code == "unknown_url"
    assert (sandbox.submissions("openai_sora"), sandbox.accepted("openai_sora")) == (5, 0)


def test_zai_submits_polls_and_downloads(zai: ZaiClient, sandbox: Sandbox, tmp_path: Path) -> None:
    task = zai.videos.generations(
        model="cogvideox-3", prompt=PROMPT, size="1280x720", duration=5, fps=30, request_id="narration-1"
    )
    assert (task.task_status, task.request_id, task.model) == ("PROCESSING", "narration-1", "cogvideox-3")
    done = zai.videos.retrieve_videos_result(task.id)
    assert (done.task_status, done.request_id) == ("SUCCESS", "narration-1")
    assert done.video_result[0].url.startswith(sandbox.cdn_url)
    content = httpx.get(done.video_result[0].url, trust_env=False).content
    assert _film(content, tmp_path).duration == pytest.approx(5, abs=0.1)
    assert httpx.get(done.video_result[0].cover_image_url, trust_env=False).content[:3] == b"\xff\xd8\xff"
    assert not any(asked.leaked for asked in sandbox.history)


def test_zai_reads_a_failed_job(zai: ZaiClient, sandbox: Sandbox) -> None:
    sandbox.reset()
    sandbox.next_job("zai", fails="out of memory")
    task = zai.videos.generations(model="cogvideox-3", prompt=PROMPT)
    assert zai.videos.retrieve_videos_result(task.id).task_status == "FAIL"


def test_zai_raises_its_own_errors(zai: ZaiClient, sandbox: Sandbox) -> None:
    stranger = ZaiClient(api_key="wrong", base_url=sandbox.base_url("zai"), max_retries=0)
    with pytest.raises(APIAuthenticationError):
        stranger.videos.generations(model="cogvideox-3", prompt=PROMPT)
    with pytest.raises(APIRequestFailedError, match="1211"):
        zai.videos.generations(model="cogvideox-9", prompt=PROMPT)
    with pytest.raises(APIRequestFailedError, match="512 characters"):
        zai.videos.generations(model="cogvideox-3", prompt="x" * 513)
    zai.videos.generations(model="cogvideox-3", prompt=PROMPT, request_id="narration-1")
    with pytest.raises(APIRequestFailedError, match="1231"):
        zai.videos.generations(model="cogvideox-3", prompt=PROMPT, request_id="narration-1")
    sandbox.fault("create", Fault.refuse_content())
    with pytest.raises(APIRequestFailedError, match="1301"):
        zai.videos.generations(model="cogvideox-3", prompt=PROMPT)
    sandbox.fault("create", Fault.status(429))
    with pytest.raises(APIReachLimitError, match="1302"):
        zai.videos.generations(model="cogvideox-3", prompt=PROMPT)
    assert sandbox.accepted("zai") == 1


def _ask(gemini: Any, **more: Any) -> Any:
    form = {"type": "video", "aspect_ratio": "9:16", "resolution": "360p", "duration": "3s", **more}
    return gemini.create(
        model="gemini-omni-1.2-flash", input=PROMPT, background=True, store=True, response_format=form
    )


def test_gemini_submits_polls_and_downloads(gemini: Any, sandbox: Sandbox, tmp_path: Path) -> None:
    asked = _ask(gemini, delivery="uri")
    assert (asked.status, asked.output_video) == ("queued", None)
    done = gemini.get(asked.id)
    assert (done.id, done.status, done.output_video.mime_type) == (asked.id, "completed", "video/mp4")
    uri = done.output_video.uri
    assert httpx.get(uri, trust_env=False).status_code == 401
    content = httpx.get(uri, headers={"x-goog-api-key": sandbox.key("gemini")}, trust_env=False).content
    assert _film(content, tmp_path).duration == pytest.approx(3, abs=0.1)
    assert sandbox.jobs[0].size == (360, 640)


def test_gemini_gets_the_video_in_the_answer(gemini: Any, tmp_path: Path) -> None:
    done = gemini.get(_ask(gemini, delivery="inline").id)
    assert _film(base64.b64decode(done.output_video.data), tmp_path).video


def test_gemini_waits_without_background(gemini: Any) -> None:
    words = [{"type": "text", "text": PROMPT}]
    done = gemini.create(
        model="gemini-omni-1.2-flash", input=words, response_format={"type": "video", "duration": "1s"}
    )
    assert (done.status, done.output_video.uri) == ("completed", None)


def test_gemini_sends_the_narration(gemini: Any, sandbox: Sandbox, sound: bytes) -> None:
    audio = {"type": "audio", "mime_type": "audio/wav", "data": base64.b64encode(sound).decode()}
    parts = [{"type": "text", "text": PROMPT}, audio]
    gemini.create(model="gemini-omni-1.2-flash", input=parts, background=True)
    assert sandbox.jobs[0].prompt.strip() == PROMPT


def test_gemini_cancels(gemini: Any, sandbox: Sandbox) -> None:
    assert gemini.cancel(_ask(gemini).id).status == "cancelled"
    assert sandbox.jobs[0].canceled


def test_gemini_reads_a_failed_job(gemini: Any, sandbox: Sandbox) -> None:
    sandbox.reset()
    sandbox.next_job("gemini", fails="out of memory")
    failed = gemini.get(_ask(gemini).id)
    assert (failed.status, failed.errors[0].message) == ("failed", "out of memory")


def test_gemini_raises_its_own_errors(gemini: Any, sandbox: Sandbox) -> None:
    with (
        _gemini(sandbox, "wrong") as stranger,
        pytest.raises(Exception, match="API key not valid") as refused,
    ):
        _ask(stranger.interactions)
    assert type(refused.value).__name__ == "AuthenticationError"  # its module is private
    with pytest.raises(Exception, match="'8s'") as wrong:
        _ask(gemini, duration="8")
    assert type(wrong.value).__name__ == "BadRequestError"
    sandbox.fault("create", Fault.refuse_content())
    with pytest.raises(Exception, match="safety"):
        _ask(gemini)
    assert sandbox.accepted("gemini") == 0


FAL = """
import asyncio, json, sys
import fal_client
from fal_client.client import FalClientHTTPError

model, audio, key = sys.argv[1:]
sound = open(audio).read()
told = {}

def ask(**more):
    return fal_client.submit(model, {"prompt": "The deep sea", "audio_url": sound, **more})

def error(work):
    try:
        work()
    except FalClientHTTPError as caught:
        return [caught.status_code, str(caught)]

handle = ask()
told["urls"] = [handle.status_url, handle.response_url, handle.cancel_url]
told["first"] = type(handle.status()).__name__
told["then"] = [type(event).__name__ for event in handle.iter_events(with_logs=True, interval=0)]
told["result"] = handle.get(interval=0)
told["again"] = fal_client.result(model, handle.request_id)
told["late"] = error(handle.cancel)
told["subscribed"] = fal_client.subscribe(model, {"prompt": "x", "audio_url": sound}, interval=0)

stopped = ask()
stopped.cancel()
told["stopped"] = error(lambda: stopped.get(interval=0))
told["failed"] = error(lambda: ask().get(interval=0))
told["refused"] = error(lambda: ask().get(interval=0))
told["no sound"] = error(lambda: ask(audio_url="data:audio/wav;base64,AAAA").get(interval=0))
told["no prompt"] = error(lambda: ask(prompt=None).get(interval=0))
told["stranger"] = error(lambda: fal_client.SyncClient(key="wrong").submit(model, {}))
told["unknown"] = error(lambda: fal_client.submit("fal-ai/nothing", {}))

async def work():
    handle = await fal_client.submit_async(model, {"prompt": "x", "audio_url": sound})
    return await handle.get(interval=0)

told["asynchronous"] = asyncio.run(work())
print(json.dumps(told))
"""


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Path]]:
    """A sandbox that speaks HTTPS, and the file of the authority to trust."""
    folder = tmp_path_factory.mktemp("certificates")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    server = authority.issue_cert("localhost")
    server.private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    with Sandbox(polls=2, host="localhost", certificate=folder / "server.pem") as sandbox:
        yield sandbox, folder / "authority.pem"


@pytest.fixture(scope="session")
def fal(
    secured: tuple[Sandbox, Path], sound: bytes, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What `fal-client` says in a process of its own: it reads where fal is when it is imported, and wants HTTPS."""
    sandbox, authority = secured
    for more in ({"polls": 3}, {}, {}, {"fails": "out of memory"}, {"refused": True}):
        sandbox.next_job("fal", size=(160, 90), **more)
    data = tmp_path_factory.mktemp("sound") / "sound.txt"
    data.write_text("data:audio/wav;base64," + base64.b64encode(sound).decode())
    host = sandbox.url.removeprefix("https://")
    env = {
        **{name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
        **sandbox.env,
        "FAL_RUN_HOST": host,
        "FAL_QUEUE_RUN_HOST": host,
        "SSL_CERT_FILE": str(authority),
    }
    command = [sys.executable, "-c", FAL, "fal-ai/ltx-2/audio-to-video", str(data), sandbox.key("fal")]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_fal_submits_follows_and_fetches(
    fal: dict[str, Any], secured: tuple[Sandbox, Path], tmp_path: Path
) -> None:
    sandbox, authority = secured
    assert fal["first"] == "Queued"
    assert fal["then"] == ["InProgress", "Completed"]
    assert fal["result"] == fal["again"]
    video = fal["result"]["video"]
    assert video["url"].startswith(sandbox.cdn_url)
    trusting = ssl.create_default_context(cafile=str(authority))
    content = httpx.get(video["url"], verify=trusting, trust_env=False).content
    assert len(content) == video["file_size"]
    assert _film(content, tmp_path).duration == pytest.approx(2, abs=0.1)


def test_fal_uses_the_urls_that_it_was_given(fal: dict[str, Any], secured: tuple[Sandbox, Path]) -> None:
    status, response, cancel = fal["urls"]
    assert response.startswith(f"{secured[0].url}/fal-ai/ltx-2/requests/")
    assert (status, cancel) == (f"{response}/status", f"{response}/cancel")


def test_fal_works_in_one_call_and_asynchronously(fal: dict[str, Any]) -> None:
    assert fal["subscribed"]["video"]["content_type"] == "video/mp4"
    assert fal["asynchronous"]["video"]["content_type"] == "video/mp4"


def test_fal_cancels(fal: dict[str, Any], secured: tuple[Sandbox, Path]) -> None:
    assert fal["late"][0] == 400
    assert fal["stopped"] == [400, "Request was cancelled"]
    assert [job.canceled for job in secured[0].jobs].count(True) == 1


def test_fal_gets_failures_with_the_result(fal: dict[str, Any]) -> None:
    assert fal["failed"] == [500, "out of memory"]
    assert fal["refused"][0] == 422
    assert "flagged by a content checker" in fal["refused"][1]
    assert "could not be decoded" in fal["no sound"][1]
    assert "Field required" in fal["no prompt"][1]


def test_fal_raises_its_own_errors(fal: dict[str, Any]) -> None:
    assert fal["stranger"][0] == 401
    assert fal["unknown"] == [404, "Application 'fal-ai/nothing' not found"]
