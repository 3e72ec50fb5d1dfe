"""What was asked, accepted, paid and finished, on disk before it is announced: no paid job lost, none paid twice."""

from __future__ import annotations

from .ledger import RunLedger, file_sha, without_secrets
from .records import RESUMABLE, Create, Requested, Run, Spend
from .store import Journal, open_journal

__all__ = [
    "RESUMABLE",
    "Create",
    "Journal",
    "Requested",
    "Run",
    "RunLedger",
    "Spend",
    "file_sha",
    "open_journal",
    "without_secrets",
]
