"""The rules of the house that a machine can check. Each list of exceptions has reasons and may only shrink."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from uuid import UUID

from tenants.migrations import Migration, runner
from tenants.slugs import RESERVED
from tests.house.sources import ROOT, Function, Source, below, files, sources

LONGEST_FILE, LONGEST_TEST_FILE, LONGEST_FUNCTION, HEAVIEST = 300, 450, 45, 400_000
FLOORS = ("infra", "tenants", "server", "web", "workers")

MAY_GATHER = {
    "server/paper/child.py": "starts a child process and waits for it; no database is spoken to",
    "tenants/migrations/runner.py": "workers of a run have a connection each and no tenant",
    "server/backups/files.py": "pages are fetched and stored beside each other; no database is spoken to",
    "server/demo/filling.py": "committees are filled beside each other, each task with transactions of its own",
    "server/demo/logins.py": "passwords are hashed beside each other, before the transaction",
}
MAY_SELECT_ALL = {"server/rollups/verify.py": "of the platform's table, which has one shape at a time"}
MAY_CONNECT = {
    "server/demo/filling.py": "the demo founds and fills as the owner, from the command line",
    "server/demo/state.py": "the demo wipes what it made as the owner, from the command line",
}
# Parts of SQL text inside functions that are not named like constants.
BUILT_SQL = {
    # Tables, columns and conditions of the plan that the code holds; columns from the database's own catalogue.
    "tenants/carrying.py": {
        "columns",
        "places",
        "target",
        "part.table",
        "', '.join(names)",
        "', '.join(shown)",
        "part.where",
        "part.order",
        "again",
    },
    "tenants/doors.py": {"name"},  # a committee's schema, which the registry made and the table checks
    # Names of tables, columns and foreign keys as PostgreSQL's catalogue has them, or as tenants/export/manifest.py
    # checks them.
    "tenants/export/restoring.py": {
        "schema",
        "link.source",
        "link.name",
        "link.definition",
        "part.name",
        "columns",
        "table",
        "name",
    },
    "tenants/export/tables.py": {"columns", "_quoted(schema)", "table.quoted", "table.key"},
    "tenants/export/writing.py": {"columns", "table.quoted", "table.key"},
    "tenants/walls.py": {"name"},  # a committee's schema, which the registry made and the table checks
    "server/demo/state.py": {"schema_name", "committees"},  # the same; and a constant text one line above
}
LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}


def problems(found: Iterator[str]) -> str:
    """What pytest shows when a rule is broken."""
    return "\n" + "\n".join(found)


def at(source: Source, node: ast.AST, what: str) -> str:
    return f"{source.path}:{getattr(node, 'lineno', 0)}: {what}"


def test_nothing_opens_a_door_of_its_own_beside_the_two_transactions() -> None:
    def doors() -> Iterator[str]:
        for source in below("server", "tenants", "web", "workers"):
            for call in source.calls():
                name = ast.unparse(call.func)
                if name == "DB.transaction" or name.endswith((".batch", ".run_sync", ".get_connection")):
                    yield at(source, call, f"{name}() leaves the tenant's transaction")
                if any(keyword.arg == "node" for keyword in call.keywords):
                    yield at(source, call, "node= is another engine, outside the tenant's transaction")

    assert not [*doors()], problems(doors())


def test_nothing_runs_beside_a_transaction() -> None:
    def branches() -> Iterator[str]:
        for source in below("server", "tenants"):
            for call in source.calls():
                name = ast.unparse(call.func)
                if source.path not in MAY_GATHER and re.search(
                    r"\b(gather|create_task|ensure_future|TaskGroup)$", name
                ):
                    yield at(source, call, f"{name}: a task begun in a transaction shares or outlives it")

    assert not [*branches()], problems(branches())


def test_the_engine_is_reached_through_the_walls_only() -> None:
    """server/ knows transactions, not the pool, nor the owner's connections."""

    def reaching() -> Iterator[str]:
        for source in below("server"):
            for node in ast.walk(source.tree):
                if isinstance(node, ast.ImportFrom) and node.module == "infra.postgres":
                    names = {alias.name for alias in node.names} & {
                        "Transaction",
                        "open_pool",
                        "close_pool",
                        "connect",
                    }
                    if names and source.path not in MAY_CONNECT:
                        yield at(source, node, f"infra.postgres: {', '.join(names)}")

    assert not [*reaching()], problems(reaching())


