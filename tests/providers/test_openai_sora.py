"""The OpenAI Videos protocol: fields, statuses, refusals, content, delete and the list."""

from __future__ import annotations

import asyncio
import json
import time
import unicodedata
from dataclasses import replace

import pytest

from tests.pictures import quarters
from voxweave_nb import (
    ContentRefused,
    Listing,
    ProviderError,
    ProviderUnavailable,
    SubmissionInDoubt,
    VideoConfig,
)
from voxweave_nb.models import JobState
from voxweave_nb.providers.http import Reply
from voxweave_nb.providers.openai_sora import OpenAiSora
from voxweave_nb.sandbox import Fault, Sandbox

from .adapter import cancelled, downloaded, fields_of, request_of, run, statuses_of, submit
from .canned import serving

NAME = "openai_sora"


def test_the_form_has_exactly_these_fields(sandbox, samples):
    submit(NAME, samples, style="anime")
    fields = fields_of(sandbox)
    assert fields.pop("prompt").startswith("a quiet sea. ")
    assert fields == {"seconds": "4", "size": "1280x720"}  # the server chooses its own model
    sandbox.reset()
    submit(NAME, samples, model="sora-2-pro")
    assert fields_of(sandbox)["model"] == "sora-2-pro"


def test_extras_and_the_seed_are_sent(samples, monkeypatch):
    more = {
        "unknown": 1,
        "flag": True,
        "list": [1, 2],
        "prompt": "other",
        "seconds": 99,
        "size": "1x1",
        "seed": 1,
    }
    with Sandbox(self_hosted=True) as own:
        monkeypatch.setenv("OPENAI_API_KEY", own.key(NAME))
        monkeypatch.setenv("OPENAI_BASE_URL", own.base_url(NAME))
        submit(NAME, samples, seed=7, extra={"negative_prompt": "people", **more})
        fields = fields_of(own)
    assert (fields["seed"], fields["negative_prompt"], fields["seconds"]) == ("7", "people", "4")
    assert (fields["unknown"], fields["flag"], fields["list"]) == ("1", "true", "[1, 2]")
    assert fields["prompt"].startswith("a quiet sea")
    assert fields["size"] == "1280x720"


@pytest.mark.parametrize(
    ("extra", "model", "size"),
    [
        ({"width": 832, "height": 480}, "wan", (832, 480)),
        ({"width": "832"}, "wan", (832, 720)),
        ({"height": 512.0}, None, (1280, 512)),
        ({"width": "wide", "height": -2}, "wan", (1280, 720)),
        ({}, "Lightricks/LTX-2", (1280, 736)),
        ({}, "ltx2.3-dev", (1280, 736)),
        ({"width": 832, "height": 480}, "ltx-2", (832, 480)),
        ({}, "ltx-video", (1280, 720)),
    ],
)
def test_size_is_the_width_and_height(samples, extra, model, size):
    provider = OpenAiSora("sk-1", "http://127.0.0.1:1/v1")
    plan = provider.plan(VideoConfig(resolution="720p", model=model, extra=extra), 4.0)
    assert plan.size == size
    request = request_of(provider, samples, model=model, extra=extra)
    assert provider._fields(request)["size"] == f"{size[0]}x{size[1]}"
    said = [warning for warning in plan.warnings if "multiples of 32" in warning]
    assert said == (
        [
            "127.0.0.1:1 makes sizes in multiples of 32: the clip is generated at 1280x736 and cropped to 1280x720."
        ]
        if size == (1280, 736)
        else []
    )


def test_status_words_and_progress_are_parsed(sandbox, samples):
    sandbox.next_job(NAME, statuses=["queued", "in_progress"], progress=[0, 40])
    statuses = statuses_of(NAME, samples)
    assert [status.state for status in statuses] == ["queued", "running", "succeeded"]
    assert [status.progress for status in statuses[:2]] == [None, 0.4]


def test_the_poll_hint_is_in_seconds(samples, monkeypatch):
    with Sandbox(polls=2, poll_after_ms=1500) as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        assert [status.poll_after for status in statuses_of(NAME, samples)] == [1.5, 1.5]


def test_the_reported_cost_is_read(sandbox, samples):
    sandbox.next_job(NAME, polls=1, also={"usage": {"cost": 0.31}})
    assert statuses_of(NAME, samples)[-1].usd == 0.31


def test_refused_content_is_no_failure(sandbox, samples):
    sandbox.next_job(NAME, polls=1, refused=True)
    status = statuses_of(NAME, samples)[-1]
    assert (status.state, status.refused) == (JobState.FAILED, True)
    sandbox.fault("create", Fault.refuse_content(), provider=NAME)
    with pytest.raises(ContentRefused, match="HTTP 400"):
        submit(NAME, samples)


