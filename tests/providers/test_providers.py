"""The registry: names in their order, classes, and plug-ins that are none."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from voxweave_nb import ConfigError, providers
from voxweave_nb.providers.base import Provider

BUILT_IN = ("openai_sora", "zai", "gateway", "fal", "gemini", "local")


def plug_in(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    point = EntryPoint(name, value, providers.GROUP)
    monkeypatch.setattr(providers, "entry_points", lambda group: [point])


def test_names_come_in_their_order():
    assert providers.registered() == BUILT_IN
    assert frozenset(BUILT_IN) == providers.BUILT_IN


@pytest.mark.parametrize("name", BUILT_IN)
def test_each_name_has_its_class(name):
    found = providers.provider_class(name)
    assert issubclass(found, Provider)
    assert found.name == name


def test_an_unknown_name_lists_the_installed():
    with pytest.raises(ConfigError, match="'sora9' is not installed; choose one of: openai_sora, zai"):
        providers.provider_class("sora9")


def test_plugins_come_before_the_local_one(monkeypatch):
    plug_in(monkeypatch, "mine", "tests.pipeline.scripted:Scripted")
    assert providers.registered()[-2:] == ("mine", "local")
    assert providers.provider_class("mine").__name__ == "Scripted"


def test_a_plugin_cannot_replace_a_built_in(monkeypatch):
    plug_in(monkeypatch, "zai", "tests.pipeline.scripted:Scripted")
    assert providers.registered() == BUILT_IN
    assert providers.provider_class("zai").__name__ == "Zai"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("no_such_module:Provider", "cannot be loaded .ModuleNotFoundError"),
        ("tests.pipeline.scripted:Nothing", "cannot be loaded .AttributeError"),
        ("tests.pipeline.scripted:ask", "is not a subclass of voxweave_nb.Provider"),
    ],
)
def test_a_broken_plugin_is_named(monkeypatch, value, says):
    plug_in(monkeypatch, "mine", value)
    with pytest.raises(ConfigError, match=says):
        providers.provider_class("mine")
