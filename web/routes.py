"""Every route of the service, in one list."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from web import health
from web.accounts import account, looks, people
from web.accounts import routes as accounts
from web.cells import routes as cells
from web.home import routes as home
from web.meetings import routes as meetings
from web.members import imports
from web.members import routes as members
from web.minutes import bin as minutes_bin
from web.minutes import board, capture, document, originals, pictures, upload
from web.minutes import figures as minutes_figures
from web.minutes import search as minutes_search
from web.province import routes as province
from web.pwa import routes as pwa
from web.roll_call import live
from web.roll_call import routes as roll_call

ROUTES: list[ControllerRouterHandler] = [
    health.live, health.ready,
    pwa.static, pwa.service_worker, pwa.favicon, pwa.app_manifest, pwa.offline,
    accounts.login_page, accounts.log_in, accounts.log_out, accounts.front, accounts.choose_place,
    accounts.invitation, accounts.accept, accounts.choose_language,
    account.account, account.change_password, account.end_sessions, account.forgotten, account.set_password,
    province.figures, province.new_committee, province.found, province.show_committee, province.invite_again,
    province.suspend, province.resume,
    home.home,
    people.people, people.invite, people.withdraw, people.end_grant, people.password_link, looks.show_looks,
    meetings.month_of_meetings, meetings.new_meeting, meetings.plan, meetings.show, meetings.call_off,
    meetings.put_back, meetings.name_people,
    cells.cells, cells.cell,
    members.members, members.export, imports.new_import, imports.template, imports.upload, imports.show_import,
    imports.confirm, imports.drop,
    capture.new_minutes, capture.choose_for_shared, capture.share_missed,
    board.minutes_board, minutes_search.search_minutes,
    minutes_bin.show_bin, minutes_bin.throw_away, minutes_bin.restore,
    document.show_document, document.correct_text, document.turn, document.page_again, document.all_again,
    document.decide_same, document.reorder, minutes_figures.show_figures, minutes_figures.confirm_figures,
    pictures.colour, pictures.thumb, pictures.pdf,
    upload.arrange, upload.take_file, upload.show_receipt, upload.send_form, originals.download,
    roll_call.show_roll, roll_call.add_marks, roll_call.changes, roll_call.open_roll, roll_call.close_roll,
    roll_call.show_entry, live.events,
]  # fmt: skip
