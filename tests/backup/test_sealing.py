"""A sealed file opens whole, with its key and under its name, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.sealing import (
    HEAD_BYTES,
    PIECE_BYTES,
    Broken,
    WrongKey,
    id_of,
    is_sealed,
    key_of,
    sealed,
    unsealed,
)
from tests.backup.conftest import KEY, OTHER_KEY

MINE, OTHER = key_of(KEY), key_of(OTHER_KEY)
ONE = PIECE_BYTES + 16  # a piece with its tag
SIZES = [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES]


def pieces(text: bytes, size: int = 100_000) -> Iterator[bytes]:
    yield from (text[start : start + size] for start in range(0, len(text), size))


def seal(text: bytes, place: str = "a/rows.zip") -> bytes:
    return b"".join(sealed(pieces(text), MINE, place))


def unseal(text: bytes, key: bytes | None = MINE, place: str = "a/rows.zip", *, size: int = 70_001) -> bytes:
    return b"".join(unsealed(pieces(text, size), key, place))


@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_is_opened_again(size: int) -> None:
    text = os.urandom(size)

    told = seal(text)

    assert is_sealed(told)
    assert text[:1000] not in told or size < 20
    assert unseal(told) == text
    assert seal(text) != told


@given(st.data())
def test_every_byte_that_is_another_is_noticed(data: st.DataObject) -> None:
    told = bytearray(seal(b"x" * (PIECE_BYTES + 5)))
    at = data.draw(st.integers(0, len(told) - 1))
    told[at] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises((Broken, WrongKey)):
        unseal(bytes(told))


@pytest.mark.parametrize(
    "left", [0, 7, HEAD_BYTES - 1, HEAD_BYTES, HEAD_BYTES + 15, HEAD_BYTES + ONE, HEAD_BYTES + 2 * ONE]
)
def test_a_file_that_was_cut_is_noticed(left: int) -> None:
    told = seal(os.urandom(3 * PIECE_BYTES))

    with pytest.raises(Broken):
        unseal(told[:left])


def test_pieces_in_another_order_doubled_left_out_or_added_are_noticed() -> None:
    told = seal(os.urandom(3 * PIECE_BYTES + 1))
    head, body = told[:HEAD_BYTES], told[HEAD_BYTES:]
    one, two, three, last = body[:ONE], body[ONE : 2 * ONE], body[2 * ONE : 3 * ONE], body[3 * ONE :]

    assert len(unseal(head + one + two + three + last)) == 3 * PIECE_BYTES + 1
    for wrong in (
        two + one + three + last,
        one + one + two + three + last,
        one + three + last,
        body + last,
        last,
    ):
        with pytest.raises(Broken):
            unseal(head + wrong)


def test_a_file_in_the_place_of_another_is_noticed() -> None:
    told = seal(b"of the one", "c_one/backup.json")

    with pytest.raises(Broken):
        unseal(told, place="c_two/backup.json")


def test_the_wrong_key_and_none_are_told_with_the_ids_and_no_key() -> None:
    told = seal(b"text")

    with pytest.raises(WrongKey, match=f"{id_of(MINE)}.*{id_of(OTHER)}") as wrong:
        unseal(told, OTHER)
    with pytest.raises(WrongKey, match="no key is set"):
        unseal(told, None)
    assert KEY not in str(wrong.value)
    assert MINE.hex() not in str(wrong.value)


@pytest.mark.parametrize("text", ["", "short", "A" * 42, "A" * 44, "ä" * 43])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        key_of(text)
