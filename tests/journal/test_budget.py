"""Budgets: never exceeded, by any number of processes, in any scope."""

from __future__ import annotations

import math
import multiprocessing
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from voxweave_nb import BudgetExceeded
from voxweave_nb.journal import AttemptOutcome, Journal, RunState

from .rows import accept, ask, intend


@pytest.mark.parametrize("scope", ["run", "day", "group", "journal"])
def test_a_budget_is_never_exceeded_and_sums_shown(journal, scope):
    journal.open_group("lab-1", kind="lab", name="harbour")
    ask(journal, group="lab-1")
    budgets = {scope: 0.5}
    intend(journal, budgets=budgets)
    intend(journal, usd=0.3, budgets=budgets)
    with pytest.raises(
        BudgetExceeded, match=r"about \$0\.20; \$0\.50 is spent.* is \$0\.50\. Nothing was sent"
    ) as caught:
        intend(journal, budgets=budgets)
    assert (caught.value.usd, caught.value.spent, caught.value.budget) == (0.2, 0.5, 0.5)
    assert len(journal.run("run-1").attempts) == 2


def test_a_refusal_or_lower_cost_leaves_room(journal):
    ask(journal)
    journal.settle(intend(journal, budgets={"journal": 0.2}), AttemptOutcome.REFUSED)
    journal.settle(intend(journal, budgets={"journal": 0.2}), AttemptOutcome.ACCEPTED, job_id="7")
    journal.cost("run-1", "7", 0.05)
    intend(journal, usd=0.15, budgets={"journal": 0.2})
    assert journal.spent("journal") == pytest.approx(0.2)


def test_each_run_has_its_own_budget(journal):
    ask(journal, "run-1")
    ask(journal, "run-2")
    intend(journal, "run-1", budgets={"run": 0.2})
    intend(journal, "run-2", budgets={"run": 0.2})
    with pytest.raises(BudgetExceeded, match="today"):
        intend(journal, "run-2", budgets={"day": 0.5})


def test_an_unknown_price_needs_consent_under_a_budget(journal):
    ask(journal)
    intend(journal, usd=None)
    with pytest.raises(BudgetExceeded, match="not known, and a budget is set"):
        intend(journal, usd=None, budgets={"day": 5.0})
    intend(journal, usd=None, budgets={"day": 5.0}, unknown_prices=True)
    assert journal.run("run-1").usd is None


def test_a_spent_budget_stops_unknown_prices(journal):
    ask(journal)
    accept(journal, usd=None)
    journal.cost("run-1", "job-1", 3.0)
    for budget in (1.0, 3.0):
        with pytest.raises(BudgetExceeded, match=r"The price is not known; \$3\.00 is spent") as stopped:
            intend(journal, usd=None, budgets={"journal": budget}, unknown_prices=True)
        assert (stopped.value.usd, stopped.value.spent, stopped.value.budget) == (None, 3.0, budget)
    assert intend(journal, usd=None, budgets={"journal": 3.1}, unknown_prices=True)


def test_free_submissions_pass_any_budget(journal):
    ask(journal)
    intend(journal, usd=0.0, provider="local", budgets={"journal": 0.0})


def test_spend_has_a_row_per_day_and_provider(journal):
    ask(journal)
    for provider, usd, outcome in [
        ("zai", 0.2, AttemptOutcome.ACCEPTED),
        ("zai", 0.2, AttemptOutcome.IN_DOUBT),
        ("fal", None, AttemptOutcome.ACCEPTED),
        ("local", 0.0, AttemptOutcome.ACCEPTED),
        ("fal", 9.0, AttemptOutcome.REFUSED),
    ]:
        journal.settle(intend(journal, usd=usd, provider=provider), outcome)
    spend = journal.spend()
    rows = [(row.provider, row.jobs, row.usd, row.in_doubt, row.unknown) for row in spend.rows]
    assert rows == [("fal", 1, 0, 0, 1), ("zai", 2, pytest.approx(0.4), 1, 0)]
    assert spend.usd == pytest.approx(0.4)
    lines = str(spend).splitlines()
    assert lines[-1].split() == ["all", "3", "0.40"]
    assert all(len(line) <= 80 for line in lines)
    assert "1 in doubt" in lines[2]


# A group's whole life