def test_a_clip_is_downloaded_from_its_content(sandbox, samples, tmp_path):
    assert downloaded(NAME, samples, tmp_path / "clip")[4:8] == b"ftyp"
    assert [asked.step for asked in sandbox.history][-1] == "content"


def test_without_content_the_jobs_url_is_used(sandbox, samples, tmp_path):
    sandbox.next_job(NAME, polls=1, also={"url": "{cdn}"})
    sandbox.fault("content", Fault.status(404), provider=NAME)
    assert downloaded(NAME, samples, tmp_path / "clip")[4:8] == b"ftyp"
    assert sandbox.history[-1].path.startswith(f"/{NAME}/")
    assert not any(asked.leaked for asked in sandbox.history)


@pytest.mark.parametrize(
    "named",
    [
        {"metadata": {"url": "{cdn}"}},
        {"video": {"url": "{cdn}"}},
        {"metadata": {"video_url": "{cdn}"}},
        {"metadata": {"url": ["{cdn}"]}, "video": None},
    ],
    ids=["metadata.url", "video.url", "metadata.video_url", "list"],
)
def test_new_apis_url_is_found(sandbox, samples, tmp_path, named):
    sandbox.next_job(NAME, polls=1, also=named)
    sandbox.fault("content", Fault.status(404), provider=NAME)
    assert downloaded(NAME, samples, tmp_path / "clip")[4:8] == b"ftyp"
    assert sandbox.history[-1].path.startswith(f"/{NAME}/")


@pytest.mark.parametrize("answer", [{"task_id": "task_1"}, {"id": "", "task_id": "task_1"}])
def test_a_task_id_is_an_id(sandbox, samples, answer):
    answer = {"object": "video", "status": "queued", **answer}
    sandbox.fault("create", Fault.status(200, body=answer), provider=NAME)
    assert submit(NAME, samples) == "task_1"


def test_a_failed_poll_with_a_task_id_answers(sandbox, samples):
    job_id = submit(NAME, samples)
    body = {"task_id": job_id, "status": "failed", "error": {"message": "out of memory"}}
    sandbox.fault("poll", Fault.status(500, body=body), provider=NAME)
    assert run(NAME, lambda provider: provider.status(job_id)).message == "out of memory"


@pytest.mark.parametrize("aborts", [True, False])
def test_a_delete_proves_no_stop(sandbox, samples, monkeypatch, aborts):
    assert not cancelled(NAME, samples)
    with Sandbox(polls=9, self_hosted=True, aborts=aborts) as own:
        monkeypatch.setenv("OPENAI_API_KEY", own.key(NAME))
        monkeypatch.setenv("OPENAI_BASE_URL", own.base_url(NAME))
        assert not cancelled(NAME, samples)  # SGLang's answer is the same, and its job goes on
        assert own.jobs[0].canceled == aborts


def test_a_reported_cancel_is_believed(samples, monkeypatch):
    with Sandbox(polls=9, self_hosted=True) as own:
        monkeypatch.setenv("OPENAI_API_KEY", own.key(NAME))
        monkeypatch.setenv("OPENAI_BASE_URL", own.base_url(NAME))
        own.fault("cancel", Fault.status(200, body={"id": "v", "status": "cancelled"}), provider=NAME)
        assert cancelled(NAME, samples)


def test_only_one_matching_job_is_found(sandbox, samples):
    async def find(provider):
        request = request_of(provider, samples)
        found = []
        for _ in range(2):
            job = await provider.submit(request)
            found.append((job.job_id, await provider.find(request, sandbox.jobs[0].created_at)))
        other = request_of(provider, samples, prompt="a loud sea")
        return found, await provider.find(other, 0.0), await provider.find(request, 4e9)

    (first, second), other, later = run(NAME, find)
    assert first[0] == first[1]
    assert (second[1], other, later) == (None, None, None)


def test_a_missing_model_or_api_is_gone(sandbox, samples):
    sandbox.fault("create", Fault.gone(), provider=NAME)
    with pytest.raises(ProviderUnavailable, match="has no video API at") as caught:
        submit(NAME, samples)
    assert caught.value.gone


def test_at_openai_itself_prices_are_known():
    provider = OpenAiSora("sk-1")
    plan = provider.plan(VideoConfig(resolution="1080p"), 7.0)
    assert (plan.seconds, plan.size, plan.usd) == (8, (1920, 1080), pytest.approx(5.6))
    assert "OpenAI shut this API on 2026-09-24" in provider.availability().reason


