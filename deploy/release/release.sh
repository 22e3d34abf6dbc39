#!/usr/bin/env bash
# The host's side of a deploy: all that a key of the pipeline's can ask for. docs/delivery.md sets it up, as
#   command="/usr/local/lib/released/release.sh /etc/released/release.conf",restrict ssh-ed25519 …
# in authorized_keys. What runs and from where is decided by the file that is named there, not by who asks.
set -euo pipefail
export LC_ALL=C
umask 077
trap '' HUP PIPE # a deploy that was begun goes on to its end when the connection is lost
# shellcheck source=deploy/release/rollout.sh
. "$(dirname "$(readlink -f "$0")")/rollout.sh"

REASON=''                           # why the last step of the rollout failed
KEPT=3                              # images that stay on this machine
LOCK_PATIENCE=${LOCK_PATIENCE:-300} # seconds for which a second deploy waits for the first

say() { printf '%s\n' "$*" 2>/dev/null || true; } # nobody may be listening any more

fail() { # $1: the reason; $2: the exit code
  printf 'release: %s\n' "$1" >&2 2>/dev/null || true
  exit "${2:-1}"
}

read_conf() { # $1: the file
  local name value
  [ -r "${1:-}" ] || fail "there is no readable configuration at '${1:-}': name it in authorized_keys (docs/delivery.md)" 78
  IMAGE='' FOLDER='' PROJECT=released WEB=1 WORKER=1
  while IFS='=' read -r name value; do
    case $name in
      IMAGE | FOLDER | PROJECT | WEB | WORKER) printf -v "$name" '%s' "$value" ;;
      '' | '#'*) ;;
      *) fail "$1 has a line that is neither IMAGE, FOLDER, PROJECT, WEB nor WORKER: correct it" 78 ;;
    esac
  done <"$1"
  [[ $IMAGE =~ ^[a-z0-9.:-]+(/[a-z0-9._-]+)+$ ]] || fail "IMAGE in $1 is no name such as ghcr.io/owner/released: correct it" 78
  [[ $WEB$WORKER =~ ^[1-9]+$ ]] || fail "WEB and WORKER in $1 are to be numbers from 1 to 9: correct them" 78
  [ -f "$FOLDER/docker-compose.yml" ] && [ -w "$FOLDER/.env" ] ||
    fail "FOLDER in $1 is to hold docker-compose.yml and a .env that $(id -un) may write: correct it" 78
}

find_compose() {
  if docker compose version >/dev/null 2>&1; then COMPOSE=(docker compose)
  elif command -v docker-compose >/dev/null 2>&1; then COMPOSE=(docker-compose)
  else fail "neither \`docker compose\` nor docker-compose is there: install one" 69; fi
  COMPOSE+=(-p "$PROJECT")
}

lock() { # What we start holds it too: after kill -9 the next run waits for what still goes on.
  exec 9>>"$STATE/lock"
  flock -n 9 && return
  say "Another deploy is under way; waiting for it …"
  flock -w "$LOCK_PATIENCE" 9 || fail "another deploy is still under way: ask for status, and again when it has ended" 75
}

record() { # $1: verb; $2: digest; $3: what became of it
  printf '%s\t%s\t%s\t%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" "$2" "$3" >>"$STATE/history"
}

history_of() { # $1: verbs, as a pattern; the digests of what went well, the newest last
  [ ! -f "$STATE/history" ] || awk -F '\t' -v verbs="^($1)$" '$2 ~ verbs && $4 == "ok" {print $3}' "$STATE/history"
}

current() { # what runs by the last deploy that went well, else what runs; empty when nothing does
  local now
  now=$(history_of 'deploy|rollback' | tail -n 1)
  if [ -n "$now" ]; then printf '%s' "$IMAGE@$now"; else running_image; fi
}

before() { # the digest to which `rollback` goes: what was deployed before the current one
  history_of deploy | awk -v now="${1#*@}" '
    {seen[NR] = $0} $0 == now {at = NR}
    END {for (i = at - 1; i > 0; i--) if (seen[i] != now) {print seen[i]; exit}}'
}

was_cut_off() { [ -f "$STATE/history" ] && [ "$(tail -n 1 "$STATE/history" | cut -f 4)" = begun ]; }

go() { # $1: deploy or rollback; $2: the digest. Ends this process.
  local target=$IMAGE@$2 from reason
  ! was_cut_off || say "The last deploy was cut off; what it left is put in order now."
  from=$(current)
  : >"$LOG"
  say "Pulling $target …"
  run "pulling" docker pull -q "$target" || { record "$1" "$2" "failed: $REASON"; fail "$REASON; nothing was changed"; }
  record "$1" "$2" begun
  if roll_out "$target" "$1"; then
    record "$1" "$2" ok
    prune
    say "$2 runs."
    exit 0
  fi
  reason=$REASON
  say "Failed: $reason"
  go_back "$1" "$2" "$from" "$reason"
}

go_back() { # $1: verb; $2: the digest that failed; $3: the image of before; $4: why
  [ -n "$3" ] || { record "$1" "$2" "failed: $4"; fail "$4; nothing ran before, so there is nothing to go back to"; }
  [ "$3" != "$IMAGE@$2" ] || { record "$1" "$2" "failed: $4"; fail "$4; it is the version that ran before too: see $LOG"; }
  say "Going back to $3 …"
  if roll_out "$3" back; then
    record "$1" "$2" "failed, back at ${3#*@}: $4"
    fail "$4; back at $3"
  fi
  record "$1" "$2" "failed, and the way back too: $4; $REASON"
  fail "$4; and the way back to $3 failed too: $REASON; see $LOG on the host" 2
}

prune() { # keeps the images of the last deploys
  local kept digest
  kept=$(history_of 'deploy|rollback' | tac | awk '!seen[$0]++' | head -n "$KEPT")
  for digest in $(docker image ls --digests --format '{{.Digest}}' "$IMAGE"); do
    grep -qxF "$digest" <<<"$kept" || docker image rm "$IMAGE@$digest" >>"$LOG" 2>&1 || true
  done
}

status() {
  local now
  now=$(current)
  say "image    $IMAGE"
  say "current  ${now:-nothing}"
  say "before   $(before "$now")"
  if was_cut_off && flock -n "$STATE/lock" true; then say "The last deploy was cut off: ask for it again, or for rollback."; fi
  say "$(docker ps --filter "label=com.docker.compose.project=$PROJECT" --format '{{.Names}}  {{.Status}}  {{.Image}}')"
  [ ! -f "$STATE/history" ] || say "$(tail -n 10 "$STATE/history")"
}

main() {
  local asked=${SSH_ORIGINAL_COMMAND:-} digest
  if ! [[ $asked =~ ^(deploy\ sha256:[0-9a-f]{64}|status|rollback)$ ]]; then
    fail "refused: only  deploy sha256:DIGEST (64 hex digits), status  and  rollback  are answered here" 64
  fi
  read_conf "$@"
  cd "$FOLDER"
  STATE=$FOLDER/.release LOG=$FOLDER/.release/log
  mkdir -p "$STATE"
  find_compose
  case $asked in
    status) status ;;
    rollback)
      lock
      digest=$(before "$(current)")
      [ -n "$digest" ] || fail "nothing was deployed before the current version: there is nothing to go back to"
      go rollback "$digest" ;;
    *) lock; go deploy "${asked#deploy }" ;;
  esac
}

main "$@"