def test_a_group_budget_counts_all_its_runs(journal):
    journal.open_group("lab-1", kind="lab", name="harbour")
    for run in ("run-1", "run-2"):
        ask(journal, run, group="lab-1")
    ask(journal, "run-3")
    intend(journal, "run-1", budgets={"group": 0.5})
    intend(journal, "run-2", budgets={"group": 0.5})
    intend(journal, "run-3", usd=9.0)
    with pytest.raises(BudgetExceeded, match=r"\$0\.40 is spent or in doubt in this lab"):
        intend(journal, "run-1", budgets={"group": 0.5})
    assert journal.spent("group", group="lab-1") == pytest.approx(0.4)
    with pytest.raises(ValueError, match="run-3 belongs to no group"):
        intend(journal, "run-3", budgets={"group": 0.5})


def test_a_stored_group_budget_holds_without_asking(journal):
    journal.open_group("board-1", kind="board", name="talk", budget=0.5)
    ask(journal, group="board-1")
    intend(journal, usd=0.4)
    with pytest.raises(BudgetExceeded, match="in this board"):
        intend(journal, budgets={"group": 9.0})
    with pytest.raises(BudgetExceeded, match="not known, and a budget is set"):
        intend(journal, usd=None)
    journal.open_group("board-1", kind="board", name="talk", budget=0.6)
    intend(journal)


def test_pruned_runs_still_count_for_their_group(journal):
    journal.open_group("lab-1", kind="lab", name="harbour", budget=0.5)
    ask(journal, group="lab-1")
    journal.settle(intend(journal), AttemptOutcome.REFUSED)
    accept(journal, usd=0.4)
    journal.end("run-1", RunState.FINISHED)
    ask(journal, "run-2")
    accept(journal, "run-2", job_id="job-2")
    journal.end("run-2", RunState.FINISHED)
    assert journal.prune(before=time.time() + 1) == 2
    assert journal.spent("group", group="lab-1") == pytest.approx(0.4)
    ask(journal, "run-3", group="lab-1")
    with pytest.raises(BudgetExceeded):
        intend(journal, "run-3")


def test_a_reported_cost_replaces_the_estimate_everywhere(journal):
    journal.open_group("lab-1", kind="lab", name="harbour")
    ask(journal, group="lab-1")
    accept(journal, usd=0.2)
    journal.cost("run-1", "job-1", 0.35)
    assert journal.run("run-1").usd == journal.spend().usd == pytest.approx(0.35)
    for scope in ("run", "day", "group", "journal"):
        assert journal.spent(scope, run="run-1", group="lab-1") == pytest.approx(0.35)


def test_a_negative_price_of_old_gives_nothing_back(journal):
    ask(journal)
    intend(journal, usd=0.9)
    with journal.transaction() as db:
        db.execute("INSERT INTO attempts (run, at, day, provider, request_id, usd, outcome) SELECT run, at, day, "
                   "provider, request_id, -100, outcome FROM attempts")  # fmt: skip
    for scope in ("run", "day", "journal"):
        with pytest.raises(BudgetExceeded, match=r"\$0\.90 is spent"):
            intend(journal, budgets={scope: 1.0})
    assert journal.spend().usd == pytest.approx(0.9)


@pytest.mark.parametrize("budget", [math.nan, math.inf, -1.0])
def test_an_impossible_group_budget_is_refused(journal, budget):
    with pytest.raises(ValueError, match="budget"):
        journal.open_group("lab-1", kind="lab", name="harbour", budget=budget)


# The day


