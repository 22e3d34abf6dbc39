#!/usr/bin/env bash
# Makes, starts and fills an instance for a client. May be repeated, and completes what was cut off.
set -euo pipefail
usage() {
  cat <<'TEXT'
Usage: ./scripts/provision_client.sh NAME +PHONE [options]

Ends with an instance that answers at +PHONE: clients/NAME/ with its own secrets, port and database.
Without Meta's settings it is in sandbox mode, with a WhatsApp of its own to try it.

NAME               small letters, digits, hyphens, such as bakery
+PHONE             the business's number with its country code, such as +34600000147

--faqs FILE            its FAQs: JSON, CSV or YAML; without it, a few to be replaced
--phone-number-id ID   Meta's Phone Number ID of a real number
--env FILE             its real settings (META_ACCESS_TOKEN, META_APP_SECRET, OPENAI_API_KEY …), mode 0600
--embedded             without Docker: one process over SQLite, kept by systemd or by a supervisor
--port N               the port on this machine's loopback; without it, a free one
--domain HOST          the name under which Meta and people reach it over HTTPS
-h, --help             this text

`released clients list` shows them, `start`, `stop`, `upgrade`, `backup`, `remove` look after them (docs/clients.md).
TEXT
}
misuse() { printf 'provision_client.sh: %s\n' "$1" >&2; exit 2; }

for word in "$@"; do
  case $word in -h | --help) usage; exit 0 ;; esac
done
[ $# -gt 0 ] || misuse "NAME and +PHONE are missing, such as: ./scripts/provision_client.sh bakery +34600000147 (-h explains)"

# Files are named from where the caller stands.
here=$PWD words=() is_file=''
for word in "$@"; do
  case $is_file$word in
    yes*) [ "${word#/}" != "$word" ] || word=$here/$word; is_file='' ;;
    --faqs | --env) is_file=yes ;;
    --faqs=[!/]* | --env=[!/]*) word=${word%%=*}=$here/${word#*=} ;;
  esac
  words+=("$word")
done
cd "$(dirname "$0")/.."
. scripts/environment.sh
make_environment requirements.txt
exec .venv/bin/released clients add "${words[@]}"
