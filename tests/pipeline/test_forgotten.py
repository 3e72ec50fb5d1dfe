"""Jobs that a server no longer knows, by its own word and by a proxy's."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from voxweave_nb import ProviderError, Settings
from voxweave_nb.models import JobState
from voxweave_nb.pipeline.polling import poll
from voxweave_nb.providers.base import Accepted, Availability, Capabilities, Model, Provider, ProviderStatus

DONE = ProviderStatus(JobState.SUCCEEDED, 1.0)
PAGE = "<html><h1>404 Not Found</h1><hr>nginx</html>"
OWN = '{"detail": "Not Found"}'
LISTED = '[{"error": {"code": 404}}]'
CUT = '{"detail": "' + "x" * 1980


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Count the pauses of the poll loop instead of waiting."""
    counted: list[float] = []

    async def sleep(seconds: float) -> None:
        counted.append(seconds)

    own = SimpleNamespace(sleep=sleep, timeout=asyncio.timeout)
    monkeypatch.setattr("voxweave_nb.pipeline.polling.asyncio", own)
    return counted


class Answering(Provider):
    """Answers status requests with HTTP errors of these bodies, and then with success."""

    name = "scripted"
    capabilities = Capabilities((Model("m"),), cancel=True)

    def __init__(self, *bodies: str, status: int = 404) -> None:
        self.bodies, self.code = list(bodies), status

    def availability(self) -> Availability:
        return Availability(True, "scripted")

    async def upload(self, narration, on_bytes) -> str:
        return ""

    async def submit(self, request) -> Accepted:
        return Accepted("job-1")

    async def status(self, job_id) -> ProviderStatus:
        if not self.bodies:
            return DONE
        raise ProviderError("no status", provider=self.name, status=self.code, body=self.bodies.pop(0))

    async def download(self, job_id, to, on_bytes) -> None:
        raise NotImplementedError

    async def cancel(self, job_id) -> bool:
        return True


def polled(provider: Provider) -> ProviderStatus:
    return asyncio.run(poll(provider, "job-1", Settings(poll_interval=5), lambda _: None, run="run-1"))


@pytest.mark.parametrize("status", [400, 404, 410, 422])
@pytest.mark.parametrize("body", [PAGE, "404 page not found", "", "404", '"no"', "null"])
def test_pages_of_a_proxy_are_waited_through(status, body):
    assert polled(Answering(*[body] * 30, status=status)) is DONE


def test_a_page_in_between_begins_the_count_anew():
    assert polled(Answering(*[OWN, OWN, OWN, OWN, PAGE] * 4)) is DONE


@pytest.mark.parametrize("body", [OWN, LISTED, CUT])
def test_the_servers_own_word_ends_the_job(body, pauses):
    with pytest.raises(
        ProviderError, match=r"no longer knows job job-1.*jobs --resume run-1` asks again"
    ) as caught:
        polled(Answering(*[body] * 30))
    assert (caught.value.status, caught.value.job_id) == (404, "job-1")
    assert sum(pauses) <= 60
