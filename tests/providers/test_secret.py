"""A key never leaves: not in its own form, nor in any form in which a server may send it back."""

from __future__ import annotations

import asyncio
import base64
import copy
import html
import json
import pickle
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from voxweave_nb import ProviderError, Settings, VideoGenerationService
from voxweave_nb.errors import printable
from voxweave_nb.providers import provider_class
from voxweave_nb.providers.secret import Secret

from .canned import serving

KEY = "sk-live/9=x+Q&<b>\"'%ü-Zz4"
ALPHABET = "abcXYZ0189-_.~/=+&<>\"'%@!ü€😀\\"

FORMS = {
    "plain": lambda key: key,
    "json": lambda key: json.dumps(key)[1:-1],
    "json, not ascii": lambda key: json.dumps(key, ensure_ascii=False)[1:-1],
    "json, slashes": lambda key: json.dumps(key)[1:-1].replace("/", r"\/"),
    "json, signs": lambda key: json.dumps(key)[1:-1].replace("=", r"\u003d").replace("&", r"\u0026"),
    "json, upper case": lambda key: json.dumps(key)[1:-1].replace("=", r"\u003D").replace("<", r"\u003C"),
    "json, all": lambda key: "".join(
        f"\\u{unit:04x}" for unit in memoryview(key.encode("utf-16-le")).cast("H")
    ),
    "json twice": lambda key: json.dumps(json.dumps(key))[1:-1],
    "url": lambda key: quote(key),
    "url, all": lambda key: quote(key, safe=""),
    "url, plus": lambda key: quote_plus(key),
    "url, lower case": lambda key: "".join(f"%{byte:02x}" for byte in key.encode()),
    "url twice": lambda key: quote(quote(key, safe=""), safe=""),
    "html": lambda key: html.escape(key),
    "html, decimal": lambda key: "".join(f"&#{ord(letter)};" for letter in key),
    "html, hexadecimal": lambda key: "".join(f"&#x{ord(letter):X};" for letter in key),
    "html, named": lambda key: key.replace("&", "&amp;").replace("/", "&sol;").replace("=", "&equals;"),
    "html twice": lambda key: html.escape(html.escape(key)),
    "repr": lambda key: repr(key)[1:-1],
    "repr of bytes": lambda key: repr(key.encode())[2:-1],
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 for urls": lambda key: base64.urlsafe_b64encode(key.encode()).decode().rstrip("="),
    "base64 of user and key": lambda key: base64.b64encode(f"user:{key}".encode()).decode(),
    "base64 of a header": lambda key: base64.b64encode(f"Bearer {key} and".encode()).decode(),
    "base64 in url": lambda key: quote(base64.b64encode(f"x{key}y".encode()).decode(), safe=""),
    "hexadecimal": lambda key: key.encode().hex(),
}
KEYS = st.text(ALPHABET, min_size=8, max_size=60).filter(lambda key: key == key.strip() and len(set(key)) > 4)


def assert_gone(key: str, shown: str) -> None:
    """No form of the key is in a text, nor in what decoding it gives."""
    texts = {shown}
    for _ in range(2):
        for text in list(texts):
            texts |= {html.unescape(text), quote(text)}
    for text in texts:
        assert key not in text
        for name, form in FORMS.items():
            assert form(key) not in text, name


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_key_is_hidden(form):
    shown = Secret(KEY).hide_in(f"Wrong key: {FORMS[form](KEY)}, sorry.")
    assert_gone(KEY, shown)
    assert "***" in shown
    assert shown.startswith("Wrong key: ")
    assert shown.endswith(", sorry.")


@examples(deadline=None)  # compiling the pattern of a key takes long on a busy machine
@given(
    key=KEYS, form=st.sampled_from(list(FORMS)), around=st.sampled_from([("", ""), ("a", "b"), ("%", ";")])
)
@example(key="aaaa/aaab=", form="json, slashes", around=("", ""))
@example(key="0%0%0%0/00c", form="url twice", around=("%", ";"))
def test_any_key_is_hidden_in_any_form(key, form, around):
    shown = Secret(key).hide_in(around[0] + FORMS[form](key) + around[1])
    assert FORMS[form](key) not in shown
    assert key not in shown


@examples(deadline=None)  # compiling the pattern of a key takes long on a busy machine
@given(key=KEYS, text=st.text(ALPHABET, max_size=200))
def test_a_text_without_the_key_stays(key, text):
    secret = Secret(key)
    shown = secret.hide_in(text)
    assert shown == text or "***" in shown
    assert secret.hide_in(shown) == shown


def test_a_long_clip_stays_and_is_quick():
    import time

    clip = base64.b64encode(bytes(range(256)) * 100_000).decode()
    began = time.process_time()
    assert Secret(KEY).hide_in(clip) == clip
    assert time.process_time() - began < 10


def echo_of(form: str) -> dict[str, Any]:
    said = FORMS[form](KEY)
    return {
        "id": "job-1",
        "status": "failed",
        "error": {"code": "1214", "message": f"Wrong key {said}", "more": [{said: [said]}]},
    }


