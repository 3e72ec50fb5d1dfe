"""Tell the lowest versions that pyproject.toml declares for the package's direct dependencies.

Usage: scripts/lowest.py [--check]
Prints them as constraints for pip. With --check, compares them with what is installed. Covers the package itself and
its extras that the extra `dev` includes; the tools of `dev` are free.
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def lowest(project: dict[str, Any]) -> dict[str, str]:
    """Return the lowest version of each dependency by name, from pyproject.toml's table `project`.

    The website is left out: it is built with the newest tools.

    Raises:
        ValueError: A requirement is not of the form `name>=version`.
    """
    extras = project.get("optional-dependencies", {})
    own = re.compile(rf"{re.escape(project['name'])}\[(.+)\]")
    included = [
        name.strip() for line in extras["dev"] if (of := own.fullmatch(line)) for name in of[1].split(",")
    ]
    found = {}
    for requirement in sum((extras[name] for name in included if name != "docs"), project["dependencies"]):
        if own.fullmatch(requirement):
            continue
        match = re.fullmatch(r"([\w.-]+)(?:\[[^]]*\])?>=([\w.]+)(?: *;.*)?", requirement)
        if not match:
            raise ValueError(
                f"{requirement!r} in pyproject.toml has no lowest version; write it as 'name>=version'."
            )
        found[_normalized(match[1])] = match[2]
    return found


def differences(declared: dict[str, str], installed: dict[str, str]) -> list[str]:
    """Return a phrase for each installed version that is not the declared one; 14 and 14.0.0 are the same."""
    return [
        f"{name} is {installed[name]}, not {number}"
        for name, number in declared.items()
        if name in installed and _numbers(installed[name]) != _numbers(number)
    ]


def _numbers(version: str) -> str:
    return re.sub(r"(\.0)+$", "", version)


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main(arguments: list[str]) -> str:
    """Return the constraints, or after a check the sentence that names the versions."""
    declared = lowest(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"])
    if "--check" not in arguments:
        return "\n".join(f"{name}=={number}" for name, number in declared.items())
    versions = {_normalized(found.name): found.version for found in distributions()}
    installed = {name: versions[name] for name in sorted(declared) if name in versions}
    wrong = differences(declared, installed)
    if wrong:
        raise ValueError(f"{'; '.join(wrong)}. Remove .venv-lowest, and it is made anew.")
    return "Lowest versions: " + ", ".join(f"{name} {number}" for name, number in installed.items())


if __name__ == "__main__":
    try:
        print(main(sys.argv[1:]))
    except ValueError as error:
        sys.exit(f"lowest.py: {error}")
