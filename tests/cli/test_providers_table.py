"""The providers in a terminal, and as plain values."""

from __future__ import annotations

import json

from voxweave_nb.cli.providers_table import providers_facts, providers_table
from voxweave_nb.providers import provider_class
from voxweave_nb.providers.base import Availability, Capabilities

READY = {"zai": Availability(True, "with a key " * 12)}


def capabilities(name: str) -> Capabilities:
    return provider_class(name).capabilities


def test_a_provider_is_a_block_of_eighty_columns():
    lines = providers_table(READY, capabilities).splitlines()
    assert lines[0].startswith("zai          ready: with a key")
    assert lines[1].startswith(" " * 13 + "a key with a key")
    assert max(map(len, lines)) <= 80
    assert "  model                        length                narration  price" in lines
    assert any(line.startswith("  source: ") for line in lines)


def test_a_broken_provider_has_only_its_reason():
    states = {"sea": Availability(False, "its plug-in cannot be imported")}
    assert providers_table(states, lambda _: None) == "sea          not ready: its plug-in cannot be imported"
    facts = providers_facts(states, lambda _: None)
    assert facts["sea"] == {
        "ready": False,
        "reason": "its plug-in cannot be imported",
        "key_variable": None,
        "key_found": None,
    }


def test_the_facts_are_plain_values(monkeypatch):
    monkeypatch.setenv("ZAI_API_KEY", "sk-very-private")
    text = json.dumps(providers_facts(READY, capabilities))
    assert "sk-very-private" not in text
    facts = json.loads(text)["zai"]
    assert (facts["key_variable"], facts["key_found"]) == ("ZAI_API_KEY", True)
    model = next(model for model in facts["models"] if model["name"] == "cogvideox-3")
    assert model["price"] == {"usd": 0.2, "per": "video"}
    assert model["sizes"][0].keys() == {"width", "height", "price"}
