"""The OpenAI Videos protocol: fields, statuses, refusals, content, delete and the list."""

from __future__ import annotations

import pytest

from voxweave_nb import ContentRefused, ProviderError, ProviderUnavailable, VideoConfig
from voxweave_nb.models import JobState
from voxweave_nb.providers.openai_sora import OpenAiSora
from voxweave_nb.sandbox import Fault, Sandbox

from .adapter import cancelled, downloaded, fields_of, request_of, run, statuses_of, submit

NAME = "openai_sora"


def test_the_form_has_exactly_these_fields(sandbox, samples):
    submit(NAME, samples, style="anime")
    fields = fields_of(sandbox)
    assert fields.pop("prompt").startswith("a quiet sea. ")
    assert fields == {"seconds": "4", "size": "1280x720"}  # the server chooses its own model
    sandbox.reset()
    submit(NAME, samples, model="sora-2-pro")
    assert fields_of(sandbox)["model"] == "sora-2-pro"


def test_extras_and_the_seed_are_sent(sandbox, samples):
    submit(NAME, samples, seed=7, extra={"negative_prompt": "people", "unknown": 1})
    fields = fields_of(sandbox)
    assert (fields["seed"], fields["negative_prompt"]) == ("7", "people")
    assert "unknown" not in fields


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
