# Sourced by the other scripts: finds Python, makes .venv, installs what a locked file names.

fail() { printf '%s: %s\n' "$(basename "$0")" "$1" >&2; exit 1; }

make_environment() { # $1: the locked file. Does nothing when .venv has just what it names.
  local locked=$1
  is_installed "$locked" && return
  [ -w . ] || fail "$PWD cannot be written: give this user the folder, or copy the project to another"
  [ ! -e .venv ] || [ -w .venv ] || fail "$PWD/.venv cannot be written: another user made it; remove it, or start as that user"
  wait_for_others
  is_installed "$locked" || install "$locked"
  exec 9<&-
}

is_installed() { # $1: the locked file
  [ -x .venv/bin/released ] && [ "$(cat ".venv/installed-$1" 2>/dev/null)" = "$(fingerprint "$1")" ]
}

fingerprint() { printf '%s %s' "$(cat "$1" pyproject.toml | cksum)" "$PWD"; }

wait_for_others() { # The lock is on this folder, and what we start holds it too: it ends with the last of them.
  exec 9<.
  command -v flock >/dev/null 2>&1 || return 0
  flock -n 9 || { printf 'Another start is installing; waiting for it …\n'; flock 9; }
}

install() { # $1: the locked file
  local name
  is_sound || make_venv
  : >.venv/unfinished
  rm -f .venv/installed-*
  printf 'Installing the %s packages of %s …\n' "$(grep -c '==' "$1")" "$1"
  packages --require-hashes -r "$1" || fail "the packages could not be installed (see above): check the network and the disk, and start again"
  packages --no-deps --no-build-isolation --quiet -e . || fail "the project itself could not be installed (see above)"
  # What is locked for development holds all that is locked for running, in the same versions.
  for name in requirements.txt "$1"; do fingerprint "$name" >".venv/installed-$name"; done
  rm -f .venv/unfinished
}

is_sound() { # True when .venv was made to the end, its Python works, and there is something to install with.
  [ ! -e .venv/unfinished ] && is_new .venv/bin/python &&
    { command -v uv >/dev/null 2>&1 || .venv/bin/python -c 'import pip' 2>/dev/null; }
}

make_venv() {
  local python
  python=$(find_python) || exit 1
  printf 'Making .venv with %s …\n' "$("$python" --version)"
  rm -rf .venv && mkdir .venv && : >.venv/unfinished || fail "$PWD/.venv cannot be made anew (see above): remove it and start again"
  if command -v uv >/dev/null 2>&1; then
    uv venv --quiet --allow-existing --python "$python" .venv || fail "uv could not make .venv (see above)"
  elif "$python" -c 'import ensurepip' 2>/dev/null; then
    "$python" -m venv .venv || fail "$python could not make .venv (see above)"
  else
    fail "$python cannot make an environment without its venv package: install it (on Debian: apt-get install $(basename "$python")-venv) and start again"
  fi
}

find_python() { # $PYTHON, else the newest Python from 3.11 on
  local candidate old=''
  if [ -n "${PYTHON:-}" ]; then
    command -v "$PYTHON" >/dev/null 2>&1 || fail "PYTHON names $PYTHON, which is not there: name another, or unset PYTHON"
    is_new "$PYTHON" || fail "PYTHON names $("$PYTHON" --version 2>&1), and Released needs 3.11 or newer: name another, or unset PYTHON"
    printf '%s' "$PYTHON"; return
  fi
  for candidate in python3.14 python3.13 python3.12 python3.11 python3; do
    if is_new "$candidate"; then printf '%s' "$candidate"; return; fi
  done
  command -v python3 >/dev/null 2>&1 && old=" (python3 is $(python3 --version 2>&1))"
  fail "Python 3.11 or newer is needed and none was found$old: install it (on Debian: apt-get install python3 python3-venv), or name one in PYTHON"
}

is_new() { command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

packages() {
  if command -v uv >/dev/null 2>&1; then uv pip install --python .venv/bin/python "$@"
  else .venv/bin/python -m pip install --disable-pip-version-check --progress-bar off "$@" | progress; fi
}

progress() { # What pip tells, as a count: one line on a terminal, elsewhere one for every ten packages. Its errors go by.
  local line count=0
  while IFS= read -r line; do
    case $line in
      Collecting*) count=$((count + 1)) line=${line#Collecting } ;;
      'Installing collected'*) line='unpacking …' ;;
      *) continue ;;
    esac
    if [ -t 1 ]; then printf '\r\033[K  %s  %s' "$count" "${line%% (from*}"
    elif [ $((count % 10)) -eq 0 ] || [ "$line" = 'unpacking …' ]; then printf '  %s  %s\n' "$count" "${line%% (from*}"; fi
  done
  if [ -t 1 ] && [ "$count" -gt 0 ]; then printf '\r\033[K'; fi
}
