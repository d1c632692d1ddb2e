"""What a province has published, and to whom. Written in a platform transaction; read by province and committee."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, BigInt, ForeignKey, Text, Timestamptz
from piccolo.table import Table

from infra.postgres import DB
from tenants.tables import Committee, Province


class Bulletin(Table, db=DB, schema="platform"):
    """A document, or a set of rules; one that is taken back stays, with who did it and why."""

    id = UUID(primary_key=True)
    province = ForeignKey(Province, null=False)
    kind = Text(help_text="document | rules")
    number = Text()
    title = Text()
    body = Text()
    file_name = Text(help_text="empty: there is no file")
    file_key = Text()
    file_bytes = BigInt()
    file_sha256 = Text()
    rules = JSONB(help_text="rulebook.entries.entry_of, one each; [] of a document")
    published_at = Timestamptz()
    by_name = Text()
    taken_back_at = Timestamptz(null=True)
    taken_back_by = Text()
    taken_back_reason = Text()


class BulletinReceipt(Table, db=DB, schema="platform"):
    """One committee to which something is published; the primary key is (bulletin, committee), Piccolo is told of one
    half. received_at: somebody of its office has seen that it is there; opened_at: somebody has opened it.
    """

    bulletin = ForeignKey(Bulletin, primary_key=True, null=False)
    committee = ForeignKey(Committee, null=False)
    received_at = Timestamptz(null=True)
    opened_at = Timestamptz(null=True)
