"""The steps of a video one by one: upload, submit, poll, download, embed subtitles."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar, Unpack

from . import runtime
from .awaiting import tells_to_await
from .config import VideoConfig, VideoOptions
from .errors import ConfigError, JournalError
from .handle import Work
from .history import History
from .inputs import NarrationLike, SubtitlesLike
from .job import Job, JobReporter
from .journal import Requested, Run, RunLedger, file_sha, without_secrets
from .models import SubtitleLook, SubtitleMode
from .outputs import embed, work_folder
from .pipeline.clip import ClipMaker
from .pipeline.fallback import Candidates
from .pipeline.polling import download, poll
from .pipeline.script import ReadScript, read_narration, read_script, reuse_key
from .providers.base import Provider
from .providers.types import ProviderStatus
from .request import VideoRequest, check_narration, check_subtitles, takes_options
from .speech.captions import AUTO, Captions, captions_for, recognised_captions
from .speech.recognise import find_recogniser
from .speech.spoken import Speech
from .storyboard.board import Storyboard
from .storyboard.handles import BoardWork
from .storyboard.planning import Wish, plan_board
from .storyboard.writing import PromptWriter
from .written import Script

__all__ = ["Steps"]

T = TypeVar("T")


class Steps(History):
    """The part of a service that does one step at a time.

    Every step takes `provider=` (or a `config` with one). Without it, a step that names a job asks the provider that
    the journal has for the job, else the first of the chain.
    """

    @takes_options(VideoOptions)
    async def upload_audio(
        self,
        narration: NarrationLike,
        *,
        config: VideoConfig | Mapping[str, Any] | None = None,
        **changes: Unpack[VideoOptions],
    ) -> str:
        """Upload a narration; return the reference for `create_video_job`."""
        path = check_narration(narration, self._kept)
        provider = self._step_provider(config, changes)
        return await _on_background(provider.upload(path, lambda _: None))

    @takes_options(VideoOptions)
    async def create_video_job(
        self,
        narration: NarrationLike,
        *,
        audio_reference: str = "",
        subtitles: SubtitlesLike | None = None,
        config: VideoConfig | Mapping[str, Any] | None = None,
        **changes: Unpack[VideoOptions],
    ) -> str:
        """Submit a video to the provider, once, and return the provider's id of the job.

        The submission is journaled and budgeted like every other one, and `resume` can finish the video.
        """
        request = VideoRequest.of(narration, subtitles, config, kept=self._kept, **changes)
        return await _on_background(self._submit_alone(request, audio_reference))

    @takes_options(VideoOptions)
    async def poll_video_status(
        self,
        job_id: str,
        *,
        interval: float | None = None,
        tries: int | None = None,
        on_status: Callable[[ProviderStatus], None] | None = None,
        config: VideoConfig | Mapping[str, Any] | None = None,
        **changes: Unpack[VideoOptions],
    ) -> ProviderStatus:
        """Request the status of a job until it is final.

        Args:
            job_id: The id that `create_video_job` returned.
            interval: Seconds between two requests; None takes the provider's, else the setting.
            tries: The largest number of requests; None takes the deadline.
            on_status: Called with every status, on the background thread.
            config: A config whose provider is asked.
            **changes: Fields of `VideoConfig` that win over `config`, such as `provider="zai"`.

        Raises:
            JobTimeout: The deadline passed; carries the job id.
        """
        provider = self._step_provider(config, changes, job_id)

        async def follow(status: ProviderStatus) -> None:
            if status.usd is not None and (
                ledger := await asyncio.to_thread(self._ledger_of, provider, job_id)
            ):
                await ledger.cost(job_id, status.usd)
            if on_status is not None:
                on_status(status)

        return await _on_background(
            poll(provider, job_id, self.settings, follow, interval=interval, tries=tries)
        )

    @takes_options(VideoOptions)
    async def download_video(
        self,
        job_id: str,
        to: str | os.PathLike[str],
        *,
        config: VideoConfig | Mapping[str, Any] | None = None,
        **changes: Unpack[VideoOptions],
    ) -> Path:
        """Download a finished job's clip, as the provider made it, to a file that does not exist yet."""
        target, provider = Path(to).expanduser(), self._step_provider(config, changes, job_id)
        if target.exists():
            raise FileExistsError(f"{target} exists. Choose a file name that does not exist yet.")
        return await _on_background(download(provider, job_id, target))

    @tells_to_await
    async def embed_subtitles(
        self,
        video: str | os.PathLike[str],
        subtitles: SubtitlesLike,
        *,
        to: str | os.PathLike[str],
        mode: SubtitleMode | str = SubtitleMode.SOFT,
        look: SubtitleLook | str = SubtitleLook.BOX,
    ) -> tuple[str, ...]:
        """Add subtitles to a video as a track (`"soft"`), drawn (`"burn"`) or as a file beside it (`"sidecar"`).

        Args:
            video: The video; it is not changed.
            subtitles: A subtitle file, or the text of one.
            to: The new video, a file that does not exist yet.
            mode: The way to add them.
            look: The look of burnt-in subtitles: `"box"`, `"outline"` or `"large"`.

        Returns:
            Warnings: where the result differs from what was asked.
        """
        source, target = Path(video).expanduser(), Path(to).expanduser()
        if not source.is_file():
            raise ConfigError(f"There is no video {source}; give the path of a file.")
        if target.exists():
            raise FileExistsError(f"{target} exists. Choose a file name that does not exist yet.")
        cues = check_subtitles(subtitles, self._kept) or ""
        if cues == AUTO:
            raise ConfigError(
                "Nothing listens here; give captions: subtitles = await service.captions(video)."
            )
        return await _on_background(
            embed(source, cues, target, SubtitleMode.parse(mode), SubtitleLook.parse(look))
        )

    def captions(
        self,
        narration: NarrationLike,
        *,
        text: SubtitlesLike | None = None,
        language: str | None = None,
        model: str | None = None,
    ) -> Work[Captions]:
        """Find when a text is spoken, or what is spoken; return at once.

        A known text is found in the sound alone, a minute in about a second. Without one, a recogniser listens, which
        needs the extra `listen`.

        Args:
            narration: The narration, in any form that `submit` takes.
            text: The text that is spoken, as a file or a string, in any language; subtitles are taken as they are.
                None to recognise it.
            language: The language that is recognised, as a BCP 47 tag such as `"en"`; None to find it.
            model: The recogniser, or the path or name of its weights; None for the best on this machine.

        Raises:
            ConfigError: The text is empty.
            NarrationError: The narration does not exist, or is in no known form.
            SpeechError: No recogniser can be used; the message says what to install.
            SubtitleError: The file of the text does not exist, or the text is in no known form.
        """
        path = check_narration(narration, self._kept)
        source = AUTO if text is None else check_subtitles(text, self._kept)
        if source is None:
            raise ConfigError(
                "The text is empty; give the words that are spoken, or the path of a file with them."
            )
        if source == AUTO:
            find_recogniser(model, language)
        settings = self.settings

        async def find(say: Callable[[str], None]) -> Captions:
            with work_folder(settings.output_dir) as work:
                say("Reading the narration")
                heard = await read_narration(path, work, settings)
                if source == AUTO:
                    return await recognised_captions(
                        heard, work=work, model=model, language=language, say=say
                    )
                say("Finding the words in it")
                return await asyncio.to_thread(captions_for, source, heard)

        return Work(find, "The search for captions")

    def speak(
        self,
        text: str | os.PathLike[str],
        *,
        voice: str | None = None,
        rate: float = 1.0,
        pause: float = 0.35,
        language: str | None = None,
    ) -> Work[Speech]:
        """Speak a text on this machine; return at once. It needs the extra `speak`, or another package with voices.

        The same text, voice and settings are spoken once, and found again for 90 days.

        Args:
            text: The text, or a `pathlib.Path` of a file with it.
            voice: A voice's id, see `find_voices`, or the path of a Piper voice; None for the first that is installed.
            rate: The speed, from 0.5 to 2.
            pause: Seconds between two sentences, from 0 to 5.
            language: A BCP 47 tag, to choose a voice that speaks it.

        Raises:
            ConfigError: A value is invalid, or there is nothing to say.
            SpeechError: No voice can be used; the message says what to install.
        """
        from .speech.studio import read_words, resolved, speak

        words = read_words(text) if isinstance(text, os.PathLike) else text
        script = resolved(Script(words, voice, rate, pause, language))
        settings, kept = self.settings, self._kept

        async def make(say: Callable[[str], None]) -> Speech:
            with work_folder(settings.output_dir) as work:
                most = settings.max_narration_seconds
                return await speak(script, kept=kept, work=work, most_seconds=most, say=say)

        return Work(make, "The speech")

    @takes_options(VideoOptions)
    def storyboard(
        self,
        narration: NarrationLike,
        *,
        subtitles: SubtitlesLike | None = None,
        bible: str = "",
        target: float | None = None,
        transition: Literal["cut", "dissolve"] = "cut",
        name: str | None = None,
        write: PromptWriter | None = None,
        config: VideoConfig | Mapping[str, Any] | None = None,
        **changes: Unpack[VideoOptions],
    ) -> BoardWork[Storyboard]:
        """Cut a narration of any length into scenes that the provider can make; return at once. No clip is sent.

        The board is kept in `<name>.board` in the output folder. The same call, made again, opens the same board.

        Args:
            narration: The narration, in any form that `submit` takes.
            subtitles: The subtitles, likewise; without any, scenes end in pauses.
            bible: Words that begin the prompt of every scene, such as `"teal dusk, 35 mm, no people"`.
            target: Preferred seconds of a scene; None for what suits the model.
            transition: `"cut"` or `"dissolve"` between scenes.
            name: The board's name; by default the narration's.
            write: A chat model that writes the prompts of all scenes, in one call, which is paid; None makes them from
                the words of each scene.
            config: The config of all scenes.
            **changes: Fields of `VideoConfig` that win over `config`, such as `provider="zai"`.

        Raises:
            ConfigError: An option is invalid.
            NarrationError: The narration does not exist, or is in no known form.
            SubtitleError: The subtitle file does not exist, or is in no known form.
        """
        request = VideoRequest.of(narration, subtitles, config, kept=self._kept, **changes)
        wish = Wish.of(request, bible=bible, target=target, transition=transition, name=name, write=write)
        studio = self._studio

        async def plan(say: Callable[[str], None]) -> Storyboard:
            folder = await plan_board(studio, wish, say)
            return await asyncio.to_thread(Storyboard, folder, studio, narration=request.narration)

        return BoardWork(plan, "The storyboard")

    def _step_provider(
        self,
        config: VideoConfig | Mapping[str, Any] | None,
        changes: VideoOptions,
        job_id: str | None = None,
    ) -> Provider:
        named = VideoConfig.of(config, **changes).provider
        if named is None and job_id is not None:
            named = self._journaled_provider(job_id)
        return self._pool.get(named or self._chain[0])

    def _journaled_provider(self, job_id: str) -> str | None:
        """Return the provider that the journal has for a job, or None if it has none or cannot be read.

        Raises:
            ConfigError: Jobs of several providers have this id, and it is not clear which one is meant.
        """
        try:
            runs = self.journal.runs_of_job(job_id)
            named = _providers_of(job_id, runs)
            if len(named) > 1 and (run := self.journal.run(job_id)):
                named = _providers_of(job_id, [run])
        except JournalError:  # free providers work without a journal
            return None
        return named[-1] if named else None

    def _ledger_of(self, provider: Provider, job_id: str) -> RunLedger | None:
        """Return the ledger of the run that has a provider's job, or None if the journal has none or is unusable."""
        try:
            runs, here = self.journal.runs_of_job(job_id), without_secrets(provider.base_url)
        except JournalError:
            return None
        job = (provider.name, here, job_id)
        for run in runs:
            if job in [(each.provider, each.base_url, each.job_id) for each in run.attempts]:
                return RunLedger(self.journal, run.id, budgets={})
        return None

    def _requested_video(
        self, narration: NarrationLike | Script, subtitles: SubtitlesLike | None, config: VideoConfig
    ) -> VideoRequest:
        """Check what a video is asked for; a voice and a recogniser are looked for before anything begins."""
        if isinstance(narration, Script):
            from .speech.studio import resolved

            narration = resolved(narration)
        request = VideoRequest.of(narration, subtitles, config, kept=self._kept)
        if request.subtitles == AUTO:
            find_recogniser()
        return request

    async def _submit_alone(self, request: VideoRequest, reference: str) -> str:
        """Journal and submit one clip to one provider, and release the run for whoever resumes it."""
        provider = self._pool.get(request.config.provider or self._chain[0])
        job = Job(request, provider=provider.name, id=f"voxweave-{secrets.token_hex(8)}")
        with work_folder(self.settings.output_dir) as work:
            script = await read_script(request, work, self.settings)
            journal = await asyncio.to_thread(self._studio.journal_for, [provider], lambda _: None)
            ledger = RunLedger(journal, job.id, budgets=self._studio.budgets())
            await ledger.request(await asyncio.to_thread(self._requested, script, request, provider.name))
            maker = ClipMaker(
                script.brief(request, job.id, reference=reference),
                Candidates([provider], gone=self._pool.gone, model=request.config.model),
                slot_of=self._pool.slot,
                settings=self.settings,
                ledger=ledger,
                reporter=JobReporter(job),
            )
            with ledger.kept_alive():
                try:
                    accepted = await maker.submit()
                except BaseException as error:
                    await asyncio.shield(ledger.failed(error, stopped=False))
                    raise
                finally:
                    await maker.aclose()
            await ledger.release()
        return accepted.job_id

    def _requested(self, script: ReadScript, request: VideoRequest, provider: str) -> Requested:
        sha, chain = file_sha(request.narration), [provider]
        key = reuse_key(sha, request, chain)
        return script.requested(request, sha=sha, chain=chain, key=key, output_dir=self.settings.output_dir)


def _providers_of(job_id: str, runs: Sequence[Run]) -> list[str]:
    """Return the providers at which some runs have a job of an id, each once, in the order of the submissions."""
    attempts = [attempt for run in runs for attempt in run.attempts if attempt.job_id == job_id]
    return list(dict.fromkeys(attempt.provider for attempt in attempts))


async def _on_background(work: Coroutine[Any, Any, T]) -> T:
    return await runtime.wait(runtime.submit(work))