def test_sql_names_its_columns() -> None:
    """SELECT * breaks prepared statements while a migration runs; of what the same text names, it is fine."""

    def lazy() -> Iterator[str]:
        for source in below("server", "tenants"):
            for node in ast.walk(source.tree):
                text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
                named = {"unnest", *re.findall(r"(\w+) AS \(", text)}
                for tables in re.findall(r"SELECT\s+(?:\w+\.)?\*\s+FROM\s+([\w.]+(?:,\s*[\w.]+)*)", text):
                    if not set(re.split(r",\s*", tables)) <= named and source.path not in MAY_SELECT_ALL:
                        yield at(source, node, f"SELECT * FROM {tables}")

    assert not [*lazy()], problems(lazy())


def test_sql_is_never_built_from_values() -> None:
    """Inside functions an SQL text takes constants only: their names are in capitals, or they are listed above."""

    def built() -> Iterator[str]:
        for source in below("server", "tenants"):
            for function in source.functions():
                for node in ast.walk(function):
                    if isinstance(node, ast.JoinedStr) and _is_sql(node):
                        for part in node.values:
                            if isinstance(part, ast.FormattedValue):
                                name = ast.unparse(part.value)
                                if not _constant(part.value) and name not in BUILT_SQL.get(source.path, ()):
                                    yield at(source, node, f"{{{name}}} in SQL: use $1")

    assert not [*built()], problems(built())


def _constant(value: ast.expr) -> bool:
    if isinstance(value, ast.IfExp):
        return _constant(value.body) and _constant(value.orelse)
    return isinstance(value, ast.Constant) or bool(
        re.fullmatch(r"(\w+\.)?_?[A-Z][A-Z0-9_]*", ast.unparse(value))
    )


def _is_sql(node: ast.JoinedStr) -> bool:
    text = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    return (
        re.match(r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|TRUNCATE|CREATE|ALTER|DROP|GRANT)\b", text)
        is not None
    )


def test_rules_are_pure() -> None:
    """rules.py: dates and counts in, answers out. Standard library, words, and what lies beside it."""

    def impure() -> Iterator[str]:
        for source in below("server"):
            if not source.path.endswith("/rules.py"):
                continue
            feature = source.path.split("/")[1]
            for module in source.imports():
                own = module == "server.words" or module.startswith((f"server.{feature}.", "."))
                pure = module == "server.names" or re.fullmatch(r"server\.\w+\.rules", module)
                if not own and not pure and module.split(".")[0] not in sys.stdlib_module_names:
                    yield f"{source.path}: imports {module}"
            for node in ast.walk(source.tree):
                if isinstance(node, ast.AsyncFunctionDef | ast.Await):
                    yield at(source, node, "a rule waits for nothing")
                if isinstance(node, ast.Attribute) and node.attr in ("today", "now", "utcnow"):
                    yield at(source, node, "a rule is told the date")

    assert not [*impure()], problems(impure())


def test_public_names_of_server_and_tenants_say_what_they_do() -> None:
    def silent() -> Iterator[str]:
        for source in below("server", "tenants"):
            if source.text.strip() and not ast.get_docstring(source.tree):
                yield f"{source.path}: module"
            for name, node in _public(source.tree):
                if not ast.get_docstring(node):
                    yield at(source, node, name)

    assert not [*silent()], problems(silent())


def _public(tree: ast.Module | ast.ClassDef) -> Iterator[tuple[str, Function | ast.ClassDef]]:
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node
            if isinstance(node, ast.ClassDef):
                yield from ((f"{node.name}.{name}", inner) for name, inner in _public(node))


def test_files_fit_the_eye() -> None:
    lengths = {source: len(source.text.splitlines()) for source in sources()}
    limits = {source: LONGEST_FILE if source.floor in FLOORS else LONGEST_TEST_FILE for source in lengths}
    long = {source.path: lengths[source] for source in lengths if lengths[source] > limits[source]}

    assert set(long) <= set(LONG_FILES), f"too long to be read at once: {long}"
    assert set(LONG_FILES) <= set(long), "an exception is no longer needed: take it off the list"


def test_functions_fit_the_eye() -> None:
    long = {
        f"{source.path}:{function.name}": _length(function)
        for source in below(*FLOORS)
        for function in source.functions()
        if _length(function) > LONGEST_FUNCTION
    }

    assert set(long) <= set(LONG_FUNCTIONS), f"longer than {LONGEST_FUNCTION} lines: {long}"
    assert set(LONG_FUNCTIONS) <= set(long), "an exception is no longer needed: take it off the list"