@pytest.fixture
def in_zone(monkeypatch) -> Iterator[Callable[[str], None]]:
    """Return a function that moves this process into a time zone."""

    def move(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone cannot be changed")
def test_a_time_zone_gives_no_second_budget(journal, in_zone):
    ask(journal)
    for number, zone in enumerate(("UTC0", "AHEAD-14", "BEHIND+12")):
        in_zone(zone)
        if number:
            with pytest.raises(BudgetExceeded, match=r"\$0\.60 is spent or in doubt today"):
                intend(journal, usd=0.6, budgets={"day": 1.0})
        else:
            intend(journal, usd=0.6, budgets={"day": 1.0})
        assert journal.spent("day") == pytest.approx(0.6)
    (row,) = journal.spend().rows
    assert row.day == time.strftime("%Y-%m-%d", time.gmtime(journal.run("run-1").attempts[0].at))


# After damage


def damaged(home: Path) -> Journal:
    """Return the journal that replaces a damaged one, with a run in it."""
    home.mkdir(exist_ok=True)
    (home / "journal.sqlite3").write_bytes(b"no database" * 1000)
    journal = Journal(home)
    ask(journal)
    return journal


@pytest.mark.parametrize("scope", ["run", "day", "group", "journal"])
def test_damage_stops_paid_work_under_a_budget(tmp_path, scope):
    journal = damaged(tmp_path / "home")
    journal.open_group("lab-1", kind="lab", name="harbour")
    ask(journal, "run-2", group="lab-1")
    with pytest.raises(
        BudgetExceeded, match=r"Nothing was sent.*start_budget_anew.*spend --start-anew"
    ) as caught:
        intend(journal, "run-2", usd=0.2, budgets={scope: 1.0})
    assert journal.set_aside.name in str(caught.value)
    with pytest.raises(BudgetExceeded, match="start_budget_anew"):
        intend(journal, "run-2", usd=None, budgets={scope: 1.0}, unknown_prices=True)
    intend(journal, "run-2", usd=0.0, provider="local", budgets={scope: 1.0})
    intend(journal, "run-2", usd=0.2)  # no budget, as before
    journal.close()
    again = Journal(tmp_path / "home")  # it holds in every process, and after a restart
    with pytest.raises(BudgetExceeded, match="start_budget_anew"):
        intend(again, "run-2", budgets={scope: 1.0})
    again.start_budget_anew()
    intend(again, "run-2", usd=0.2, budgets={scope: 1.0})
    with pytest.raises(BudgetExceeded, match=r"\$0\.40 is spent"):
        intend(again, "run-2", usd=0.7, budgets={scope: 1.0})
    again.close()
    reopened = Journal(tmp_path / "home")
    assert reopened.lost_spend() == []
    reopened.close()


def test_a_death_after_setting_aside_changes_nothing(tmp_path):
    """The next process finds the damaged file, although nobody has written it down."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "damaged-20261130-111319-abc123-journal.sqlite3").write_bytes(b"no database")
    journal = Journal(home)
    ask(journal)
    with pytest.raises(BudgetExceeded, match="damaged-20261130-111319-abc123-journal"):
        intend(journal, budgets={"day": 1.0})
    journal.close()


def test_each_damage_needs_a_new_start(tmp_path):
    journal = damaged(tmp_path / "home")
    assert journal.start_budget_anew() == [journal.set_aside.name]
    assert journal.start_budget_anew() == []
    journal.close()
    again = damaged(tmp_path / "home")
    assert again.set_aside.name in again.lost_spend()
    with pytest.raises(BudgetExceeded, match="start_budget_anew"):
        intend(again, budgets={"journal": 1.0})
    again.close()


def test_spend_names_what_it_cannot_count(tmp_path):
    journal = damaged(tmp_path / "home")
    lines = str(journal.spend()).splitlines()
    assert journal.spend().lost == (journal.set_aside.name,)
    assert journal.set_aside.name in " ".join(lines)
    assert "start_budget_anew" in " ".join(lines)
    assert all(len(line) <= 80 for line in lines)
    journal.start_budget_anew()
    assert "damaged" not in str(journal.spend())
    journal.close()


# Several processes


def _spender(home: str, number: int, count: int, scope: str) -> tuple[int, list[str]]:
    journal = Journal(Path(home))
    group = "lab-1" if scope == "group" else None
    ask(journal, f"run-{number}", group=group)
    # Every second process of a group relies on the budget that the group itself has.
    budgets = {} if group and number % 2 else {scope: 2.0}
    sent, odd = 0, []
    for _ in range(count):
        try:
            intend(journal, f"run-{number}", usd=0.07, budgets=budgets)
            sent += 1
        except BudgetExceeded:
            pass
        except Exception as error:  # noqa: BLE001  any other error would reach a person
            odd.append(repr(error))
    journal.close()
    return sent, odd


@pytest.mark.slow
@pytest.mark.parametrize(("processes", "scope"), [(2, "journal"), (8, "journal"), (8, "group")])
def test_processes_together_stop_exactly_at_the_budget(tmp_path, processes, scope):
    home = str(tmp_path / "home")
    journal = Journal(Path(home))
    journal.open_group("lab-1", kind="lab", name="harbour", budget=2.0)
    if scope == "group":  # what is spent outside of the group does not count
        ask(journal, "elsewhere")
        accept(journal, "elsewhere", usd=50.0)
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        done = pool.starmap(_spender, [(home, number, 20, scope) for number in range(processes)])
    assert [odd for _, odd in done if odd] == []  # no "database is locked" reaches a person
    assert sum(sent for sent, _ in done) == 28  # 28 x 0.07 = 1.96; one more would be 2.03
    assert journal.spent(scope, group="lab-1") == pytest.approx(1.96)
    journal.close()
