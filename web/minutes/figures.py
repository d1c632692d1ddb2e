"""The key figures of a document: what the reader of the text proposes, each with its place, for a person to confirm."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from infra.postgres import Record
from server.assignments.from_minutes import take_over
from server.meetings.queries import people_of
from server.minutes import figures, rules, viewing
from server.minutes.figures import LISTS, ROWS, Figure, Form, Unit, row_of
from server.minutes.paper_and_roll import Compared, proposals_of, roll_of, side_by_side
from server.minutes.values import CHOICES
from server.proposals.checks import contradictions
from server.proposals.fields import FIELDS
from server.words import Refused, Say, say
from tenants.transactions import transaction
from web.access import in_committee
from web.asking import Asked, reader_of
from web.asking import Form as Sent
from web.assignments import taking
from web.minutes import shown
from web.minutes.document import strip_of
from web.render import errors, page, translate
from web.words import moment

# From here on (of 100) a proposal is ticked beforehand unless something contradicts it; below the other it is a guess.
CERTAIN, FAIR = 85, 65
# A single figure lies in one of these heaps: it differs, is doubtful or contradicts; the roll call says the same; it is
# legible but only on the paper; a person has confirmed it; the paper does not seem to have it.
HEAPS = ("look", "agrees", "legible", "confirmed", "absent")
# The one tick for everything that agrees, and what goes before the keys that were shown under it.
AGREED = "agreed"
TITLES = {"absence": say("Vắng mặt"), "vote": say("Biểu quyết"), "assignment": say("Phân công")}


@get("/{slug:str}/minutes/{minutes:uuid}/figures", access=in_committee, support=True)
async def show_figures(request: Asked, minutes: FromPath[UUID]) -> Response[str]:
    """The figures of a document beside the roll call of its meeting."""
    return await _show(request, minutes, {}, {})


async def _show(
    request: Asked, minutes: UUID, sent: dict[str, str], faults: dict[str, str], status: int = 200,
    taken: tuple[dict[str, str], dict[str, str]] = ({}, {}),
) -> Response[str]:  # fmt: skip
    """``sent`` and ``faults`` of the figures' form, ``taken``: the same of the form that takes work over."""
    reader = reader_of(request)
    async with transaction():
        held = await viewing.document(minutes, reader)
        units, pages = await figures.units(minutes), await viewing.pages(minutes)
        roll = await roll_of(held)
        people = await people_of(held["cell"], held["held_on"])
        await viewing.note_opened(held, by=reader)
        may = rules.may_confirm(reader, held["cell"]) and held["binned_at"] is None
        works = await taking.section(request, held, units, *taken) if may else None
    proposals = proposals_of(units, [one["id"] for one in pages])
    wrong = contradictions(proposals)
    compared = side_by_side(proposals, roll)
    doubtful = {name for one in wrong for name in one.names} | {one.name for one in compared if one.differs}
    draw = _Drawing(request, shown.path_of(minutes), pages, sent, faults, doubtful, compared)
    singles = [draw.unit(unit) for unit in units if not unit.list]
    return page(
        request, "minutes/figures.html", status=status, may=may, errors=faults, works=works, works_errors=taken[1],
        document=shown.of_document(held, pages, reader), wrong=[_wrong(one) for one in wrong],
        compared=[_compared(request, one.name, one.paper, one.roll, differs=one.differs) for one in compared],
        counted=roll.present is not None, people=[one["name"] for one in people],
        singles=singles, heaps={heap: [one for one in singles if one["heap"] == heap] for heap in HEAPS},
        agreed=not sent or AGREED in sent,
        lists=[draw.list(name, [unit for unit in units if unit.list == name], may=may) for name in LISTS],
        back=(shown.path_of(minutes), translate(request, say("Biên bản"))),
    )  # fmt: skip


def _wrong(one: Any) -> dict[str, Any]:
    first = one.proposals[0]
    return {"words": one.says, "href": f"#u-{first.name.split('.')[0]}-{first.of}"}


def _compared(
    request: Asked, name: str, paper: str | None, roll: str | None, *, differs: bool
) -> dict[str, Any]:
    return {
        "label": FIELDS[name][0], "paper": told(request, name, paper), "roll": told(request, name, roll),
        "differs": differs,
    }  # fmt: skip


