"""What runs in the containers, without an engine.

The installed wheel, the image's environment and commands, the compose file's settings with their secrets as files; an
account of its own, no home, a tree that can't be written, one folder for what is temporary.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from infra.embedded import Servers
from infra.embedded.process import Spawner, end, free_ports, tail
from infra.push import new_key
from tests.ship.packing import allow_writing, install, interpreter, pack
from tests.ship.recipe import command_of, image, ours, resolved

# The image's own, where we may become another and Python can be run by it; else ours, which can't write there either.
ACCOUNT = (10001, 10001, -1) if os.geteuid() == 0 and interpreter() else (-1, -1, -1)
PROCESSES = ("web", "worker", "dispatcher")


class Container:
    """One process of a service of the compose file, or another command in its place."""

    def __init__(self, house: House, service: str, command: list[str] | None = None, typed: str = "") -> None:
        self.log = house.folder / "logs" / f"{service}-{secrets.token_hex(4)}.log"
        self._spawner = Spawner()
        told = house.localized(command or command_of(service))
        if typed:
            file = house.folder / "typed"
            file.write_text(typed, encoding="utf-8")
            told = ["sh", "-c", f'exec "$@" <{file}', "sh", *told]
        self.process = self._spawner.start(
            ["/usr/bin/env", *told], account=ACCOUNT, death_signal=signal.SIGKILL, folder=Path("/"), log=self.log,
            environment=house.environment(service),
        )  # fmt: skip

    def wait(self, seconds: float = 120) -> tuple[int, str]:
        """(exit code, output) of one that ends by itself."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.stop()
            raise AssertionError(tail(self.log)) from None
        self._spawner.close()
        return code, self.log.read_text("utf-8")

    def stop(self) -> int:
        """SIGTERM, as the engine sends it; the exit code."""
        end(self.process, signal.SIGTERM, 40)
        self._spawner.close()
        return self.process.returncode


class House:
    """A folder with the installed product, its secrets, and what is temporary."""

    def __init__(self, servers: Servers) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="nennep-ship-"))
        self.folder.chmod(0o755)
        self.sdist, self.wheel = pack(self.folder)
        self.product = self.folder / "product"
        install(self.wheel, self.product)
        for name in ("temporary", "backups", "logs", "secrets"):
            (self.folder / name).mkdir(mode=0o755)
        if ACCOUNT[0] >= 0:
            for name in ("temporary", "backups"):
                os.chown(self.folder / name, ACCOUNT[0], ACCOUNT[1])
        self._given = servers.environment() | {
            "NENNEP_PUSH_PRIVATE_KEY": new_key(), "NENNEP_BACKUP_KEY": secrets.token_urlsafe(32),
        }  # fmt: skip
        self.port, *self.watched = free_ports(1 + len(PROCESSES))
        self.url = f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Remove all of it."""
        allow_writing(self.product)
        shutil.rmtree(self.folder)

    def localized(self, command: list[str]) -> list[str]:
        """A command of the recipe with this house's ports."""
        _web, *others = self.watched
        told = [one.replace("127.0.0.1:8000/", f"127.0.0.1:{self.port}/") for one in command]
        return [one.replace("127.0.0.1:9100/", f"127.0.0.1:{others[0]}/") for one in told]

    def environment(self, service: str) -> dict[str, str]:
        """The image's, the service's, and nothing of this process's."""
        chosen = image().environment | {
            name: resolved(value, {"SITE": "nennep.example.vn"})
            for name, value in ours()[service]["environment"].items()
        }
        for name, value in chosen.items():
            if name.endswith("_FILE") and value.startswith("/run/secrets/"):
                file = self.folder / "secrets" / Path(value).name
                if not file.exists():
                    file.write_text(self._given[name.removesuffix("_FILE")] + "\n", encoding="utf-8")
                    file.chmod(0o444)
                chosen[name] = str(file)
        # As the operator sets it who has put a PgBouncer between (docs/pgbouncer.md).
        pooled = {name: value for name, value in self._given.items() if name == "NENNEP_DATABASE_STATEMENTS"}
        return chosen | pooled | {
            "PATH": f"{self.product}/bin:/usr/bin:/bin", "TMPDIR": str(self.folder / "temporary"),
            "NENNEP_HOST": "127.0.0.1", "NENNEP_PORT": str(self.port), "NENNEP_METRICS_HOST": "127.0.0.1",
            "NENNEP_METRICS_PORT": str(self.watched[PROCESSES.index(service)] if service in PROCESSES else 0),
            "NENNEP_OBJECTS_URL": self._given["NENNEP_OBJECTS_URL"],
            "NENNEP_BACKUP_URL": f"file://{self.folder}/backups",
        }  # fmt: skip
