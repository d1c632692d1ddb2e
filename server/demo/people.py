"""The people of a cell: who they are, who sits in its committee, who is exempt and who keeps in touch with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from uuid import UUID

from server import clock
from server.demo.chance import dice, new_id
from server.demo.figures import figure
from server.demo.names import Namer
from server.demo.places import CellPlan
from server.names import fold, sort_key

SEAT_WORDS = {
    "secretary": "Bí thư chi bộ",
    "deputy_secretary": "Phó Bí thư chi bộ",
    "committee_member": "Chi ủy viên",
}
COMMUNE_CADRE = "Công chức xã"
# Nobody was chosen, moved or fell ill less than this long ago unless it is said so: the months that we show.
SETTLED = timedelta(days=430)


@dataclass(slots=True)
class Exempt:
    """A time of exemption, both days included."""

    kind: str
    start: date
    end: date | None
    keeper: UUID | None = None


@dataclass(slots=True)
class Member:
    """One invented person. ``habit`` is the chance that they come, ``excuse`` what they say when they don't."""

    id: UUID
    name: str
    sex: str
    born: date
    admitted: date
    official_on: date | None
    joined: date
    habit: float
    excuse: str = ""
    phone: str | None = None
    card: str | None = None
    sort_key: str = ""
    folded: str = ""
    group: int = 0
    posts: list[str] = field(default_factory=list)
    exempt: list[Exempt] = field(default_factory=list)


@dataclass(slots=True)
class Cell:
    """A cell with its people; ``seats`` are (role, member, group number or 0), the secretary first."""

    plan: CellPlan
    members: list[Member]
    group_ids: list[UUID]
    seats: list[tuple[str, Member, int]]

    def holder(self, role: str, group: int = 0) -> Member:
        """Who holds a seat; where there is none, the secretary."""
        return next((m for r, m, g in self.seats if r == role and g == group), self.seats[0][1])

    def recorder(self) -> Member | None:
        """Who writes at meetings: the last of the committee; nobody where the secretary sits alone."""
        committee = [member for role, member, _ in self.seats if role in SEAT_WORDS]
        return committee[-1] if len(committee) > 1 else None

    def shown_member(self) -> Member:
        """Somebody without a post who is not exempt: whom the demonstration's log-in of a member belongs to."""
        return next(m for m in self.members if not m.posts and not m.exempt)


def populate(plan: CellPlan, *, seed: int, today: date) -> Cell:
    """Invent the people of one cell as they are ``today``."""
    chance = dice(seed, plan.id, "people")
    namer = Namer(plan.site.mix, chance)
    custom = chance.gauss(0.972, 0.012)
    leading = _leading(plan)
    members = [
        _person(namer, plan, _age(n, leading, plan, chance), custom, today, chance)
        for n in range(plan.members)
    ]
    first_exempt = plan.members - plan.ill - plan.away
    for member in members[leading:first_exempt]:
        _newcomer(member, today, chance)
    cell = Cell(plan, members, [new_id(chance) for _ in range(plan.groups)], [])
    _into_groups(cell, leading, chance)
    _seat(cell)
    for member in members[first_exempt : first_exempt + plan.ill]:
        _fall_ill(member, today, chance)
    _go_away(cell, members[first_exempt + plan.ill :], today, chance)
    return cell


def _first_leader(plan: CellPlan) -> int:
    """The first member who leads a group: neither secretary nor deputy, and three groups from the committee at most."""
    return max(2, plan.seats - 3)


def _leading(plan: CellPlan) -> int:
    """How many of the first members hold a seat or lead a group."""
    return min(plan.members, max(plan.seats, _first_leader(plan) + plan.groups if plan.groups else 0))


def _age(n: int, leading: int, plan: CellPlan, chance: Random) -> int:
    """The n-th member's age: those who lead come first, then all others, the exempt for health, those away."""
    if n < leading:
        return chance.randint(34, 66 if plan.residential else 58)
    if n >= plan.members - plan.away:
        return chance.randint(23, 46)
    if n >= plan.members - plan.away - plan.ill:
        return chance.randint(70, 91)
    if not plan.residential:
        return chance.randint(25, 59)
    return min(84, max(22, round(chance.gauss(54, 14))))


