"""The order of clicks and changes between the page and the kernel."""

from __future__ import annotations

import pytest

from voxweave_nb.widgets.connection import Connection


@pytest.fixture
def connection() -> Connection:
    connection = Connection()
    connection.sent = []
    connection.send = connection.sent.append
    return connection


def receive(connection: Connection, **message: object) -> None:
    connection._handle_custom_msg(message, [])


def test_without_a_page_the_action_runs_at_once(connection):
    done = []
    connection.after_pending_changes(lambda: done.append(1))
    assert done == [1]
    assert connection.sent == []


def test_an_action_waits_for_the_pages_answer(connection):
    done = []
    receive(connection, kind="shown")
    connection.after_pending_changes(lambda: done.append(1))
    assert done == []
    receive(connection, kind="settled", turn=connection.sent[0]["turn"])
    receive(connection, kind="settled", turn=connection.sent[0]["turn"])
    assert done == [1]


def test_a_later_action_replaces_a_waiting_one(connection):
    done = []
    receive(connection, kind="shown")
    for number in (1, 2):
        connection.after_pending_changes(lambda number=number: done.append(number))
    for message in connection.sent:
        receive(connection, kind="settled", turn=message["turn"])
    assert done == [2]
