"""A lab's duels as a person fights them: blind, by keys and by mouse, to a choice."""

from __future__ import annotations

import re

import pytest

from tests.browser.axe import serious
from tests.browser.lab import THEMES, write_notebook
from tests.browser.test_lab_view import OPEN, VIDEOS, make_lab

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DUEL = OPEN.removesuffix("lab") + "lab.duel()"
VOTED = "print([(str(v.choice), v.blind, v.shown > 0, v.rater) for v in lab.votes], lab.ranking().verdict)"
READY = (
    f"() => {VIDEOS}.length === 2 && {VIDEOS}.every(each => each.readyState > 2)"
    " && !document.querySelector('.vl-loading')"
)


@pytest.fixture
def duel(lab, folder, request):
    """A duel of two variants, ready to be voted on."""
    name = re.sub(r"\W+", "_", request.node.name.removeprefix("test_")).strip("_")
    one = make_lab(folder, name, made=2)
    one.drop(*[each.id for each in one.variants[2:]])
    write_notebook(folder / f"{name}.ipynb", [DUEL.format(name=name), VOTED])
    lab.open(f"{name}.ipynb").run(0)
    lab.page.wait_for_function(READY)
    lab.cell(0).locator(".voxweave-lab").focus()
    yield lab.cell(0)
    lab.stop_kernel()


def vote(lab, duel, key):
    """Press a key, see the labels, and go on."""
    lab.page.keyboard.press(key)
    duel.get_by_role("button", name="Next pair").wait_for()
    lab.page.keyboard.press("Enter")
    duel.get_by_role("button", name="Next pair").wait_for(state="hidden")
    lab.page.wait_for_function(READY)


def test_keys_decide_a_duel(lab, duel):
    page = lab.page
    page.wait_for_function(f"() => {VIDEOS}.every(each => !each.paused && each.currentTime > 0.3)")
    assert page.evaluate(f"() => {VIDEOS}.filter(each => !each.muted).length") == 1
    assert "anime" not in duel.inner_text()
    page.keyboard.press("ArrowLeft")
    duel.locator(".vl-name", has_text="Left is better").wait_for()
    assert "anime" in duel.inner_text()
    assert "cinematic" in duel.inner_text()
    duel.get_by_text("About ").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_function(READY)
    assert "anime" not in duel.inner_text()
    for _ in range(3):
        vote(lab, duel, "ArrowDown")
    duel.get_by_text("4 votes here").wait_for()
    votes = ", ".join(f"('{outcome}', True, True, 'me')" for outcome in ("left", "tie", "tie", "tie"))
    lab.run_until(1, f"[{votes}]")


def test_the_mouse_votes_and_takes_back(lab, duel):
    page = lab.page
    sides = page.evaluate(f"() => {VIDEOS}.map(each => each.src)")
    duel.get_by_role("button", name="Both bad").click()
    duel.locator(".vl-name", has_text="Both are bad").wait_for()
    duel.get_by_role("button", name="Undo").click()
    duel.get_by_role("button", name="Both bad").wait_for()
    page.wait_for_function(READY)
    assert page.evaluate(f"() => {VIDEOS}.map(each => each.src)") == sides
    duel.get_by_role("button", name="Skip").click()
    page.wait_for_function(READY)
    duel.get_by_label("Go on by itself").check()
    duel.get_by_role("button", name="Right", exact=False).last.click()
    duel.locator(".vl-name", has_text="Right is better").wait_for()
    duel.locator(".vl-name", has_text="Which one is better?").wait_for()
    lab.run_until(1, "[('right', True, True, 'me')]")
    duel.get_by_role("button", name="Show the leader").click()
    duel.get_by_text("is the best with a chance of").wait_for()


def test_a_reload_keeps_the_pair(lab, duel):
    vote(lab, duel, "ArrowRight")
    lab.save()
    lab.page.reload()
    lab.page.wait_for_function(READY)
    lab.cell(0).get_by_text("1 vote here").wait_for()
    lab.page.wait_for_function(f"() => {VIDEOS}.every(each => each.paused)")
    lab.cell(0).locator(".voxweave-lab").focus()
    vote(lab, lab.cell(0), "x")
    lab.run_until(1, "('bad', True, True, 'me')")


def test_axe_finds_nothing_serious_here(lab, duel):
    for theme in THEMES:
        lab.theme(theme)
        assert serious(lab.page, ".voxweave-lab") == []
    duel.locator(".voxweave-lab").focus()
    lab.page.keyboard.press("ArrowLeft")
    duel.get_by_role("button", name="Next pair").wait_for()
    for theme in reversed(THEMES):
        lab.theme(theme)
        assert serious(lab.page, ".voxweave-lab") == []
