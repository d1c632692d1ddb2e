"""The files of the repository as the checks of the house see them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """A Python file: its path from the root, its text, its tree."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.path, self.text)

    @property
    def floor(self) -> str:
        return self.path.split("/")[0]

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))

    def functions(self) -> Iterator[Function]:
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def imports(self) -> Iterator[str]:
        """The modules that the file imports, with their dots."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield "." * node.level + (node.module or "")


@lru_cache(maxsize=512)
def _parsed(path: str, text: str) -> ast.Module:
    return ast.parse(text, filename=path)


@lru_cache(maxsize=1)
def files() -> tuple[str, ...]:
    """What is in the repository or about to be: tracked and untracked, without what is ignored."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-coz", "--exclude-standard"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a checkout: git does not list the files")
    return tuple(sorted(name for name in {*listed.split("\0")} if name and (ROOT / name).is_file()))


@lru_cache(maxsize=1)
def sources() -> tuple[Source, ...]:
    """Every Python file of the repository."""
    return tuple(
        Source(name, (ROOT / name).read_text(encoding="utf-8")) for name in files() if name.endswith(".py")
    )


def below(*floors: str) -> list[Source]:
    """The Python files of some top-level folders."""
    return [source for source in sources() if source.floor in floors]
