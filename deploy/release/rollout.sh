# Sourced by release.sh: brings the project to one image, from wherever it is. Safe to repeat and to cut off anywhere.
# shellcheck shell=bash disable=SC2154,SC2034  # release.sh sets PROJECT, WEB, WORKER, COMPOSE, STATE, LOG, and reads REASON

PATIENCE=${PATIENCE:-180} # seconds within which new containers are to work
READY='import urllib.request as r; r.urlopen("http://127.0.0.1:8080/ready", timeout=5)'
SEEN='{{.Id}} {{.Config.Image}} {{.State.Status}} {{.RestartCount}} {{if .State.Health}}{{.State.Health.Status}}{{end}}'

run() { # $1: what this is; $2…: the command. Its output goes to the log; REASON tells why it failed.
  local what=$1; shift
  timeout -k 10 600 "$@" </dev/null >"$STATE/said" 2>&1 && { cat "$STATE/said" >>"$LOG"; return; }
  cat "$STATE/said" >>"$LOG"
  REASON="$what failed: $(cause)"
  return 1
}

cause() { # the line that tells most: compose ends with one that says only that there was an error
  { grep -iE 'error|failed|refused|denied|not found' "$STATE/said" || cat "$STATE/said"; } | grep . | head -n 1 | cut -c 1-300
}

compose() { local what=$1; shift; run "$what" "${COMPOSE[@]}" "$@"; }

containers() { # $1: a service; one line each: id, image, state, restarts, health
  local ids
  ids=$(docker ps -aq --no-trunc --filter "label=com.docker.compose.project=$PROJECT" \
    --filter "label=com.docker.compose.service=$1" --filter label=com.docker.compose.oneoff=False)
  # One may go between the two questions, and inspect still tells of the others.
  # shellcheck disable=SC2086
  [ -z "$ids" ] || docker inspect --format "$SEEN" $ids 2>/dev/null || true
}

running_image() { containers web | awk '$3 == "running" {print $2; exit}'; }

roll_out() { # $1: the image; $2: deploy, or rollback or back, which leave the schema as it is
  export RELEASED_IMAGE=$1
  keep_in_env "$1"
  start_missing || return 1
  if [ "$2" = deploy ]; then
    say "Bringing the database to its schema …"
    compose "migrate" run --rm --no-deps -T migrate || return 1
  fi
  exchange_web "$1" || return 1
  exchange_others "$1" || return 1
  check_front || return 1
  exchange_sandbox
}

keep_in_env() { # $1: the image; so that a start by hand runs the same
  { grep -v '^RELEASED_IMAGE=' .env || true; printf 'RELEASED_IMAGE=%s\n' "$1"; } >"$STATE/env"
  chmod --reference=.env "$STATE/env"
  mv "$STATE/env" .env
}

start_missing() { # a first deploy starts everything
  local running service
  running=$(docker ps --filter "label=com.docker.compose.project=$PROJECT" --format '{{.Label "com.docker.compose.service"}}')
  for service in db redis caddy web; do
    grep -qx "$service" <<<"$running" && continue
    say "Starting what does not run …"
    compose "start" up -d --no-build --no-recreate --scale "web=$WEB" --scale "worker=$WORKER"
    return
  done
}

exchange_web() { # $1: the image. The new ones work before the first of the old ones goes.
  local found old new id
  found=$(containers web)
  for id in $(awk '$3 ~ /^(created|exited|dead)$/ {print $1}' <<<"$found"); do run "clear web" docker rm -f "$id" || return 1; done
  old=$(awk -v image="$1" '$2 != image && $3 !~ /^(created|exited|dead)$/ {print $1}' <<<"$found")
  new=$(awk -v image="$1" '$2 == image && $3 !~ /^(created|exited|dead)$/' <<<"$found" | grep -c .)
  say "Exchanging web …"
  [ "$new" -ge "$WEB" ] || compose "web" up -d --no-deps --no-build --no-recreate \
    --scale "web=$(($(grep -c . <<<"$old") + WEB))" web || return 1
  wait_for web "$WEB" "$1" || return 1
  for id in $old; do
    run "stop web" docker stop -t 30 "$id" || return 1
    run "remove web" docker rm "$id" || return 1
  done
}

exchange_others() { # $1: the image
  say "Exchanging worker and beat …"
  compose "worker and beat" up -d --no-deps --no-build --scale "worker=$WORKER" worker beat || return 1
  wait_for worker "$WORKER" "$1" || return 1
  wait_for beat 1 "$1"
}

exchange_sandbox() { # Last, and nothing waits for it: it ends by itself where Meta is real.
  [ -z "$(containers sandbox)" ] || compose "sandbox" up -d --no-deps --no-build sandbox ||
    say "The sandbox was not exchanged: $REASON"
}

wait_for() { # $1: service; $2: how many; $3: the image. They say of themselves that they work, and web that it is ready.
  local ends=$((SECONDS + PATIENCE)) found bad
  while :; do
    found=$(containers "$1" | awk -v image="$3" '$2 == image')
    if [ "$(awk '$3 == "running" && $5 == "healthy"' <<<"$found" | grep -c .)" -ge "$2" ] && { [ "$1" != web ] || all_ready "$found"; }; then
      return
    fi
    bad=$(awk '$4 > 2 {print "it ends again and again"} $3 ~ /^(exited|dead)$/ {print "it has ended"}
      $5 == "unhealthy" {print "it says unhealthy"}' <<<"$found" | head -n 1)
    [ -z "$bad" ] || { REASON="the new $1 does not work: $bad"; return 1; }
    [ "$SECONDS" -lt "$ends" ] || { REASON="the new $1 did not work within $PATIENCE s"; return 1; }
    sleep 0.5
  done
}

all_ready() { # $1: lines of containers
  local id ids
  ids=$(awk '{print $1}' <<<"$1")
  for id in $ids; do timeout 20 docker exec "$id" python -c "$READY" >/dev/null 2>&1 </dev/null || return 1; done
}

check_front() { # By the way that a webhook takes, and with workers behind it
  local ends=$((SECONDS + PATIENCE)) port said=''
  port=$(sed -n 's/^PORT=//p' .env | tail -n 1)
  say "Checking …"
  until said=$(curl -sS --max-time 10 "http://127.0.0.1:${port:-8080}/ready" 2>&1) &&
    [[ $said =~ \"status\":\ ?\"ok\" && $said =~ \"workers\":\ ?\"[1-9] ]]; do
    [ "$SECONDS" -lt "$ends" ] || { REASON="http://127.0.0.1:${port:-8080}/ready says: ${said:0:200}"; return 1; }
    sleep 0.5
  done
}
