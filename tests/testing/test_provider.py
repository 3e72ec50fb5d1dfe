"""The contract tests: a provider that keeps its promises passes, and each broken promise is seen."""

from __future__ import annotations

import asyncio
import inspect
import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from voxweave_nb import (
    Accepted,
    Availability,
    Capabilities,
    ClipRequest,
    HttpProvider,
    JobState,
    Model,
    Plan,
    Price,
    Provider,
    ProviderError,
    ProviderStatus,
)
from voxweave_nb.media.probe import probe
from voxweave_nb.testing import ProviderContract, clip_request, small_clip, small_narration

KEY = "the-key-of-the-tests"
CAN = Capabilities(
    (Model("m", price=Price(0.1, "second"), at_once=1),), cancel=True, poll_interval=30.0, source="its author"
)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_clip(tmp_path_factory.mktemp("clips") / "new" / "clip.mp4")


class Honest(Provider):
    """Keeps its jobs in memory and its promises."""

    name = "honest"
    capabilities = CAN
    shares: tuple[float | None, ...] = (None, 0.25, 0.5, None)

    def __init__(self, clip: Path) -> None:
        self.clip = clip
        self.jobs: dict[str, list[float | None]] = {}
        self.closed = 0

    def availability(self) -> Availability:
        return Availability(True, "ready, in memory")

    async def upload(self, narration: Path, on_bytes: Callable[[int], None]) -> str:
        return narration.name

    async def submit(self, request: ClipRequest) -> Accepted:
        assert request.reference.endswith(".wav")
        self.jobs["1"] = list(self.shares)
        return Accepted("1")

    async def status(self, job_id: str) -> ProviderStatus:
        if job_id not in self.jobs:
            raise ProviderError(f"There is no job {job_id!r}.", provider=self.name, job_id=job_id)
        shares = self.jobs[job_id]
        share = shares.pop(0)
        return ProviderStatus(JobState.RUNNING if shares else JobState.SUCCEEDED, share)

    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        shutil.copyfile(self.clip, to)
        on_bytes(to.stat().st_size)

    async def cancel(self, job_id: str) -> bool:
        return self.jobs.pop(job_id, None) is not None

    async def aclose(self) -> None:
        self.closed += 1


class Contract(ProviderContract):
    secret = KEY


TESTS = sorted(name for name in vars(ProviderContract) if name.startswith("test_"))


def run(test: str, provider: Provider, folder: Path, contract: type[ProviderContract] = Contract) -> None:
    """Run one test of the contract over a provider, with the values of its fixtures."""
    method = getattr(contract(), test)
    narration = small_narration(folder / "narration.wav")
    values: dict[str, Any] = {"provider": provider, "narration": narration, "tmp_path": folder}
    wanted = inspect.signature(method).parameters
    if "request_for" in wanted:
        values["request_for"] = clip_request(provider, narration, folder)
    method(**{name: values[name] for name in wanted})


@pytest.mark.parametrize("test", TESTS)
def test_an_honest_provider_passes(test, clip, tmp_path):
    run(test, Honest(clip), tmp_path)


@pytest.mark.parametrize("test", TESTS)
def test_a_provider_without_figures_passes(test, clip, tmp_path):
    class Plain(Honest):
        """No price, no limits, no interval."""

        capabilities = Capabilities((Model("m"),), cancel=True, source="its author")
        shares = (None,)

    run(test, Plain(clip), tmp_path)


@pytest.mark.slow
def test_a_slow_status_is_waited_for(clip, tmp_path):
    class Slow(Honest):
        """Takes its time."""

        async def status(self, job_id: str) -> ProviderStatus:
            await asyncio.sleep(0.2)
            return await super().status(job_id)

    run("test_a_finished_job_gives_a_video", Slow(clip), tmp_path)


MUTANTS: list[tuple[str, type[Honest]]] = []


def broken(test: str) -> Callable[[type[Honest]], type[Honest]]:
    """Say which test has to see that the class breaks a promise."""

    def add(cls: type[Honest]) -> type[Honest]:
        MUTANTS.append((test, cls))
        return cls

    return add


@broken("test_capabilities_are_data_with_a_source")
class NoSource(Honest):
    """Mutant."""

    capabilities = replace(CAN, source="")


@broken("test_capabilities_are_data_with_a_source")
class PricedAtNothing(Honest):
    """Mutant."""

    capabilities = replace(CAN, models=(Model("m", price=Price(0.0, "video")),))


@broken("test_capabilities_are_data_with_a_source")
class LengthsInDisorder(Honest):
    """Mutant."""

    capabilities = replace(CAN, models=(Model("m", lengths=(8.0, 4.0)),))


@broken("test_every_verb_is_there_and_documented")
class Undocumented(Honest):
    pass


@broken("test_every_verb_is_there_and_documented")
class Nameless(Honest):
    """Mutant."""

    name = ""


@broken("test_availability_is_a_sentence_without_a_key")
class ShowsItsKey(Honest):
    """Mutant."""

    def availability(self) -> Availability:
        return Availability(True, f"ready with {KEY}")


@broken("test_availability_is_a_sentence_without_a_key")
class KeyInRepr(Honest):
    """Mutant."""

    def __repr__(self) -> str:
        return f"KeyInRepr({KEY!r})"


@broken("test_availability_is_a_sentence_without_a_key")
class NoReason(Honest):
    """Mutant."""

    def availability(self) -> Availability:
        return Availability(True, " ")


class Planned(Honest):
    """Changes the plan."""

    change: dict[str, Any]

    def plan(self, config: Any, duration: float) -> Plan:
        return replace(super().plan(config, duration), **self.change)


