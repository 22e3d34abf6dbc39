#!/bin/sh
# Starts Redis as the broker: never without a password, never forgetting a bell to make room, its file synced each second.
# The password reaches Redis through its configuration, not through an argument that every process could read.
set -eu
password=${REDIS_PASSWORD:-${POSTGRES_PASSWORD:-}}
[ -n "$password" ] || { echo "redis: REDIS_PASSWORD and POSTGRES_PASSWORD are both empty: set one of them in .env" >&2; exit 1; }
quoted=$(printf '%s' "$password" | sed 's/[\\"]/\\&/g')
chown -R redis:redis /data
exec setpriv --reuid=redis --regid=redis --clear-groups --inh-caps=-all redis-server - <<CONF
bind * -::*
dir /data
requirepass "$quoted"
maxmemory ${REDIS_MAXMEMORY:-192mb}
maxmemory-policy noeviction
appendonly yes
appendfsync everysec
save ""
CONF
