"""The videos of a lab on their way to a page."""

from __future__ import annotations

import pytest

from tests.samples import finished_video
from tests.widgets.actions import wait_for
from voxweave_nb.widgets.lab_videos import LabVideos


@pytest.fixture
def video(tmp_path):
    return finished_video(tmp_path / "out")


@pytest.fixture
def sent():
    return []


@pytest.fixture
def videos(video, sent):
    return LabVideos(lambda content, buffers=None: sent.append((content, buffers)), {"v1": video}.get)


def test_a_page_gets_a_description(videos, sent):
    assert videos.receive({"kind": "facts", "of": "v1"})
    message = sent[-1][0]
    assert (message["of"], message["facts"]["size"], message["facts"]["cues"]) == ("v1", 1000, 2)
    assert message["cues"] == [[0, 1, "first\nline"], [65, 66, "second"]]


def test_an_unknown_video_has_none(videos, sent, video):
    videos.receive({"kind": "facts", "of": "v2"})
    assert sent[-1][0] == {"kind": "facts", "of": "v2", "facts": None}
    video.path.unlink()
    videos.receive({"kind": "facts", "of": "v1"})
    assert sent[-1][0]["facts"] is None


def test_a_poster_comes_in_pieces(videos, sent):
    videos.receive({"kind": "pull", "of": "v1", "what": "poster", "turn": "t", "seq": 0, "bytes": 2**20})
    content, buffers = sent[-1]
    assert (content["kind"], content["of"], content["turn"]) == ("piece", "v1", "t")
    assert buffers == [b"\xff\xd8\xff"]


def test_only_files_of_the_video_are_sent(videos, sent):
    for what in ("../secrets", "sprite"):
        videos.receive({"kind": "pull", "of": "v1", "what": what, "turn": "t", "seq": 0})
        assert sent[-1][0]["kind"] == "gone"
    videos.receive({"kind": "pull", "of": "v9", "what": "video", "turn": "t", "seq": 0})
    assert sent[-1][0] == {"kind": "gone", "of": "v9", "what": "video", "turn": "t", "name": "video"}


def test_a_copy_that_fails_tells_why(videos, sent):
    videos.receive({"kind": "rendition", "of": "v1", "format": "webm", "turn": "t"})
    wait_for(lambda: sent and "error" in sent[-1][0])
    assert sent[-1][0]["turn"] == "t"
    assert sent[-1][0]["error"]


def test_other_messages_are_left(videos):
    assert not videos.receive({"kind": "rate"})
    assert videos.receive({"kind": "way", "way": "server"})