for _name, _change in {
    "NegativePrice": {"usd": -1.0},
    "PriceNotANumber": {"usd": math.nan},
    "EndlessPrice": {"usd": math.inf},
    "NegativeLength": {"seconds": -1.0},
    "NoSize": {"size": (0, 720)},
    "OfAnother": {"provider": "sora"},
    "EmptyWarning": {"warnings": ("",)},
}.items():
    broken("test_a_plan_can_be_sent_as_it_is")(
        type(_name, (Planned,), {"change": _change, "__doc__": "Mutant."})
    )


@broken("test_an_unknown_model_is_planned_or_declined")
class UnknownModelCrashes(Honest):
    """Mutant."""

    def plan(self, config: Any, duration: float) -> Plan:
        assert config.model in (None, "m")
        return super().plan(config, duration)


@broken("test_a_finished_job_gives_a_video")
class NoVideo(Honest):
    """Mutant."""

    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        on_bytes(to.write_bytes(b'{"error": "not ready"}'))


@broken("test_a_finished_job_gives_a_video")
class OnlySound(Honest):
    """Mutant."""

    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        small_narration(to)
        on_bytes(to.stat().st_size)


@broken("test_a_finished_job_gives_a_video")
class SilentDownload(Honest):
    """Mutant."""

    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        shutil.copyfile(self.clip, to)


@broken("test_a_finished_job_gives_a_video")
class ProgressGoesBack(Honest):
    """Mutant."""

    shares = (0.5, 0.25, None)


@broken("test_a_finished_job_gives_a_video")
class ProgressInPercent(Honest):
    """Mutant."""

    shares = (25.0, 50.0, None)


@broken("test_a_finished_job_gives_a_video")
class NumberAsId(Honest):
    """Mutant."""

    async def submit(self, request: ClipRequest) -> Accepted:
        self.jobs["1"] = [None]
        return Accepted(1)  # type: ignore[arg-type]


@broken("test_a_finished_job_gives_a_video")
class Fails(Honest):
    """Mutant."""

    async def status(self, job_id: str) -> ProviderStatus:
        return ProviderStatus(JobState.FAILED, message="out of clay")


@broken("test_a_cancelled_job_is_really_stopped")
class GoesOn(Honest):
    """Mutant."""

    async def cancel(self, job_id: str) -> bool:
        return True


@broken("test_a_cancelled_job_is_really_stopped")
class CancelsWithoutTheAbility(Honest):
    """Mutant."""

    capabilities = replace(CAN, cancel=False)


@broken("test_cancelling_an_unknown_job_is_no_error")
class CancelRaises(Honest):
    """Mutant."""

    async def cancel(self, job_id: str) -> bool:
        return self.jobs.pop(job_id) is not None


@broken("test_an_unknown_job_has_no_status")
class EveryJobRuns(Honest):
    """Mutant."""

    async def status(self, job_id: str) -> ProviderStatus:
        return ProviderStatus(JobState.RUNNING)


@broken("test_an_unknown_job_has_no_status")
class ErrorOfAnother(Honest):
    """Mutant."""

    async def status(self, job_id: str) -> ProviderStatus:
        raise ProviderError("There is no such job.", provider="sora")


@broken("test_an_unsent_submission_is_not_found")
class FindsWhatIsNotThere(Honest):
    """Mutant."""

    async def find(self, request: ClipRequest, since: float) -> str | None:
        return "1"


@broken("test_it_can_be_closed_twice")
class ClosesOnce(Honest):
    """Mutant."""

    async def aclose(self) -> None:
        await super().aclose()
        assert self.closed == 1


@pytest.mark.slow
@pytest.mark.parametrize(("test", "mutant"), MUTANTS, ids=[cls.__name__ for _, cls in MUTANTS])
def test_a_broken_promise_is_seen(test, mutant, clip, tmp_path):
    # A crash of the provider counts too; a skipped test does not.
    with pytest.raises((Exception, pytest.fail.Exception)):
        run(test, mutant(clip), tmp_path)


def test_every_test_has_a_mutant():
    assert {test for test, _ in MUTANTS} == set(TESTS)


def test_a_key_over_http_is_seen(tmp_path):
    class Leaks(HttpProvider):
        """Shows its key."""

        name = "leaks"
        key_variable, url_variable, default_url = "LEAKS_KEY", "LEAKS_URL", "https://leaks.example"
        capabilities = CAN

        def availability(self) -> Availability:
            return Availability(True, f"ready with {self._key.reveal()}")

        submit = status = download = Honest.submit

    with pytest.raises(AssertionError):
        run("test_availability_is_a_sentence_without_a_key", Leaks(), tmp_path, ProviderContract)


def test_a_hanging_provider_is_given_up(clip, tmp_path):
    class Hangs(Honest):
        """Never answers."""

        async def status(self, job_id: str) -> ProviderStatus:
            await asyncio.Event().wait()
            raise AssertionError

    class Impatient(ProviderContract):
        time_limit = 0.2

    provider = Hangs(clip)
    with pytest.raises(TimeoutError):
        run("test_a_finished_job_gives_a_video", provider, tmp_path, Impatient)
    assert provider.closed


def test_without_jobs_their_tests_are_skipped(clip, tmp_path):
    class Offline(ProviderContract):
        finishes = False

    skipped = []
    for test in TESTS:
        try:
            run(test, Honest(clip), tmp_path, Offline)
        except pytest.skip.Exception:
            skipped.append(test)
    assert skipped == ["test_a_cancelled_job_is_really_stopped", "test_a_finished_job_gives_a_video"]


def test_the_small_files_are_what_they_say(clip, tmp_path):
    video = probe(clip).video
    assert video is not None
    assert (video.width, video.height) == (320, 180)
    audio = probe(small_narration(tmp_path / "new" / "narration.wav", seconds=0.5)).audio
    assert audio is not None
