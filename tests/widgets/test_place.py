"""The output that keeps a panel's videos, and what is said where there is none."""

from __future__ import annotations

import ipywidgets
import pytest

from voxweave_nb import GeneratedVideo, VideoGenerationService
from voxweave_nb.widgets.place import ResultPlace
from voxweave_nb.widgets.screen import Screen


@pytest.fixture(scope="module")
def video(tmp_path_factory, narration_file) -> GeneratedVideo:
    service = VideoGenerationService.local(output_dir=tmp_path_factory.mktemp("out"))
    return service.submit(narration_file, quality="draft").result(60)


class Output:
    """What a notebook has of an output that changes."""

    def update(self, shown: object) -> None:
        self.data, self.metadata = shown._repr_mimebundle_()


def shown(widget: ipywidgets.Widget) -> str:
    """Everything that can be read, as HTML."""
    if getattr(widget, "layout", None) is None or widget.layout.display == "none":
        return ""
    return str(getattr(widget, "value", "")) + "".join(map(shown, getattr(widget, "children", ())))


def test_where_there_is_no_output_it_is_said_that_the_notebook_does_not_keep_the_video(video):
    screen = Screen()
    screen.show(video)
    assert "the saved notebook does not show it" in shown(screen)
    screen._place._handle = Output()
    screen.show(video)
    assert "saved notebook" not in shown(screen)


def test_a_page_that_lacks_the_video_is_given_it(video):
    place, told = ResultPlace(), []
    place.send = lambda content, buffers=None: told.append(content)
    place._hear(place, {"kind": "hello"}, [])
    assert told == []
    place._handle = Output()
    place.put(video)
    told.clear()
    place._hear(place, {"kind": "hello"}, [])
    place._hear(place, {"kind": "want"}, [])
    asked, given = told
    assert asked["look"]
    assert given["data"] == place._handle.data
    assert given["metadata"] == place._handle.metadata
    assert given["metadata"]["voxweave"] == {"name": asked["name"], "count": asked["count"]}


def test_a_page_whose_notebook_has_no_such_output_lets_it_be_said(video):
    screen = Screen()
    screen._place._handle = Output()
    screen.show(video)
    screen._place._hear(screen._place, {"kind": "missing"}, [])
    assert "the saved notebook does not show it" in shown(screen)
