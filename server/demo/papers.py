"""What the minutes of a demonstration's meeting say: the roll as it was closed, and talk invented around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from server.clock import VIETNAM, month_after
from server.demo.figures import table

_MINUTES_LONG = timedelta(minutes=95)


@dataclass(frozen=True)
class Facts:
    """A closed roll as its paper tells it. ``absent``: (name, reason) of those excused; ``unexcused`` names;
    ``votes`` in favour of ``voters``, the official members who were expected.
    """

    superior: str
    cell: str
    place: str
    starts_at: datetime
    held_on: date
    number: int
    chair: str
    recorder: str
    members: int
    official: int
    exempt: int
    expected: int
    present: int
    votes: int
    voters: int
    absent: list[tuple[str, str]]
    unexcused: list[str]
    active: list[str]


@dataclass(frozen=True)
class Paper:
    """The parts of a text in the order of the page: ``head`` and ``foot`` of two columns, ``table`` of rows."""

    head: tuple[tuple[str, ...], tuple[str, ...]]
    title: tuple[str, str]
    before: list[str]
    table: list[tuple[str, ...]]
    after: list[str] = field(default_factory=list)
    foot: tuple[tuple[str, str], tuple[str, str]] = (("", ""), ("", ""))


def compose(facts: Facts, chance: Random) -> Paper:
    """The minutes of one meeting. Numbers and names come from the roll, so that paper and roll agree."""
    words = _Words(facts.held_on, chance)
    started = facts.starts_at.astimezone(VIETNAM)
    ended = started + _MINUTES_LONG
    day = f"ngày {facts.held_on:%d} tháng {facts.held_on.month} năm {facts.held_on.year}"
    speakers = chance.sample(facts.active, k=min(3, len(facts.active)))
    return Paper(
        head=(
            (facts.superior.upper(), facts.cell.upper(), "*", f"Số {facts.number:02}-BB/CB"),
            ("ĐẢNG CỘNG SẢN VIỆT NAM", day[0].upper() + day[1:]),
        ),
        title=("BIÊN BẢN", f"Sinh hoạt chi bộ thường kỳ tháng {facts.held_on.month} năm {facts.held_on.year}"),
        before=[
            "I. KHAI MẠC",
            f"Hồi {started:%H} giờ {started:%M} {day}, tại {facts.place}.",
            *_attendance(facts),
            f"- Chủ trì: đồng chí {facts.chair}. Thư ký: đồng chí {facts.recorder}.",
            "II. NỘI DUNG",
            "1. " + words.one("talks"),
            "2. Kết quả tháng trước. " + words.one("results"),
            "3. Phát biểu ý kiến",
            *(f"- Đồng chí {n}: {o}" for n, o in zip(speakers, words.some("opinions", 3), strict=False)),
            "4. Nhiệm vụ và phân công. " + words.one("plans"),
        ],
        table=[("TT", "Họ và tên", "Nội dung công việc", "Thời hạn"), *_tasks(facts, words, chance)],
        after=[
            "III. BIỂU QUYẾT, BẾ MẠC",
            f"Thông qua Nghị quyết số {facts.number:02}-NQ/CB: {_vote(facts)}",
            f"Biên bản đã đọc cho chi bộ nghe. Bế mạc hồi {ended:%H} giờ {ended:%M} cùng ngày.",
        ],
        foot=(("NGƯỜI GHI BIÊN BẢN", facts.recorder), ("CHỦ TRÌ HỘI NGHỊ", facts.chair)),
    )  # fmt: skip


def _attendance(facts: Facts) -> list[str]:
    rate = f"{100 * facts.present / facts.expected:.2f}".replace(".", ",")
    probationary = facts.members - facts.official
    listed = f"{facts.members}; chính thức {facts.official}; dự bị {probationary:02}"
    lines = [
        f"- Đảng viên trong danh sách: {listed}; đã được miễn sinh hoạt {facts.exempt}; triệu tập {facts.expected}.",
        f"- Có mặt {facts.present} đồng chí, tỷ lệ {rate}%.",
    ]
    named = ", ".join(f"{name} ({reason})" if reason else name for name, reason in facts.absent)
    lines.append(f"- Vắng có lý do {len(facts.absent):02}{': ' + named if named else ''}.")
    names = ", ".join(facts.unexcused)
    return [*lines, f"- Vắng không lý do {len(facts.unexcused):02}{': ' + names if names else ''}."]


def _vote(facts: Facts) -> str:
    return f"tán thành {facts.votes}/{facts.voters} đảng viên chính thức; không tán thành: 0."


def _tasks(facts: Facts, words: _Words, chance: Random) -> list[tuple[str, ...]]:
    people = chance.sample(facts.active, k=min(4, len(facts.active)))
    rows: list[tuple[str, ...]] = []
    for n, (person, task) in enumerate(zip(people, words.some("tasks", 4), strict=False), start=1):
        due = facts.held_on + timedelta(days=chance.randint(9, 27))
        rows.append((f"{n:02}", person, task, f"{due.day:02}/{due.month}/{due.year}"))
    return rows


class _Words:
    def __init__(self, held_on: date, chance: Random) -> None:
        self._held_on, self._chance = held_on, chance

    def one(self, name: str) -> str:
        return self.some(name, 1)[0]

    def some(self, name: str, count: int) -> list[str]:
        n = self._chance.randint(3, 8)
        return [
            sentence.format(
                n=n,
                m=n + self._chance.randint(0, 2),
                month=self._held_on.month,
                next=month_after(self._held_on).month,
            )
            for sentence in self._chance.sample(table("papers")[name], k=count)
        ]
