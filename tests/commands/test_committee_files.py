"""An operator takes a committee out as a file, proves it anywhere, and puts it back."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from infra.postgres import one
from server.accounts.actions import open_invitation
from tenants import registry
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.commands.conftest import Nennep
from tests.export.lived import lived_in, name_of
from tests.export.playing import administrator, played, state_of

NOWHERE = {
    "NENNEP_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "NENNEP_OBJECTS_URL": "http://127.0.0.1:1",
}  # fmt: skip


async def test_out_proved_and_back_under_another_name(nennep: Nennep, cast: Cast, tmp_path: Path) -> None:
    ref, login, _ = await lived_in(cast, tmp_path)
    file, province = tmp_path / "pleiku.zip", await _slug_of(cast)

    made = await nennep("committee", "export", ref.slug, "--to", str(file))
    proved = await nennep("committee", "verify", str(file), environment=NOWHERE)
    async with platform_transaction():
        row = await one(
            "UPDATE platform.account SET disabled_at = now() WHERE login = $1 RETURNING id", login
        )
    assert row is not None
    back = await nennep("committee", "restore", str(file), "--province", province, "--name", "Pleiku 2")

    assert made.code == proved.code == back.code == 0, made.err + proved.err + back.err
    facts = proved.out.rstrip("\n").split("\t")
    assert (facts[0], facts[5], facts[6]) == (ref.slug, made.out.strip(), "Thành ủy Pleiku")
    slug, link = back.out.splitlines()
    name, role, _, address = link.split("\t")
    assert (name, role) == (name_of(login), "secretary")
    invitation = await open_invitation(address.rsplit("/", 1)[1])
    assert invitation is not None
    assert invitation.committee.slug == slug != ref.slug


async def test_what_is_wrong_is_told_in_one_line(nennep: Nennep, cast: Cast, tmp_path: Path) -> None:
    ref, *_ = await lived_in(cast, tmp_path)
    file, broken, province = tmp_path / "pleiku.zip", tmp_path / "broken.zip", await _slug_of(cast)
    await nennep("committee", "export", ref.slug, "--to", str(file), "--no-pages")
    broken.write_bytes(file.read_bytes()[:-100])

    refused = (
        ("committee", "export", ref.slug, "--to", str(file)),
        ("committee", "export", "nowhere", "--to", str(tmp_path / "x.zip")),
        ("committee", "verify", str(broken)),
        ("committee", "restore", str(broken), "--province", province, "--name", "Pleiku 3"),
        ("committee", "restore", str(file), "--province", province),
        ("committee", "restore", str(file), "--province", "nowhere"),
        ("committee", "restore", str(file), "--province", province, "--name", "Pleiku 3", "--slug", "Hoa Lư"),
        ("committee", "erase", ref.slug, "--confirm"),
        ("committee", "erase", ref.slug, "--reason", "Kết thúc hoạt động"),
    )
    for arguments in refused:
        outcome = await nennep(*arguments)
        assert outcome.code == 1, arguments
        assert outcome.err.splitlines()[-1].startswith("Error: "), outcome.err
    assert (await nennep("committee", "erase", ref.slug)).code == 2
    async with platform_transaction(read_only=True):
        assert len(await registry.committees(cast.province)) == 2


async def test_the_operator_asks_and_an_administrator_confirms(
    nennep: Nennep, cast: Cast, tmp_path: Path
) -> None:
    from server.exports import erasing

    ref, *_ = await lived_in(cast, tmp_path)
    await nennep("committee", "suspend", ref.slug, "--reason", "Chờ xóa hẳn")

    asked = await nennep("committee", "erase", ref.slug, "--reason", "Kết thúc hoạt động theo Nghị quyết 12")
    alone = await nennep("committee", "erase", ref.slug, "--confirm")

    assert (asked.code, alone.code) == (0, 1)
    by = await administrator(cast, "Đặng Văn Tuấn")
    run = await erasing.confirm(await _slug_of(cast), ref.slug, typed=ref.slug, by=by)
    assert (await played(run))["state"] == "done"
    assert await state_of(ref.id) == "erased"
    assert (await nennep("committee", "export", ref.slug, "--to", str(tmp_path / f"{uuid4()}.zip"))).code == 1


async def _slug_of(cast: Cast) -> str:
    async with platform_transaction(read_only=True):
        row = await one("SELECT slug FROM platform.province WHERE id = $1", cast.province)
    assert row is not None
    found: str = row["slug"]
    return found
