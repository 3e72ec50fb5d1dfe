"""The places where servers live."""

from __future__ import annotations

import pytest

from voxweave_nb.providers.addresses import foreign_place, is_loopback


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.9.9.9", "localhost", "a.localhost", "[::1]", "LOCALHOST."]
)
def test_this_machine_is_known_by_its_names(host):
    assert is_loopback(f"http://{host}:8000/v1")


@pytest.mark.parametrize("host", ["10.0.0.1", "example.org", "localhost.example.org", "[2001:db8::1]"])
def test_another_machine_is_not_this_one(host):
    assert not is_loopback(f"http://{host}/v1")


# Addresses that a server names


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/x",
        "http://localhost/x",
        "http://10.0.0.5/x",
        "http://192.168.1.1/x",
        "http://172.16.0.1/x",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/x",
        "http://[fe80::1]/x",
        "http://[fd00::1]/x",
        "http://[::ffff:127.0.0.1]/x",
        "http://[64:ff9b::7f00:1]/x",
        "http://0.0.0.0/x",
        "http://2130706433/x",
        "http://0x7f.1/x",
        "http://100.64.0.1/x",
    ],
)
def test_a_public_server_names_no_inner_address(url):
    assert foreign_place(url, "https://8.8.8.8/v1")


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://127.0.0.1:9/x", "http://127.0.0.1:8000/v1"),
        ("http://localhost:9/x", "http://127.0.0.1:8000/v1"),
        ("http://10.0.0.5/x", "http://127.0.0.1:8000/v1"),
        ("http://10.0.0.5/x", "http://10.0.0.9/v1"),
        ("http://169.254.1.1/x", "http://169.254.1.2/v1"),
        ("https://8.8.4.4/x", "https://8.8.8.8/v1"),
        ("https://8.8.4.4/x", "http://127.0.0.1/v1"),
        ("http://10.0.0.5:9/x", "http://10.0.0.5/v1"),
    ],
)
def test_a_server_names_addresses_where_it_lives(url, base):
    assert foreign_place(url, base) == ""


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://169.254.169.254/x", "http://127.0.0.1:8000/v1"),
        ("http://169.254.169.254/x", "http://10.0.0.5/v1"),
        ("http://127.0.0.1/x", "http://10.0.0.5/v1"),
    ],
)
def test_an_inner_server_names_no_other_place(url, base):
    assert foreign_place(url, base)


def test_a_name_is_looked_up(monkeypatch):
    monkeypatch.setattr(
        "voxweave_nb.providers.addresses._looked_up",
        lambda host: {"cdn.example": ["10.1.1.1"], "api.example": ["8.8.8.8"]}.get(host, [host]),
    )
    assert "cdn.example" in foreign_place("https://cdn.example/clip", "https://api.example/v1")
