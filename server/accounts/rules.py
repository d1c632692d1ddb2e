"""What an account must look like, and how log-ins slow down when they fail."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise

from server.accounts.reader import CELL_ROLES, COMMITTEE_ROLES, PROVINCE_ROLES
from server.words import Refused, Say, say

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 200
_PHONE = re.compile(r"\+?[0-9][0-9 .-]*")
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{2,59}")
# Failures in the last quarter of an hour before a wait, then seconds of wait for each failure more. An address is
# shared: by an office, and by all phones behind one provider's gateway.
FREE_FAILURES, FREE_FAILURES_OF_ADDRESS = 5, 50
WAIT_STEP, LONGEST_WAIT = 15, 300
# A session that was not used for so long ends, however long it could have lasted. Cells meet once a month.
IDLE = timedelta(days=7)
# How long a log-in waits for the code of the second factor before the password is asked again.
CODE_TIME = timedelta(minutes=10)
# What a session of this age may do without the password being asked again: set up a second factor.
FRESH = timedelta(minutes=15)
# A code of the second factor, and the steps before and after the present one that count: phones' clocks are not exact.
CODE_DIGITS, STEP_SECONDS, STEPS_BESIDE = 6, 30, 1
RECOVERY_CODES = 10
# No signs that look like each other; 12 of 31 are 59 bits.
RECOVERY_SIGNS, RECOVERY_LENGTH = "abcdefghjkmnpqrstuvwxyz23456789", 12


def tidy_login(login: str) -> str:
    """Log-in names are compared without capitals, surrounding blanks and NUL (which PostgreSQL can't hold).

    A phone number is one name in all its spellings: +84 900 055 264, 0900.055.264 and 84900055264 are 0900055264.
    """
    tidy = login.replace("\0", "").strip().lower()
    if not _PHONE.fullmatch(tidy):
        return tidy
    digits = re.sub("[^0-9]", "", tidy)
    # Nine digits follow the number of the country.
    abroad = re.fullmatch("84(0?)([0-9]{9})", digits)
    return f"0{abroad[2]}" if abroad else digits


def check_new_account(*, name: str, login: str, password: str) -> None:
    """Raises Refused(name=…, login=…, password=…) with every fault of a new account at its field."""
    faults: dict[str, Say] = {}
    if not 2 <= len(name.strip()) <= 100 or not name.strip().isprintable():
        faults["name"] = say("Xin ghi họ và tên.")
    if not _LOGIN.fullmatch(tidy_login(login)):
        faults["login"] = say(
            "Tên đăng nhập gồm 3 đến 60 chữ cái không dấu, chữ số, dấu chấm hoặc gạch; có thể dùng số điện thoại."
        )
    if reason := why_not_password(password, login, name):
        faults["password"] = reason
    if faults:
        raise Refused(**faults)


def why_not_password(password: str, login: str, name: str) -> Say | None:
    """Why this can't be the password of an account with this log-in name and this person's name; None if it can."""
    if len(password) < SHORTEST_PASSWORD:
        return say("Mật khẩu cần ít nhất {n} ký tự.", n=SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        return say("Mật khẩu dài quá {n} ký tự.", n=LONGEST_PASSWORD)
    if _easy_to_guess(password.lower(), tidy_login(login), name.strip().lower()):
        return say("Mật khẩu này quá dễ đoán, xin chọn mật khẩu khác.")
    return None


def _easy_to_guess(password: str, *known: str) -> bool:
    """What somebody who knows the name would try first: the name itself, one key over and over, keys in a row."""
    steps = {ord(b) - ord(a) for a, b in pairwise(password)}
    return password in known or len(set(password)) < 4 or steps in ({1}, {-1}) or password in _FIRST_TRIED


_FIRST_TRIED = frozenset(
    {"password", "password1", "matkhau1", "matkhau123", "matkhau@123", "qwertyuiop", "qwerty123", "1q2w3e4r",
     "123456789a", "abc12345"}
)  # fmt: skip


def check_role(role: str, *, has_cell: bool, has_group: bool) -> None:
    """Raises Refused(role=…, cell=…, group=…) where a role and its place don't fit."""
    if role not in (*COMMITTEE_ROLES, *CELL_ROLES):
        raise Refused(role=say("Xin chọn một vai trò trong danh sách."))
    if role in CELL_ROLES and not has_cell:
        raise Refused(cell=say("Vai trò này thuộc một chi bộ, xin chọn chi bộ."))
    if role == "group_leader" and not has_group:
        raise Refused(group=say("Xin chọn tổ đảng mà đồng chí này phụ trách."))


def check_province_role(role: str) -> None:
    """Raises Refused(role=…) for what is no role in a province."""
    if role not in PROVINCE_ROLES:
        raise Refused(role=say("Xin chọn một vai trò trong danh sách."))


def tidy_code(code: str) -> str:
    """A code as it is compared: without the blanks and strokes that people read it with, and small."""
    return re.sub(r"[\s.-]", "", code).lower()


def shown_code(code: str) -> str:
    """A recovery code as it is written down: abcd-efgh-jkmn."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def seconds_to_wait(failures: int, subject: str = "login:") -> int:
    """How long after the last failure the next try may come; grows with failures, never a lock for good.

    ``subject`` begins with ``login:`` or ``address:``.
    """
    free = FREE_FAILURES_OF_ADDRESS if subject.startswith("address:") else FREE_FAILURES
    return min(LONGEST_WAIT, max(0, failures - free + 1) * WAIT_STEP)