@pytest.mark.parametrize("form", ["plain", *FORMS])
@pytest.mark.parametrize("raw", [False, True], ids=["as a value", "as it is"])
def test_no_reply_or_error_holds_an_echoed_key(form, raw):
    async def whole(url: str) -> list[str]:
        provider = provider_class("openai_sora")(api_key=KEY, base_url=url, settings=Settings(http_timeout=5))
        try:
            reply = await provider.http.ask("videos")
            status = await provider.status("job-1") if reply.data else None
            with pytest.raises(ProviderError) as caught:
                await provider.http.send_once("videos", json={})
            error = caught.value
            pickled = pickle.loads(pickle.dumps(error))
            shown = [reply.text, reply.words, repr(reply.data), *reply.headers.values(), repr(status)]
            return [*shown, str(error), error.body, repr(vars(error)), repr(vars(pickled))]
        finally:
            await provider.aclose()

    body = json.dumps(echo_of(form), ensure_ascii=False)
    if raw:  # a text whose escapes are the server's own, as after a replacement in a template
        body = '{"id": "job-1", "status": "failed", "error": "Wrong key ' + FORMS[form](KEY) + '"}'
    sent = base64.b64encode(f"Bearer {KEY}".encode()).decode()
    with serving(body.encode(), status=400, X_Echo=sent) as server:
        for shown in asyncio.run(whole(server.url)):
            assert_gone(KEY, shown)


def test_a_secret_is_never_shown_or_written():
    secret = Secret(KEY)
    assert_gone(KEY, f"{secret!r} {secret} {[secret]}")
    for write in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError, match="never written down"):
            write(secret)


@pytest.mark.parametrize("form", ["json, slashes", "url, all", "html", "base64 of a header"])
def test_no_message_or_journal_holds_an_echoed_key(form, narration_file, tmp_path):
    body = '{"error": {"code": "x", "message": "Wrong key ' + FORMS[form](KEY).replace('"', r"\"") + '"}}'
    settings = Settings(http_timeout=5, output_dir=tmp_path / "out", home=tmp_path / "home", patience=0)
    with serving(body.encode(), status=401) as server:
        service = VideoGenerationService("zai", api_key=KEY, base_url=server.url, settings=settings)
        said: list[str] = []
        job = service.submit(narration_file, prompt="a quiet sea")
        job.listen(lambda event: said.append(repr(event)))
        with pytest.raises(ProviderError) as caught:
            job.result(60)
        service.close()
    for shown in [*said, str(caught.value), repr(vars(caught.value)), repr(job), repr(vars(job))]:
        assert_gone(KEY, shown)
    for file in (tmp_path / "home").rglob("*"):
        if file.is_file():
            assert_gone(KEY, file.read_bytes().decode("latin-1"))


BROKEN_UP = {
    "UTF-16": f"Wrong key {KEY}".encode("utf-16"),
    "UTF-16 without a mark": f"Wrong key {KEY}".encode("utf-16-le"),
    "UTF-16 after a letter": f"é: {KEY}".encode("utf-16-be"),
    "UTF-32 JSON": json.dumps({"error": {"message": f"Wrong key {KEY}"}}).encode("utf-32"),
    "a direction mark": f"Wrong key {KEY[:8]}\u202a{KEY[8:]}".encode(),
    "a zero byte": f"Wrong key {KEY[:8]}\0{KEY[8:]}".encode(),
    "an escaped mark": json.dumps({"error": {"message": f"Wrong key {KEY[:8]}\u2066\0{KEY[8:]}"}}).encode(),
    "a mark in an id": json.dumps({"id": f"{KEY[:8]}\x07{KEY[8:]}"}).encode(),
    "a mark in a name": json.dumps({f"{KEY[:8]}\x07{KEY[8:]}": {"a": [f"{KEY[:8]}\x1b{KEY[8:]}"]}}).encode(),
}


@pytest.mark.parametrize("form", BROKEN_UP)
def test_a_key_between_controls_is_hidden(form):
    split = f"{KEY[:8]}\x81{KEY[8:]}".encode("latin-1").decode("latin-1")

    async def whole(url: str) -> list[str]:
        provider = provider_class("openai_sora")(api_key=KEY, base_url=url, settings=Settings(http_timeout=5))
        try:
            reply = await provider.http.ask("videos")
            with pytest.raises(ProviderError) as caught:
                await provider.http.send_once("videos", json={})
            error = caught.value
            doubt = provider.http.in_doubt(f"it said {split}", reply)
            shown = [
                reply.text,
                reply.words,
                str(reply.data),
                *reply.headers.values(),
                str(error),
                error.body,
            ]
            return [*shown, str(doubt), pickle.dumps(error).decode("latin-1")]
        finally:
            await provider.aclose()

    with serving(BROKEN_UP[form], status=401, X_Echo=split) as server:
        for shown in asyncio.run(whole(server.url)):
            assert KEY not in shown
            assert KEY not in printable(shown)


def test_words_in_two_byte_letters_are_read():
    async def whole(url: str) -> str:
        provider = provider_class("openai_sora")(api_key=KEY, base_url=url, settings=Settings(http_timeout=5))
        try:
            return (await provider.http.ask("videos")).words
        finally:
            await provider.aclose()

    for encoding in ("utf-16", "utf-16-le", "utf-32", "utf-8-sig"):
        with serving('{"error": {"message": "Kein Schlüssel"}}'.encode(encoding), status=401) as server:
            assert asyncio.run(whole(server.url)) == "Kein Schlüssel"
