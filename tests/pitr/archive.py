"""Barman beside an embedded server, with the configuration of infra/pitr and another address."""

from __future__ import annotations

import configparser
import os
import pwd
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

from infra.embedded import Servers, account, programs
from infra.embedded.folder import write_private
from infra.embedded.process import Spawner, end
from workers.commands.children import ROOT

PITR = ROOT / "infra" / "pitr"
PATIENCE = 120  # seconds for one command


class Archive:
    """What Barman keeps of one server. It runs as the account that PostgreSQL runs as: PostgreSQL fetches from it."""

    def __init__(self, servers: Servers, data: Path, folder: Path) -> None:
        self.folder, self._servers = folder, servers
        self._who = account.choose(data, (programs.postgres(),))
        self._spawner = Spawner()
        self._receiver: subprocess.Popen[bytes] | None = None
        self._passwords = {"barman": "a-reading-one", "barman_streaming": "a-copying-one"}
        folder.mkdir()
        self._who.give(folder)
        self._configure()

    def _configure(self) -> None:
        at = urlsplit(self._servers.database_url)
        ours = self.folder / "nennep.conf"
        parser = configparser.ConfigParser(interpolation=None)
        parser.read(PITR / "nennep.conf", "utf-8")
        server = parser["nennep"]
        for name, user in (("conninfo", "barman"), ("streaming_conninfo", "barman_streaming")):
            server[name] = (
                f"host={at.hostname} port={at.port} user={user} dbname=postgres passfile={self.folder}/pgpass"
            )
        server["path_prefix"] = str(programs.postgres().parent)
        parser["barman"] = {
            "barman_user": pwd.getpwuid(self._who.uid if self._who.uid >= 0 else os.getuid()).pw_name,
            "barman_home": str(self.folder / "home"),
            "barman_lock_directory": str(self.folder),
            "log_file": str(self.folder / "barman.log"),
        }
        with ours.open("w", encoding="utf-8") as file:
            parser.write(file)
        lines = [f"*:*:*:{user}:{password}\n" for user, password in self._passwords.items()]
        write_private(self.folder / "pgpass", "".join(lines))
        for file in (ours, self.folder / "pgpass"):
            self._who.give(file)

    def make_roles(self) -> None:
        """infra/pitr/roles.sql, by psql, as the superuser."""
        words = [f"barman_password={self._passwords['barman']}",
                 f"streaming_password={self._passwords['barman_streaming']}"]  # fmt: skip
        at = urlsplit(self._servers.database_url)
        subprocess.run(
            [str(programs.postgres("psql")), "-q", "-v", "ON_ERROR_STOP=1", *(x for w in words for x in ("-v", w)),
             "-f", str(PITR / "roles.sql"), f"postgresql://postgres@{at.hostname}:{at.port}/postgres"],
            env=os.environ | {"PGPASSWORD": at.password or ""}, check=True,
        )  # fmt: skip

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """A program that knows where Barman's configuration is."""
        return self._spawner.start(
            list(command), account=(self._who.uid, self._who.gid, self._who.capability),
            death_signal=signal.SIGTERM, folder=self.folder, log=self._log,
            environment={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC",
                         "BARMAN_CONFIG_FILE": str(self.folder / "nennep.conf")},
        )  # fmt: skip

    @property
    def _log(self) -> Path:
        return self.folder / "said"

    def run(self, *command: str) -> str:
        """Run one to its end; what it said. Fails where it does."""
        mark = self._log.stat().st_size if self._log.exists() else 0
        code = self.start(*command).wait(PATIENCE)
        said = self._log.read_text("utf-8", "replace")[mark:]
        assert code == 0, f"{' '.join(command)}: {said}"
        return said

    def protect(self) -> None:
        """A slot, the receiver of WAL that `barman cron` keeps alive otherwise, and a base backup that is complete."""
        self.barman("receive-wal", "--create-slot", "nennep")
        self._receiver = self.start("/usr/bin/barman", "receive-wal", "nennep")
        until = time.monotonic() + PATIENCE
        while not any(self.folder.glob("home/nennep/streaming/*")):
            assert time.monotonic() < until, "nothing is received"
            time.sleep(0.05)
        for command in ("switch-wal --archive", "backup", "switch-wal --archive"):
            self.barman(*command.split(), "nennep")
        self.barman("check-backup", "nennep", "latest")

    def barman(self, *arguments: str) -> str:
        """``barman …``."""
        return self.run("/usr/bin/barman", *arguments)

    def recover(self, into: Path, moment: str = "") -> str:
        """infra/pitr/recover.sh."""
        return self.run("/bin/sh", str(PITR / "recover.sh"), str(into), *([moment] if moment else []))

    def close(self) -> None:
        """End what still runs."""
        if self._receiver is not None:
            end(self._receiver, signal.SIGTERM, 10)
        self._spawner.close()
