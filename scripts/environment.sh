# Sourced by the other scripts, in POSIX sh: finds a Python, creates a virtual environment in this checkout and installs
# the project in it. `prepare EXTRA [X.Y [lowest]]` sets `venv`, `bin` and `python`. On Windows, Git Bash runs them.

ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$ROOT" || exit 1
export PIP_DISABLE_PIP_VERSION_CHECK=1 PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1

say() { printf '%s\n' "$*" >&2; }
fail() { say "${0##*/}: $*"; exit 1; }

# suits PYTHON [X.Y]: succeeds if it is at least 3.11 (exactly X.Y, where given) and can create a virtual environment.
suits() {
    "$1" - "${2-}" >/dev/null 2>&1 <<'END'
import ensurepip, sys, venv
asked = sys.argv[1]
sys.exit(sys.version_info < (3, 11) or asked not in ("", "%d.%d" % sys.version_info[:2]))
END
}

# find_python [X.Y]: prints the path of the first interpreter that suits.
find_python() {
    pyenv_versions=${PYENV_ROOT:-$HOME/.pyenv}/versions
    if [ -n "${1-}" ]; then
        set -- "$1" "python$1" "$pyenv_versions/$1"*/bin/python
    else
        set -- '' python3 python3.13 python3.12 python3.11 python \
            "$pyenv_versions"/3.13*/bin/python "$pyenv_versions"/3.12*/bin/python "$pyenv_versions"/3.11*/bin/python
    fi
    wanted=$1
    shift
    for candidate; do
        if suits "$candidate" "$wanted"; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

# stamp EXTRA: prints a line that changes with the interpreter, the checkout's path and pyproject.toml. It is saved after
# an installation; a different line means that the installation is out of date.
stamp() {
    "$python" - "$ROOT" "$1" <<'END'
import hashlib, pathlib, sys
root, extra = sys.argv[1:]
listed = (pathlib.Path(root) / "pyproject.toml").read_bytes()
print(extra, hashlib.sha256(repr((sys.version, root)).encode() + listed).hexdigest())
END
}

# name_programs: sets `bin` and `python` by `venv`; on Windows a virtual environment has Scripts in place of bin.
name_programs() {
    bin=$venv/bin
    [ ! -d "$venv/Scripts" ] || bin=$venv/Scripts
    python=$bin/python
}

# prepare EXTRA [X.Y [lowest]]: creates or reuses .venv (.venv-X.Y) with the project and one of its extras ('' for none).
# With `lowest`, it is .venv-lowest, with the lowest versions that are declared, from wheels only.
prepare() {
    suffix=${3:-${2-}}
    venv=$ROOT/.venv${suffix:+-$suffix}
    name_programs
    if ! "$python" -c '' 2>/dev/null; then
        found=$(find_python "${2-}") || fail "no Python ${2:-3.11} with venv and pip was found; 3.11 is the oldest that is supported."
        say "Creating ${venv##*/} with $found"
        "$found" -m venv --clear "$venv" || fail "$found could not create a virtual environment in $venv; its message is above."
        name_programs
    fi
    installed=$(cat "$venv/installed" 2>/dev/null) || installed=
    extra=$1
    case $installed in dev\ *) extra=dev ;; esac # do not replace a developer's environment by a smaller one
    if [ "$installed" != "$(stamp "$extra")" ]; then
        say "Installing voxweave_nb${extra:+ with its extra '$extra'}; the first time takes a minute or two"
        set -- "${3-}" --editable ".${extra:+[$extra]}"
        if [ -n "$1" ]; then
            "$python" scripts/lowest.py >"$venv/lowest.txt" || fail "the lowest versions are not known; the reason is above."
            set -- "$@" --only-binary :all: --constraint "$venv/lowest.txt"
        fi
        shift
        "$python" -m pip install --quiet --quiet "$@" </dev/null >&2 ||
            fail "pip could not install the project; its message is above."
        stamp "$extra" >"$venv/installed"
    fi
}
