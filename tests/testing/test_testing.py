"""Importing the contract tests: with pytest only there, and a sentence without it."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest


def python(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(code)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_without_pytest_it_says_what_to_install():
    done = python("""
        import sys
        sys.modules["pytest"] = None
        import voxweave_nb
        voxweave_nb.HttpProvider
        import voxweave_nb.testing
        """)
    assert done.stderr.rstrip().endswith(
        "ImportError: voxweave_nb.testing needs pytest; install it with: pip install pytest"
    )


@pytest.mark.slow
def test_the_package_itself_needs_no_pytest():
    done = python("""
        import sys, voxweave_nb
        for name in voxweave_nb.__all__:
            getattr(voxweave_nb, name)
        print("pytest" in sys.modules)
        """)
    assert done.stdout.strip() == "False", done.stderr


@pytest.mark.slow
def test_a_failed_assertion_shows_its_values(tmp_path):
    (tmp_path / "test_theirs.py").write_text(
        textwrap.dedent("""
            import pytest
            from voxweave_nb.testing import ProviderContract

            class TestTheirs(ProviderContract):
                @pytest.fixture
                def provider(self):
                    return "no provider"
            """),
        encoding="utf-8",
    )
    done = python(f"""
        import pytest
        pytest.main(["-q", "-p", "no:cacheprovider", "-k", "documented", {str(tmp_path)!r}])
        """)
    assert "isinstance('no provider', Provider)" in done.stdout
