#!/usr/bin/env bash
# Runs every check on a fresh machine. With arguments, only pytest, with them. RUN_TESTS_FAST=1 runs the quick ones alone.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/environment.sh
unset PYTHONDONTWRITEBYTECODE # every process that the tests start would compile everything anew

need() { # $1: what it is for; $2: Debian's package; $3…: commands or files of which one must be there
  local what=$1 package=$2 found; shift 2
  for found in "$@"; do
    if command -v "$found" >/dev/null 2>&1 || compgen -G "$found" >/dev/null; then return; fi
  done
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    printf 'Installing %s for %s …\n' "$package" "$what"
    [ -n "${updated:-}" ] || apt-get update -qq || fail "$what need $package, and apt-get update failed (see above): check the network"
    updated=yes
    # The tests start servers of their own; a service of the distribution is not wanted.
    DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "$package" >/dev/null ||
      fail "$what need $package, and it could not be installed (see above)"
  else
    fail "$what need $package: run  sudo apt-get install $package"
  fi
}

end() { # Ends what still runs as Ctrl-C in a terminal would, so that the tests' servers end with the tests.
  rm -f "$log"
  [ -n "$tests" ] || return 0
  kill -INT -- "-$tests" 2>/dev/null || return 0
  wait "$tests" || true
  kill -KILL -- "-$tests" 2>/dev/null || true
}

make_environment requirements-dev.txt
need "the tests on PostgreSQL" postgresql initdb "/usr/lib/postgresql/*/bin/initdb"
need "the tests at full size" redis-server redis-server
need "the tests of what monitoring sees" prometheus prometheus
need "the tests of delivery" openssh-server sshd /usr/sbin/sshd
need "the tests of delivery" curl curl
need "the test behind a pooler" pgbouncer pgbouncer /usr/sbin/pgbouncer
if [ -z "${RUN_TESTS_FAST:-}" ]; then
  need "the tests with RabbitMQ" rabbitmq-server /usr/lib/rabbitmq/bin/rabbitmq-server
  need "the tests in a browser" chromium chromium
  need "the faces in the browser's pictures" fonts-noto-color-emoji /usr/share/fonts/truetype/noto/NotoColorEmoji.ttf
fi
if [ $# -gt 0 ]; then exec .venv/bin/python -m pytest "$@"; fi

export PATH="$PWD/.venv/bin:$PATH"
ruff check .
ruff format --check .
pytest --collect-only -q >/dev/null & # compiles the tests, lest each test worker does so while it is measured
collected=$!
bandit -q -c pyproject.toml -r src sandbox celery_worker migrations scripts &
scanned=$!
mypy src sandbox evals celery_worker migrations benchmarks scripts tests
wait "$collected" || true # what is wrong shows below
lint-imports
wait "$scanned"
coverage erase
tests=''
log=$(mktemp)
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
set -m # the tests become a process group, so that they can be ended together
if [ -n "${RUN_TESTS_FAST:-}" ]; then
  (pytest -n 5 --dist worksteal | tee -i "$log") &
else
  (COVERAGE_PROCESS_START=pyproject.toml coverage run -m pytest -n 5 --dist worksteal | tee -i "$log") &
fi
tests=$!
set +m
wait "$tests"
tests=''
if [ -z "${RUN_TESTS_FAST:-}" ]; then
  coverage combine --quiet
  coverage report --skip-covered --fail-under=90 | tail -n 40
fi
tail -n 1 "$log"