def _person(namer: Namer, plan: CellPlan, age: int, custom: float, today: date, chance: Random) -> Member:
    name, sex = namer.person(women=0.36 if plan.residential else 0.46)
    born = today - timedelta(days=age * 365 + chance.randint(20, 350))
    years = age - chance.randint(20, min(age - 1, 36))
    admitted = today - max(
        SETTLED + timedelta(days=370), timedelta(days=years * 365 + chance.randint(0, 300))
    )
    often_away = chance.random() < 0.03
    return Member(
        new_id(chance), name, sex, born, admitted, _years_after(admitted, 1),
        joined=max(admitted, today - SETTLED - timedelta(days=chance.randint(0, 6000))),
        habit=chance.uniform(0.3, 0.65) if often_away else min(0.995, custom + chance.gauss(0, 0.02)),
        excuse=chance.choice(("Đi công tác", "Chăm người nhà ốm", "Đi điều trị bệnh")) if often_away else "",
        phone=f"0900{chance.randrange(10**6):06d}" if chance.random() < 0.88 else None,
        sort_key=sort_key(name), folded=fold(name),
    )  # fmt: skip


def _newcomer(member: Member, today: date, chance: Random) -> None:
    """Some were admitted in the months that we show, or moved here, or have become official since."""
    draw = chance.random()
    age = (today - member.born).days // 365
    if draw < 0.03 and age < 46:
        days = chance.randint(20, 600)
        member.admitted = member.joined = today - timedelta(days=days)
        official = _years_after(member.admitted, 1)
        member.official_on = official if official <= today else None
    elif draw < 0.05:
        member.joined = today - timedelta(days=chance.randint(20, 330))


def _into_groups(cell: Cell, leading: int, chance: Random) -> None:
    if not cell.plan.groups:
        return
    numbers = [n % cell.plan.groups + 1 for n in range(len(cell.members))]
    rest = numbers[leading:]
    chance.shuffle(rest)
    for member, number in zip(cell.members, numbers[:leading] + rest, strict=True):
        member.group = number


def _seat(cell: Cell) -> None:
    plan, people = cell.plan, cell.members
    roles = ["secretary", "deputy_secretary"][: plan.seats] + ["committee_member"] * (plan.seats - 2)
    for role, member in zip(roles, people, strict=False):
        cell.seats.append((role, member, 0))
        member.posts.append(SEAT_WORDS[role])
    if plan.cadre:
        people[plan.seats - 1].posts.append(COMMUNE_CADRE)
    leaders = people[_first_leader(plan) :][: plan.groups]
    for number, leader in enumerate(leaders, start=1):
        leader.group = number
        cell.seats.append(("group_leader", leader, number))
        leader.posts.append(f"Tổ trưởng tổ {number}")


def _fall_ill(member: Member, today: date, chance: Random) -> None:
    recent = chance.random() < 0.1
    days = chance.randint(10, 330) if recent else SETTLED.days + chance.randint(0, 2200)
    member.exempt.append(Exempt("age_health", max(member.joined, today - timedelta(days=days)), None))


def _go_away(cell: Cell, away: list[Member], today: date, chance: Random) -> None:
    """Work away is exempt for six months at a time, renewed on application; the leader of group 1 keeps two."""
    keepers = [m for role, m, _ in cell.seats if role == "group_leader"] or [m for _, m, _ in cell.seats]
    in_turn = [keepers[0]] * (figure("pleiku.home.kept_by_leader_1") - 1) + keepers * len(away)
    for member, keeper in zip(away, in_turn, strict=False):
        since = max(member.joined, today - timedelta(days=chance.randint(15, 640)))
        member.group = keeper.group or member.group
        member.exempt += [Exempt("away_work", a, b, keeper.id) for a, b in _renewals(since, today)]


def _renewals(since: date, today: date) -> Iterator[tuple[date, date]]:
    start = since.replace(day=min(since.day, 28))
    while start <= today:
        after = clock.month_after(clock.month_of(start), figure("renewal_months")).replace(day=start.day)
        yield start, after - timedelta(days=1)
        start = after


def _years_after(day: date, years: int) -> date:
    return day.replace(year=day.year + years, day=min(day.day, 28) if day.month == 2 else day.day)
