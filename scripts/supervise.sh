#!/bin/sh
# Keeps a command running in the folder where it is started: again when it ends, later each time it ends at once.
# One at a time holds the lock `running`, with its process id in `pid` and how often the command ended in `ends`; SIGTERM ends both. Its errors go to released.log.
set -u
umask 077
exec 9>>running
flock -w 2 9 || exit 0 # not at once: whoever asks whether it runs holds the lock for a moment
printf '%s\n' "$$" >pid.new && mv pid.new pid

keep_log_short() { # Ten MiB and as much again. Whoever writes appends, and goes on in the emptied file.
  while sleep 60 && kill -0 "$$" 2>/dev/null; do
    [ "$(wc -c <released.log)" -le 10485760 ] || { cp released.log released.log.1 && : >released.log; }
  done
}

child='' ending=''
trap 'ending=yes; [ -z "$child" ] || kill -TERM "$child" 2>/dev/null' TERM INT
: >>released.log
keep_log_short 9>&- &
keeper=$!
pause=1 ends=0
while [ -z "$ending" ]; do
  began=$(date +%s)
  "$@" >/dev/null 2>>released.log &
  child=$!
  wait "$child"
  while kill -0 "$child" 2>/dev/null; do wait "$child"; done
  [ -z "$ending" ] || break
  ends=$((ends + 1))
  printf '%s\n' "$ends" >ends
  if [ $(($(date +%s) - began)) -ge 10 ]; then pause=1; fi
  sleep "$pause" 9>&- &
  child=$!
  wait "$child"
  pause=$((pause < 30 ? pause * 2 : 60))
done
kill "$keeper" 2>/dev/null
rm -f pid
