"""What was sent of the minutes of a meeting, its pages, their text, and what was proposed and confirmed."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    Boolean,
    Date,
    ForeignKey,
    Integer,
    Real,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.table import Table

from infra.postgres import DB
from server.cells.tables import Cell
from server.meetings.tables import Meeting


class Minutes(Table, db=DB):
    """One document of a meeting. ``wanted``: the files that belong to it, in order; whole once all are stored."""

    id = UUID(primary_key=True)
    meeting = ForeignKey(Meeting, null=False)
    cell = ForeignKey(Cell, null=False)
    state = Text(help_text="collecting | reading | assembling | ready | failed")
    reason = Text()
    wanted = Array(UUID())
    arranged = Integer(help_text="grows with every change of wanted")
    pdf_key = Text()
    pdf_of = Text(help_text="a hash of what went into the PDF")
    created_at = Timestamptz()
    created_by = Text()
    account = UUID()
    ready_at = Timestamptz(null=True)
    confirmed_at = Timestamptz(null=True)
    confirmed_by = Text()
    binned_at = Timestamptz(null=True)
    binned_by = Text()
    bin_reason = Text()
    erase_on = Date(null=True)


class MinutesFile(Table, db=DB):
    """One upload: a photo, or a PDF or TIFF of several pages. ``id`` was made by the sender; the object stays."""

    id = UUID(primary_key=True)
    minutes = ForeignKey(Minutes, null=False)
    name = Text(help_text="as it may be shown; never a path")
    sha256 = Text()
    bytes = BigInt()
    kind = Text(help_text="jpeg | png | webp | heic | tiff | pdf")
    pages = SmallInt()
    object_key = Text()
    same_file = UUID(null=True)
    same_decided = Text(help_text="empty | kept | dropped")
    stored_at = Timestamptz()
    stored_by = Text()
    account = UUID()


class MinutesPage(Table, db=DB):
    """One page of a file, ``number`` from 0. ``attempt`` counts the runs that a person or an upload asked for."""

    id = UUID(primary_key=True)
    file = ForeignKey(MinutesFile, null=False)
    minutes = ForeignKey(Minutes, null=False)
    number = SmallInt()
    state = Text(help_text="identified | cleaned | read | failed")
    failed_step = Text(help_text="empty | clean | read")
    reason = Text(help_text="a code of rules.REASONS")
    attempt = Integer()
    turned = SmallInt(help_text="0 | 90 | 180 | 270, as a person has turned it")
    corners = Array(Real(), null=True, help_text="eight numbers from 0 to 1, as a person has drawn the sheet")
    width = Integer(null=True)
    height = Integer(null=True)
    clean_key = Text()
    grey_key = Text()
    thumb_key = Text()
    looks = Text(help_text="a hash of how the page looks")
    faults = Array(Text())
    readable = Boolean(null=True)
    sure = SmallInt(null=True)
    same_page = UUID(null=True)
    same_decided = Text(help_text="empty | kept | dropped")
    cleaned_at = Timestamptz(null=True)
    read_at = Timestamptz(null=True)


class MinutesText(Table, db=DB):
    """What was read on a page; ``corrected``: by number of a line, what a person put there."""

    page = ForeignKey(MinutesPage, primary_key=True, null=False)
    minutes = ForeignKey(Minutes, null=False)
    lines = JSONB()
    corrected = JSONB()
    folded = Text()
    corrected_at = Timestamptz(null=True)
    corrected_by = Text()


class MinutesField(Table, db=DB):
    """A value that the reader of the text proposes, and beside it what a person has confirmed.

    The primary key is (minutes, name, ordinal); Piccolo is told of its first part.
    """

    minutes = UUID(primary_key=True)
    name = Text()
    ordinal = SmallInt()
    proposed = Text(null=True)
    printed = Text()
    page = UUID(null=True)
    box = Array(Integer(), null=True)
    sure = SmallInt(null=True)
    confirmed = Text(null=True)
    confirmed_at = Timestamptz(null=True)
    confirmed_by = Text()


class MinutesErased(Table, db=DB):
    """What is left of erased minutes: what they were and why they went. Append-only."""

    minutes = UUID(primary_key=True)
    meeting = UUID()
    cell = UUID()
    files = Integer()
    pages = Integer()
    bytes = BigInt()
    sha256 = Array(Text())
    sent_at = Timestamptz()
    sent_by = Text()
    binned_at = Timestamptz()
    binned_by = Text()
    reason = Text()
    erased_at = Timestamptz()
