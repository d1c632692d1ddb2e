"""An operator founds, looks, suspends, verifies and mends from the command line."""

from __future__ import annotations

from uuid import uuid4

from infra.postgres import sql
from server.accounts.actions import open_invitation
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.commands.conftest import Nennep
from tests.workers.rows import MONTH, ask, end_left_over, figures, rows_of, take_roll
from workers import outbox


async def test_a_province_a_committee_and_its_first_administrator(nennep: Nennep) -> None:
    name = f"Lạng Sơn {uuid4().hex[:8]}"
    province = (await nennep("province", "create", name)).out.strip()
    assert province.startswith("lang-son-")

    made = await nennep(
        "committee",
        "create",
        "Cao Lộc",
        "--province",
        province,
        "--kind",
        "district_committee",
        "--admin",
        "Nông An",
    )

    slug, link = made.out.splitlines()
    invitation = await open_invitation(link.rsplit("/", 1)[1])
    assert "/invitations/" in link
    assert invitation is not None
    assert (invitation.invited_name, invitation.committee.slug) == ("Nông An", slug)
    assert invitation.committee.state == "active"
    assert await figures(invitation.committee.id) is not None
    listed = (await nennep("committee", "list", "--province", province)).out
    assert listed.startswith(f"{slug}\tactive\t")
    assert listed.endswith(f"\t{province}\tHuyện ủy Cao Lộc\n")


async def test_the_same_province_twice_and_unknown_places_fail_in_one_line(
    nennep: Nennep, cast: Cast
) -> None:
    name = f"Gia Lai {uuid4().hex[:8]}"
    await nennep("province", "create", name)

    refused = (
        ("province", "create", name),
        ("province", "create", "…"),
        ("committee", "create", "--province", "nowhere", "--kind", "city_committee", "Pleiku"),
        ("committee", "list", "--province", "nowhere"),
        ("committee", "suspend", "nowhere", "--reason", "Sáp nhập"),
        ("committee", "migrate", "--only", "nowhere"),
        ("committee", "resume", cast.pleiku.slug),
        ("rollups", "verify", "--committee", "nowhere"),
        ("jobs", "release", str(uuid4())),
    )
    for arguments in refused:
        outcome = await nennep(*arguments)
        assert outcome.code == 1, arguments
        assert outcome.err.splitlines()[-1].startswith("Error: "), outcome.err


async def test_wrong_usage_exits_with_two(nennep: Nennep) -> None:
    assert (await nennep("committee", "create", "Pleiku")).code == 2
    assert (await nennep("no-such-command")).code == 2


async def test_suspending_and_resuming(nennep: Nennep, cast: Cast) -> None:
    assert (await nennep("committee", "suspend", cast.pleiku.slug, "--reason", "Sáp nhập")).code == 0
    assert f"{cast.pleiku.slug}\tsuspended\t" in (await nennep("committee", "list")).out
    assert (await nennep("committee", "suspend", cast.pleiku.slug, "--reason", "Sáp nhập")).code == 1
    assert (await nennep("committee", "resume", cast.pleiku.slug)).code == 0


async def test_a_whole_province_is_migrated_suspended_and_resumed(nennep: Nennep, cast: Cast) -> None:
    async with platform_transaction(read_only=True):
        slug = (await sql("SELECT slug FROM platform.province WHERE id = $1", cast.province))[0]["slug"]

    migrated = await nennep("province", "migrate", slug)
    closed = await nennep("province", "suspend", slug, "--reason", "Bảo trì đêm nay")
    listed = (await nennep("committee", "list", "--province", slug)).out
    opened = await nennep("province", "resume", slug)

    assert (migrated.code, closed.code, opened.code) == (0, 0, 0)
    assert "nothing to do" in migrated.err
    assert listed.count("\tsuspended\t") == 2
    assert "2 committees resumed" in opened.err
    assert (await nennep("province", "suspend", "no-such-province", "--reason", "x y z")).code == 1


async def test_migrating_what_is_new_already(nennep: Nennep, cast: Cast) -> None:
    outcome = await nennep("migrate")
    dry = await nennep("committee", "migrate", "--dry-run")

    assert (outcome.code, dry.code) == (0, 0)
    assert "platform: nothing to do" in outcome.err
    assert "0 committees would be migrated" in dry.err


async def test_verify_finds_a_figure_that_somebody_changed_and_recompute_mends_it(
    nennep: Nennep, cast: Cast
) -> None:
    await take_roll(cast)
    await end_left_over()  # for as long as work waits, figures may still lag: each look would wait for that
    only = ("--committee", cast.pleiku.slug)
    assert (await nennep("rollups", "recompute", *only)).code == 0
    good = await nennep("rollups", "verify", *only)
    async with platform_transaction():
        await sql("UPDATE platform.rollup SET absent_unexcused = 4 WHERE committee = $1", cast.pleiku.id)

    wrong = await nennep("rollups", "verify", *only)

    assert (good.code, good.out) == (0, "")
    assert "1 committees with 1 months compared: 0 differences" in good.err
    assert wrong.code == 1
    assert wrong.out == f"{cast.pleiku.slug}\t{MONTH:%Y-%m}\tabsent_unexcused\t4\t5\n"
    assert (await nennep("rollups", "recompute", *only, "--month", f"{MONTH:%Y-%m}")).code == 0
    assert (await nennep("rollups", "verify", *only)).code == 0


async def test_dead_letters_are_listed_and_released(nennep: Nennep, cast: Cast) -> None:
    await ask(cast.pleiku, month="tháng mười")
    row = (await rows_of(cast.pleiku))[0]
    await outbox.failed([row["id"]], "ValueError", hopeless=True)

    listed = await nennep("jobs", "list")
    released = await nennep("jobs", "release", str(row["id"]))

    line = next(line for line in listed.out.splitlines() if line.startswith(str(row["id"])))
    assert line.split("\t")[2:4] == [cast.pleiku.slug, "recompute_rollup"]
    assert line.endswith("ValueError")
    assert released.code == 0
    assert (await rows_of(cast.pleiku))[0]["dead_at"] is None


async def test_a_province_administrator_with_a_password_from_a_file(nennep: Nennep) -> None:
    province = (await nennep("province", "create", f"Gia Lai {uuid4().hex[:8]}")).out.strip()
    login = f"qt.{uuid4().hex[:8]}"
    command = (
        "account", "create-province-administrator", "--province", province, "--login", login,
        "--name", "Trần An", "--password-file", "-",
    )  # fmt: skip

    weak = await nennep(*command, typed="1234\n")
    made = await nennep(*command, typed="cây đa bến nước\n")
    twice = await nennep(*command, typed="cây đa bến nước\n")

    assert (weak.code, made.code, twice.code) == (1, 0, 1)
    assert "password: " in weak.err
    assert made.out == f"{login}\n"
    assert "taken" in twice.err


async def test_servers_that_do_not_answer_are_named_with_what_to_do(nennep: Nennep) -> None:
    dead = "127.0.0.1:9"
    database = await nennep(
        "committee", "list", environment={"NENNEP_DATABASE_URL": f"postgresql://nennep_app:x@{dead}/nennep"}
    )
    setting = await nennep("web", environment={"NENNEP_PORT": "http", "NENNEP_LOG_LEVEL": "LOUD"})

    assert (database.code, setting.code) == (1, 1)
    assert f"No way into {dead} (NENNEP_DATABASE_URL)" in database.err
    assert "NENNEP_PORT" in setting.err
    assert "NENNEP_LOG_LEVEL" in setting.err
