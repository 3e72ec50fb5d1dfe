"""A variant says in which state it is."""

from __future__ import annotations

import pytest

from tests.lab.fields import states


@pytest.mark.slow
def test_a_removed_video_is_missed(lab):
    lab.run().result(120)
    lab.variants[0].video.path.unlink()
    assert states(lab).count("gone") == 1


def test_a_paid_seed_is_a_take(open_lab):
    lab = open_lab()
    lab.grid("rain", seed=[1, 2], provider=["zai", "local"])
    assert [sorted(each.axes) for each in lab.variants[:2]] == [["provider", "take"], ["provider", "seed"]]


def test_a_variant_is_one_short_line(lab):
    first = lab.variants[0]
    assert repr(first) == f"<LabVariant {first.id} (choice 1=harbour, choice 2=dawn, style=anime): to make>"


@pytest.mark.slow
def test_a_failure_tells_its_reason(lab, sandbox):
    sandbox.next_job("zai", fails="The model ran out of memory.")
    lab.run(at_once=1).result(120)
    failed = next(each for each in lab.variants if each.state == "failed")
    assert "ran out of memory" in str(failed)
    assert failed.video is None