def listing_of(
    sandbox, samples, *, since: float | None = None, config: dict[str, object] | None = None, **listed: object
) -> Listing:
    """Submit a job, change it in the list, and return what the list says of the submission."""
    jobs: list[dict] = []

    async def step(provider: OpenAiSora) -> Listing:
        request = request_of(provider, samples, seed=7, model="sora-2-pro", **config or {})
        await provider.submit(request)
        reply = await provider.http.ask("videos")
        for job in reply.data["data"]:
            composed = unicodedata.normalize("NFC", job["prompt"])
            jobs.append({**job, "seed": 7, "prompt": composed, **listed})
        sandbox.fault("list", Fault.status(200, body={"data": jobs, "has_more": False}), provider=NAME)
        return await provider.listing(request, sandbox.jobs[0].created_at if since is None else since)

    return run(NAME, step)


def test_every_sent_field_is_compared(sandbox, samples):
    found = listing_of(sandbox, samples)
    assert (len(found.matches), found.matches == found.possible, found.whole) == (1, True, True)
    assert found.jobs == set(found.matches)


@pytest.mark.parametrize(
    "listed",
    [
        {"seed": 8}, {"seed": None}, {"model": "sora-2"}, {"model": None}, {"seconds": "8"}, {"size": "720x1280"},
        {"size": None}, {"prompt": None}, {"prompt": "a quiet"}, {"created_at": None}, {"created_at": 1},
        {"prompt": "A quiet sea, high quality"}, {"created_at": "2026-11-30T08:00:00"},
    ],
    ids=str,
)  # fmt: skip
def test_a_field_that_differs_leaves_a_doubt(sandbox, samples, listed):
    found = listing_of(sandbox, samples, **listed)
    assert found.matches == ()
    assert len(found.possible) == 1


def test_another_prompt_is_another_job(sandbox, samples):
    found = listing_of(sandbox, samples, prompt="zwei Katzen im Schnee")
    assert (found.possible, len(found.jobs), found.whole) == ((), 1, True)


def test_a_clock_that_is_late_leaves_a_doubt(sandbox, samples):
    found = listing_of(sandbox, samples, since=time.time() + 60)
    assert (found.matches, len(found.possible)) == ((), 1)


def test_a_composed_letter_is_the_same_letter(sandbox, samples):
    found = listing_of(sandbox, samples, config={"prompt": unicodedata.normalize("NFD", "ein Café am Meer")})
    assert len(found.matches) == 1


def test_a_sent_narration_leaves_a_doubt(sandbox, samples):
    found = listing_of(sandbox, samples, config={"extra": {"audio_reference": True}})
    assert (found.matches, len(found.possible)) == ((), 1)


def test_a_sent_image_leaves_a_doubt(sandbox, samples):
    found = listing_of(sandbox, samples, config={"image": quarters()})
    assert (found.matches, len(found.possible)) == ((), 1)


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280)])
def test_an_image_is_sent_in_the_clips_size(sandbox, samples, size):
    submit(NAME, samples, model="sora-2", image=quarters(), aspect=size)
    sent = fields_of(sandbox)["input_reference"]
    assert (sent["filename"], sent["content_type"]) == ("first-frame.jpg", "image/jpeg")
    assert sandbox.jobs[0].image == sandbox.jobs[0].size == size


def test_oldest_jobs_first_end_no_list(sandbox, samples):
    job = {"model": "sora-2", "size": "1280x720", "seconds": "4", "prompt": "a loud sea"}
    now = int(time.time())
    first = [{**job, "id": f"old-{n}", "created_at": now - 90_000 + n} for n in range(20)]
    last = [{**job, "id": "new", "created_at": now}]
    found = pages_of(sandbox, samples, {"data": first, "has_more": True}, {"data": last, "has_more": False})
    assert "new" in found.jobs
    assert found.whole


def pages_of(sandbox, samples, *bodies: object) -> Listing:
    for body in bodies:
        status = 200 if isinstance(body, dict) else 400
        sandbox.fault("list", Fault.status(status, body=body), provider=NAME, times=1)

    async def step(provider: OpenAiSora) -> Listing:
        return await provider.listing(request_of(provider, samples), time.time())

    return run(NAME, step)


def page(*ids: str, more: bool | None = None) -> dict[str, object]:
    data = [{"id": name, "prompt": "another", "created_at": time.time()} for name in ids]
    return {"data": data} if more is None else {"data": data, "has_more": more}


