"""`voxweave-nb styles` and `voxweave-nb providers`."""

from __future__ import annotations

import json

from voxweave_nb import VideoStyle
from voxweave_nb.cli import main
from voxweave_nb.providers import registered


def test_styles_lists_all_seven(capsys):
    assert main(["styles"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [style.value for style in VideoStyle]
    assert "Places: sea, lake, mountains, forest." in lines[0]
    assert all(len(line.split()) > 3 for line in lines)
    assert [line.split()[0] for line in lines if line.endswith("(default)")] == ["cyberpunk"]


def test_providers_is_a_table_of_eighty_columns(capsys):
    assert main(["providers"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("local        ready: renders on this machine")
    assert max(map(len, lines)) <= 80
    named = {line.split()[0] for line in lines if line and not line.startswith(" ")}
    assert set(registered()) <= named
    assert "  cogvideox-3                  5 or 10 s             muxed in   $0.20 a video" in lines
    assert lines[-1] == "order without --provider: local"


def test_providers_reports_a_key_without_showing_it(capsys, monkeypatch):
    monkeypatch.setenv("ZAI_API_KEY", "sk-very-private")
    assert main(["providers"]) == 0
    shown = capsys.readouterr().out
    assert "zai          ready: with a key, at https://api.z.ai" in shown
    assert main(["providers", "--json"]) == 0
    told = capsys.readouterr().out
    assert "sk-very-private" not in shown + told
    facts = json.loads(told)
    assert (facts["zai"]["key_found"], facts["fal"]["key_found"]) == (True, False)
    assert facts["fal"]["models"][0]["price"] == {"usd": 0.10, "per": "second"}


def test_the_order_names_the_last_resort(capsys, monkeypatch):
    monkeypatch.setenv("ZAI_API_KEY", "k")
    assert main(["providers"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "order without --provider: zai; local only if none of these can be used"


def test_ones_own_server_shows_no_prices(capsys, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://gpu-box:8000/v1")
    assert main(["providers"]) == 0
    block = capsys.readouterr().out.split("\n\n")[0]
    assert "  (the server's own)           any                   muxed in   unknown" in block
    assert "sora-2" not in block
    assert "$" not in block
