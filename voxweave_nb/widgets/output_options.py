"""The controls that choose the video file's shape, format and subtitles."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets

from ..config import VideoConfig
from ..models import SubtitleLook, SubtitleMode, VideoAspect, VideoFormat, VideoResolution
from . import texts
from .elements import dropdown

__all__ = ["OutputOptions"]


class OutputOptions(widgets.Box):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """Chooses aspect ratio, resolution, format, subtitle mode and caption style.

    Args:
        on_change: Called when something else is chosen.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        aspects = [(f"{each.value} {texts.SHAPES[each.value]}", each.value) for each in VideoAspect]
        modes = [(texts.SUBTITLE_MODES[each.value], each.value) for each in SubtitleMode]
        styles = [(texts.CAPTION_STYLES[each.value], each.value) for each in SubtitleLook]
        self._aspect = dropdown(texts.ASPECT, aspects)
        self._resolution = dropdown(texts.RESOLUTION, _resolutions(VideoAspect.WIDE))
        self._format = dropdown(texts.FORMAT, [(each.value.upper(), each.value) for each in VideoFormat])
        self._subtitle_mode = dropdown(texts.SUBTITLE_MODE, modes)
        self._caption_style = dropdown(texts.CAPTION_STYLE, styles)
        self._show_or_hide_caption_style()
        controls = [self._aspect, self._resolution, self._format, self._subtitle_mode, self._caption_style]
        super().__init__(controls)
        self.add_class("vx-choices")
        self._aspect.observe(lambda _: self._on_aspect(), "value")
        self._subtitle_mode.observe(lambda _: self._show_or_hide_caption_style(), "value")
        for control in controls:
            control.observe(lambda _: on_change(), "value")

    @property
    def fields(self) -> dict[str, str]:
        """The choice as fields of `VideoConfig`."""
        return {
            "aspect": self._aspect.value,
            "resolution": self._resolution.value,
            "format": self._format.value,
            "subtitle_mode": self._subtitle_mode.value,
            "subtitle_look": self._caption_style.value,
        }

    def show_config(self, config: VideoConfig) -> None:
        """Show the values of a config."""
        self._aspect.value = config.aspect.value
        self._resolution.value = config.resolution.value
        self._format.value = config.format.value
        self._subtitle_mode.value = config.subtitle_mode.value
        self._caption_style.value = config.subtitle_look.value

    def _on_aspect(self) -> None:
        chosen = self._resolution.value
        self._resolution.options = tuple(_resolutions(VideoAspect(self._aspect.value)))
        self._resolution.value = chosen  # setting the options has chosen the first one

    def _show_or_hide_caption_style(self) -> None:
        # Only burnt-in captions have a style of ours; a track or a file looks as its player decides.
        burnt_in = self._subtitle_mode.value == SubtitleMode.BURN.value
        self._caption_style.layout.display = "" if burnt_in else "none"


def _resolutions(aspect: VideoAspect) -> list[tuple[str, str]]:
    sizes = {each: aspect.size(each) for each in VideoResolution}
    return [(f"{each.value} · {width}×{height}", each.value) for each, (width, height) in sizes.items()]
