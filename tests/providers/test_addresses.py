"""The places where servers live."""

from __future__ import annotations

import pytest

from voxweave_nb.providers.addresses import is_loopback


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.9.9.9", "localhost", "a.localhost", "[::1]", "LOCALHOST."]
)
def test_this_machine_is_known_by_its_names(host):
    assert is_loopback(f"http://{host}:8000/v1")


@pytest.mark.parametrize("host", ["10.0.0.1", "example.org", "localhost.example.org", "[2001:db8::1]"])
def test_another_machine_is_not_this_one(host):
    assert not is_loopback(f"http://{host}/v1")
