"""The sandbox's optional dependencies."""

from __future__ import annotations

import subprocess
import sys


def test_a_missing_extra_names_the_install_command() -> None:
    code = (
        "import sys; sys.modules['uvicorn'] = None\n"
        "from voxweave_nb.errors import ConfigError\n"
        "try:\n    import voxweave_nb.sandbox\nexcept ConfigError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "needs uvicorn" in done.stdout
    assert "pip install 'voxweave-nb[sandbox]'" in done.stdout


def test_the_package_does_not_import_the_server() -> None:
    code = (
        "import sys, voxweave_nb; print([name for name in ('uvicorn', 'starlette') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
