"""The contract's base class: settings that are given, and broken plug-ins."""

from __future__ import annotations

from voxweave_nb import Settings
from voxweave_nb.providers import base

from ..pipeline.scripted import Scripted


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
