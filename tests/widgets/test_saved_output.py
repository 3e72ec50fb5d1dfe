"""The cell output that keeps a panel's videos."""

from __future__ import annotations

from dataclasses import replace

import pytest

from voxweave_nb import GeneratedVideo, VideoGenerationService
from voxweave_nb.environment import FrontEnd
from voxweave_nb.widgets.saved_output import SavedOutput


@pytest.fixture(scope="module")
def video(tmp_path_factory, narration_file) -> GeneratedVideo:
    service = VideoGenerationService.local(output_dir=tmp_path_factory.mktemp("out"))
    return service.submit(narration_file, quality="draft").result(60)


class DisplayHandle:
    """An updatable output of a notebook."""

    def update(self, shown: object) -> None:
        self.data, self.metadata = shown._repr_mimebundle_()


@pytest.fixture
def output() -> SavedOutput:
    output = SavedOutput()
    output.sent = []
    output.send = lambda content, buffers=None: output.sent.append(content)
    return output


@pytest.mark.slow
def test_a_page_without_the_video_receives_it(output, video):
    output._on_message(output, {"kind": "hello"}, [])
    assert output.sent == []
    output._handle = DisplayHandle()
    output.add(video)
    output.sent.clear()
    output._on_message(output, {"kind": "hello"}, [])
    output._on_message(output, {"kind": "want"}, [])
    asked, given = output.sent
    assert asked["look"]
    assert given["data"] == output._handle.data
    assert given["metadata"] == output._handle.metadata
    assert given["metadata"]["voxweave"] == {"name": asked["name"], "count": asked["count"]}


def test_without_an_output_the_video_is_missing(output, video):
    output.add(video)
    assert output.missing
    output._handle = DisplayHandle()
    output.add(video)
    assert not output.missing


def test_the_newest_video_is_hidden_first(output, video):
    output._handle = DisplayHandle()
    output.add(video)
    first = output.sent[0]
    assert first["kind"] == "state"
    assert f'class="{first["hidden"]}"' in output._handle.data["text/html"]


def test_videos_are_kept_only_beside_others(output, video, tmp_path):
    output._handle = DisplayHandle()
    other = replace(video, path=video.save(tmp_path / "copy.mp4"))
    output.add(video)
    output.add(other, beside=True)
    assert output._handle.data["text/html"].count("<video ") == 2
    output.add(other, beside=True)
    assert output._handle.data["text/html"].count("<video ") == 2
    output.add(video)
    assert output._handle.data["text/html"].count("<video ") == 1


def test_voila_is_left_alone(output, video, monkeypatch):
    monkeypatch.setattr("voxweave_nb.widgets.saved_output.front_end", lambda: FrontEnd.VOILA)
    output.add(video)
    assert not output.missing
    assert output.sent == []
