#!/usr/bin/env bash
# Starts Released on a machine with nothing but Python: makes .venv, installs what is locked, runs `released up`.
set -euo pipefail
if [ "${1:-}" = "-h" ] || [ "${1:-}" = "--help" ]; then
  cat <<'TEXT'
Usage: ./scripts/start.sh [--port N] [--host ADDRESS]

Starts Released: the web service, its workers and a WhatsApp to try it, in one process.
The first start installs what requirements.txt names into .venv; later ones need no network.
PYTHON names the Python to use; settings are in .env (see docs/settings.md).
TEXT
  exit 0
fi
cd "$(dirname "$0")/.."
. scripts/environment.sh
make_environment requirements.txt
exec .venv/bin/released up "$@"
