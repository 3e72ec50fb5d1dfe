"""The controls that choose the provider, its model, and the length of the clip to request."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from html import escape

import ipywidgets as widgets

from ..config import VideoConfig
from ..providers.describe import lengths
from ..providers.types import Availability, Capabilities, Model
from ..service import VideoGenerationService
from . import texts
from .elements import dropdown, note_html, set_visible, visible_overflow, warnings_html

__all__ = ["ProviderPicker"]

# Values of the dropdowns' special options; a length in seconds is the number as text.
_AUTOMATIC, _SAME_AS_NARRATION, _CUSTOM = "", "", "own"


class ProviderPicker(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """Chooses provider, model and clip length, and tells which providers are ready.

    Args:
        service: The service whose providers are offered.
        on_change: Called when something else is chosen.
    """

    def __init__(self, service: VideoGenerationService, on_change: Callable[[], None]) -> None:
        self._service, self._on_change = service, on_change
        self._muted = False
        self._availability: dict[str, Availability] = {}
        self._provider = dropdown(texts.PROVIDER, [(texts.AUTOMATIC, _AUTOMATIC)])
        self._model = widgets.Combobox(description=texts.MODEL, ensure_option=False)
        self._length = dropdown(texts.CLIP_LENGTH, [(texts.SAME_AS_NARRATION, _SAME_AS_NARRATION)])
        self._seconds = widgets.FloatText(description=texts.SECONDS, value=5.0, step=0.5)
        self._note, self._all_providers = widgets.HTML(), widgets.HTML()
        row = widgets.Box([self._provider, self._model, self._length, self._seconds])
        row.add_class("vx-choices")
        super().__init__([row, self._note, self._all_providers], layout=visible_overflow())
        self._provider.observe(lambda _: self._on_provider(), "value")
        self._model.observe(lambda _: self._on_model(), "value")
        self._length.observe(lambda _: self._on_length(), "value")
        self._seconds.observe(lambda _: self._report_change(), "value")
        self.refresh()

    # The choice

    @property
    def provider(self) -> str | None:
        """The chosen provider, or None for the service's own order."""
        return self._provider.value or None

    @property
    def model(self) -> str | None:
        """The chosen model, or None for the provider's default."""
        return self._model.value.strip() or None

    @property
    def seconds(self) -> float | None:
        """The clip length in seconds, or None for the narration's."""
        if self._length.value == _SAME_AS_NARRATION:
            return None
        return float(self._seconds.value if self._length.value == _CUSTOM else self._length.value)

    @property
    def first_provider(self) -> str:
        """The provider that is tried first: the chosen one, else the first ready one of the service's order."""
        chain = self._service.chain
        ready = (name for name in chain if name in self._availability and self._availability[name].ready)
        return self.provider or next(ready, chain[0])

    def show_config(self, config: VideoConfig) -> None:
        """Show a config's provider, model and seconds, even values that the provider does not accept."""
        with self._changes_muted():
            self._offer_providers(config.provider)
            self._provider.value = config.provider or _AUTOMATIC
            self._offer_models()
            self._model.value = config.model or ""
            self._offer_lengths(config.seconds, keep_unsupported=True)
        self._describe()

    def refresh(self) -> None:
        """Read again which providers are ready; one may have become unavailable while a job ran."""
        self._availability = self._service.providers()
        with self._changes_muted():
            chosen = self.provider
            self._offer_providers(chosen)
            self._provider.value = chosen or _AUTOMATIC
            self._offer_models()
            self._offer_lengths(self.seconds, keep_unsupported=True)
        self._describe()

    # The options

    def _offer_providers(self, chosen: str | None) -> None:
        options = [(texts.AUTOMATIC, _AUTOMATIC)]
        for name, availability in self._availability.items():
            options.append((name if availability.ready else texts.NOT_READY.format(name=name), name))
        if chosen and chosen not in self._availability:
            options.append((texts.NOT_INSTALLED.format(name=chosen), chosen))
        if tuple(options) != self._provider.options:
            self._provider.options = tuple(options)

    def _offer_models(self) -> None:
        capabilities = self._capabilities()
        names = [model.name for model in capabilities.models if model.name] if capabilities else []
        self._model.options = tuple(names)
        self._model.placeholder = texts.DEFAULT_MODEL.format(name=names[0]) if names else texts.DEFAULT
        for control in (self._model, self._length):
            set_visible(control, capabilities is None or not capabilities.free)

    def _offer_lengths(self, seconds: float | None, *, keep_unsupported: bool) -> None:
        """Offer the clip lengths of the model and choose one.

        Args:
            seconds: The length to choose.
            keep_unsupported: True to offer that length even if the model does not support it.
        """
        model = self._known_model()
        options = [(texts.SAME_AS_NARRATION, _SAME_AS_NARRATION)]
        if model is not None and model.lengths and not model.continuous:
            offered = sorted({*model.lengths, *([seconds] if seconds and keep_unsupported else [])})
            options += [(texts.SECONDS_OPTION.format(seconds=each), repr(each)) for each in offered]
        else:
            options.append((texts.CUSTOM_LENGTH, _CUSTOM))
        self._length.options = tuple(options)
        self._choose_length(seconds, {value for _, value in options})
        span = f" ({lengths(model).removesuffix(' s')})" if model and model.continuous else ""
        self._seconds.description = f"{texts.SECONDS}{span}"
        self._show_or_hide_seconds()

    def _choose_length(self, seconds: float | None, offered: set[str]) -> None:
        if seconds is None:
            self._length.value = _SAME_AS_NARRATION
        elif _CUSTOM in offered:
            self._seconds.value = seconds
            self._length.value = _CUSTOM
        else:
            wanted = repr(float(seconds))
            self._length.value = wanted if wanted in offered else _SAME_AS_NARRATION

    def _show_or_hide_seconds(self) -> None:
        length_visible = self._length.layout.display != "none"
        set_visible(self._seconds, length_visible and self._length.value == _CUSTOM)

    def _capabilities(self) -> Capabilities | None:
        """Return the capabilities of the first provider, or None if it is missing or broken."""
        try:
            return self._service.capabilities(self.first_provider)
        except Exception:  # noqa: BLE001  a plug-in may raise anything; its availability tells the reason
            return None

    def _known_model(self) -> Model | None:
        capabilities = self._capabilities()
        return capabilities.model(self.model) if capabilities else None

    # Reactions to changes

    def _on_provider(self) -> None:
        if self._muted:
            return
        with self._changes_muted():
            self._offer_models()
            self._model.value = ""  # each provider has its own models
            self._offer_lengths(self.seconds, keep_unsupported=False)
        self._describe()
        self._report_change()

    def _on_model(self) -> None:
        if not self._muted:
            with self._changes_muted():
                self._offer_lengths(self.seconds, keep_unsupported=False)
            self._report_change()

    def _on_length(self) -> None:
        if not self._muted:
            self._show_or_hide_seconds()
            self._report_change()

    def _report_change(self) -> None:
        if not self._muted:
            self._on_change()

    @contextlib.contextmanager
    def _changes_muted(self) -> Iterator[None]:
        """Ignore changes of the controls inside the block."""
        before, self._muted = self._muted, True
        try:
            yield
        finally:
            self._muted = before

    # The notes below the controls

    def _describe(self) -> None:
        name = self.provider or self.first_provider
        availability = self._availability.get(name)
        if self.provider is None and len(self._service.chain) > 1:
            last = self._service.last_resort
            order = texts.THEN.join(each for each in self._service.chain if each != last)
            order += texts.LAST_RESORT.format(name=last) if last else ""
            self._note.value = note_html(texts.AUTOMATIC_ORDER.format(names=order))
        elif availability is None:
            self._note.value = warnings_html([texts.PROVIDER_MISSING.format(name=name)])
        elif availability.ready:
            self._note.value = note_html(texts.PROVIDER_READY.format(name=name, reason=availability.reason))
        else:
            reason = availability.reason
            why = f"it {reason}" if reason.startswith("has ") else reason
            message = texts.PROVIDER_NOT_READY.format(name=name, reason=why)
            self._note.value = warnings_html([message])
        self._all_providers.value = _providers_html(self._availability)


def _providers_html(availability: dict[str, Availability]) -> str:
    """Return a folded list of all providers with the reason why each is ready or not."""
    ready = sum(each.ready for each in availability.values())
    rows = "".join(
        f'<div class="vx-provider"><span>{"✓" if each.ready else "–"}</span><b>{escape(name)}</b>'
        f"<span>{escape(each.reason)}</span></div>"
        for name, each in availability.items()
    )
    summary = texts.ALL_PROVIDERS.format(ready=ready, all=len(availability))
    return f"<details><summary>{summary}</summary>{rows}</details>"
