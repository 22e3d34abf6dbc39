#!/usr/bin/env bash
# The pipeline's side of a deploy: asks the host one thing that release.sh answers, as in  ask.sh deploy sha256:…
# DEPLOY_HOST is user@host or ssh://user@host:port, DEPLOY_KEY the private key, DEPLOY_KNOWN_HOSTS the host's own.
set -euo pipefail

fail() { printf 'ask.sh: %s\n' "$1" >&2; exit "${2:-1}"; }

for name in DEPLOY_HOST DEPLOY_KEY DEPLOY_KNOWN_HOSTS; do
  [ -n "${!name:-}" ] || fail "$name is not set: set it in the environment \`production\` (docs/delivery.md)" 78
done
umask 077
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf '%s\n' "$DEPLOY_KEY" >"$folder/key"
printf '%s\n' "$DEPLOY_KNOWN_HOSTS" >"$folder/known_hosts"
host=$DEPLOY_HOST
unset DEPLOY_HOST DEPLOY_KEY DEPLOY_KNOWN_HOSTS # nothing that is started here needs them

code=0
ssh -T -F none -i "$folder/key" -o IdentitiesOnly=yes -o IdentityAgent=none -o BatchMode=yes \
  -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$folder/known_hosts" -o GlobalKnownHostsFile=none -o UpdateHostKeys=no \
  -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -- "$host" "$*" </dev/null || code=$?
[ "$code" != 255 ] || fail "no connection, or a lost one (see above): a deploy that was begun goes on by itself, ask for status" 255
exit "$code"
