# Sourced: without a password of its own, Redis has PostgreSQL's, as deploy/redis/start.sh gives it.
if [ -z "${REDIS_PASSWORD:-}${REDIS_PASSWORD_FILE:-}" ] && [ -n "${POSTGRES_PASSWORD:-}" ]; then
  export REDIS_PASSWORD="$POSTGRES_PASSWORD"
fi
