"""How a cell is carried from one committee's tables into another's: every table, and which of its rows.

All ids stay. Numbers (a member's, an assignment's) are given anew where they go, because others have them there, and
the same number is written wherever it stood. Keys of objects get the other committee's prefix. Who is only named
in what the cell has done (somebody who once was in it and is in another cell now) goes along with the name alone.
"""

from __future__ import annotations

from tenants.carrying import Part, Plan

_CELL = "(SELECT cell::uuid FROM moving)"
_DAY = "(SELECT day::date FROM moving)"
_MEETINGS = f"(SELECT id FROM meeting WHERE cell = {_CELL})"
_MINUTES = f"(SELECT id FROM minutes WHERE cell = {_CELL})"
_ASSIGNMENTS = f"(SELECT id FROM assignment WHERE cell = {_CELL})"
_OWN = "(SELECT id FROM moved_member WHERE own)"
_NO = "(SELECT m.new FROM moved_member m WHERE m.id = t.id)"
_NUMBER = "(SELECT m.new FROM moved_member m WHERE m.old = t.no)"

# Tables of a committee of which nothing goes with a cell, and why.
STAYS = {
    "member_import": "a list that was read and confirmed by the committee that read it",
    "member_import_row": "the same",
    "setting": "what a committee has set for itself",
}
# Columns that hold the key of an object, and what lies beside some of them.
OBJECT_KEYS = {
    "minutes": ("pdf_key",), "minutes_file": ("object_key",), "minutes_page": ("clean_key", "grey_key", "thumb_key"),
    "assignment_file": ("object_key",),
}  # fmt: skip
# Columns that hold a number which was given in the committee.
NUMBERS = {"member": "no", "roll_entry": "no", "mark": "no", "assignment": "no"}


def _keys_of(table: str) -> dict[str, str]:
    """The key of an object below the other committee's prefix; one of another prefix, or none, stays as it is."""
    return {
        name: f"""CASE WHEN t.{name} LIKE (SELECT source FROM moving) || '/%' THEN (SELECT target FROM moving)
            || substr(t.{name}, length((SELECT source FROM moving)) + 1) ELSE t.{name} END"""
        for name in OBJECT_KEYS[table]
    }


# A member goes with the cell to which they belong, or belonged last; a guest stays where they belong.
_OWN_MEMBERS = f"""CREATE TEMP TABLE moved_member ON COMMIT DROP AS
SELECT p.id, p.no AS old, NULL::integer AS new, true AS own FROM member p WHERE (
    SELECT s.cell FROM membership s WHERE s.member = p.id
    ORDER BY s.kind = 'temporary_in', coalesce(s.to_on, 'infinity') DESC, s.from_on DESC, s.id LIMIT 1) = {_CELL}"""
_NAMED_MEMBERS = f"""INSERT INTO moved_member SELECT p.id, p.no, NULL, false FROM member p WHERE p.id IN (
    SELECT member FROM membership WHERE cell = {_CELL} UNION SELECT member FROM seat WHERE cell = {_CELL}
    UNION SELECT member FROM roll_entry WHERE meeting IN {_MEETINGS}
    UNION SELECT unnest(ARRAY[chair, recorder]) FROM meeting WHERE cell = {_CELL}
    UNION SELECT keeper FROM exemption WHERE member IN {_OWN}
    UNION SELECT member FROM assignment WHERE cell = {_CELL}
    UNION SELECT member FROM assignment_span WHERE assignment IN {_ASSIGNMENTS}
    UNION SELECT (sets ->> 'who')::uuid FROM assignment_change WHERE assignment IN {_ASSIGNMENTS}
    UNION SELECT unnest(members) FROM usual_work WHERE cell = {_CELL}) AND p.id NOT IN {_OWN}"""
# Whoever came before, with another cell, has a number there.
_NUMBERS_KNOWN = "UPDATE moved_member m SET new = known.no FROM {target}.member known WHERE known.id = m.id"
_NUMBERS_NEW = """UPDATE moved_member m SET new = given.no FROM (
    SELECT id, nextval(pg_get_serial_sequence('{target}.member', 'no')) AS no FROM (
        SELECT id FROM moved_member WHERE new IS NULL ORDER BY old) AS waiting) AS given WHERE given.id = m.id"""
_ASSIGNMENT_NUMBERS = f"""CREATE TEMP TABLE moved_assignment ON COMMIT DROP AS
SELECT id, nextval(pg_get_serial_sequence('{{target}}.assignment', 'no')) AS new FROM (
    SELECT id FROM assignment WHERE cell = {_CELL} ORDER BY no) AS waiting"""
