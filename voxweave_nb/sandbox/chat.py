"""The chat completions of OpenAI, which most chat servers speak: a model that compares two images or writes prompts.

Its properties are simple, so that a test can know the answer. Of the first two images of a request it prefers the
brighter one; a difference of less than 1 of 255 is a tie. For a last message that is a JSON object with `scenes` it
writes a prompt for each from its `words`. `Sandbox.next_answers` scripts other answers.

Source: platform.openai.com/docs/api-reference/chat/create, as of 2026-11.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from ..errors import MediaError
from ..media.sheet import brightness_of
from .base import Call, Operation, Protocol, data_uri

__all__ = ["Chat"]

_CODES = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded", 500: "server_error"}
_REFUSAL = "Your request was rejected as a result of our safety system."
_TOKENS_PER_IMAGE = 765
_SAME = 1.0
_MOST_WORDS = 120  # characters of a scene's words in its prompt
_ROLES = ("system", "developer", "user", "assistant")


class Chat(Protocol):
    """`POST /chat/completions` and the list of models."""

    name = "chat"
    title = "OpenAI Chat"
    prefixes = ("/chat/v1",)
    variables = ("VOXWEAVE_JUDGE_API_KEY", "VOXWEAVE_JUDGE_BASE_URL")

    def operations(self) -> Sequence[Operation]:
        """Return completions and models."""
        return (
            Operation("POST", "/chat/completions", "create", self.create),
            Operation("GET", "/models", "models", self.models),
        )

    def error(self, status: int, message: str, *, code: str = "", param: str | None = None) -> Response:
        """Return `{"error": {"message", "type", "param", "code"}}`."""
        kind = "server_error" if status >= 500 else "invalid_request_error"
        body = {"message": message, "type": kind, "param": param, "code": code or _CODES.get(status)}
        return self.json({"error": body}, status)

    def refusal(self) -> Response:
        """Return HTTP 400 with the code `content_policy_violation`."""
        return self.error(400, _REFUSAL, code="content_policy_violation")

    def gone(self, call: Call) -> Response:
        """Return HTTP 404 with the code `unknown_url`."""
        return self.error(
            404, f"Invalid URL ({call.request.method} {call.request.url.path})", code="unknown_url"
        )

    async def create(self, call: Call) -> Response:
        """Return a completion: a scripted one, the prompts of scenes, or the comparison of the first two images."""
        model = self.text(call, "model")
        if not model:
            self.refuse(400, "you must provide a model parameter", code="missing_required_parameter")
        images = self._images(call)
        scripted = self.backend.answers.take()
        text = scripted.text if scripted is not None else _prompts_of(call) or await self._compared(images)
        words = len(text.split())
        usage: dict[str, Any] = {
            "prompt_tokens": _TOKENS_PER_IMAGE * len(images),
            "completion_tokens": words,
            "total_tokens": _TOKENS_PER_IMAGE * len(images) + words,
        }
        if scripted is not None and scripted.usd is not None:
            usage["cost"] = scripted.usd
        return self.json(
            {
                "id": f"chatcmpl-{secrets.token_hex(12)}",
                "object": "chat.completion",
                "created": int(time.time()),
                "model": model,
                "choices": [
                    {
                        "index": 0,
                        "message": {"role": "assistant", "content": text, "refusal": None},
                        "logprobs": None,
                        "finish_reason": "stop",
                    }
                ],
                "usage": usage,
            }
        )

    def _images(self, call: Call) -> list[bytes]:
        """Return the images of all messages, or answer with an error."""
        messages = call.fields.get("messages")
        if not isinstance(messages, list) or not messages:
            message = "Missing required parameter: 'messages'."
            self.refuse(400, message, code="missing_required_parameter", param="messages")
        found = []
        for place, message in enumerate(messages):
            if not isinstance(message, dict) or message.get("role") not in _ROLES:
                self.refuse(400, f"Invalid value: 'messages[{place}].role'.", code="invalid_value")
            content = message.get("content")
            for part in content if isinstance(content, list) else []:
                if isinstance(part, dict) and part.get("type") == "image_url":
                    found.append(self._image(part.get("image_url")))
        return found

    def _image(self, image: Any) -> bytes:
        url = image.get("url") if isinstance(image, dict) else None
        data = data_uri(url) if isinstance(url, str) and url.startswith("data:image/") else None
        if data is None:
            self.refuse(
                400, "You uploaded an unsupported image.", code="invalid_image_format", param="messages"
            )
        return data

    async def _compared(self, images: Sequence[bytes]) -> str:
        if len(images) < 2:
            return "Hello! How can I help you today?"
        try:
            first, second = [await asyncio.to_thread(brightness_of, each) for each in images[:2]]
        except MediaError:
            self.refuse(
                400, "You uploaded an unsupported image.", code="invalid_image_format", param="messages"
            )
        better = "tie" if abs(first - second) < _SAME else "first" if first > second else "second"
        return json.dumps({"better": better, "reason": f"brightness {first:.0f} against {second:.0f}"})

    async def models(self, call: Call) -> Response:
        """Return the list of models."""
        data = [{"id": "sandbox-vision", "object": "model", "owned_by": "sandbox"}]
        return self.json({"object": "list", "data": data})


def _prompts_of(call: Call) -> str:
    """Return a prompt for each scene that the last message names, as JSON; empty if it names none."""
    content = call.fields["messages"][-1].get("content")
    try:
        asked = json.loads(content) if isinstance(content, str) else None
    except (ValueError, RecursionError):
        return ""
    scenes = asked.get("scenes") if isinstance(asked, dict) else None
    if not isinstance(scenes, list) or not all(isinstance(each, dict) for each in scenes):
        return ""
    told = [
        (each.get("scene"), " ".join(str(each.get("words", "")).split())[:_MOST_WORDS]) for each in scenes
    ]
    return json.dumps(
        {"scenes": [{"scene": scene, "prompt": f"In soft light: {words}"} for scene, words in told]}
    )
