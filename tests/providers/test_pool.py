"""The pool: instances, settings, availability, slots, and providers that are gone."""

from __future__ import annotations

import asyncio
import gc
import threading
from importlib.metadata import EntryPoint

import pytest

from voxweave_nb import ConfigError, Settings, providers
from voxweave_nb.providers.pool import (
    LastResort,
    ProviderPool,
    configured,
    default_order,
    environment_order,
    listed_order,
)
from voxweave_nb.providers.types import Model

from ..pipeline.scripted import Scripted


@pytest.fixture
def settings() -> Settings:
    return Settings(http_timeout=3)


@pytest.fixture
def pool(settings: Settings) -> ProviderPool:
    return ProviderPool(settings)


class Closing(Scripted):
    """Counts how often it is closed."""

    closed = 0

    async def aclose(self) -> None:
        self.closed += 1


class Exploding(Scripted):
    """Cannot be made at all."""

    def __init__(self) -> None:
        raise RuntimeError("boom")


def plug_in(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    point = EntryPoint(name, value, providers.GROUP)
    monkeypatch.setattr(providers, "entry_points", lambda group: [point])


def test_every_provider_gets_the_settings(pool, settings):
    own = Scripted("mine")
    assert (pool.add("zai", {}), pool.add(own, {})) == ("zai", "mine")
    assert pool.get("zai").settings is pool.get("local").settings is own.settings is settings


def test_a_provider_is_made_once(pool):
    pool.add("zai", {"api_key": "k"})
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(pool.get("fal"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, found))) == 1
    assert pool.get("zai") is pool.get("zai")


def test_a_key_stays_with_its_provider(pool):
    pool.add("zai", {"api_key": "k", "base_url": "https://example.org/v4"})
    pool.close()
    again = pool.get("zai")
    assert again.base_url == "https://example.org/v4"
    assert again.availability().ready
    assert not pool.get("fal").availability().ready


def test_a_key_that_is_not_taken_is_refused(pool):
    with pytest.raises(ConfigError, match="'local' takes no api_key and no base_url; leave it out"):
        pool.add("local", {"api_key": "k", "base_url": "https://example.org"})


def test_broken_plugins_hide_no_other(monkeypatch, pool):
    plug_in(monkeypatch, "mine", "tests.providers.test_pool:Exploding")
    state = pool.availability("mine")
    assert (state.ready, "is broken (RuntimeError: boom)" in state.reason) == (False, True)
    assert pool.availability("local").ready
    assert "not installed" in pool.availability("nobody").reason


def test_a_provider_that_cannot_be_made_is_named(monkeypatch, pool):
    plug_in(monkeypatch, "mine", "tests.providers.test_pool:Exploding")
    for step in (lambda: pool.get("mine"), lambda: pool.add("mine", {})):
        with pytest.raises(ConfigError, match=r"Provider 'mine' is broken \(RuntimeError: boom\)"):
            step()


def test_a_provider_that_is_gone_is_not_ready(pool):
    assert pool.availability("local").ready
    pool.gone["local"] = "was shut down"
    state = pool.availability("local")
    assert (state.ready, state.reason) == (False, "was shut down")


def test_slots_are_shared_by_model(pool):
    wide, narrow, provider = Model("w"), Model("n", at_once=2), Scripted("a")
    slot = pool.slot(provider, narrow)
    assert slot is pool.slot(provider, Model("n", at_once=2))
    assert slot is not pool.slot(Scripted("b"), narrow)
    assert pool.slot(provider, wide) is None

    async def taken() -> bool:
        async with slot, slot:
            return slot.locked()

    assert asyncio.run(taken())


def test_closing_reaches_every_provider(pool):
    own = Closing("mine")
    pool.add(own, {})
    for count in (1, 2):
        pool.get("mine")
        pool.close()
        assert own.closed == count
    assert pool.get("mine") is own


def test_a_broken_close_keeps_none_open(pool, caplog):
    class Stuck(Scripted):
        async def aclose(self) -> None:
            raise RuntimeError("boom")

    own = Closing("mine")
    pool.add(Stuck("stuck"), {})
    pool.add(own, {})
    pool.close()
    assert own.closed == 1
    assert "stuck could not be closed" in caplog.text


def test_a_forgotten_pool_closes_its_providers(settings):
    closed = threading.Event()

    class Own(Scripted):
        async def aclose(self) -> None:
            closed.set()

    pool = ProviderPool(settings)
    pool.add(Own("mine"), {})
    del pool
    gc.collect()
    assert closed.wait(5)


def test_only_keys_and_addresses_configure(monkeypatch):
    assert configured() == []
    monkeypatch.setenv("FAL_KEY", "k")
    monkeypatch.setenv("ZAI_API_KEY", "  ")
    assert configured() == ["fal"]
    monkeypatch.setenv("VOXWEAVE_BASE_URL", "https://example.org")
    assert configured() == ["gateway", "fal"]


def test_a_malformed_key_is_not_skipped(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "foo")
    with pytest.raises(ConfigError, match="OPENAI_BASE_URL is 'foo'"):
        configured()


def test_a_broken_plugin_is_not_configured(monkeypatch):
    plug_in(monkeypatch, "mine", "tests.providers.test_pool:Exploding")
    assert configured() == []


@pytest.mark.parametrize(("text", "names"), [("", []), ("zai", ["zai"]), (" fal , local,", ["fal", "local"])])
def test_the_listed_order_is_read(monkeypatch, text, names):
    assert listed_order(Settings(providers=text)) == names
    monkeypatch.setenv("VOXWEAVE_PROVIDERS", text)
    assert listed_order(None) == names


# The orders of `default()` and `from_env()`


def test_a_shut_service_is_not_configured(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    assert configured() == []
    order, last_resort = default_order(None)
    assert order == ["local"]
    assert "OpenAI shut this API on 2026-09-24" in last_resort.skipped["openai_sora"]
    for shut in ("https://api.openai.com/v1/", "https://API.openai.com", "https://eu.api.openai.com/v1"):
        monkeypatch.setenv("OPENAI_BASE_URL", shut)
        assert configured() == []
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:8000/v1")
    assert configured() == ["openai_sora"]


def test_the_default_order_ends_with_local(monkeypatch):
    monkeypatch.setenv("FAL_KEY", "k")
    assert default_order(None) == (["fal", "local"], LastResort("local"))
    assert environment_order(None) == ["fal"]


@pytest.mark.parametrize("text", ["openai_sora", "fal,openai_sora", "local,fal"])
def test_a_given_order_is_kept_as_given(monkeypatch, text):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("VOXWEAVE_PROVIDERS", text)
    assert default_order(None) == (text.split(","), None)
    assert environment_order(None) == text.split(",")


def test_from_env_asks_a_shut_service_too(monkeypatch):
    with pytest.raises(ConfigError, match=r"OPENAI_API_KEY nor ZAI_API_KEY"):
        environment_order(None)
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    assert environment_order(None) == ["openai_sora"]


def test_the_last_resort_stands_behind_others(pool):
    assert pool.without_last_resort(["zai", "local"]) == ["zai", "local"]
    pool.last_resort = LastResort("local")
    assert pool.without_last_resort(["zai", "local"]) == ["zai"]
    assert pool.without_last_resort(["local"]) == ["local"]
