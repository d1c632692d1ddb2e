#!/bin/sh
# Puts the newest backup and all WAL that was received into an empty folder, ready for PostgreSQL to be started on:
#   sh recover.sh FOLDER                                      to the end of what was received
#   sh recover.sh FOLDER '2026-11-22 20:15:00+07:00'          to a moment, whose backup BACKUP=... names if not the newest
# Runs as the account that PostgreSQL runs as, which has to read Barman's files (docs/pitr.md).
set -eu
folder=$1 moment=${2:-}
if [ -e "$folder" ] && [ -n "$(ls -A "$folder")" ]; then
    echo "recover: $folder is not empty; move it away first, it may be wanted" >&2
    exit 1
fi
if [ "$moment" ]; then
    set -- --target-time "$moment" --target-action promote
else
    set --
fi
# get-wal: also the last, unfinished segment is replayed, which is where the newest acknowledged rows are.
barman recover --get-wal "$@" nennep "${BACKUP:-latest}" "$folder"
# Barman supposes sudo; we are the account already. And a receiver that PostgreSQL waits for is not there yet: with it
# in the settings no transaction ends.
{
    echo "restore_command = 'barman ${BARMAN_CONFIG_FILE:+-c $BARMAN_CONFIG_FILE }get-wal -P nennep %f > %p'"
    echo "synchronous_standby_names = ''"
} >>"$folder/postgresql.auto.conf"
chmod 700 "$folder"
