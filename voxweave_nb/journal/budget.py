"""Budgets and spend, in SQL: every check runs in the transaction that writes the attempt down.

A submission counts from the moment before it is sent until its refusal is certain; one in doubt counts.
"""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

from ..errors import BudgetExceeded, ProviderUnavailable
from .records import AttemptOutcome, SpendRow

__all__ = [
    "Scope",
    "check_budgets",
    "check_known_spend",
    "checked_price",
    "keep_pruned_spend",
    "lost_spend",
    "note_lost_spend",
    "spend_rows",
    "spent",
    "start_anew",
    "stated_price",
    "utc_day",
    "with_group_budget",
]

Scope = Literal["run", "day", "group", "journal"]
"""The attempts that a budget is for: a run's, today's, a group's, or the journal's."""

_COST = "MAX(COALESCE(usd_actual, usd, 0), 0)"
"""An attempt's cost in SQL. Negative prices, which older releases have let through, give nothing back."""

_WHERE = {
    "run": "run = :run",
    "day": "day = :today",
    "group": "run IN (SELECT id FROM runs WHERE run_group = :group)",
    "journal": "1",
}
_OUTCOMES = {
    "refused": AttemptOutcome.REFUSED,
    "sent": AttemptOutcome.SENT,
    "in_doubt": AttemptOutcome.IN_DOUBT,
}


def utc_day(at: float) -> str:
    """Return the day of a budget, `YYYY-MM-DD`: in UTC, so that no change of the time zone begins a new one.

    Args:
        at: Seconds since 1970.
    """
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def checked_price(provider: str, usd: float | None) -> float | None:
    """Return a submission's estimated price in US dollars, if it can be one.

    Raises:
        ProviderUnavailable: It is not a number, infinite or negative, which is a mistake of the provider's plug-in.
    """
    if usd is None:
        return None
    price = stated_price(usd)
    if price is None:
        raise ProviderUnavailable(
            f"{provider} gives {usd!r} US dollars as its price, which cannot be right. Nothing was sent. Report it to "
            "the authors of the provider.",
            provider=provider,
        )
    return price


def stated_price(usd: float | None) -> float | None:
    """Return the price or cost that a provider states in US dollars, or None if it cannot be one."""
    try:
        price = math.nan if usd is None else float(usd)
    except (TypeError, ValueError, OverflowError):
        return None
    return price if 0 <= price < math.inf else None


def spent(
    db: sqlite3.Connection, scope: str, *, run: str = "", group: str | None = None, today: str = ""
) -> float:
    """Return the US dollars that are spent or in doubt in a scope.

    Args:
        db: The journal's connection.
        scope: A `Scope`.
        run: The run, for the scope "run".
        group: The group's id, for the scope "group".
        today: The date in UTC as `YYYY-MM-DD`, for the scope "day".
    """
    values = {**_OUTCOMES, "run": run, "group": group, "today": today}
    (attempts,) = db.execute(
        f"SELECT COALESCE(SUM({_COST}), 0) FROM attempts "  # noqa: S608  only our own constants
        f"WHERE outcome <> :refused AND {_WHERE[scope]}",
        values,
    ).fetchone()
    if scope != "group":
        return float(attempts)
    pruned = db.execute("SELECT pruned_usd FROM run_groups WHERE id = :group", values).fetchone()
    return float(attempts) + float(pruned[0] if pruned else 0)


def with_group_budget(db: sqlite3.Connection, run: str, budgets: Mapping[str, float]) -> dict[str, float]:
    """Return budgets with the stored one of the run's group added; the smaller one holds where both are set."""
    row = db.execute(
        "SELECT budget FROM run_groups JOIN runs ON runs.run_group = run_groups.id WHERE runs.id = ?", (run,)
    ).fetchone()
    if row is None or row["budget"] is None:
        return dict(budgets)
    return {**budgets, "group": min(row["budget"], budgets.get("group", row["budget"]))}


