"""The contract's base class: settings that are given, broken plug-ins, and providers of an earlier release."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from voxweave_nb import Settings
from voxweave_nb.models import JobState
from voxweave_nb.pipeline.submission import AcceptedJob
from voxweave_nb.providers import base
from voxweave_nb.providers.types import Accepted, Availability, Capabilities, Model, ProviderStatus

from ..pipeline.scripted import Asked, Scripted


def old_provider() -> base.Provider:
    """A provider as it was written for the first release: `create(assignment)`, which planned once more."""
    with pytest.warns(
        DeprecationWarning, match=r"Old defines create\(assignment\); rename it to submit\(request\)"
    ):

        class Old(base.Provider):
            """Made for the first release."""

            name = "old"
            capabilities = Capabilities((Model("m"),), cancel=False, source="its author")

            def availability(self):
                return Availability(True, "ready")

            async def upload(self, narration, on_bytes):
                return "there"

            async def create(self, assignment):
                plan = self.plan(assignment.config, assignment.duration)
                assert isinstance(assignment.narration, Path)
                assert assignment.reference == "there"
                return Accepted("old-1", self.name, plan.model.name, plan.usd, plan.warnings)

            async def status(self, job_id):
                return ProviderStatus(JobState.SUCCEEDED)

            async def download(self, job_id, to, on_bytes):
                to.write_bytes(b"")

            async def cancel(self, job_id):
                return False

    return Old()


def test_an_old_provider_still_accepts_jobs():
    async def submit() -> AcceptedJob:
        return await Asked(old_provider()).submit()

    accepted = asyncio.run(submit())
    assert (accepted.job_id, accepted.model) == ("old-1", "m")


def test_the_old_name_of_a_request_warns():
    with pytest.warns(DeprecationWarning, match="ClipRequest"):
        assert base.Assignment is base.ClipRequest


def test_settings_of_its_own_win_over_the_services():
    own, services = Settings(http_timeout=1), Settings(http_timeout=2)
    provider = Scripted("a")
    provider.use_settings(services)
    assert provider.settings is services
    provider = Scripted("a")
    provider.use_settings(own)
    provider.use_settings(services)
    assert provider.settings is own


def test_a_broken_provider_is_not_ready(monkeypatch):
    provider = Scripted("a")
    monkeypatch.setattr(provider, "availability", lambda: 1 / 0)
    state = base.check_availability(provider)
    assert not state.ready
    assert "is broken (ZeroDivisionError: division by zero)" in state.reason
