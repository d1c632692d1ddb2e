"""A member list on its way in: chosen, looked at row by row, confirmed or dropped."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Redirect

from infra.lazy import lazy
from server import clock
from server.cells.queries import cells_of
from server.members import actions, queries
from server.members.actions import Upload
from server.members.reading import LARGEST_FILE
from server.words import Refused, Say, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import office
from web.asking import Asked, date_in, reader_of, uuid_in
from web.members import preview
from web.render import errors, page, translate

# A little above what a list may have, so that one slightly too large is told so on the form itself.
_LARGEST_UPLOAD = LARGEST_FILE + 2_000_000
_template = lazy("server.members.workbooks:template")


@get("/{slug:str}/members/imports/new", access=office)
async def new_import(request: Asked) -> Response[str]:
    """The form that takes a list."""
    async with transaction(read_only=True):
        first = not await cells_of(None, on=clock.today())
    values = {"cell": "", "as_of": clock.today().isoformat(), "create": "1" if first else ""}
    return await _form(request, values, {})


async def _form(
    request: Asked, values: dict[str, str], faults: dict[str, str], status: int = 200
) -> Response[str]:
    async with transaction(read_only=True):
        cells = await cells_of(None, on=clock.today())
    return page(
        request, "members/import.html", status=status, values=values, errors=faults,
        cells=[(str(row["id"]), row["name"]) for row in cells], today=clock.today().isoformat(),
        megabytes=LARGEST_FILE // 10**6,
        back=(f"/{current().slug}/members", translate(request, say("Đảng viên"))),
    )  # fmt: skip


@get("/{slug:str}/members/imports/template.xlsx", access=office)
async def template(request: Asked) -> Response[bytes]:  # noqa: ARG001  the guard reads it
    """The empty list to fill in."""
    return workbook(_template(), "mau-danh-sach-dang-vien.xlsx")


def workbook(content: bytes, name: str) -> Response[bytes]:
    """A workbook to keep as a file called ``name`` (ASCII)."""
    return Response(
        content, media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )  # fmt: skip


@post("/{slug:str}/members/imports", access=office, request_max_body_size=_LARGEST_UPLOAD)
async def upload(request: Asked) -> Response[Any]:
    """Read a list and go on to its preview. Nothing is written into the register yet."""
    sent = await request.form()
    values = {name: _text(sent.get(name)) for name in ("cell", "as_of", "create")}
    try:
        imported = await actions.read_in(await _upload(sent.get("file"), values), by=reader_of(request))
    except Refused as refusal:
        return await _form(request, values, errors(request, refusal), status=422)
    return Redirect(f"/{current().slug}/members/imports/{imported}", status_code=303)


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


async def _upload(file: object, values: dict[str, str]) -> Upload:
    faults: dict[str, Say] = {}
    content = await file.read() if isinstance(file, UploadFile) and file.filename else b""
    if not isinstance(file, UploadFile) or not file.filename:
        faults["file"] = say("Đồng chí chọn tệp danh sách.")
    as_of, cell = date_in(values["as_of"]), uuid_in(values["cell"])
    if as_of is None:
        faults["as_of"] = say("Ngày lập danh sách không đúng, xin ghi như 03/11/2026.")
    if values["cell"] and cell is None:
        faults["cell"] = say("Xin chọn chi bộ trong danh sách.")
    if faults:
        raise Refused(**faults)
    assert isinstance(file, UploadFile)
    assert as_of is not None
    return Upload(content, file.filename, as_of, cell, create=bool(values["create"]))


@get("/{slug:str}/members/imports/{imported:uuid}", access=office)
async def show_import(request: Asked, imported: FromPath[UUID]) -> Response[str]:
    """A list before it is written, row by row; afterwards what became of it."""
    return await _show(request, imported, {})


async def _show(request: Asked, imported: UUID, faults: dict[str, str]) -> Response[str]:
    async with transaction(read_only=True, snapshot=True):
        head = await queries.member_import(imported, reader_of(request))
        if head["state"] == "done":
            told = preview.done_of(head, await queries.outcomes(imported))
        else:
            rows, found = await queries.import_rows(imported), await queries.matches(imported, head["as_of"])
    back = (f"/{current().slug}/members", translate(request, say("Đảng viên")))
    if head["state"] == "done":
        return page(request, "members/import_done.html", back=back, **told)
    shown = preview.preview_of(request, head, rows, found)
    return page(
        request,
        "members/import_preview.html",
        status=422 if faults else 200,
        errors=faults,
        back=back,
        **shown,
    )


@post("/{slug:str}/members/imports/{imported:uuid}/confirmation", access=office)
async def confirm(request: Asked, imported: FromPath[UUID]) -> Response[Any]:
    """Write the list into the register; pressed twice, it is written once."""
    try:
        await actions.confirm(imported, by=reader_of(request))
    except Refused as refusal:
        return await _show(request, imported, errors(request, refusal))
    return Redirect(f"/{current().slug}/members/imports/{imported}", status_code=303)


@post("/{slug:str}/members/imports/{imported:uuid}/drop", access=office)
async def drop(request: Asked, imported: FromPath[UUID]) -> Response[Any]:
    """Throw the list away, unwritten."""
    await actions.drop(imported, by=reader_of(request))
    return Redirect(f"/{current().slug}/members/imports/new", status_code=303)