def told(request: Asked, name: str, value: str | None) -> str | None:
    """A canonical value as people read it."""
    kind = FIELDS[name][1]
    if not value:
        return value
    if kind in CHOICES:
        return translate(request, CHOICES[kind].get(value, value))
    if kind == "date":
        return "/".join(reversed(value.split("-")))
    return value.replace(".", ",") if kind == "rate" else value


def title_of(unit: Unit) -> Say:
    """What a figure or a row is called."""
    match unit.list:
        case "absence":
            return say("Người vắng {n}", n=unit.of + 1)
        case "vote":
            return say("Biểu quyết {n}", n=unit.of + 1)
        case "assignment":
            return say("Việc {n}", n=unit.of + 1)
    return FIELDS[unit.figures[0].name][0]


class _Drawing:
    """Units as the template shows them: ``sent`` is what was typed into a form that was refused."""

    def __init__(
        self, request: Asked, home: str, pages: Sequence[Record], sent: dict[str, str], faults: dict[str, str],
        doubtful: Collection[str], compared: Sequence[Compared],
    ) -> None:  # fmt: skip
        self.request, self.home, self.sent, self.faults, self.doubtful = request, home, sent, faults, doubtful
        self.rolls = {one.name: one for one in compared}
        self.pages = {one["id"]: (number, one) for number, one in enumerate(pages, start=1)}

    def list(self, name: str, units: Sequence[Unit], *, may: bool) -> dict[str, Any]:
        """The rows of a list, and an empty one to add to it."""
        rows = [self.unit(unit) for unit in units if not unit.emptied]
        after = max((unit.of for unit in units), default=-1) + 1
        # What was typed into rows that the document does not have yet comes back with its form.
        more = sorted(
            {
                int(of)
                for n, _, of in (k.rpartition("-") for k in self.sent)
                if n.startswith(f"{name}.") and of in ROWS
            }
        )
        added = [self.unit(row_of(name, of)) for of in [of for of in more if of >= after] or [after]]
        return {"name": name, "title": TITLES[name], "rows": rows, "added": added if may else []}

    def unit(self, unit: Unit) -> dict[str, Any]:
        """One single figure or one row."""
        sure = min((figure.sure for figure in unit.figures if figure.proposed is not None), default=None)
        beside = None if unit.list else self.rolls.get(unit.figures[0].name)
        return {
            "key": unit.key, "title": title_of(unit),
            "figures": [self.figure(figure) for figure in unit.figures], "strip": self.strip(unit),
            "sure": _sure_word(sure), "confirmed": _confirmed(unit),
            "ticked": f"tick.{unit.key}" in self.sent if self.sent else self._certain(unit, sure),
            "place": self.place(unit), "heap": self.heap(unit, sure, beside), "open": self._open(unit),
            "roll": told(self.request, beside.name, beside.roll) if beside else None,
            "differs": beside is not None and beside.differs,
        }  # fmt: skip

    def heap(self, unit: Unit, sure: int | None, beside: Compared | None) -> str:
        """In which of HEAPS a unit lies; what has a fault always wants a look."""
        figure = unit.figures[0]
        if any(one.key in self.faults for one in unit.figures):
            return "look"
        if unit.confirmed:
            return "look" if figure.proposed not in (None, figure.confirmed) else "confirmed"
        if sure is None:
            return "absent"
        if beside and beside.paper == beside.roll and sure >= FAIR and figure.name not in self.doubtful:
            return "agrees"
        return "legible" if self._certain(unit, sure) else "look"

    def _open(self, unit: Unit) -> bool:
        """Whether its fields are shown at once: something was typed into them, or is wrong with them."""
        return any(
            one.key in self.faults or self._typed(one.key) != self._typed(f"seen.{one.key}")
            for one in unit.figures
        )

    def _typed(self, key: str) -> str:
        # A rate is shown with its comma and was seen with its point.
        return self.sent.get(key, "").replace(",", ".")

    def _certain(self, unit: Unit, sure: int | None) -> bool:
        return (
            sure is not None
            and sure >= CERTAIN
            and not any(figure.name in self.doubtful for figure in unit.figures)
        )

    def figure(self, figure: Figure) -> dict[str, Any]:
        """One field of the form."""
        kind = FIELDS[figure.name][1]
        again = figure.confirmed is not None and figure.proposed not in (None, figure.confirmed)
        value = figure.value.replace(".", ",") if kind == "rate" else figure.value
        return {
            "key": figure.key, "label": FIELDS[figure.name][0], "kind": kind, "seen": figure.value,
            "value": self.sent.get(figure.key, value), "told": told(self.request, figure.name, figure.value),
            "choices": [(code, translate(self.request, words)) for code, words in CHOICES.get(kind, {}).items()],
            "error": self.faults.get(figure.key),
            "read": told(self.request, figure.name, figure.proposed) if again else None,
        }  # fmt: skip

    def _placed(self, unit: Unit) -> tuple[Record, tuple[int, int, int, int], int] | None:
        """The page on which a unit stands first, the box around what stands there, and the page's number."""
        page_of = next((f.page for f in unit.figures if f.page in self.pages and f.box), None)
        if page_of is None:
            return None
        number, row = self.pages[page_of]
        boxes = [f.box for f in unit.figures if f.page == page_of and f.box]
        x, y = min(box[0] for box in boxes), min(box[1] for box in boxes)
        right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
        return row, (x, y, right - x, bottom - y), number

    def strip(self, unit: Unit) -> dict[str, Any] | None:
        """The picture of its place."""
        placed = self._placed(unit)
        if placed is None or not placed[0]["clean_key"] or not placed[0]["width"]:
            return None
        row, box, _ = placed
        src = f"{self.home}/pages/{row['id']}/colour.webp?v={shown.version(row['clean_key'])}"
        cut = strip_of({"src": src, "width": row["width"], "height": row["height"]}, box, rows=1)
        pad = 6
        return {**(cut or {}), "mark": (box[0] - pad, box[1] - pad, box[2] + 2 * pad, box[3] + 2 * pad)}

    def place(self, unit: Unit) -> dict[str, Any] | None:
        """Where it stands, in words, with the way there."""
        placed = self._placed(unit)
        return (
            None
            if placed is None
            else {"no": placed[2], "href": f"{self.home}?page={placed[0]['id']}&zoom=2"}
        )