def test_the_list_is_read_to_its_end(sandbox, samples):
    found = pages_of(sandbox, samples, page("c", "b", more=True), page("a", more=False))
    assert (found.jobs, found.whole) == ({"a", "b", "c"}, True)
    assert sandbox.history[-1].path.endswith("&after=b")


@pytest.mark.parametrize("broken", ["no list here", {"data": None}, {"data": [{"prompt": "no id"}]}], ids=str)
def test_a_list_that_fails_is_not_whole(sandbox, samples, broken):
    assert not pages_of(sandbox, samples, broken).whole
    assert not pages_of(sandbox, samples, page("b", more=True), broken).whole


def test_a_page_that_repeats_is_not_whole(sandbox, samples):
    same = page("b", "a", more=True)
    assert not pages_of(sandbox, samples, same, same, same).whole


def own() -> OpenAiSora:
    return OpenAiSora("k", "https://videos.example.org/v1")


def answer(status: int, message: str, code: str | None = None) -> Reply:
    body = {"error": {"message": message, "type": None, "param": None, "code": code}}
    return Reply(status, {}, json.dumps(body), body)


def test_a_lost_upstream_behind_litellm_is_in_doubt():
    words = "litellm.InternalServerError: OpenAIException - Server disconnected without sending a response."
    assert isinstance(own().error_of(answer(500, words, "500")), SubmissionInDoubt)


@pytest.mark.parametrize("status", [400, 500])
def test_moderation_behind_litellm_is_a_refusal(status):
    inner = json.dumps({"error": {"message": "Blocked.", "code": "moderation_blocked"}})
    words = f"litellm.BadRequestError: OpenAIException - {inner}"
    assert isinstance(own().error_of(answer(status, words, str(status))), ContentRefused)
    classed = answer(400, "litellm.ContentPolicyViolationError: no", "400")
    assert isinstance(own().error_of(classed), ContentRefused)


def test_a_wrong_key_at_litellm_hands_over():
    error = own().error_of(answer(400, "No connected db.", "400"))
    assert isinstance(error, ProviderUnavailable)
    assert "rejected the key" in str(error)


def test_litellm_is_told_not_to_retry(samples):
    seen: list[str] = []

    async def step(provider: OpenAiSora) -> None:
        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            seen.append((await reader.readuntil(b"\r\n\r\n")).decode().lower())
            await reader.readuntil(b"--\r\n")  # the end of the form
            writer.write(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            asked = OpenAiSora("k", f"http://127.0.0.1:{port}")
            with pytest.raises(ProviderUnavailable):
                await asked.submit(request_of(asked, samples))
            await asked.aclose()

    run(NAME, step)
    assert "\r\nx-litellm-num-retries: 0\r\n" in seen[0]


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "The model `sora-9` does not exist.", "type": "NotFoundError", "code": 404}},
        {"error": {"message": "no", "code": "model_not_found"}},
        {"detail": "Model not found: sora-9"},
        {"error": {"message": "Invalid model name passed in model=sora-9.", "code": "400"}},
        {"error": {"message": "Invalid value: 'sora-9'.", "param": "model", "code": "invalid_value"}},
    ],
    ids=str,
)
@pytest.mark.parametrize("status", [400, 404])
def test_a_missing_model_is_only_that_model(status, body):
    error = own().error_of(Reply(status, {}, json.dumps(body), body))
    assert isinstance(error, ProviderUnavailable)
    assert (error.lacks_model, error.gone) == (True, False)


def test_a_missing_route_is_the_whole_address():
    error = own().error_of(Reply(404, {}, '{"detail": "Not Found"}', {"detail": "Not Found"}))
    assert (error.lacks_model, error.gone) == (False, True)
    assert "has no video API at https://videos.example.org/v1" in str(error)


def test_a_forbidden_answer_is_about_the_key():
    error = own().error_of(answer(403, "This team may not do that"))
    assert (error.lacks_model, error.gone, "rejected the key" in str(error)) == (False, False, True)


# A server of one's own


OWN = {"base_url": "http://gpu-box:8000/v1"}


@pytest.mark.parametrize(
    ("config", "duration", "seconds"),
    [
        ({}, 300.0, 8),
        ({"model": "wan2.2"}, 300.0, 8),
        ({"model": "wan2.2"}, 6.0, 8),
        ({}, 2.0, 4),
        ({"model": "wan2.2", "seconds": 20}, 300.0, 20),
        ({"seconds": 5.5}, 300.0, 6),
        ({"model": "sora-2"}, 300.0, 20),
    ],
)
def test_an_unknown_model_gets_a_short_clip(config, duration, seconds):
    plan = OpenAiSora(**OWN).plan(VideoConfig(**config), duration)
    assert (plan.seconds, plan.usd, plan.model.name) == (seconds, None, config.get("model", ""))
    assert any("repeated to fill the narration's 300.0 s" in said for said in plan.warnings) == (duration > 8)