# Two cells of one committee never have one name: who comes gets where they come from behind it.
_CELL_NAME = """CREATE TEMP TABLE moved_cell ON COMMIT DROP AS SELECT tried.name FROM cell c, moving, LATERAL (
    SELECT c.name, 0 AS n UNION ALL SELECT format('%s (%s)', c.name, source_title), 1
    UNION ALL SELECT format('%s (%s, %s)', c.name, source_title, n), n FROM generate_series(2, 99) AS n) AS tried
WHERE c.id = moving.cell::uuid AND NOT EXISTS (SELECT 1 FROM {target}.cell b WHERE b.name = tried.name)
ORDER BY tried.n LIMIT 1"""
# Everything that a line of the record may be about.
_SUBJECTS = f"""CREATE TEMP TABLE moved_subject ON COMMIT DROP AS
SELECT {_CELL}::text AS id UNION SELECT id::text FROM moved_member WHERE own
UNION SELECT id::text FROM meeting WHERE cell = {_CELL} UNION SELECT id::text FROM minutes WHERE cell = {_CELL}
UNION SELECT minutes::text FROM minutes_erased WHERE cell = {_CELL}
UNION SELECT id::text FROM assignment WHERE cell = {_CELL} UNION SELECT id::text FROM usual_work WHERE cell = {_CELL}
UNION SELECT id::text FROM resolution WHERE cell = {_CELL}"""

# A card that somebody holds there already: the number stays with who has it, and people find the two by their names.
_CARD = """CASE WHEN EXISTS (SELECT 1 FROM {target}.member b WHERE b.card_number = t.card_number AND b.id <> t.id)
    THEN NULL ELSE t.card_number END"""
# The committee's own resolution is not the other committee's: it goes along as the cell's where the cell has none.
_AS_OWN = f"md5(r.id::text || {_CELL}::text)::uuid"
_RESOLUTION = f"""(SELECT CASE WHEN r.cell = t.cell THEN r.id WHEN r.cell IS NULL THEN
    coalesce((SELECT o.id FROM resolution o WHERE o.cell = t.cell AND o.year = r.year), {_AS_OWN}) END
    FROM resolution r WHERE r.id = t.resolution)"""

_PEOPLE = (
    Part("member", f"t.id IN {_OWN}", {"no": _NO, "card_number": _CARD},
         left=("no",), renewed=True),
    Part("member", "t.id IN (SELECT id FROM moved_member WHERE NOT own)",
         {"no": _NO, "sex": "''", "post": "''"},
         left=("card_number", "phone", "born", "admitted")),
    Part("membership", f"t.cell = {_CELL}"),
    Part("exemption", f"t.member IN {_OWN}"),
    Part("seat", f"t.cell = {_CELL}"),
    Part("contact", f"t.member IN {_OWN}"),
    Part("reminder", f"t.member IN {_OWN}"),
)  # fmt: skip
_MEETINGS_AND_PAPER = (
    Part("meeting", f"t.cell = {_CELL}"),
    Part("roll_call", f"t.meeting IN {_MEETINGS}"),
    Part("roll_entry", f"t.meeting IN {_MEETINGS}", {"no": _NUMBER}),
    Part("mark", f"t.meeting IN {_MEETINGS}", {"no": _NUMBER}),
    Part("minutes", f"t.cell = {_CELL}", _keys_of("minutes")),
    Part("minutes_file", f"t.minutes IN {_MINUTES}", _keys_of("minutes_file")),
    Part("minutes_page", f"t.minutes IN {_MINUTES}", _keys_of("minutes_page")),
    Part("minutes_text", f"t.minutes IN {_MINUTES}"),
    Part("minutes_field", f"t.minutes IN {_MINUTES}"),
    Part("minutes_erased", f"t.cell = {_CELL}"),
    Part("classification", f"t.cell = {_CELL}"),
)
_WORK = (
    Part("usual_work", f"t.cell = {_CELL}"),
    Part("resolution", f"t.cell = {_CELL}"),
    Part("resolution", f"""t.cell IS NULL AND t.id IN (SELECT resolution FROM assignment WHERE cell = {_CELL})
        AND NOT EXISTS (SELECT 1 FROM resolution o WHERE o.cell = {_CELL} AND o.year = t.year)""",
         {"id": _AS_OWN.replace("r.id", "t.id"), "cell": _CELL}),
    Part("assignment", f"t.cell = {_CELL}",
         {"no": "(SELECT m.new FROM moved_assignment m WHERE m.id = t.id)", "resolution": _RESOLUTION,
          "meeting": "(SELECT m.id FROM meeting m WHERE m.id = t.meeting AND m.cell = t.cell)",
          "usual_work": "(SELECT u.id FROM usual_work u WHERE u.id = t.usual_work AND u.cell = t.cell)"}),
    Part("assignment_change", f"t.assignment IN {_ASSIGNMENTS}"),
    Part("assignment_span", f"t.assignment IN {_ASSIGNMENTS}"),
    Part("assignment_file", f"t.assignment IN {_ASSIGNMENTS}", _keys_of("assignment_file")),
)  # fmt: skip
_RECORD = (
    Part("event", "substring(t.subject FROM '[0-9a-f]{8}-[0-9a-f-]{27}') IN (SELECT id FROM moved_subject)",
         left=("id",), order="ORDER BY t.id"),
)  # fmt: skip