def check_budgets(
    db: sqlite3.Connection, budgets: Mapping[str, float], usd: float | None, *, run: str, today: str
) -> None:
    """Raise when a submission would exceed a budget.

    Args:
        db: The journal's connection, in a transaction.
        budgets: US dollars by scope.
        usd: The submission's estimated price in US dollars, or None when it is not known.
        run: The submission's run.
        today: The date in UTC as `YYYY-MM-DD`.

    Raises:
        BudgetExceeded: It would exceed one of them, or its price is not known and one of them is spent.
        ValueError: There is a budget for the group of a run that belongs to none.
    """
    group = db.execute(
        "SELECT run_groups.id, kind FROM run_groups JOIN runs ON runs.run_group = run_groups.id WHERE runs.id = ?",
        (run,),
    ).fetchone()
    if "group" in budgets and group is None:
        raise ValueError(f"Run {run} belongs to no group, so a group's budget cannot be checked for it.")
    periods = {
        "run": "for this video",
        "day": "today",
        "group": f"in this {group['kind']}" if group else "",
        "journal": "in this journal",
    }
    for scope, budget in budgets.items():
        already = spent(db, scope, run=run, group=group["id"] if group else None, today=today)
        then, limit = round(already + (usd or 0.0), 6), round(budget, 6)
        if (usd is None and then >= limit) or (usd and then > limit):
            raise _exceeded(usd, already, budget, periods[scope])


def note_lost_spend(db: sqlite3.Connection, names: Sequence[str]) -> None:
    """Write down, once for each, that the spend in some journals is not known any more."""
    db.executemany(
        "INSERT INTO lost_spend (name, at) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
        [(name, time.time()) for name in names],
    )


def lost_spend(db: sqlite3.Connection) -> list[str]:
    """Return the journals whose spend is not known, unless budgets have been started anew since."""
    return [
        name for (name,) in db.execute("SELECT name FROM lost_spend WHERE anew IS NULL ORDER BY at, name")
    ]


def start_anew(db: sqlite3.Connection) -> list[str]:
    """Let budgets count from the present journal; return the journals whose spend is left out from now on."""
    left_out = lost_spend(db)
    db.execute("UPDATE lost_spend SET anew = ? WHERE anew IS NULL", (time.time(),))
    return left_out


def check_known_spend(db: sqlite3.Connection, budgets: Mapping[str, float], usd: float | None) -> None:
    """Raise when a submission is paid, has a budget, and it is not known what was spent before.

    Raises:
        BudgetExceeded: A journal was damaged or removed, and nobody has started the budget anew.
    """
    if not budgets or usd == 0 or not (lost := lost_spend(db)):
        return
    raise BudgetExceeded(
        f"The spend in {', '.join(lost)} is not known, so no budget can be checked. Nothing was sent. Look at your "
        "providers for what was spent; then start the budget anew: service.start_budget_anew(), or `voxweave-nb spend "
        "--start-anew` in a terminal.",
        usd=usd,
        spent=spent(db, "journal"),
        budget=min(budgets.values()),
    )


def _exceeded(usd: float | None, already: float, budget: float, period: str) -> BudgetExceeded:
    price = "The price is not known" if usd is None else f"This would cost about ${usd:.2f}"
    return BudgetExceeded(
        f"{price}; ${already:.2f} is spent or in doubt {period}, and the budget {period} is "
        f"${budget:.2f}. Nothing was sent. Raise the budget, or choose something cheaper: a shorter clip, a smaller "
        "size, another model.",
        usd=usd,
        spent=already,
        budget=budget,
    )


def spend_rows(db: sqlite3.Connection) -> list[SpendRow]:
    """Return the spend per day and provider, newest day first; what is free is left out."""
    rows = db.execute(
        f"SELECT day, provider, COUNT(*) AS jobs, SUM({_COST}) AS usd, "  # noqa: S608  only our own constants
        "SUM(outcome IN (:sent, :in_doubt)) AS in_doubt, SUM(usd IS NULL AND usd_actual IS NULL) AS unknown "
        "FROM attempts WHERE outcome <> :refused AND (usd IS NULL OR usd > 0 OR usd_actual > 0) "
        "GROUP BY day, provider ORDER BY day DESC, provider",
        _OUTCOMES,
    )
    return [SpendRow(**dict(row)) for row in rows]


def keep_pruned_spend(db: sqlite3.Connection, runs: str, values: Mapping[str, object]) -> None:
    """Add the cost of runs that are about to be pruned to their groups.

    A group's budget is for its whole life, so that forgetting its runs must not give the money back.

    Args:
        db: The journal's connection, in a transaction.
        runs: A subquery of the runs' ids.
        values: That subquery's parameters.
    """
    db.execute(
        f"UPDATE run_groups SET pruned_usd = pruned_usd + (SELECT COALESCE(SUM({_COST}), 0) "  # noqa: S608
        "FROM attempts JOIN runs ON runs.id = attempts.run WHERE runs.run_group = run_groups.id "
        f"AND attempts.outcome <> :refused AND runs.id IN ({runs}))",
        {**_OUTCOMES, **values},
    )
