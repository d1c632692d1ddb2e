"""A file that says what it is: JSON for programs and people, with the name of its format and that format's version."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from tenants.export.faults import WrongFile

T = TypeVar("T", bound=msgspec.Struct)


class _Version(msgspec.Struct):
    format: str = ""
    format_version: int = 0


def written(told: msgspec.Struct) -> bytes:
    """As it stands in the file."""
    return msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n"


def read(text: bytes, kind: type[T], form: tuple[str, int], *, foreign: WrongFile) -> T:
    """What somebody's file says, of the format ``form`` (name, newest version known here). Raises ``foreign`` for
    another format, WrongFile for what is newer or not that at all.
    """
    name, newest = form
    try:
        found = msgspec.json.decode(text, type=_Version)
        if found.format != name:
            raise foreign
        if found.format_version > newest:
            raise WrongFile("newer", f"format {found.format_version}")
        return msgspec.json.decode(text, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WrongFile("manifest", error) from None
