"""The contract's base class: settings that are given, and broken plug-ins."""

from __future__ import annotations

import inspect
import itertools
import textwrap

import voxweave_nb
from voxweave_nb import Settings, VideoConfig
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


def documented_example() -> type[base.Provider]:
    """Run the example in `HttpProvider`'s docstring with nothing but the public names, as a plug-in's author would."""
    lines = (inspect.getdoc(voxweave_nb.HttpProvider) or "").splitlines()
    example = lines[lines.index("    class Lantern(HttpProvider):") :]
    code = itertools.takewhile(lambda line: not line or line[0] == " ", example)
    names = {name: getattr(voxweave_nb, name) for name in voxweave_nb.__all__}
    exec(textwrap.dedent("\n".join(code)), names)
    found: type[base.Provider] = names["Lantern"]
    return found


def test_the_documented_example_is_a_provider(monkeypatch):
    monkeypatch.setenv("LANTERN_API_KEY", "the-key")
    provider = documented_example()()
    assert provider.availability().ready
    assert provider.plan(VideoConfig(prompt="a harbour"), 5.0).seconds == 8.0
