"""A lab whose videos a chat model may compare: see `PromptLab`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError
from ..journal import RunLedger
from ..providers.secret import Secret, mask_password
from ..validation import positive, whole
from .collection import LabCollection
from .court import Court, begins, chooser, doubts_of, new_run_id, reject_other_rubric
from .judge import Brief
from .judging import JudgeRun
from .records import Variant

if TYPE_CHECKING:
    from ..providers.chat import ChatEndpoint

__all__ = ["JudgedLab"]

_MOST_COMPARISONS, _MOST_JUDGED_AT_ONCE = 10_000, 16


class JudgedLab(LabCollection):
    """The variants of a lab, with a judge; the arguments are those of `PromptLab`."""

    _judging: JudgeRun | None = None

    def judge(
        self,
        endpoint: str | None = None,
        rubric: str = "",
        *,
        model: str,
        api_key: str | Secret | None = None,
        comparisons: int = 20,
        goal: str = "best",
        usd: float | None = None,
        budget: float | None = None,
        unknown_prices: bool = False,
        at_once: int = 2,
        frames: int = 8,
        name: str | None = None,
        anew: bool = False,
        options: Mapping[str, Any] | None = None,
    ) -> JudgeRun:
        """Let a chat model compare the videos by their frames, and vote under its own name; return at once.

        Two requests make a comparison: see `voxweave_nb.lab.judge`. What was judged is not judged again, and a request
        that may have been billed is not repeated. `ranking()` counts people; `ranking(by="judge:gpt-4o")` this judge.

        Args:
            endpoint: The base URL of an OpenAI-compatible chat API; by default `VOXWEAVE_JUDGE_BASE_URL`.
            rubric: What to judge by, such as `"Which one fits a calm bedtime story?"`
            model: The name of a model that sees images.
            api_key: The key; by default `VOXWEAVE_JUDGE_API_KEY`. Sent to this endpoint only, and never shown.
            comparisons: The number of comparisons by this judge in all, with those from before, 1 to 10,000.
            goal: `"best"` to find the best variant, `"rank"` to rank all of them.
            usd: The price of one request in US dollars; None if unknown. A cost that the server states replaces it.
            budget: US dollars for the lab's whole life, as in `run`; None keeps the one that was given before.
            unknown_prices: Allow requests of unknown price although there is a budget.
            at_once: The number of comparisons side by side, 1 to 16.
            frames: The number of frames of each video, 4 to 16.
            name: The judge's name, by default the model's. Another rubric needs another name.
            anew: Send once more what was lost, or could not be read.
            options: Further fields of the request, such as `{"temperature": 0, "max_tokens": 200}`.

        Raises:
            ConfigError: An option is invalid, fewer than two variants have a video, or a judge is at work.
            JournalError: The journal cannot be read or written.
        """
        api_key, endpoint = Secret.of(api_key), mask_password(endpoint)
        from ..providers.chat import ChatEndpoint  # imports httpx

        chat = ChatEndpoint(endpoint, model, api_key, timeout=self._service.settings.http_timeout)
        brief = Brief(rubric, model if name is None else name, usd, frames, anew, options)
        total = whole(comparisons, "comparisons", 1, _MOST_COMPARISONS)
        at_once = whole(at_once, "at_once", 1, _MOST_JUDGED_AT_ONCE)
        limit = None if budget is None else positive(budget, "budget", zero=True)
        made = self._to_compare(goal)
        court = self._court(chat, brief, made, unknown_prices)
        self._open_group(limit)
        choose = chooser(court, made, best=goal == "best")
        self._judging = JudgeRun(court, choose, total=total, at_once=at_once)
        return self._judging

    def _court(
        self, chat: ChatEndpoint, brief: Brief, variants: Sequence[Variant], unknown_prices: bool
    ) -> Court:
        reject_other_rubric(self._folder, brief)
        if self._judging is not None and not self._judging.done():
            raise ConfigError("A judge is at work in this lab; wait for it, or cancel it.")
        purpose, journal, run = self._opened.purpose, self._service.journal, new_run_id()
        problems: list[str] = []
        # A video's budget is not for comparisons.
        budgets = {scope: most for scope, most in self._service._studio.budgets().items() if scope != "run"}
        videos = {each.id: video for each in variants if (video := self._snapshot(each).video) is not None}
        return Court(
            self._folder,
            chat,
            RunLedger(journal, run, budgets=budgets, unknown_prices=unknown_prices, warn=problems.append),
            brief,
            {key: (video.path, video.duration) for key, video in videos.items()},
            begins(journal, run, purpose, brief, folder=self._folder.videos),
            doubts=doubts_of(journal, purpose.group, self._folder),
            patience=self._service.settings.patience,
            problems=problems,
        )

    def _to_compare(self, goal: str) -> list[Variant]:
        """Return the variants that can be compared.

        Raises:
            ConfigError: The goal is unknown, or fewer than two variants have a video.
        """
        if goal not in ("best", "rank"):
            raise ConfigError(f"The goal is {goal!r}; give 'best' or 'rank'.")
        self._folder.refresh()
        made = [each for each in self._kept() if self._has_video(each)]
        if len(made) < 2:
            raise ConfigError("A duel needs two variants with a video: make some with run().")
        return made

    def _open_group(self, budget: float | None) -> None:
        journal = self._service.journal
        earlier = journal.group(self._opened.purpose.group)
        kept = earlier.budget if earlier is not None and budget is None else budget
        journal.open_group(self._opened.purpose.group, kind="lab", name=self.name, budget=kept)
