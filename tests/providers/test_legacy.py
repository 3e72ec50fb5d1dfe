"""Plug-ins of an earlier release: every old name works or says what to write instead."""

from __future__ import annotations

import asyncio
import importlib
import warnings
from pathlib import Path

import pytest

from voxweave_nb import (
    Accepted,
    Availability,
    Capabilities,
    ClipExtras,
    ClipRequest,
    HttpProvider,
    JobState,
    Model,
    Progress,
    Provider,
    ProviderStatus,
    Settings,
    SubmissionInDoubt,
    VideoConfig,
)
from voxweave_nb.pipeline.submission import AcceptedJob
from voxweave_nb.providers import legacy
from voxweave_nb.providers.zai import Zai

from ..pipeline.scripted import Asked, Scripted

OLD_RELEASE = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class _Finished(Provider):
    """The verbs that have not changed."""

    capabilities = Capabilities((Model("m", at_once=1),), cancel=False, source="its author")

    def availability(self):
        return Availability(True, "ready")

    async def upload(self, narration, on_bytes):
        return "there"

    async def status(self, job_id):
        return ProviderStatus(JobState.SUCCEEDED)

    async def download(self, job_id, to, on_bytes):
        to.write_bytes(b"")

    async def cancel(self, job_id):
        return False


def old_provider() -> Provider:
    """A provider as it was written for the first release: `create(assignment)`, which planned once more."""
    with pytest.warns(
        DeprecationWarning, match=r"Old defines create\(assignment\); rename it to submit\(request\)"
    ) as caught:

        class Old(_Finished):
            """Made for the first release."""

            name = "old"

            async def create(self, assignment):
                plan = self.plan(assignment.config, assignment.duration)
                assert isinstance(assignment.narration, Path)
                assert assignment.reference == "there"
                legacy.tell("thinking")
                return Accepted("old-1", self.name, plan.model.name, plan.usd, plan.warnings)

    assert [warning.filename for warning in caught] == [__file__]
    return Old()


def asked(provider: Provider) -> tuple[AcceptedJob, list[str]]:
    async def submit() -> tuple[AcceptedJob, list[str]]:
        call = Asked(provider)
        return await call.submit(), call.said

    return asyncio.run(submit())


def request_for(provider: Provider, say=lambda _: None) -> ClipRequest:
    config = VideoConfig(prompt="a quiet sea")
    return ClipRequest(
        plan=provider.plan(config, 5.0), config=config, narration=Path(__file__), duration=5.0, say=say
    )


def test_an_old_provider_still_accepts_jobs():
    accepted, said = asked(old_provider())
    assert (accepted.job_id, accepted.model) == ("old-1", "m")
    assert "thinking" in said


def test_tell_is_silent_outside_a_job():
    old_provider()
    legacy.tell("nobody listens")


@OLD_RELEASE
def test_tell_reaches_uploads_and_downloads(tmp_path):
    class Telling(_Finished):
        """Talks."""

        name = "telling"

        async def upload(self, narration, on_bytes):
            legacy.tell("up")
            return ""

        async def create(self, assignment):
            return Accepted("1")

        async def download(self, job_id, to, on_bytes):
            legacy.tell("down")

    said: list[str] = []

    async def step() -> None:
        await Telling().upload(tmp_path, Progress(say=said.append))
        await Telling().download("1", tmp_path, on_bytes=Progress(say=said.append))
        await Telling().upload(tmp_path, print)

    asyncio.run(step())
    assert said == ["up", "down"]


@OLD_RELEASE
def test_create_may_come_from_a_mixin():
    class Mixin:
        async def create(self, assignment):
            return Accepted("mixed")

    class Mixed(Mixin, _Finished):
        """Two bases."""

        name = "mixed"

    assert asked(Mixed())[0].job_id == "mixed"


@OLD_RELEASE
def test_create_may_call_the_class_above():
    class Above(Scripted):
        async def create(self, assignment):
            accepted = await super().create(assignment)
            return Accepted(f"{accepted.job_id}-above")

    class Higher(Above):
        async def create(self, assignment):
            accepted = await super().create(assignment)
            return Accepted(f"{accepted.job_id}-higher")

    assert asked(Higher("a", "1"))[0].job_id == "a-1-above-higher"


def test_calling_create_of_a_new_provider_warns():
    provider = Scripted("a")
    with pytest.warns(DeprecationWarning, match=r"call submit\(request\)"):
        accepted = asyncio.run(provider.create(request_for(provider)))
    assert accepted.job_id == "a-1"


def test_a_provider_with_both_verbs_is_new():
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        class Both(_Finished):
            """For both releases."""

            name = "both"

            async def submit(self, request):
                return Accepted("new")

            async def create(self, assignment):
                return await self.submit(assignment)

    assert asked(Both())[0].job_id == "new"


