"""The table of answers to a submission, cell by cell."""

from __future__ import annotations

import json

import pytest

from voxweave_nb.providers.proof import is_proof, wrapped_code

PAGE = "<html><h1>Service Unavailable</h1></html>"
ALWAYS = {400, 401, 402, 403, 404, 405, 410, 413, 415, 422, 429}
OWN_WORDS = [
    {"error": {"message": "overloaded", "code": "busy"}},
    {"error": "overloaded"},
    {"detail": "overloaded"},
    {"message": "overloaded"},
    {"error": {"type": "overloaded_error"}},
]


@pytest.mark.parametrize("body", ["", PAGE, *map(json.dumps, OWN_WORDS)])
def test_a_status_means_the_same_with_any_body(body):
    statuses = set(range(300, 600)) - {503, 529}
    assert {status for status in statuses if is_proof(status, body)} == ALWAYS


@pytest.mark.parametrize("status", [503, 529])
@pytest.mark.parametrize("body", [*map(json.dumps, OWN_WORDS)])
def test_overload_in_own_words_is_proof(status, body):
    assert is_proof(status, body)


@pytest.mark.parametrize("status", [503, 529])
@pytest.mark.parametrize("body", ["", PAGE, "{}", "[]", '"busy"', '{"error": null}', '{"error"', "[" * 9999])
def test_overload_in_a_page_needs_retry_after(status, body):
    assert not is_proof(status, body)
    assert is_proof(status, body, retry_after=0.0)


def test_retry_after_proves_nothing_elsewhere():
    assert [status for status in range(500, 600) if is_proof(status, "", retry_after=1.0)] == [503, 529]


def litellm(words: str) -> str:
    return json.dumps({"error": {"message": f"litellm.{words}", "type": None, "code": "500"}})


@pytest.mark.parametrize("status", [400, 408, 429, 500, 503, 529])
@pytest.mark.parametrize(
    "words",
    [
        "APIConnectionError: OpenAIException - Server disconnected without sending a response.",
        "InternalServerError: Server disconnected",
        "Timeout: Connection timed out after 600.0 seconds.",
        "APIConnectionError: Connection reset by peer",
        "BadGatewayError: Connection error.",
    ],
)
def test_a_connection_lost_behind_litellm_is_in_doubt(status, words):
    assert not is_proof(status, litellm(words), retry_after=1.0)


def test_litellm_wraps_the_words_of_others():
    inner = json.dumps({"error": {"message": "Come back later", "code": "busy"}})
    assert is_proof(503, litellm(f"ServiceUnavailableError: OpenAIException - {inner}"))
    assert not is_proof(503, litellm(f"ServiceUnavailableError: OpenAIException - {PAGE}"))
    assert not is_proof(500, litellm(f"InternalServerError: OpenAIException - {inner}"))
    assert is_proof(400, litellm(f"BadRequestError: OpenAIException - {inner}"))


def test_the_code_inside_litellms_message_is_read():
    inner = {"error": {"message": "no", "code": "moderation_blocked"}}
    for text in (json.dumps(inner), str(inner)):
        assert wrapped_code(json.loads(litellm(f"APIError: {text}"))) == "moderation_blocked"
    assert wrapped_code(json.loads(litellm("APIError: no"))) == ""
    assert wrapped_code({"error": {"message": json.dumps(inner)}}) == ""
    assert wrapped_code(None) == ""
