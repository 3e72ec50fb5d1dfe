"""`lab.next()` proposes with reasons and prices, and adds nothing by itself."""

from __future__ import annotations

import pytest

from tests.lab.fields import states
from tests.lab.test_report import read
from voxweave_nb import ConfigError

pytestmark = pytest.mark.slow


def favour(lab, axis, value):
    """Six votes for each variant with a value against each one without it."""
    good = [each for each in lab.variants if each.state == "made" and each.axes[axis] == value]
    bad = [each for each in lab.variants if each.state == "made" and each.axes[axis] != value]
    for _ in range(6):
        for first in good:
            for second in bad:
                lab.vote(first, second, "left")


@pytest.fixture
def partly(open_lab):
    """Five of six cells, made: forest at dusk in anime is missing."""
    lab = open_lab()
    lab.grid("a {place: harbour|forest} at {time: dawn|noon|dusk}", style="anime")
    (missing,) = [each for each in lab.variants if each.config.prompt == "a forest at dusk"]
    lab.drop(missing)
    lab.run().result(120)
    return lab


def test_a_cell_is_proposed_and_added_on_request(open_lab):
    lab = open_lab()
    lab.add(prompt="rain", style="anime", seed=1)
    lab.add(prompt="fog", style="cinematic", seed=1)
    lab.run().result(120)
    lab.vote(*lab.variants, "left")
    found = lab.next(2)
    assert lab.size == 2
    assert found.usd == pytest.approx(0.4)
    assert {each.usd for each in found} == {0.2}
    assert str(found).startswith("2 proposals ($0.40). Nothing is added before add().")
    added = found[:1].add()
    assert [each.state for each in added] == ["to make"]
    assert lab.size == 3
    assert found[0].variant.id not in {each.variant.id for each in lab.next(4) if not each.known}


def test_variants_that_wait_are_proposed_too(lab):
    found = lab.next(2)
    assert all(each.known and "in the lab already" in each.why for each in found)
    assert found.add() == ()


def test_a_dropped_cell_stays_dropped(partly):
    assert len(partly.next(4)) == 0
    assert "more takes" in str(partly.next(4))
    favour(partly, "time", "dusk")
    found = partly.next(3)
    prompts = [each.variant.config.prompt for each in found]
    assert prompts[:2] == ["a harbour at dusk"] * 2
    assert "a forest at dusk" not in prompts
    assert "another take of the leader (take=1)" in str(found)


def test_an_empty_lab_says_what_to_do(open_lab):
    found = open_lab().next()
    assert len(found) == 0
    assert "add some with grid()" in str(found)
    assert "Nothing to propose" in " ".join(read(found._repr_html_()).text)


def test_the_table_has_axes_prices_and_reasons(partly):
    favour(partly, "time", "dusk")
    text = " ".join(read(partly.next(3)._repr_html_()).text)
    for part in ("place", "time", "take", "0.20", "better than the leader", "another take"):
        assert part in text


def test_what_cannot_be_made_is_left_out(open_lab):
    lab = open_lab()
    lab.add(prompt="rain", provider="zai")
    lab.add(prompt="fog", provider="elsewhere")
    found = lab.next(4)
    assert "2 cannot be made: Provider 'elsewhere' is not installed" in str(found)
    assert [each.variant.config.provider for each in found] == ["zai", "zai"]


@pytest.mark.parametrize("count", [0, 101, "many"])
def test_a_bad_count_gets_a_sentence(lab, count):
    with pytest.raises(ConfigError, match="count"):
        lab.next(count)
    assert states(lab) == ["to make"] * 4
