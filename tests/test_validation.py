"""The validators: text, whole and positive numbers, options without secrets."""

from __future__ import annotations

import contextlib
import math
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb import ConfigError
from voxweave_nb.validation import positive, reject_reserved_name, reject_secrets, text, whole


def test_text_is_stripped_and_loses_nul():
    assert text(" a\x00b \n", "prompt", 2) == "ab"


@pytest.mark.parametrize(
    ("value", "says"), [(7, "prompt is int; give text"), ("abc", "prompt has 3 characters; the limit is 2")]
)
def test_invalid_text_is_refused(value, says):
    with pytest.raises(ConfigError, match=says):
        text(value, "prompt", 2)


@pytest.mark.parametrize("value", [7, 7.0, "7", " 7 "])
def test_a_whole_number_may_be_text(value):
    assert whole(value, "fps", 1, 60) == 7


@pytest.mark.parametrize("value", [0, 61, 7.5, "7.5", True, None, "many", math.inf, math.nan, [7]])
def test_anything_but_a_whole_number_is_refused(value):
    with pytest.raises(ConfigError, match=r"fps is .*; give a whole number from 1 to 60"):
        whole(value, "fps", 1, 60)


@given(st.floats(min_value=1e-300, allow_infinity=False))
def test_a_positive_number_is_returned(value):
    assert positive(value, "seconds") == value
    assert positive(str(value), "seconds") == value


@pytest.mark.parametrize("value", [0, -1, math.inf, math.nan, True, None, "long", "", [1], 10**400])
def test_anything_but_a_positive_number_is_refused(value):
    with pytest.raises(ConfigError, match=r"seconds is .*; give a number above 0"):
        positive(value, "seconds")


def test_zero_is_taken_only_on_request():
    assert positive(0, "patience", zero=True) == 0
    with pytest.raises(ConfigError, match="of at least 0"):
        positive(-1, "patience", zero=True)


# Secrets

SECRETS = [
    ["key"], ["keys"], ["api", "key"], ["apikey"], ["x", "api", "key"], ["fal", "key"], ["access", "key", "id"],
    ["accesskey"], ["secretkey"], ["privatekey"], ["token"], ["auth", "token"], ["access", "token"], ["authtoken"],
    ["bearer", "token"], ["refresh", "token"], ["client", "secret"], ["clientsecret"], ["secret"], ["secrets"],
    ["password"], ["dbpassword"], ["passwd"], ["pwd"], ["authorization"], ["proxy", "authorization"], ["auth"],
    ["bearer"], ["credential"], ["google", "credentials"], ["webhook", "secret"], ["openai", "api", "key"],
]  # fmt: skip
HARMLESS = [
    ["keyframe", "interval"], ["keyframes"], ["key", "frame"], ["max", "keypoints"], ["key", "points"],
    ["key", "light"], ["chroma", "key"], ["num", "tokens"], ["max", "tokens"], ["token", "count"], ["token", "limit"],
    ["monkey"], ["donkey"], ["turkey"], ["keyboard"], ["hotkeys"], ["tokenizer"], ["author"], ["secretary"],
    ["secretion", "rate"], ["camera", "fixed"], ["passes"], ["turnkey"], ["größe"],
]  # fmt: skip
SPELLINGS = {
    "snake": "_".join,
    "kebab": "-".join,
    "dotted": ".".join,
    "upper": lambda words: "_".join(words).upper(),
    "title": lambda words: "-".join(word.title() for word in words),
    "camel": lambda words: words[0] + "".join(word.title() for word in words[1:]),
    "pascal": lambda words: "".join(word.title() for word in words),
    "numbered": lambda words: f"{'_'.join(words)}2",
}
spelled = st.sampled_from(list(SPELLINGS.values()))
VALUES = st.text(max_size=20) | st.booleans() | st.none() | st.integers() | st.floats(allow_nan=False)
LOCATIONS = st.lists(st.sampled_from(["mapping", "list", "tuple"]), max_size=4)


def nest(options: dict, location: list[str]) -> dict:
    """Put options deeper into mappings and lists."""
    value: object = options
    for kind in location:
        value = {"mapping": {"inner": value}, "list": [1, value], "tuple": (value,)}[kind]
    return value if isinstance(value, dict) else {"outer": value}


@given(st.sampled_from(SECRETS), spelled, LOCATIONS, st.text(min_size=5, alphabet="xyz"))
def test_a_secret_is_refused_everywhere(words, spell, location, value):
    name = spell(words)
    with pytest.raises(ConfigError, match=re.escape(repr(name))) as caught:
        reject_secrets(nest({"style": 1, name: value}, location), "extra")
    assert "looks like a secret" in str(caught.value)
    assert value not in str(caught.value)


@given(st.sampled_from(HARMLESS), spelled, LOCATIONS, VALUES)
def test_a_harmless_name_is_taken(words, spell, location, value):
    reject_secrets(nest({spell(words): value}, location), "extra")


@given(
    st.sampled_from([["key"], ["token"], ["tokens"], ["prompt", "token"], ["api", "key"]]),
    spelled,
    st.integers() | st.floats() | st.booleans() | st.none() | st.lists(st.integers()),
)
def test_a_number_is_no_key_or_token(words, spell, value):
    reject_secrets({spell(words): value}, "extra")


@pytest.mark.parametrize("name", ["password", "client_secret", "authorization"])
def test_a_password_may_not_be_a_number(name):
    with pytest.raises(ConfigError, match="looks like a secret"):
        reject_secrets({name: 1234}, "extra")


@given(st.dictionaries(st.text(max_size=12), VALUES | st.lists(VALUES, max_size=3), max_size=4))
def test_any_other_error_is_a_fault(options):
    with contextlib.suppress(ConfigError):
        reject_secrets(options, "extra")


@pytest.mark.parametrize("options", [["key"], "text", None, 7])
def test_options_are_a_mapping(options):
    with pytest.raises(ConfigError, match=r"extra is .*; give a mapping"):
        reject_secrets(options, "extra")


@pytest.mark.parametrize("options", [{7: 1}, {"a": {7: 1}}, {"a": [{None: 1}]}])
def test_names_of_options_are_text(options):
    with pytest.raises(ConfigError, match="names are text"):
        reject_secrets(options, "extra")


@pytest.mark.parametrize(
    "name", ["CON", "nul.mp4", "Aux .webm", "com1.tar.gz", "LPT³.mp4", "talk.", "talk.mp4 "]
)
def test_names_that_windows_reserves_are_refused(name, monkeypatch):
    reject_reserved_name(Path("videos") / name)
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(ConfigError, match="Windows reserves the file name"):
        reject_reserved_name(Path("videos") / name)


@pytest.mark.parametrize("name", ["console.mp4", "com10.mp4", "my con.mp4", ".mp4", "a.con"])
def test_other_names_are_free(name, monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    reject_reserved_name(Path(name))
