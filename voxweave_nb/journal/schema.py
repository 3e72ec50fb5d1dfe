"""The journal's schema, as SQL files that are each applied once, in the order of their numbers.

To change the schema, add `migrations/NNNN_<words>.sql`. Its first line is a comment with the name that the journal
remembers it by. Never edit a file that was released: journals that have applied it would keep the old tables.
"""

from __future__ import annotations

import functools
import sqlite3
import time
from dataclasses import dataclass
from importlib import resources

__all__ = ["Migration", "apply_pending", "migrations", "unknown_to_us"]


@dataclass(frozen=True, slots=True)
class Migration:
    """A step of the schema.

    Attributes:
        name: Its name in the table `migrations`.
        script: Its SQL statements, separated by semicolons, with comments from `--` to the end of a line.
    """

    name: str
    script: str

    @property
    def statements(self) -> list[str]:
        """The single statements, without comments."""
        bare = "\n".join(line.partition("--")[0] for line in self.script.splitlines())
        return [statement.strip() for statement in bare.split(";") if statement.strip()]


@functools.cache
def migrations() -> tuple[Migration, ...]:
    """Return all migrations of this release, oldest first."""
    folder = resources.files(__package__).joinpath("migrations")
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name
    )
    return tuple(_migration(file.read_text(encoding="utf-8")) for file in files)


def _migration(text: str) -> Migration:
    first, _, script = text.partition("\n")
    return Migration(first.removeprefix("--").strip(), script)


def unknown_to_us(connection: sqlite3.Connection) -> list[str]:
    """Return the names of applied migrations that this release does not know: a newer one applied them."""
    return sorted(_applied(connection) - {migration.name for migration in migrations()})


def apply_pending(connection: sqlite3.Connection) -> None:
    """Apply the migrations that a journal lacks. The caller holds the transaction, so it is all of them or none."""
    applied = _applied(connection)
    for migration in migrations():
        if migration.name not in applied:
            for statement in migration.statements:
                connection.execute(statement)
            connection.execute("INSERT INTO migrations VALUES (?, ?)", (migration.name, time.time()))


def _applied(connection: sqlite3.Connection) -> set[str]:
    connection.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, at REAL NOT NULL)")
    return {name for (name,) in connection.execute("SELECT name FROM migrations")}