# What the committee keeps ends on the day before: the cell, who belonged to it, and what it would do again and again.
_ENDS = (
    f"""UPDATE cell SET went_to = (SELECT target_title FROM moving), went_on = {_DAY},
        to_on = least(coalesce(to_on, 'infinity'), {_DAY} - 1) WHERE id = {_CELL}""",
    f"DELETE FROM membership WHERE cell = {_CELL} AND from_on >= {_DAY}",
    f"""UPDATE membership SET to_on = {_DAY} - 1, ended_by = 'moved'
        WHERE cell = {_CELL} AND coalesce(to_on, 'infinity') >= {_DAY}""",
    f"DELETE FROM exemption WHERE member IN {_OWN} AND from_on >= {_DAY}",
    f"UPDATE exemption SET to_on = {_DAY} - 1 WHERE member IN {_OWN} AND coalesce(to_on, 'infinity') >= {_DAY}",
    f"UPDATE seat SET to_on = {_DAY} - 1 WHERE cell = {_CELL} AND coalesce(to_on, 'infinity') >= {_DAY}",
    f"""UPDATE usual_work SET ended_at = now(), ended_by = (SELECT by_name FROM moving),
        to_on = least(coalesce(to_on, 'infinity'), {_DAY} - 1) WHERE cell = {_CELL} AND ended_at IS NULL""",
    f"""DELETE FROM meeting m WHERE m.cell = {_CELL} AND m.held_on >= {_DAY} AND m.state = 'planned'
        AND NOT EXISTS (SELECT 1 FROM roll_call r WHERE r.meeting = m.id)
        AND NOT EXISTS (SELECT 1 FROM minutes d WHERE d.meeting = m.id)
        AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.meeting = m.id)""",
)
# Who had a part in the cell has it there; what was left to be done for it is done there too.
_FOLLOWS = (
    f"""UPDATE platform.account_grant SET committee = (SELECT target_id::uuid FROM moving),
        cell_name = (SELECT name FROM moved_cell)
        WHERE committee = (SELECT source_id::uuid FROM moving) AND cell = {_CELL} AND revoked_at IS NULL""",
    f"""UPDATE platform.invitation SET committee = (SELECT target_id::uuid FROM moving),
        cell_name = (SELECT name FROM moved_cell)
        WHERE committee = (SELECT source_id::uuid FROM moving) AND cell = {_CELL} AND used_at IS NULL""",
    f"""INSERT INTO platform.outbox (id, schema_name, job, arguments)
        SELECT gen_random_uuid(), (SELECT target FROM moving), o.job, o.arguments FROM platform.outbox o
        WHERE o.schema_name = (SELECT source FROM moving) AND o.done_at IS NULL AND (
            o.arguments ->> 'minutes' IN (SELECT id::text FROM minutes WHERE cell = {_CELL})
            OR o.arguments ->> 'page' IN (SELECT id::text FROM minutes_page WHERE minutes IN {_MINUTES}))""",
)

OF_A_CELL = Plan(
    done=f"SELECT 1 FROM cell WHERE id = {_CELL} AND went_to <> ''",
    before=(_OWN_MEMBERS, _NAMED_MEMBERS, _NUMBERS_KNOWN, _NUMBERS_NEW, _ASSIGNMENT_NUMBERS, _CELL_NAME, _SUBJECTS),
    keys=f"""SELECT k.key FROM (
        SELECT pdf_key AS key FROM minutes WHERE cell = {_CELL}
        UNION SELECT object_key FROM minutes_file WHERE minutes IN {_MINUTES}
        UNION SELECT unnest(ARRAY[clean_key, grey_key, thumb_key]) FROM minutes_page WHERE minutes IN {_MINUTES}
        UNION SELECT unnest(ARRAY[object_key, object_key || '.webp']) FROM assignment_file
            WHERE assignment IN {_ASSIGNMENTS} AND removed_at IS NULL
    ) AS k WHERE k.key LIKE (SELECT source FROM moving) || '/%'""",
    parts=(
        Part("cell", f"t.id = {_CELL}", {
            "name": "(SELECT name FROM moved_cell)", "joined_on": _DAY, "went_to": "''", "went_on": "NULL",
            "came_from": "(SELECT source_title FROM moving)"}),
        Part("party_group", f"t.cell = {_CELL}"),
        *_PEOPLE, *_MEETINGS_AND_PAPER, *_WORK, *_RECORD,
    ),
    after=(*_ENDS, *_FOLLOWS),
)  # fmt: skip
