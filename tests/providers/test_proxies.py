"""Variables of the network: a broken one is named, its provider declines, and the next one is asked."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from voxweave_nb import DownloadFailed, ProviderUnavailable, Settings, VideoGenerationService
from voxweave_nb.providers import provider_class
from voxweave_nb.providers.proxies import broken_variable, proxy_words

from .canned import serving

BROKEN = {
    "ALL_PROXY": "socks5://user:pass-canary@127.0.0.1:9",
    "all_proxy": "socks5h://127.0.0.1:9",
    "HTTPS_PROXY": "ftp://user:pass-canary@127.0.0.1:9",
    "HTTP_PROXY": "http://user:pass-canary@[half:1",
    "https_proxy": "http://127.0.0.1:123456",
    "NO_PROXY": "localhost,fd00::/8",
    "SSL_CERT_FILE": "/nowhere/ca.pem",
    "SSL_CERT_DIR": "/nowhere:/nowhere/either",
    "SSLKEYLOGFILE": "/nowhere/keys.log",
    "no_proxy": "example.com:*",
    "http_proxy": "http://user:pass-canary@127.0.0.1:1\r",
    "All_Proxy": "http://user:pass-canary@\u2603..x:1",
}


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.delenv("All_Proxy", raising=False)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("voxweave_nb.providers.http._LONGEST_PAUSE", 0.01)


def settings(tmp_path: Path) -> Settings:
    return Settings(output_dir=tmp_path / "out", home=tmp_path / "home", patience=0, http_timeout=5)


@pytest.mark.parametrize("variable", BROKEN)
def test_a_broken_variable_is_named_in_a_sentence(variable, monkeypatch, narration_file, tmp_path):
    monkeypatch.setenv("ZAI_API_KEY", "k-1")
    monkeypatch.setenv(variable, BROKEN[variable])
    service = VideoGenerationService("zai", settings=settings(tmp_path))
    with pytest.raises(ProviderUnavailable, match=rf"zai .*{variable}.*othing was sent") as caught:
        service.submit(narration_file, prompt="a quiet sea").result(30)
    service.close()
    assert "canary" not in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize("variable", ["ALL_PROXY", "no_proxy", "SSLKEYLOGFILE", "NO_PROXY", "SSL_CERT_FILE"])
def test_the_next_provider_is_asked(variable, monkeypatch, narration_file, tmp_path):
    monkeypatch.setenv("ZAI_API_KEY", "k-1")
    monkeypatch.setenv(variable, BROKEN[variable])
    small = {"prompt": "a quiet sea", "resolution": "720p", "fps": 4}
    with VideoGenerationService(["zai", "local"], settings=settings(tmp_path)) as service:
        video = service.submit(narration_file, **small).result(60)
    assert video.provenance.provider == "local"
    assert variable in video.provenance.declined["zai"]


@pytest.mark.parametrize("variable", BROKEN)
def test_a_loopback_server_needs_no_proxy(variable, monkeypatch):
    monkeypatch.setenv(variable, BROKEN[variable])

    async def whole(url: str) -> int:
        provider = provider_class("openai_sora")("k", url, settings=Settings(http_timeout=5))
        try:
            return (await provider.http.ask("videos")).status
        finally:
            await provider.aclose()

    with serving(b"{}") as server:
        assert asyncio.run(whole(server.url)) == 200


def test_a_loopback_server_is_not_asked_by_proxy(monkeypatch):
    with serving(b'{"it": "is the proxy"}') as proxy, serving(b'{"it": "is the server"}') as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)

        async def whole() -> dict:
            provider = provider_class("openai_sora")("k", server.url, settings=Settings(http_timeout=5))
            try:
                return (await provider.http.ask("videos")).data
            finally:
                await provider.aclose()

        assert asyncio.run(whole()) == {"it": "is the server"}
        assert proxy.asked == []


def test_a_dead_proxy_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("HTTPS_PROXY", "http://user:pass-canary@127.0.0.1:1")

    async def whole() -> list[str]:
        provider = provider_class("zai")("k", settings=Settings(http_timeout=5))
        errors = []
        try:
            with pytest.raises(ProviderUnavailable) as caught:
                await provider.http.send_once("videos/generations", json={})
            errors.append(str(caught.value))
            with pytest.raises(ProviderUnavailable) as caught:
                await provider.http.ask("async-result/1")
            errors.append(str(caught.value))
            with pytest.raises(DownloadFailed) as caught:
                await provider.http.fetch(
                    "https://cdn.example/clip", tmp_path / "c", lambda _: None, most=1, tries=1
                )
            return [*errors, str(caught.value)]
        finally:
            await provider.aclose()

    for error in asyncio.run(whole()):
        assert "the proxy http://127.0.0.1:1 (HTTPS_PROXY)" in error
        assert "canary" not in error


def test_only_the_proxy_in_use_is_named(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "inside.example")
    assert "HTTPS_PROXY" in proxy_words("https://outside.example/v1")
    assert proxy_words("https://inside.example/v1") == ""
    assert proxy_words("http://outside.example/v1") == ""
    assert proxy_words("https://127.0.0.1/v1") == ""
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:2")
    assert "the proxy http://127.0.0.1:2 (all_proxy)" in proxy_words("http://outside.example/v1")


def test_a_list_of_certificate_folders_is_used(monkeypatch, tmp_path):
    monkeypatch.setenv("SSL_CERT_DIR", os.pathsep.join([str(tmp_path / "missing"), str(tmp_path)]))
    assert broken_variable() == ""

    async def whole() -> str:
        provider = provider_class("zai")("k", settings=Settings(http_timeout=5))
        try:
            return provider.http.base_url
        finally:
            await provider.aclose()

    assert asyncio.run(whole()).startswith("https://")


def test_every_variable_that_may_be_wrong_is_named(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "caf\u00e9 x")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("SSL_CERT_DIR", "/")
    with pytest.raises(
        ProviderUnavailable, match=r"zai cannot be asked: NO_PROXY or https_proxy .*Nothing was"
    ):
        assert provider_class("zai")("k").http
