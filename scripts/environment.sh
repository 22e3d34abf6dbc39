# Sourced by the other scripts: finds Python, makes .venv, installs what a locked file names.

fail() { printf '%s: %s\n' "$(basename "$0")" "$1" >&2; exit 1; }

find_python() { # the newest Python from 3.11 on
  local candidate
  for candidate in ${PYTHON:-} python3.14 python3.13 python3.12 python3.11 python3; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s' "$candidate"; return
    fi
    [ "$candidate" = "${PYTHON:-}" ] && fail "PYTHON names $("$candidate" --version 2>&1), and Released needs 3.11 or newer: name another, or unset PYTHON"
  done
  fail "Python 3.11 or newer is needed and none was found: install it (on Debian: apt-get install python3 python3-venv), or name one in PYTHON"
}

make_environment() { # $1: the locked file. Does nothing when .venv has just what it names.
  local locked=$1 python stamp
  [ -w . ] || fail "$PWD cannot be written: give this user the folder, or copy the project to another"
  stamp=".venv/installed-from"
  wanted="$(cat "$locked" pyproject.toml | cksum) $locked $PWD"
  if [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then return; fi
  if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$(find_python) || exit 1
    printf 'Making .venv with %s …\n' "$("$python" --version)"
    rm -rf .venv
    if command -v uv >/dev/null 2>&1; then uv venv --quiet --python "$python" .venv
    elif ! "$python" -m venv .venv 2>/dev/null; then
      rm -rf .venv
      fail "this Python cannot make an environment: install it (on Debian: apt-get install python3-venv) and start again"
    fi
  fi
  rm -f "$stamp"
  printf 'Installing the %s packages of %s …\n' "$(grep -c '==' "$locked")" "$locked"
  install_packages --require-hashes -r "$locked" || fail "the packages could not be installed (see above): check the network and start again; what is there is kept"
  install_packages --no-deps --no-build-isolation --quiet -e . || fail "the project itself could not be installed (see above)"
  printf '%s' "$wanted" >"$stamp"
}

install_packages() {
  if command -v uv >/dev/null 2>&1; then uv pip install --python .venv/bin/python "$@"
  else .venv/bin/python -m pip install --disable-pip-version-check --progress-bar on "$@"; fi
}
