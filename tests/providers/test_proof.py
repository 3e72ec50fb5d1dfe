"""The table of answers to a submission, cell by cell."""

from __future__ import annotations

import json

import pytest

from voxweave_nb import SubmissionInDoubt
from voxweave_nb.providers.gateway import Gateway
from voxweave_nb.providers.http import Reply
from voxweave_nb.providers.proof import is_proof, wrapped_code

PAGE = "<html><h1>Service Unavailable</h1></html>"
ALWAYS = {400, 401, 402, 403, 404, 405, 410, 413, 415, 422, 429}
OWN_WORDS = [
    {"error": {"message": "overloaded", "code": "busy"}},
    {"error": "overloaded"},
    {"detail": "overloaded"},
    {"code": "busy", "message": "overloaded"},
    {"error": {"type": "overloaded_error"}},
]
OTHERS_WORDS = [
    {"message": "Service Unavailable"},
    {"message": "The upstream server is timing out", "request_id": "4f1c"},
    {"msg": "overloaded"},
    {"code": 503, "message": "overloaded"},
    {"code": "529", "message": "overloaded"},
    {"error": {"code": 503, "message": "upstream connection reset"}},
    {"error": {"message": "no", "status": "upstream request timeout"}},
    {"error": "Server disconnected"},
    {"error": "failed", "message": "the backend closed the connection"},
    {"detail": "upstream connect error or disconnect/reset before headers"},
    {"detail": ["connection was reset"]},
    {"error": True, "message": "overloaded"},
    {"error": 503},
]


@pytest.mark.parametrize("body", ["", PAGE, *map(json.dumps, OWN_WORDS + OTHERS_WORDS)])
def test_a_status_means_the_same_with_any_body(body):
    statuses = set(range(300, 600)) - {503, 529}
    assert {status for status in statuses if is_proof(status, body)} == ALWAYS


@pytest.mark.parametrize("status", [503, 529])
@pytest.mark.parametrize("body", [*map(json.dumps, OWN_WORDS)])
def test_overload_in_own_words_is_proof(status, body):
    assert is_proof(status, body)


@pytest.mark.parametrize("status", [503, 529])
@pytest.mark.parametrize("body", [*map(json.dumps, OTHERS_WORDS)])
def test_words_of_an_api_gateway_prove_nothing(status, body):
    assert not is_proof(status, body)
    assert is_proof(status, body, retry_after=0.0)


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
        "BadRequestError: OpenAIException - peer closed connection without sending complete message body",
        "BadRequestError: Remote end closed connection without response",
        "BadRequestError: [Errno 104] read ECONNRESET: reset by peer",
        "BadRequestError: the server closed the connection unexpectedly",
        "BadRequestError: <h1>502 Bad Gateway</h1>",
        "BadRequestError: the upstream server is timing out",
    ],
)
def test_a_connection_lost_behind_litellm_is_in_doubt(status, words):
    assert not is_proof(status, litellm(words), retry_after=1.0)


LOST = "litellm.BadRequestError: OpenAIException - Server disconnected. "


@pytest.mark.parametrize("status", [400, 404, 429, 503])
@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"error": {"message": LOST + "Traceback " + "x" * 2500}})[:2000],
        json.dumps({"error": {"message": f"Error:\n{LOST}" + "x" * 2500}})[:2000],
        LOST,
        json.dumps([{"error": {"message": LOST}}]),
        json.dumps(LOST),
        json.dumps({"error": "bad", "message": LOST}),
        json.dumps({"error": {"message": "litellm.BadRequestError: no", "traceback": "Server disconnected"}}),
        f"<html>{LOST}</html>",
    ],
    ids=range(8),
)
def test_a_lost_connection_counts_in_any_body(status, body):
    assert not is_proof(status, body, retry_after=1.0)


@pytest.mark.parametrize("code", [502, "504", 500, 408])
def test_the_wrapped_code_may_leave_a_doubt(code):
    inner = json.dumps({"error": {"code": code, "message": "Come back later"}})
    for status in (400, 429, 503):
        assert not is_proof(status, litellm(f"ServiceUnavailableError: OpenAIException - {inner}"))


def test_a_long_answer_is_judged_as_a_whole():
    words = "litellm.BadRequestError: " + "x" * 3000 + " Server disconnected"
    body = {"error": {"message": words}}
    error = Gateway("k", "http://gpu-box").error_of(Reply(400, {}, json.dumps(body), body))
    assert isinstance(error, SubmissionInDoubt)


def test_a_wrapped_overload_needs_a_whole_answer():
    inner = json.dumps({"error": {"message": "Come back later", "code": "busy"}})
    long = litellm(f"ServiceUnavailableError: OpenAIException - {inner}" + "x" * 2500)
    assert is_proof(503, long)
    assert not is_proof(503, long[:2000])


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
