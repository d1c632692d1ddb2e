"""PostgreSQL: the database, its roles and its extensions."""

from __future__ import annotations

import asyncio
import shutil
import signal
from typing import ClassVar

import asyncpg

from .folder import write_private
from .process import LOOPBACK, Spawner
from .programs import postgres
from .server import Server

SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "100",
    # One transaction of the platform may touch the tables of many tenants.
    "max_locks_per_transaction": "1024",
    "shared_buffers": "64MB",
    "shared_preload_libraries": "pg_stat_statements",
    # What was acknowledged is never lost: no setting here may trade that for speed.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # After a crash: one call for the file system instead of one for each of the tenants' many files.
    "recovery_init_sync_method": "syncfs",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %a ",
    # Without the row that a constraint refused: it is people's data.
    "log_error_verbosity": "terse",
    "jit": "off",
}

ROLES = """
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'nennep_owner') THEN
    CREATE ROLE nennep_owner LOGIN CREATEROLE PASSWORD '{owner}';
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'nennep_app') THEN
    CREATE ROLE nennep_app LOGIN NOINHERIT PASSWORD '{app}';
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'nennep_tenant') THEN
    CREATE ROLE nennep_tenant NOLOGIN;
    GRANT nennep_tenant TO nennep_owner WITH ADMIN OPTION;
  END IF;
END $$
"""
# Extensions stand in a schema of their own, which a tenant's search_path can name.
EXTENSIONS = """
REVOKE ALL ON DATABASE nennep FROM PUBLIC;
GRANT CONNECT ON DATABASE nennep TO nennep_app;
CREATE SCHEMA IF NOT EXISTS ext AUTHORIZATION nennep_owner;
GRANT USAGE ON SCHEMA ext TO PUBLIC;
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA ext;
CREATE EXTENSION IF NOT EXISTS unaccent SCHEMA ext;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA ext;
"""


class Database(Server):
    """PostgreSQL on loopback with passwords."""

    name: ClassVar[str] = "database"
    title: ClassVar[str] = "PostgreSQL"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # "fast": ends connections, then writes all out
    stop_patience: ClassVar[float] = 20.0

    def url(self, role: str = "superuser", database: str = "nennep") -> str:
        """postgresql://… as one of the roles superuser, owner, app."""
        user = "postgres" if role == "superuser" else f"nennep_{role}"
        return f"postgresql://{user}:{self.secrets[role]}@{LOOPBACK}:{self.port}/{database}"

    def prepare(self, spawner: Spawner, /) -> None:
        """Make the cluster, in a draft folder so that an interrupted start leaves no half of one."""
        data, draft, password = (self.folder / name for name in ("data", "draft", "password"))
        if data.exists():
            return
        shutil.rmtree(draft, ignore_errors=True)
        write_private(password, self.secrets["superuser"])
        self.account.give(password)
        # The builtin provider: letters beyond ASCII are letters (pg_trgm needs that), on any machine.
        arguments = ["--pgdata=draft", "--pwfile=password", "--username=postgres", "--auth=scram-sha-256",
                     "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
                     *(["--no-sync"] if self.fast else [])]  # fmt: skip
        code = self.spawn(spawner, [str(postgres("initdb")), *arguments]).wait()
        password.unlink()
        if code != 0:
            raise self.failure(f"initdb ended with code {code}")
        draft.rename(data)

    def command(self) -> list[str]:
        """All settings are arguments: a new version of this file changes old folders too."""
        settings = SETTINGS | {"port": str(self.port)}
        return [str(postgres()), "-D", "data", *(f"--{name}={value}" for name, value in settings.items())]

    def ask(self) -> None:
        """SELECT 1, with the password."""
        asyncio.run(self._execute("postgres", "SELECT 1"))

    def settle(self) -> None:
        """Roles, the database and its extensions; each only if it is missing."""
        asyncio.run(self._settle())

    async def _settle(self) -> None:
        await self._execute("postgres", ROLES.format(**self.secrets))
        found = await self._execute("postgres", "SELECT FROM pg_database WHERE datname = 'nennep'")
        if found == "SELECT 0":
            await self._execute("postgres", "CREATE DATABASE nennep OWNER nennep_owner")
        await self._execute("nennep", EXTENSIONS)

    async def _execute(self, database: str, statement: str) -> str:
        connection = await asyncpg.connect(self.url("superuser", database), timeout=5, server_settings={})
        try:
            return str(await connection.execute(statement))
        finally:
            await connection.close()
