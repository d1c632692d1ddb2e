# /etc/cron.d/nennep-pitr on the machine that keeps the backups. Debian's package brings `barman cron` each minute, which
# keeps the receiver of WAL alive and removes what is beyond the retention; this is the nightly base backup.
# 01:30 Vietnamese time: after the day's work and the backups of committees that begin at 23:00. Barman calls a backup done when the
# segment after it is full, which may take hours of a quiet night: so it is closed.
# (Asked each hour: Debian's cron knows no other zone than the machine's.)
30 * * * * barman [ "$(TZ=Asia/Ho_Chi_Minh date +\%H)" = 01 ] && barman --quiet backup nennep && barman --quiet switch-wal nennep
