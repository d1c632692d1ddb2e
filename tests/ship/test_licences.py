"""What the product stands on may be shipped with it under Apache-2.0."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution

import pytest

from tests.house.sources import ROOT

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PACKAGES = sorted(set(re.findall(r"(?m)^([a-z0-9][a-z0-9._-]*)(?:\[.*\])?==", LOCK)))
FREE = re.compile(
    r"\b(MIT(-0|-CMU)?|BSD(-[23]-Clause)?|0BSD|Apache([ -]2\.0| Software)?|ISC|PSFL?(-2\.0)?|"
    r"Python Software Foundation|"
    r"Unlicense|Zlib|CC0-1\.0|OFL-1\.1|MPL([ -]2\.0)?|Mozilla Public)\b"
)
# Used as they are, each a package of its own that anybody can exchange: that is what the Lesser GPL asks for.
LESSER = {"dramatiq", "fpdf2"}
# What would bind the product too, or whoever runs it.
BINDING = re.compile(
    r"(?<!L)(?<!Lesser )\bA?GPL|Affero|(?<!Lesser )General Public License|SSPL|Commons Clause|BUSL|proprietary",
    re.IGNORECASE,
)


def licence_of(package: str) -> str:
    """What a package says of itself: the expression, else the classifiers, else the first line of the text."""
    said = distribution(package).metadata
    if said.get("License-Expression"):
        return str(said["License-Expression"])
    classified = [one for one in said.get_all("Classifier") or [] if one.startswith("License ::")]
    return "; ".join([*classified, *(said.get("License") or "").splitlines()[:1]])


@pytest.mark.parametrize("package", PACKAGES)
def test_may_be_shipped(package: str) -> None:
    try:
        said = licence_of(package)
    except PackageNotFoundError:
        pytest.skip("for other machines or other versions of Python")
    if package in LESSER:
        assert re.search(r"LGPL|Lesser", said), f"{package} is no longer an exception: {said}"
        return

    assert FREE.search(said), f"{package} says {said!r}"
    assert not BINDING.search(said), f"{package} says {said!r}"


def test_the_licence_is_apaches_and_whole() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert text.split()[:5] == ["Apache", "License", "Version", "2.0,", "January"]
    assert "9. Accepting Warranty or Additional Liability" in text
    assert "APPENDIX: How to apply the Apache License to your work." in text
    assert len(text.splitlines()) == 202
