"""Every route of the service, in one list."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from web import health
from web.accounts import account, linking, looks, people
from web.accounts import routes as accounts
from web.assignments import board as work_board
from web.assignments import files as work_files
from web.assignments import meeting as meeting_work
from web.assignments import meeting_said, overview, papers, queue, reminding, resolutions, told, work, year
from web.assignments import new as new_work
from web.assignments import one as one_work
from web.assignments import routes as assignments
from web.assignments import usual as usual_work
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
from web.push import routes as push
from web.pwa import routes as pwa
from web.roll_call import live
from web.roll_call import routes as roll_call

ROUTES: list[ControllerRouterHandler] = [
    health.live, health.ready,
    pwa.static, pwa.service_worker, pwa.favicon, pwa.app_manifest, pwa.offline,
    accounts.login_page, accounts.log_in, accounts.log_out, accounts.front, accounts.choose_place,
    accounts.invitation, accounts.accept, accounts.choose_language,
    account.account, account.change_password, account.end_sessions, account.forgotten, account.set_password,
    push.key, push.subscribe, push.unsubscribe, push.end_everywhere,
    province.figures, province.new_committee, province.found, province.show_committee, province.invite_again,
    province.suspend, province.resume,
    home.home,
    people.people, people.invite, people.withdraw, people.end_grant, people.password_link, looks.show_looks,
    linking.show_of_grant, linking.set_of_grant, linking.show_of_invitation, linking.set_of_invitation,
    meetings.month_of_meetings, meetings.new_meeting, meetings.plan, meetings.show, meetings.call_off,
    meetings.put_back, meetings.name_people,
    meeting_work.show_meeting_work, meeting_said.give, meeting_said.review_one,
    queue.add_changes,
    cells.cells, cells.cell, overview.show_overview,
    work.work, assignments.list_work, new_work.new_work, new_work.give, one_work.one, one_work.change,
    work_files.take_file, work_files.send_file, work_files.download, work_files.remove_file,
    work_board.board, work_board.set_seeing,
    reminding.show_reminding, reminding.set_reminding, reminding.remind_cell, told.show_told, told.tell,
    usual_work.show_usual, usual_work.add_usual, usual_work.show_one, usual_work.change_usual, usual_work.end_usual,
    usual_work.except_usual,
    resolutions.show_resolutions, resolutions.show_resolution, resolutions.change_resolution, papers.resolution_annex,
    papers.meeting_annex, papers.list_paper, year.show_year, year.add_contact,
    members.members, members.export, imports.new_import, imports.template, imports.upload, imports.show_import,
    imports.confirm, imports.drop,
    capture.new_minutes, capture.choose_for_shared, capture.share_missed,
    board.minutes_board, minutes_search.search_minutes,
    minutes_bin.show_bin, minutes_bin.throw_away, minutes_bin.restore,
    document.show_document, document.correct_text, document.turn, document.page_again, document.all_again,
    document.decide_same, document.reorder, minutes_figures.show_figures, minutes_figures.confirm_figures,
    minutes_figures.take_assignments,
    pictures.colour, pictures.thumb, pictures.pdf,
    upload.arrange, upload.take_file, upload.show_receipt, upload.send_form, originals.download,
    roll_call.show_roll, roll_call.add_marks, roll_call.changes, roll_call.open_roll, roll_call.close_roll,
    roll_call.show_entry, live.events,
]  # fmt: skip
