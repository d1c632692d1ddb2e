"""Files that somebody has made, broken or changed: each is refused with what is wrong, and nothing is left of it."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from infra.embedded import Servers
from infra.postgres import connect
from server.exports import restoring
from server.exports.parts import PARTS
from server.schema import committee_line
from tenants import registry
from tenants.export.archive import opened
from tenants.export.faults import WrongFile
from tenants.export.pieces import Counted, Looked, Renamed
from tenants.export.restoring import Target, put_back, schema_for
from tenants.export.verifying import verify
from tenants.export.writing import write_export
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.export.lived import lived_in
from tests.export.playing import province_of_cast

Files = dict[str, bytes]
UNKNOWN = {"name": "x", "columns": ["a"]}
HEAD = b"account,login,name,role,cell,cell_name,group_number,member,granted_at,granted_by,revoked_at\n"
ACCOUNT = b"00000000-0000-4000-8000-000000000001"
MARKED, CELLS = "tables/roll_entry.csv", "tables/cell.csv"


@pytest.fixture
async def whole(cast: Cast, own_store: None, tmp_path: Path) -> Files:
    """The files of a good export."""
    ref, *_ = await lived_in(cast, tmp_path)
    file = tmp_path / "whole.zip"
    await write_export(ref, file, parts=PARTS, with_pages=True)
    with ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, files: Files) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def forged(files: Files, change: Callable[[dict[str, object], Files], None]) -> Files:
    """The files after a change by somebody who knows how to make all sums right again."""
    made = dict(files)
    manifest = json.loads(made["manifest.json"])
    change(manifest, made)
    for kind in ("tables", "platform"):
        for rows in manifest[kind]:
            content = made[f"{kind}/{rows['name']}.csv"]
            counted = Counted()
            counted.feed(content)
            rows["bytes"], rows["sha256"] = len(content), counted.sha256
            if rows.get("rows") != -1:
                rows["rows"] = counted.rows
            else:
                rows["rows"] = counted.rows + 1
    sums = [
        f"{sha256(content).hexdigest()}  {name}\n"
        for name, content in made.items()
        if name not in ("manifest.json", "SHA256SUMS")
    ]
    made["SHA256SUMS"] = "".join(sums).encode()
    manifest["sums_sha256"] = sha256(made["SHA256SUMS"]).hexdigest()
    made["manifest.json"] = json.dumps(manifest).encode()
    return made


def fault_of(path: Path) -> str:
    with pytest.raises(WrongFile) as wrong:
        verify(path)
    assert str(wrong.value)
    return wrong.value.code


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "/etc/passwd", "pages/../../x", "pages/..", "tables/../x.csv", "C:\\x", "pages//x",
     "tables/Member.csv", "pages/a\\b", "more.txt", "pages/" + "x" * 300],
)  # fmt: skip
async def test_a_name_that_no_export_has(whole: Files, tmp_path: Path, name: str) -> None:
    assert fault_of(packed(tmp_path / "x.zip", whole | {name: b"x"})) == "foreign_name"


async def test_a_link_instead_of_a_file(whole: Files, tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", whole)
    with ZipFile(path, "a") as archive:
        link = ZipInfo("pages/link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")

    assert fault_of(path) == "foreign_name"


@pytest.mark.filterwarnings("ignore:Duplicate name")
async def test_one_name_twice(whole: Files, tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", whole)
    with ZipFile(path, "a") as archive:
        archive.writestr("tables/member.csv", b"other")

    assert fault_of(path) == "doubled"


async def test_more_than_was_ever_exported(whole: Files, tmp_path: Path) -> None:
    assert fault_of(packed(tmp_path / "x.zip", whole | {"pages/more": b"x"})) == "unlisted"


async def test_less_than_was_exported(whole: Files, tmp_path: Path) -> None:
    del whole["tables/mark.csv"]

    assert fault_of(packed(tmp_path / "x.zip", whole)) == "missing"


@pytest.mark.parametrize("name", ["tables/member.csv", "platform/people.csv", "README.txt", "SHA256SUMS"])
async def test_one_byte_is_another(whole: Files, tmp_path: Path, name: str) -> None:
    whole[name] = whole[name][:-2] + b"!" + whole[name][-1:]

    assert fault_of(packed(tmp_path / "x.zip", whole)) == "broken"


async def test_a_file_that_ends_too_soon(whole: Files, tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", whole)
    content = path.read_bytes()
    for length in (0, 10, len(content) // 2, len(content) - 30):
        path.write_bytes(content[:length])
        assert fault_of(path) == "not_zip"


async def test_bytes_that_are_turned_over_anywhere_are_never_taken(whole: Files, tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", whole)
    content, good = path.read_bytes(), verify(path)

    refused = 0
    for at in range(7, len(content), len(content) // 150):
        path.write_bytes(content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :])
        try:
            # Some bytes of a zip say nothing, such as the time of an entry: what it holds is the same then.
            assert verify(path) == good
        except WrongFile:
            refused += 1
    assert refused > 75


async def test_a_small_file_that_unpacks_to_gigabytes(whole: Files, tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", whole)
    with ZipFile(path, "a", ZIP_DEFLATED) as archive, archive.open("pages/bomb", "w") as entry:
        for _ in range(200):
            entry.write(bytes(1_000_000))

    assert fault_of(path) == "bomb"


async def test_a_list_of_contents_that_lies_about_sizes(whole: Files, tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", whole)
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02")
    size = struct.unpack_from("<I", content, at + 24)[0]
    struct.pack_into("<I", content, at + 24, size - 1)
    path.write_bytes(content)

    assert fault_of(path) in ("broken", "missing", "manifest")


async def test_an_encrypted_file(whole: Files, tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", whole)
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    path.write_bytes(content)

    assert fault_of(path) == "encrypted"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "manifest"), (b"[]", "manifest"), (b"{}", "no_manifest"), (b"\xff\xfe", "manifest"),
        (b'{"format": "other"}', "no_manifest"), (b'{"format": "nennep-committee", "format_version": 2}', "newer"),
        (b'{"format": "nennep-committee", "format_version": 1}', "manifest"), (b"[" * 100_000, "manifest"),
    ],
)  # fmt: skip
async def test_a_manifest_that_is_none(whole: Files, tmp_path: Path, text: bytes, code: str) -> None:
    assert fault_of(packed(tmp_path / "x.zip", whole | {"manifest.json": text})) == code


@pytest.mark.parametrize(
    ("field", "value"),
    [("schema_name", 'c_x"; DROP SCHEMA platform; --'), ("kind", "nonsense"), ("name", ""), ("id", "x")],
)
async def test_a_manifest_with_wrong_words(whole: Files, tmp_path: Path, field: str, value: str) -> None:
    manifest = json.loads(whole["manifest.json"])
    manifest["committee"][field] = value

    assert (
        fault_of(packed(tmp_path / "x.zip", whole | {"manifest.json": json.dumps(manifest).encode()}))
        == "manifest"
    )


async def test_a_count_that_is_a_lie(whole: Files, tmp_path: Path) -> None:
    def lie(manifest: dict[str, object], _: Files) -> None:
        next(r for r in manifest["tables"] if r["name"] == "member")["rows"] = -1  # type: ignore[attr-defined]

    assert fault_of(packed(tmp_path / "x.zip", forged(whole, lie))) == "lie"


async def test_a_row_that_names_another_committees_pages(whole: Files, tmp_path: Path) -> None:
    for stranger in (b"c_aaaaaaaaaaaaa/page", b"exports/" + str(uuid4()).encode() + b".zip"):

        def steal(_: dict[str, object], made: Files, stranger: bytes = stranger) -> None:
            own = made["tables/minutes.csv"]
            at = own.index(b"c_")
            made["tables/minutes.csv"] = own[:at] + stranger + own[at:]

        assert fault_of(packed(tmp_path / "x.zip", forged(whole, steal))) == "elsewhere"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        # A mark of a meeting that is not there; a table, a column, a sequence that nobody knows; an id twice; a word.
        (lambda _, f: f.update({MARKED: f[MARKED].split(b"\n")[0] + b"\n"}), "unfit"),
        (lambda m, f: (f.update({"tables/x.csv": b"a\n"}), m["tables"].append(UNKNOWN)), "columns"),
        (lambda m, _: next(r for r in m["tables"] if r["name"] == "cell")["columns"].append("more"), "columns"),
        (lambda m, _: m["sequences"].update({"member.id": 3}), "columns"),
        (lambda _, f: f.update({CELLS: f[CELLS] + f[CELLS].split(b"\n", 1)[1]}), "unfit"),
        (lambda _, f: f.update({CELLS: f[CELLS].replace(b"residential", b"palace")}), "unfit"),
    ],
    ids=["keys", "table", "column", "sequence", "twice", "check"],
)  # fmt: skip
async def test_rows_that_do_not_fit_are_refused_and_nothing_is_left(
    cast: Cast, database: Servers, whole: Files, tmp_path: Path, change: Callable[..., None], code: str
) -> None:
    path = packed(tmp_path / "x.zip", forged(whole, change))
    _, sha = verify(path)
    target = Target(
        uuid4(), cast.province, f"x{uuid4().hex[:8]}", schema_for(sha), "city_committee", "Pleiku 2"
    )

    with pytest.raises(WrongFile) as wrong:
        await put_back(database.owner_url, path, target, committee_line(), parts=PARTS)

    assert wrong.value.code == code, str(wrong.value)
    owner = await connect(database.owner_url)
    left = [
        await owner.fetchval("SELECT count(*) FROM pg_namespace WHERE nspname = $1", target.schema_name),
        await owner.fetchval("SELECT count(*) FROM pg_roles WHERE rolname = $1", target.schema_name),
        await owner.fetchval("SELECT count(*) FROM platform.committee WHERE id = $1", target.id),
    ]
    await owner.close()
    assert left == [0, 0, 0]


async def test_roles_that_a_file_may_not_give(cast: Cast, whole: Files, tmp_path: Path) -> None:
    def crown(_: dict[str, object], made: Files) -> None:
        made["platform/people.csv"] = made["platform/people.csv"].replace(
            b",secretary,", b",province_administrator,"
        )

    path = packed(tmp_path / "x.zip", forged(whole, crown))

    restored = await restoring.restore(path, await province_of_cast(cast), name="Pleiku 2", by=cast.office)

    assert (restored.known, restored.invited) == (0, [])


@pytest.mark.parametrize(
    "people",
    [
        b"a,b\n1,2\n", b'account,"', b"\xff\xfe\n", HEAD + b"x,l,n,office,,,,,,,\n",
        HEAD + ACCOUNT + b",l,n,secretary,,,,,,,\n", HEAD + ACCOUNT + b",l,n,office,,,99999,,,,\n",
    ],
    ids=["other columns", "half a quote", "no text", "no id", "no cell", "a group too many"],
)  # fmt: skip
async def test_people_that_can_not_be_read_are_found_before_anything_is_written(
    cast: Cast, whole: Files, tmp_path: Path, people: bytes
) -> None:
    def change(_: dict[str, object], made: Files) -> None:
        made["platform/people.csv"] = people

    path = packed(tmp_path / "x.zip", forged(whole, change))

    with pytest.raises(WrongFile) as wrong:
        await restoring.restore(path, await province_of_cast(cast), name="Pleiku 2", by=cast.office)

    assert wrong.value.code == "columns"
    async with platform_transaction(read_only=True):
        assert len(await registry.committees(cast.province)) == 2


def test_names_are_found_and_changed_across_the_edges_of_pieces() -> None:
    old, new = "c_" + "a" * 13, "c_" + "b" * 13
    text = f"x,{old}/page,{old[:-1]}z,{old}/{old}/\n".encode() * 3
    for length in range(1, 40):
        renamed, looked = Renamed(old, new), Looked(new)
        out = b""
        for start in range(0, len(text), length):
            piece = renamed.feed(text[start : start + length])
            looked.feed(piece)
            out += piece
        out += renamed.end()
        assert out == text.replace(f"{old}/".encode(), f"{new}/".encode())
        strange = Looked(new)
        for start in range(0, len(text), length):
            strange.feed(text[start : start + length])
        assert strange.stranger == f"{old}/"


def test_rows_are_counted_with_lines_inside_quotes() -> None:
    text = b'a,b\n1,"x\ny ""z""\n"\n2,\n'
    for length in range(1, 8):
        counted = Counted()
        for start in range(0, len(text), length):
            counted.feed(text[start : start + length])
        assert (counted.rows, counted.bytes) == (2, len(text))


async def test_nothing_of_a_hostile_file_is_ever_unpacked(whole: Files, tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", whole | {"../outside": b"x"})

    with pytest.raises(WrongFile), opened(path):
        pass

    assert not (tmp_path.parent / "outside").exists()
