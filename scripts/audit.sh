#!/usr/bin/env bash
# Asks whether a locked package has a known hole. Fails when one has, and when nobody could be asked.
set -euo pipefail
cd "$(dirname "$0")/.."

ask() { .venv/bin/pip-audit --strict --disable-pip --progress-spinner off "$@"; }

# pip-audit says the same of a package without a hole and of a service that knows nothing. So it is first asked about
# one that has holes: whoever does not know them is no answer for the others.
known=$(mktemp)
trap 'rm -f "$known"' EXIT
printf 'urllib3==1.24.1\n' >"$known"
said=$(ask --no-deps -r "$known" 2>&1) || true
case $said in
  *CVE-*|*PYSEC-*|*GHSA-*) ;;
  *)
    printf '%s\n' "$said" >&2
    printf 'audit.sh: no advisories can be had (see above), so nothing is known of our packages: run it where the advisories can be reached\n' >&2
    exit 1
    ;;
esac

for locked in requirements.txt requirements-dev.txt; do
  printf '%s …\n' "$locked"
  ask --require-hashes -r "$locked"
done
