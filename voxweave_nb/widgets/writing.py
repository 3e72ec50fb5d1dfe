"""The control that writes a narration: a text, a voice, a speed, and a button to listen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from html import escape

import ipywidgets as widgets

from .. import runtime
from ..errors import JobCanceled, VoxweaveError
from ..handle import Work
from ..speech.speaking import find_voices, spoken_seconds, voice_problem
from ..speech.spoken import Speech
from ..timecode import clock
from ..written import Script
from . import texts
from .elements import dropdown, error_html, error_text, note_html, set_visible, visible_overflow

__all__ = ["WriteInput"]

_WHOLE = 4_000  # characters of which the length is estimated; that of a longer text is in proportion


class WriteInput(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """Writes a narration, and speaks it when it is listened to or needed.

    Args:
        speak: Speaks a script; `service.speak`, without its checks of a file.
        on_change: Called when the text, the voice or the speed changes, and when it has been spoken.
    """

    def __init__(self, speak: Callable[[Script], Work[Speech]], on_change: Callable[[], None]) -> None:
        self._speak, self._on_change = speak, on_change
        self._spoken: tuple[Script, Speech] | None = None
        self._work: Work[Speech] | None = None
        self.text = widgets.Textarea(
            description=texts.TEXT_LABEL,
            style={"description_width": "initial"},
            placeholder=texts.WRITE_HINT,
            tooltip=texts.WRITE_TIP,
            layout=widgets.Layout(width="100%", margin="0", height="120px"),
        )
        self.voice = dropdown(texts.VOICE, [])
        self.rate = dropdown(texts.SPEED, texts.SPEEDS)
        self.rate.value = 1.0
        self.listen = widgets.Button(description=texts.LISTEN, icon="volume-up", tooltip=texts.LISTEN_TIP)
        row = widgets.Box([self.voice, self.rate, self.listen])
        row.add_class("vx-choices")
        self._note, self._sound = widgets.HTML(), widgets.HTML()
        super().__init__([self.text, row, self._note, self._sound], layout=visible_overflow())
        self._problem: str | None = None
        for each in (self.text, self.voice, self.rate):
            each.observe(lambda _: self._on_input(), "value")
        self.listen.on_click(lambda _: self._on_listen())
        self._show()

    def find_voices(self) -> None:
        """Look for voices, each time that the control is shown: one may have been installed meanwhile."""
        self._problem = voice_problem()
        options = [(voice.name, voice.id) for voice in find_voices()]
        if options != list(self.voice.options):
            self.voice.options = options
            self.voice.value = options[0][1] if options else None
        self._show()

    @property
    def script(self) -> Script | None:
        """What is written, or None for nothing that can be spoken."""
        try:
            return Script(self.text.value.strip(), self.voice.value, self.rate.value)
        except VoxweaveError:
            return None

    @property
    def speech(self) -> Speech | None:
        """What is written, once it has been spoken as it is written now."""
        return self._spoken[1] if self._spoken is not None and self._spoken[0] == self.script else None

    def copy(self, other: WriteInput) -> None:
        """Take over what is written in another one."""
        self.text.value, self.rate.value = other.text.value, other.rate.value
        if other.voice.value in dict(self.voice.options).values():
            self.voice.value = other.voice.value
        self._spoken = other._spoken
        self._show()

    def ready(self, then: Callable[[], object]) -> None:
        """Call a function once what is written has been spoken; at once if it has been, or if nothing is written."""
        script = self.script
        if script is None or self.speech is not None:
            then()
        elif self._work is None:
            self._start(script, then)

    def _start(self, script: Script, then: Callable[[], object]) -> None:
        try:
            work = self._speak(script)
        except VoxweaveError as error:
            self._note.value = error_html(str(error))
            return
        self._work = work
        self.listen.description, self.listen.icon = texts.STOP, "stop"
        work.listen(self._on_progress)
        runtime.submit(self._finish(script, work, then))

    def _on_progress(self, sentence: str) -> None:
        if sentence and self._work is not None:
            self._note.value = note_html(sentence)

    async def _finish(self, script: Script, work: Work[Speech], then: Callable[[], object]) -> None:
        ended = ""
        try:
            self._spoken = script, await work
        except JobCanceled:
            ended = note_html(texts.STOPPED)
        except Exception as error:  # noqa: BLE001  shown in the panel: nobody would see the traceback
            ended = error_html(error_text(error))
        self._work = None
        self.listen.description, self.listen.icon = texts.LISTEN, "volume-up"
        self._show()
        if ended:
            self._note.value = ended
            return
        self._on_change()
        if self.speech is not None:
            await asyncio.to_thread(then)  # it may start a job, which reads files

    def _on_listen(self) -> None:
        if self._work is not None:
            self._work.cancel()
        elif self.script is None:
            self._note.value = error_html(texts.NOTHING_WRITTEN)
        else:
            self.ready(self._play)

    def _play(self) -> None:
        if self.speech is not None:
            self._sound.value = self.speech._repr_html_().replace("<audio ", "<audio autoplay ", 1)
            set_visible(self._sound, True)

    def _on_input(self) -> None:
        self._show()
        self._on_change()

    def _show(self) -> None:
        """Show how long it will be, or is, and what is missing."""
        problem, speech = self._problem, self.speech
        self.listen.disabled = self.voice.disabled = problem is not None
        set_visible(self._sound, speech is not None and bool(self._sound.value))
        if speech is None:
            self._sound.value = ""
        if problem is not None:
            self._note.value = f'<div class="vx-warning">{escape(problem)}</div>'
        elif speech is not None:
            self._note.value = note_html(
                texts.SPOKEN.format(length=clock(speech.seconds), count=len(speech.cues))
            )
        elif text := self.text.value.strip():
            seconds = spoken_seconds(text[:_WHOLE], rate=self.rate.value) * max(1.0, len(text) / _WHOLE)
            self._note.value = note_html(texts.WRITTEN.format(length=clock(seconds)))
        else:
            self._note.value = note_html(texts.WRITE_NOTE)
