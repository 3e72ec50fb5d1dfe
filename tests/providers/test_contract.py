"""What every provider in the registry keeps to."""

from __future__ import annotations

import asyncio

import pytest

from voxweave_nb import ConfigError, ProviderError, runtime
from voxweave_nb.providers import provider_class, registered
from voxweave_nb.providers.base import Availability, Capabilities, Provider


@pytest.fixture(params=registered())
def provider(request) -> Provider:
    return provider_class(request.param)()


def test_a_provider_says_who_it_is_and_what_it_can_do(provider):
    assert provider.name in registered()
    assert type(provider) is provider_class(provider.name)
    assert isinstance(provider.capabilities, Capabilities)


def test_availability_is_a_sentence_and_asks_nobody(provider):
    state = provider.availability()
    assert isinstance(state, Availability)
    assert len(state.reason.split()) > 3


def test_an_unknown_job_is_an_error_that_carries_its_id(provider):
    with pytest.raises(ProviderError, match="no-such-job") as caught:
        runtime.submit(provider.status("no-such-job")).result(10)
    assert (caught.value.provider, caught.value.job_id) == (provider.name, "no-such-job")


def test_cancelling_an_unknown_job_and_closing_twice_are_harmless(provider):
    async def main() -> None:
        await provider.cancel("no-such-job")
        await provider.aclose()
        await provider.aclose()

    asyncio.run(main())


def test_a_wrong_name_is_told_the_right_ones():
    with pytest.raises(ConfigError, match="choose one of: local"):
        provider_class("nobody")