@OLD_RELEASE
def test_an_old_http_provider_says_ambiguous(sandbox):
    class OldZai(Zai):
        """Reads the answer in its own way."""

        async def create(self, assignment):
            reply = await self.http.send_once(
                "videos/generations", json={"model": "cogvideox-3", "prompt": "x"}
            )
            raise self.http.ambiguous("the answer is not to its liking", reply)

    async def step() -> None:
        provider = OldZai()
        try:
            await provider.submit(request_for(provider))
        finally:
            await provider.aclose()

    with pytest.raises(SubmissionInDoubt, match="not to its liking"):
        asyncio.run(step())


@OLD_RELEASE
def test_pauses_of_an_old_create_are_told(monkeypatch):
    monkeypatch.setattr("voxweave_nb.providers.http._LONGEST_PAUSE", 0.01)

    class Unreachable(HttpProvider):
        """Nobody is there."""

        name, key_variable, url_variable = "unreachable", "NO_KEY", "NO_URL"
        capabilities = _Finished.capabilities
        status, download = _Finished.status, _Finished.download

        async def create(self, assignment):
            await self.http.send_once("jobs", json={})

    said: list[str] = []

    async def step() -> None:
        provider = Unreachable("a-key", "http://127.0.0.1:9")
        try:
            await provider.submit(request_for(provider, said.append))
        finally:
            await provider.aclose()

    with pytest.raises(Exception, match="cannot be reached"):
        asyncio.run(step())
    assert len(said) == 3
    assert "retrying in" in said[0]


def test_slot_warns_where_it_is_defined_and_called():
    with pytest.warns(DeprecationWarning, match=r"Slotted defines slot\(model\)"):

        class Slotted(Scripted):
            def slot(self, model):
                return super().slot(model)

    provider = Slotted("a", at_once=2)
    (model,) = provider.capabilities.models
    with pytest.warns(DeprecationWarning, match=r"Model\.at_once"):
        first = provider.slot(model)
    with pytest.warns(DeprecationWarning, match="not needed"):
        assert provider.slot(model) is first
    with pytest.warns(DeprecationWarning, match="not needed"):
        assert provider.slot(Model("free")) is None


def test_settings_may_stand_in_the_class_body():
    class Patient(Scripted):
        settings = Settings(http_timeout=7)

    provider = Patient("a")
    provider.use_settings(Settings(http_timeout=1))
    assert provider.settings.http_timeout == 7


def test_setting_settings_warns():
    provider, own = Scripted("a"), Settings(http_timeout=7)
    with pytest.warns(DeprecationWarning, match="use_settings"):
        provider.settings = own
    assert provider.settings is own


@pytest.mark.parametrize(
    ("module", "name", "hint", "found"),
    [
        ("base", "Assignment", "import ClipRequest instead", ClipRequest),
        ("base", "TOLD", r"request\.say", legacy.TOLD),
        ("base", "tell", r"request\.say", legacy.tell),
        ("base", "Ledger", "not given to providers", None),
        ("fit", "words", "fit_prompt", None),
    ],
)
def test_an_old_name_warns(module, name, hint, found):
    room = importlib.import_module(f"voxweave_nb.providers.{module}")
    with pytest.warns(DeprecationWarning, match=hint) as caught:
        value = getattr(room, name)
    assert caught[0].filename == __file__
    assert found is None or value is found


@pytest.mark.parametrize("module", ["base", "fit"])
def test_a_name_that_never_was_is_an_error(module):
    assert not hasattr(importlib.import_module(f"voxweave_nb.providers.{module}"), "never_was")


@pytest.mark.parametrize("module", ["base", "fit", "http", "remote"])
def test_names_of_the_first_release_are_there(module):
    names = {
        "base": "TOLD Accepted Assignment Availability Capabilities Ledger Model Plan Price Provider ProviderStatus "
        "Size tell",
        "fit": "fit words",
        "http": "LONGEST_BODY NEVER_LEFT Http Reply Secret origin segment",
        "remote": "HttpProvider",
    }
    room = importlib.import_module(f"voxweave_nb.providers.{module}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert [name for name in names[module].split() if not hasattr(room, name)] == []


def test_extras_of_an_old_status_are_kept():
    with pytest.warns(DeprecationWarning, match="no understood, best any more. Give extras=ClipExtras"):
        status = ProviderStatus(JobState.SUCCEEDED, understood={"time": "dawn"}, best=1.5)
    assert status.extras == ClipExtras(understood={"time": "dawn"}, poster_at=1.5)
    with pytest.warns(DeprecationWarning, match="extras"):
        by_place = ProviderStatus(JobState.SUCCEEDED, 1.0, "", False, None, (), {"time": "dawn"}, 1.5)
    assert (by_place.usd, by_place.extras) == (None, status.extras)
    assert ProviderStatus(JobState.SUCCEEDED, 1.0, "", False, None, (), 0.25).usd == 0.25


def test_reasons_of_an_old_accepted_are_dropped():
    with pytest.warns(DeprecationWarning, match="Accepted has no declined any more. Leave it out") as caught:
        accepted = Accepted("1", "old", "m", 0.5, ("w",), declined={})
    assert caught[0].filename == __file__
    assert accepted == Accepted("1", "old", "m", 0.5, ("w",))
