"""Who makes the picture: the provider, its model, and the length of the clip that it is asked for."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from html import escape

import ipywidgets as widgets

from ..config import VideoConfig
from ..providers.base import Availability, Capabilities, Model
from ..providers.describe import lengths
from ..service import VideoGenerationService
from . import texts
from .parts import dropdown, note, show, warnings

__all__ = ["Maker"]

_AUTOMATIC, _NARRATION, _OWN = "", "", "own"


class Maker(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """Three controls, a note on the chosen provider, and what all the others need.

    Args:
        service: Whose providers they are.
        on_change: Called when something else is chosen.
    """

    def __init__(self, service: VideoGenerationService, on_change: Callable[[], None]) -> None:
        self._service, self._on_change = service, on_change
        self._quiet = False
        self._states: dict[str, Availability] = {}
        self._provider = dropdown(texts.PROVIDER, [(texts.AUTOMATIC, _AUTOMATIC)])
        self._model = widgets.Combobox(description=texts.MODEL, ensure_option=False)
        self._length = dropdown(texts.CLIP_LENGTH, [(texts.AS_NARRATION, _NARRATION)])
        self._seconds = widgets.FloatText(description=texts.SECONDS, value=5.0, step=0.5)
        self._note, self._all = widgets.HTML(), widgets.HTML()
        row = widgets.Box([self._provider, self._model, self._length, self._seconds])
        row.add_class("vx-choices")
        super().__init__([row, self._note, self._all], layout=widgets.Layout(overflow="visible"))
        self._provider.observe(lambda _: self._on_provider(), "value")
        self._model.observe(lambda _: self._on_model(), "value")
        self._length.observe(lambda _: self._on_length(), "value")
        self._seconds.observe(lambda _: self._changed(), "value")
        self.refresh()

    # What is chosen

    @property
    def provider(self) -> str | None:
        """The provider that is chosen, or None for the service's own order."""
        return self._provider.value or None

    @property
    def model(self) -> str | None:
        """The model, or None for the provider's default."""
        return self._model.value.strip() or None

    @property
    def seconds(self) -> float | None:
        """The length in seconds, or None for the narration's."""
        if self._length.value == _NARRATION:
            return None
        return float(self._seconds.value if self._length.value == _OWN else self._length.value)

    @property
    def first(self) -> str:
        """The provider that is asked first: the chosen one, else the first of the order that can be used."""
        chain = self._service.chain
        ready = (name for name in chain if name in self._states and self._states[name].ready)
        return self.provider or next(ready, chain[0])

    def choose(self, config: VideoConfig) -> None:
        """Shows what a config says, even what its provider does not take."""
        with self._silence():
            self._offer_providers(config.provider)
            self._provider.value = config.provider or _AUTOMATIC
            self._offer_models()
            self._model.value = config.model or ""
            self._offer_lengths(config.seconds, odd=True)
        self._describe()

    def refresh(self) -> None:
        """Looks again at who can be used: a provider may have been found gone meanwhile."""
        self._states = self._service.providers()
        with self._silence():
            chosen = self.provider
            self._offer_providers(chosen)
            self._provider.value = chosen or _AUTOMATIC
            self._offer_models()
            self._offer_lengths(self.seconds, odd=True)
        self._describe()

    # What can be chosen

    def _offer_providers(self, wanted: str | None) -> None:
        options = [(texts.AUTOMATIC, _AUTOMATIC)]
        for name, state in self._states.items():
            options.append((name if state.ready else texts.NOT_READY.format(name=name), name))
        if wanted and wanted not in self._states:
            options.append((texts.NOT_INSTALLED.format(name=wanted), wanted))
        if tuple(options) != self._provider.options:
            self._provider.options = tuple(options)

    def _offer_models(self) -> None:
        can = self._capabilities()
        names = [model.name for model in can.models] if can else []
        self._model.options = tuple(names)
        self._model.placeholder = texts.DEFAULT_MODEL.format(name=names[0]) if names else texts.THE_DEFAULT
        for control in (self._model, self._length):
            show(control, can is None or not can.free)

    def _offer_lengths(self, seconds: float | None, *, odd: bool) -> None:
        """Offers what the model takes.

        Args:
            seconds: The length to choose.
            odd: Whether it is offered even if the model does not take it.
        """
        model = self._known_model()
        options = [(texts.AS_NARRATION, _NARRATION)]
        if model is not None and model.lengths and not model.continuous:
            taken = sorted({*model.lengths, *([seconds] if seconds and odd else [])})
            options += [(texts.SOME_SECONDS.format(seconds=each), repr(each)) for each in taken]
        else:
            options.append((texts.OWN_SECONDS, _OWN))
        self._length.options = tuple(options)
        values = {value for _, value in options}
        if seconds is not None and _OWN in values:
            self._seconds.value = seconds
        wanted = _NARRATION if seconds is None else _OWN if _OWN in values else repr(float(seconds))
        self._length.value = wanted if wanted in values else _NARRATION
        span = f" ({lengths(model).removesuffix(' s')})" if model and model.continuous else ""
        self._seconds.description = f"{texts.SECONDS}{span}"
        self._show_seconds()

    def _show_seconds(self) -> None:
        show(self._seconds, self._length.value == _OWN and self._length.layout.display != "none")

    def _capabilities(self) -> Capabilities | None:
        """What the first provider can do, or None where a plug-in is broken or not there."""
        try:
            return self._service.capabilities(self.first)
        except Exception:  # noqa: BLE001  whatever another package's code raises; its state says why
            return None

    def _known_model(self) -> Model | None:
        can = self._capabilities()
        return can.model(self.model) if can else None

    # What happens when a control changes

    def _on_provider(self) -> None:
        if self._quiet:
            return
        with self._silence():
            self._offer_models()
            self._model.value = ""  # a model belongs to its provider
            self._offer_lengths(self.seconds, odd=False)
        self._describe()
        self._changed()

    def _on_model(self) -> None:
        if not self._quiet:
            with self._silence():
                self._offer_lengths(self.seconds, odd=False)
            self._changed()

    def _on_length(self) -> None:
        if not self._quiet:
            self._show_seconds()
            self._changed()

    def _changed(self) -> None:
        if not self._quiet:
            self._on_change()

    @contextlib.contextmanager
    def _silence(self) -> Iterator[None]:
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before

    # What is said about them

    def _describe(self) -> None:
        chosen = self.provider
        state = self._states.get(chosen or self.first)
        if chosen is None and len(self._service.chain) > 1:
            self._note.value = note(texts.AUTOMATIC_ASKS.format(names=texts.THEN.join(self._service.chain)))
        elif state is None:
            self._note.value = warnings([texts.IS_NOT_INSTALLED.format(name=chosen)])
        elif state.ready:
            self._note.value = note(texts.IS_READY.format(name=chosen or self.first, reason=state.reason))
        else:
            self._note.value = warnings(
                [texts.IS_NOT_READY.format(name=chosen or self.first, reason=state.reason)]
            )
        self._all.value = _all(self._states)


def _all(states: dict[str, Availability]) -> str:
    """Every provider with its reason, folded up."""
    ready = sum(state.ready for state in states.values())
    rows = "".join(
        f'<div class="vx-provider"><span>{"✓" if state.ready else "–"}</span><b>{escape(name)}</b>'
        f"<span>{escape(state.reason)}</span></div>"
        for name, state in states.items()
    )
    summary = texts.ALL_PROVIDERS.format(ready=ready, all=len(states))
    return f"<details><summary>{summary}</summary>{rows}</details>"
