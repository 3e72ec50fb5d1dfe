"""The way up from a job to the widget that displays it."""

from __future__ import annotations

from voxweave_nb import display


def test_a_registered_view_displays_the_job(monkeypatch):
    shown: list[object] = []
    monkeypatch.setattr(display, "_job_view", None)
    display.register_job_view(shown.append)
    display.show_job("a job")
    assert shown == ["a job"]


def test_without_a_view_it_is_printed(monkeypatch, capsys):
    monkeypatch.setattr(display, "_job_view", None)
    display.show_job("a job")
    assert capsys.readouterr().out == "a job\n"


def test_the_package_registers_its_widget():
    import voxweave_nb

    assert voxweave_nb.Job
    assert display._job_view is not None


def test_a_registered_widget_stands_for_the_job(monkeypatch):
    monkeypatch.setattr(display, "_job_widget", lambda job: f"a widget of {job}")
    assert display.job_widget("a job") == "a widget of a job"
    monkeypatch.setattr(display, "_job_widget", None)
    assert display.job_widget("a job") == "a job"


def test_a_wait_without_a_view_shows_nothing(monkeypatch, capsys):
    monkeypatch.setattr(display, "_job_wait", None)
    with display.waiting_for("a job"):
        pass
    assert capsys.readouterr() == ("", "")


def test_a_page_has_its_files():
    script, style = display.page_files("lab_page")
    assert "Transport" in script
    assert "</script" not in script
    assert ".lp-tile" in style


def test_a_lab_without_views_is_printed(monkeypatch, capsys):
    for name in ("_lab_view", "_lab_widget", "_lab_duel"):
        monkeypatch.setattr(display, name, None)
    display.show_lab("a lab")
    assert capsys.readouterr().out == "a lab\n"
    assert display.lab_widget("a lab") == "a lab"
    assert display.show_duel("a lab", "a duel", "best", None) == "a duel"


def test_registered_views_display_the_lab(monkeypatch):
    shown: list[object] = []
    for name in ("_lab_view", "_lab_widget", "_lab_duel"):
        monkeypatch.setattr(display, name, None)
    display.register_lab_view(shown.append, widget=lambda lab: f"a widget of {lab}", duel=lambda *each: each)
    display.show_lab("a lab")
    assert shown == ["a lab"]
    assert display.lab_widget("a lab") == "a widget of a lab"
    assert display.show_duel("a lab", "a duel", "best", "me") == ("a lab", "a duel", "best", "me")