def _length(function: Function) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


def test_nothing_heavy_is_kept() -> None:
    heavy = {n: (ROOT / n).stat().st_size for n in files() if (ROOT / n).stat().st_size > HEAVIEST}

    assert not {name for name in heavy if not name.startswith("tests/fixtures/")}, heavy


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    # Put together from pieces, or this file would name them.
    registries = "|".join(
        ["pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.(?:org|com)", "deb" + r"\.debian\.org"]
    )
    places = "|".join(
        ["/wo" + "rk/", "/tm" + "p/x/", r"/ro" + r"ot/[\w.]", r"/ho" + r"me/\w", r"\.\./sha" + "red"]
    )
    told = re.compile(f"{registries}|(?<![\\w.]){places}")

    def telling() -> Iterator[str]:
        for name in files():
            try:
                text = (ROOT / name).read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            yield from (f"{name}: {match[0]}" for match in told.finditer(text))

    assert not [*telling()], problems(telling())


def test_committee_migrations_stay_inside_their_schema() -> None:
    forbidden = {
        r"\bpublic\b": "names schema public",
        r"\bplatform\.": "reaches out of the committee's schema",
        r"\bCREATE\s+(TYPE|DOMAIN|SCHEMA|EXTENSION|FUNCTION|TRIGGER|ROLE)\b": "belongs to no committee's schema",
        r"\bREFERENCES\s+\w+\s*\.": "a foreign key out of the schema",
        r"\bSET\s+(ROLE|SESSION|search_path|lock_timeout|statement_timeout)": "the runner sets this",
        r"\bCONCURRENTLY\b": "can't run inside the step's transaction",
        r"\b(BEGIN|COMMIT|ROLLBACK)\s*;": "the runner's transaction holds step and version together",
    }

    def straying() -> Iterator[str]:
        for name in files():
            if name.startswith("server/migrations/committee/") and name.endswith(".sql"):
                text = re.sub(r"--.*", "", (ROOT / name).read_text(encoding="utf-8"))
                yield from (
                    f"{name}: {why}"
                    for what, why in forbidden.items()
                    if re.search(what, text, re.IGNORECASE)
                )

    assert not [*straying()], problems(straying())


def test_platform_migrations_name_their_schema_and_no_committee() -> None:
    def straying() -> Iterator[str]:
        for name in files():
            if "/migrations/platform/" in name and name.endswith(".sql"):
                text = re.sub(r"--.*", "", (ROOT / name).read_text(encoding="utf-8"))
                if re.search(r"\bpublic\b", text, re.IGNORECASE):
                    yield f"{name}: names schema public"
                for table in re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?([\w.]+)", text):
                    if not table.startswith("platform."):
                        yield f"{name}: {table} has no schema"
                if re.search(r"\b(CREATE\s+TYPE|CONCURRENTLY)\b", text, re.IGNORECASE):
                    yield f"{name}: a type, or an index built outside the transaction"

    assert not [*straying()], problems(straying())


def test_tables_of_a_committee_name_no_schema() -> None:
    def named() -> Iterator[str]:
        for source in below("server", "tenants"):
            for node in ast.walk(source.tree):
                if isinstance(node, ast.ClassDef):
                    schemas = [ast.unparse(k.value) for k in node.keywords if k.arg == "schema"]
                    if schemas and schemas != ["'platform'"]:
                        yield at(source, node, f"schema={schemas[0]}")

    assert not [*named()], problems(named())


def test_a_schema_change_waits_a_moment_for_its_lock_and_no_longer() -> None:
    text = runner.apply_text(UUID(int=1), "c_aaaaaaaaaaaaa", [Migration(1, "0001_x", "SELECT 1")])
    assert re.match(r"SET LOCAL lock_timeout = '\d00ms'; SET LOCAL statement_timeout = '\d+s';", text)


def test_every_first_word_of_a_path_of_ours_is_kept_from_committees() -> None:
    def open_words() -> Iterator[str]:
        for source in below("web"):
            for path in re.findall(r"@(?:get|post|put|patch|delete|route)\(\s*\[?\"(/[^\"]*)\"", source.text):
                first = path.split("/")[1]
                if first and not first.startswith("{") and first not in RESERVED:
                    yield f"{source.path}: {path}: {first} could be a committee's path"

    assert not [*open_words()], problems(open_words())