def _confirmed(unit: Unit) -> Say | None:
    for figure in unit.figures:
        if figure.confirmed_at is not None:
            return say("{name} xác nhận {when}", name=figure.confirmed_by, when=moment(figure.confirmed_at))
    return None


def _sure_word(sure: int | None) -> tuple[str, str, Say] | None:
    if sure is None:
        return None
    if sure >= CERTAIN:
        return ("active", "✓", say("đọc rõ"))
    return ("pending", "!", say("cần xem lại")) if sure >= FAIR else ("pending", "?", say("đọc chưa chắc"))


@post("/{slug:str}/minutes/{minutes:uuid}/figures", access=in_committee)
async def confirm_figures(request: Asked, minutes: FromPath[UUID], data: Sent) -> Response[Any]:
    """Write down what a person has ticked or typed."""
    seen = {key.removeprefix("seen."): value for key, value in data.items() if key.startswith("seen.")}
    typed = {key: data[key] for key in seen if key in data}
    ticked = {key.removeprefix("tick.") for key in data if key.startswith("tick.")}
    if AGREED in data:
        ticked |= {key.removeprefix(f"{AGREED}.") for key in data if key.startswith(f"{AGREED}.")}
    try:
        await figures.confirm(minutes, Form(seen, typed, ticked), by=reader_of(request))
    except Refused as refusal:
        if "minutes" in refusal.reasons:
            raise
        return await _show(request, minutes, data, errors(request, refusal), status=422)
    return Redirect(f"{shown.path_of(minutes)}/figures", status_code=303)


@post("/{slug:str}/minutes/{minutes:uuid}/assignments", access=in_committee)
async def take_assignments(request: Asked, minutes: FromPath[UUID], data: Sent) -> Response[Any]:
    """Put confirmed work of the document into the register of assignments."""
    try:
        await take_over(minutes, taking.read_takings(data), by=reader_of(request))
    except Refused as refusal:
        if "minutes" in refusal.reasons:
            raise
        return await _show(request, minutes, {}, {}, status=422, taken=(data, errors(request, refusal)))
    return Redirect(f"{shown.path_of(minutes)}/figures#taking", status_code=303)
