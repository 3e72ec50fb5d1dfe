"""The journal: requests, submissions, costs and results, on disk before they are announced."""

from __future__ import annotations

from .ledger import RunLedger, file_sha, without_secrets
from .records import INTERRUPTED, Attempt, AttemptOutcome, Group, Requested, Run, RunState, Spend
from .store import Journal, open_journal

__all__ = [
    "INTERRUPTED",
    "Attempt",
    "AttemptOutcome",
    "Group",
    "Journal",
    "Requested",
    "Run",
    "RunLedger",
    "RunState",
    "Spend",
    "file_sha",
    "open_journal",
    "without_secrets",
]
