"""An answer as the providers read it: its text, its JSON and its words, cleaned."""

from __future__ import annotations

import gzip
import json

import pytest

from voxweave_nb.providers.reply import Reply, read_reply


def read(content: bytes, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_reply(401, named, content, lambda text: text.replace("key", "***"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_json_in_any_unicode_encoding_is_read(encoding):
    reply = read('{"error": {"message": "Kein Schlüssel"}}'.encode(encoding))
    assert reply.words == "Kein Schlüssel"
    assert reply.text == '{"error": {"message": "Kein Schlüssel"}}'


def test_headers_texts_and_names_are_cleaned():
    reply = read(json.dumps({"key": ["a key", {"b": "key"}]}).encode(), X_Echo="a key")
    assert reply.headers["x-echo"] == "a ***"
    assert reply.text == '{"***": ["a ***", {"b": "***"}]}'
    assert reply.data == {"***": ["a ***", {"b": "***"}]}


def test_a_compressed_answer_is_read_or_explained():
    assert read(gzip.compress(b'{"a": 1}'), Content_Encoding="gzip").data == {"a": 1}
    broken = read(b"no gzip", Content_Encoding="gzip")
    assert (broken.data, broken.text[:22]) == (None, "(the answer is damaged")