def test_unknown_lengths_are_explained():
    (said,) = OpenAiSora(**OWN).plan(VideoConfig(model="wan2.2"), 30.0).warnings
    assert "The lengths that wan2.2 makes are not known: a clip of 8 s is requested" in said
    assert "Set seconds for a longer clip." in said
    assert OpenAiSora("sk-1").plan(VideoConfig(model="sora-9"), 300.0).seconds == 8


def test_ones_own_server_has_no_sora_prices():
    can = OpenAiSora(**OWN).capabilities
    assert [(model.name, model.sizes, model.price) for model in can.models] == [("", (), None)]
    assert "its models, lengths and prices are not known here" in can.source
    assert OpenAiSora("sk-1").capabilities.models[0].name == "sora-2-pro"


def test_the_servers_default_model_is_recorded(sandbox, samples):
    async def step(provider):
        return await provider.submit(request_of(provider, samples))

    assert run(NAME, step).model == "sora-2"


@pytest.mark.parametrize("config", [{}, {"model": "wan2.1"}])
def test_a_refused_model_lists_the_servers_models(samples, monkeypatch, config):
    with Sandbox(polls=1, self_hosted=True, models=("wan2.2-t2v", "ltx-2")) as own:
        monkeypatch.setenv("OPENAI_API_KEY", own.key(NAME))
        monkeypatch.setenv("OPENAI_BASE_URL", own.base_url(NAME))
        if not config:
            own.fault("create", Fault.status(400, body={"detail": "model is required"}), provider=NAME)
        with pytest.raises(
            ProviderError, match=r"The server offers these models: wan2.2-t2v, ltx-2\. Choose"
        ):
            submit(NAME, samples, **config)
        own.fault("create", Fault.status(400, body={"detail": "seconds is wrong"}), provider=NAME)
        with pytest.raises(ProviderError) as caught:
            submit(NAME, samples, model="ltx-2")
        assert "offers these models" not in str(caught.value)


def test_a_reference_fits_into_a_form_part(sandbox, samples):
    samples.write_bytes(bytes(2 * 16_000 * 120))

    async def step(provider: OpenAiSora) -> None:
        request = request_of(provider, samples, extra={"audio_reference": True})
        await provider.submit(replace(request, duration=120.0))

    run(NAME, step)
    assert fields_of(sandbox)["audio_reference"].startswith('{"audio_url": "data:audio/mpeg;base64,')


def test_messages_name_the_address(sandbox, samples):
    assert (OpenAiSora(**OWN).label, OpenAiSora("k", OpenAiSora.default_url).label) == (
        "gpu-box:8000",
        "openai_sora",
    )
    (said,) = OpenAiSora(**OWN).plan(VideoConfig(model="wan2.2"), 30.0).warnings
    assert "requested from gpu-box:8000 and" in said
    sandbox.fault("create", Fault.status(400), provider=NAME)
    with pytest.raises(ProviderError, match=r"^127\.0\.0\.1:\d+ rejected the request") as caught:
        submit(NAME, samples)
    assert caught.value.provider == NAME


ESCAPES = "\x1b]52;c;ZXZpbA==\x07\x1b[2J\u202e"


def test_a_servers_models_cannot_steer_a_terminal(samples, monkeypatch):
    with Sandbox(polls=1, self_hosted=True, models=(f"a{ESCAPES}b",)) as own:
        monkeypatch.setenv("OPENAI_API_KEY", own.key(NAME))
        monkeypatch.setenv("OPENAI_BASE_URL", own.base_url(NAME))
        with pytest.raises(ProviderError, match=r"offers these models: a\]52;c;ZXZpbA==\[2Jb\.") as caught:
            submit(NAME, samples, model="wan2.1")
    assert str(caught.value).isprintable()


def test_a_servers_own_model_is_named_plainly(samples):
    job = {"id": f"j{ESCAPES}", "status": "queued", "model": f"m{ESCAPES}"}

    async def step(url: str) -> str | None:
        provider = OpenAiSora("k", url)
        try:
            return (await provider.submit(request_of(provider, samples))).model
        finally:
            await provider.aclose()

    with serving(json.dumps(job).encode()) as server:
        assert asyncio.run(step(server.url)) == "m]52;c;ZXZpbA==[2J"
