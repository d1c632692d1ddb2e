"""Rows that repeat somebody: the same person twice, or a card number on two people."""

from dataclasses import dataclass

from server.members.sheet_dates import Day
from server.members.sheet_types import Fault, MemberRow
from server.names import sort_key


@dataclass(frozen=True, slots=True)
class Twin:
    """The fault to tell, and whether it keeps the row out."""

    fault: Fault
    rejects: bool


class Twins:
    """Remembers accepted rows by card number and by name with birth date; the first of several is named."""

    def __init__(self) -> None:
        self._by_card: dict[str, tuple[int, MemberRow]] = {}
        self._by_person: dict[tuple[str, str], list[tuple[int, MemberRow]]] = {}

    def find(self, value: MemberRow, born: Day | None, card_column: str) -> Twin | None:
        """
        Same name, birth date and card: the row is out. The card on another person: out. Else perhaps the
        same.
        """
        if value.card_number and (holder := self._by_card.get(value.card_number)):
            same = sort_key(holder[1].name) == sort_key(value.name) and _agree(
                holder[1].born_on, value.born_on
            )
            code = "duplicate_row" if same else "card_taken"
            return Twin(Fault(code, card_column, of_row=holder[0]), rejects=True)
        if born is None or not born.whole:  # same name and only a year: too many namesakes to say anything
            return None
        namesakes = self._by_person.get(_person(value), [])
        again = next((row for row, other in namesakes if _no_card_and_same_admission(value, other)), None)
        if again:
            return Twin(Fault("duplicate_row", card_column, of_row=again), rejects=True)
        return (
            Twin(Fault("possible_duplicate", card_column, of_row=namesakes[0][0]), False)
            if namesakes
            else None
        )

    def remember(self, number: int, value: MemberRow) -> None:
        """An accepted row; `number` is its row in the sheet."""
        if value.card_number:
            self._by_card[value.card_number] = (number, value)
        self._by_person.setdefault(_person(value), []).append((number, value))


def _person(value: MemberRow) -> tuple[str, str]:
    return sort_key(value.name), value.born_on or ""


def _agree(one: str | None, other: str | None) -> bool:
    """Can two partial dates be the same day? (`1958` and `1958-05-03`; a missing one agrees with any.)"""
    return not one or not other or one.startswith(other) or other.startswith(one)


def _no_card_and_same_admission(value: MemberRow, other: MemberRow) -> bool:
    return not value.card_number and not other.card_number and value.admitted_on == other.admitted_on
