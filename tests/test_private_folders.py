"""Private folders: removed once their owner has ended, and not before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from voxweave_nb.private_folders import new_private_folder, remove_left_folders

MAKE = """
import sys; from pathlib import Path; from voxweave_nb.private_folders import new_private_folder
folder = new_private_folder("it-", Path(sys.argv[1])); print(folder, flush=True); input()
"""


def test_folders_of_killed_processes_are_removed(tmp_path):
    (tmp_path / "it-is-mine").mkdir()
    ours = new_private_folder("it-", tmp_path)
    command = [sys.executable, "-c", MAKE, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        theirs = owner.stdout.readline().strip()
        remove_left_folders("it-", tmp_path)
        assert {path.name for path in tmp_path.iterdir()} == {"it-is-mine", ours.name, Path(theirs).name}
        owner.kill()
        owner.wait()
    remove_left_folders("it-", tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"it-is-mine", ours.name}


def test_an_owner_elsewhere_keeps_its_folder(tmp_path):
    folder = new_private_folder("it-", tmp_path)
    for owner in ("another-machine 77 12345", "", "nonsense"):
        (folder / "owner.txt").write_text(owner, encoding="utf-8")
        remove_left_folders("it-", tmp_path)
        assert folder.is_dir()
