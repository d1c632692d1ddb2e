"""What the platform knows of a committee: what of it stands in an export, and what an erasure leaves of it.

A test holds both lists to the tables that there are: one that is new has to be decided here.
"""

from __future__ import annotations

from tenants.export.writing import Part

_PEOPLE = """SELECT g.account, a.login, a.name, g.role, g.cell, g.cell_name, g.group_number, g.member, g.granted_at,
    g.granted_by, g.revoked_at
FROM platform.account_grant g JOIN platform.account a ON a.id = g.account
WHERE g.committee = $1 AND g.role <> 'support' ORDER BY g.granted_at, g.id"""
_INVITATIONS = """SELECT role, cell, cell_name, group_number, member, invited_name, invited_by, created_at, expires_at
FROM platform.invitation WHERE committee = $1 AND used_at IS NULL AND withdrawn_at IS NULL ORDER BY created_at, id"""
_BELONGING = """SELECT p.slug AS province, p.name AS province_name, b.from_on, b.to_on
FROM platform.committee_belonging b JOIN platform.province p ON p.id = b.province
WHERE b.committee = $1 ORDER BY b.from_on"""
_SUCCESSION = """SELECT s.kind, p.slug AS predecessor, n.slug AS successor, s.on_day, s.cells, s.at
FROM platform.committee_succession s JOIN platform.committee p ON p.id = s.predecessor
JOIN platform.committee n ON n.id = s.successor
WHERE $1 IN (s.predecessor, s.successor) ORDER BY s.on_day, s.id"""
_BULLETINS = """SELECT b.kind, b.number, b.title, b.published_at, b.taken_back_at, r.received_at, r.opened_at
FROM platform.bulletin_receipt r JOIN platform.bulletin b ON b.id = r.bulletin
WHERE r.committee = $1 ORDER BY b.published_at, b.id"""
_REMINDERS = """SELECT month, silent, at, by_name, seen_at FROM platform.report_reminder
WHERE committee = $1 ORDER BY at, id"""

# A closed month of a province is never touched from outside: what is put back into it, other than an erased committee's
# own, is shown to the committee and belongs to no province that there is.
_NOBODYS = """UPDATE platform.rollup_closed SET province = $1 WHERE committee = $1
    AND province IN (SELECT id FROM platform.province) AND NOT ($3::boolean AND province = $2)"""

# Those without a query are tables of the platform, written back as they are.
PARTS = (
    Part("committee_name"), Part("rollup"), Part("rollup_year"), Part("rollup_closed", after=_NOBODYS),
    Part("rollup_correction"),
    Part("committee_quota"),
    Part("people", _PEOPLE), Part("invitations", _INVITATIONS), Part("belonging", _BELONGING),
    Part("succession", _SUCCESSION), Part("bulletins", _BULLETINS), Part("reminders", _REMINDERS),
)  # fmt: skip
TOLD_BY_QUERY = {
    "account_grant", "invitation", "committee_belonging", "committee_succession", "bulletin_receipt", "report_reminder",
}  # fmt: skip
NOT_EXPORTED = {
    "committee_migration": "the manifest says which version the tables have",
    "committee_health": "measured anew wherever it is",
    "rollup_check": "proved anew wherever it is",
    "password_link": "opens an account",
    "run": "what the province did, not the committee", "run_item": "the same",
    "export": "of this deployment's store", "backup": "of this deployment's place of backups",
    "erasure": "of this deployment", "tombstone": "of this deployment",
    "province_event": "the province's own record",
}  # fmt: skip

# People of this committee and of no other place: with it their accounts go.
LONELY = """SELECT DISTINCT g.account FROM platform.account_grant g WHERE g.committee = $1 AND NOT EXISTS (
    SELECT 1 FROM platform.account_grant o WHERE o.account = g.account AND o.committee IS DISTINCT FROM $1)"""
# $1 the committee, $2 its schema's name, $3 the accounts of LONELY; in an order that foreign keys allow.
FORGET = (
    ("login_failure", """DELETE FROM platform.login_failure WHERE subject IN (
        SELECT 'login:' || lower(a.login) FROM platform.account a WHERE a.id = ANY ($3))"""),
    ("push_subscription", "DELETE FROM platform.push_subscription WHERE account = ANY ($3)"),
    ("session", "DELETE FROM platform.session WHERE account = ANY ($3)"),
    ("recovery_code", "DELETE FROM platform.recovery_code WHERE account = ANY ($3)"),
    ("second_factor", "DELETE FROM platform.second_factor WHERE account = ANY ($3)"),
    ("password_link", """DELETE FROM platform.password_link
        WHERE committee = $1 OR account = ANY ($3) OR issued_by = ANY ($3)"""),
    ("invitation", "DELETE FROM platform.invitation WHERE committee = $1"),
    ("account_grant", "DELETE FROM platform.account_grant WHERE committee = $1"),
    ("account", "DELETE FROM platform.account WHERE id = ANY ($3)"),
    ("outbox", """DELETE FROM platform.outbox
        WHERE schema_name = $2 OR (job = 'found_committee' AND arguments ->> 'committee' = $1::text)"""),
    ("rollup_dirty", "DELETE FROM platform.rollup_dirty WHERE schema_name = $2"),
    ("rollup_check", "DELETE FROM platform.rollup_check WHERE committee = $1"),
    ("bulletin_receipt", "DELETE FROM platform.bulletin_receipt WHERE committee = $1"),
    ("report_reminder", "DELETE FROM platform.report_reminder WHERE committee = $1"),
    ("committee_health", "DELETE FROM platform.committee_health WHERE committee = $1"),
    ("committee_quota", "DELETE FROM platform.committee_quota WHERE committee = $1"),
    ("committee_migration", "DELETE FROM platform.committee_migration WHERE committee = $1"),
    # Somebody of the committee stands in the province's record where they let it look: that it was, stays.
    ("province_event", "UPDATE platform.province_event SET account = NULL, by_name = '—' WHERE account = ANY ($3)"),
    # What a run came to may tell of people: that there was one stays.
    ("run_item", """UPDATE platform.run_item SET arguments = '{}', error = '', result = '{}'
        WHERE state <> 'waiting' AND (committee = $1 OR result ->> 'committee' = $1::text
            OR run IN (SELECT id FROM platform.run WHERE committee = $1))"""),
    ("run", """UPDATE platform.run SET reason = '', result = '{}'
        WHERE committee = $1 AND state IN ('done', 'failed', 'stopped')"""),
)  # fmt: skip
KEPT = {
    "committee": "its row, by which the province's older figures keep their name; nothing of its people",
    "committee_name": "the same", "committee_belonging": "the same", "committee_succession": "the same",
    "rollup": "counts; the province's figures of older months stay as they were",
    "rollup_year": "the same", "rollup_closed": "the same", "rollup_correction": "the same",
    "export": "the last file, until its last day", "erasure": "who asked and who confirmed",
    "backup": "when restores of it were tried; all files are gone",
    "tombstone": "what is left",
}  # fmt: skip
