"""The floor: the statements of one mark, sent by pgbench to the same database, with nothing of Python between them.

The texts are the product's own, imported from where they are used; only the parameters are made by pgbench. It speaks
the simple protocol, because a role and a path can't be parameters; its prepared one was measured no faster here, for a
changed search path makes PostgreSQL plan a prepared statement anew.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from statistics import mean
from urllib.parse import urlsplit
from uuid import UUID

from infra.embedded import programs
from server.accounts import sessions
from server.roll_call import actions
from tenants.current import CommitteeRef, using
from tenants.transactions import transaction
from tests.bench import town

_RATE = re.compile(r"s, ([0-9.]+) tps")
_ANY = UUID(int=0)


def _prelude() -> str:
    """What begins a transaction in a committee, with pgbench's variable in place of the schema's name."""
    ref = CommitteeRef(_ANY, _ANY, "", "c_aaaaaaaaaaaaa", "", "", "")
    with using(ref):
        return transaction().prelude.replace("; ", " \\; ").replace(ref.schema_name, ":schema_name")


def _filled(text: str, *values: str) -> str:
    return re.sub(r"\$(\d+)", lambda found: values[int(found[1]) - 1], " ".join(text.split()))


def script(committees: int, numbers: tuple[int, int]) -> str:
    """One mark of a random person of a random committee.

    The schema's name comes from the look-up of the session, as in the product.
    """
    meeting, account = "'00000000-0000-4000-8000-00020000:n'", "'00000000-0000-4000-8000-00040000:n'"
    device, mark = "'00000000-0000-4000-8000-000900000001'", "aaaaaaaa-0000-4000-8000-:a"
    marks = (
        f"""'[{{"id": "{mark}", "no": :no, "state": "present", "reason": "", "seq": :s,"""
        """ "seen": ["bbbbbbbb-0000-4000-8000-:a"], "at": "2026-01-01T00:00:00+00:00", "late_reason": ""}]'"""
    )
    standings = (
        f"""'[{{"no": :no, "state": "present", "reason": "", "heads": ["{mark}"], "rivals": null}}]'"""
    )
    return "\n".join((
        f"\\set n random({town.FIRST}, {town.FIRST + committees - 1})",
        f"\\set no random({numbers[0]}, {numbers[1]})",
        "\\set a random(100000000000, 999999999999)",
        "\\set s random(1, 2000000000)",
        _filled(sessions._WHO, "sha256('bench-:n')", "'bench-:n'", "'7 days'") + " \\gset",
        _prelude() + ";",
        _filled(actions._LOCK, meeting, "'{:no}'::int[]") + " \\gset",
        _filled(actions._KNOWN, meeting, "'{:no}'::int[]", f"'{{{mark}}}'::uuid[]") + ";",
        _filled(actions._APPEND, meeting, ":version", device, account, "'Nguyễn Thị Hòa'", marks, standings,
                "(:version + 1)") + ";",
        "COMMIT;",
    ))  # fmt: skip


def rate(url: str, file: Path, *, warm: int, seconds: int, clients: int) -> float:
    """Transactions a second of a script file, after ``warm`` seconds in which each client gets to know the tables."""
    told = urlsplit(url)
    done = subprocess.run(
        [str(programs.postgres("pgbench")), "--no-vacuum", "--protocol=simple", f"--client={clients}", "--jobs=1",
         f"--time={warm + seconds}", "--progress=1", f"--file={file}"],
        env={**os.environ, "PGHOST": str(told.hostname), "PGPORT": str(told.port), "PGUSER": str(told.username),
             "PGPASSWORD": str(told.password), "PGDATABASE": told.path[1:], "PGOPTIONS": "-c jit=off"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    rates = [float(found) for found in _RATE.findall(done.stderr)]
    if done.returncode or len(rates) <= warm:
        raise RuntimeError(f"{done.stdout}\n{done.stderr}")
    return mean(rates[warm:])
