"""The finished video in the panel, and the note when the notebook does not keep it."""

from __future__ import annotations

import pytest

from tests.widgets.actions import visible_text
from tests.widgets.test_saved_output import DisplayHandle
from voxweave_nb import GeneratedVideo, VideoGenerationService
from voxweave_nb.widgets.result_view import ResultView

NOTE = "the saved notebook does not include it"


@pytest.fixture(scope="module")
def video(tmp_path_factory, narration_file) -> GeneratedVideo:
    service = VideoGenerationService.local(output_dir=tmp_path_factory.mktemp("out"))
    return service.submit(narration_file, quality="draft").result(60)


@pytest.mark.slow
def test_a_video_outside_the_notebook_is_noted(video):
    result = ResultView()
    result.show(video)
    assert result.player.path == video.path
    assert NOTE in visible_text(result)
    result._saved_output._handle = DisplayHandle()
    result.show(video)
    assert NOTE not in visible_text(result)


def test_a_page_can_report_the_output_missing(video):
    result = ResultView()
    result._saved_output._handle = DisplayHandle()
    result.show(video)
    result._saved_output._on_message(result._saved_output, {"kind": "missing"}, [])
    assert NOTE in visible_text(result)
