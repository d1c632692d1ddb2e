"""Every route of the service, in one list."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from web import health
from web.accounts import account, factor, linking, looks, people, support
from web.accounts import routes as accounts
from web.assignments import board as work_board
from web.assignments import files as work_files
from web.assignments import meeting as meeting_work
from web.assignments import meeting_said, overview, papers, queue, reminding, resolutions, told, work, year
from web.assignments import new as new_work
from web.assignments import one as one_work
from web.assignments import routes as assignments
from web.assignments import usual as usual_work
from web.bulletins import notices as province_notices
from web.bulletins import routes as sent_bulletins
from web.cells import routes as cells
from web.guide import routes as guide
from web.home import routes as home
from web.meetings import routes as meetings
from web.members import imports
from web.members import routes as members
from web.minutes import bin as minutes_bin
from web.minutes import board, capture, document, originals, pictures, upload
from web.minutes import figures as minutes_figures
from web.minutes import search as minutes_search
from web.province import bulletins as province_bulletins
from web.province import changing, committees, comparison, drill, many, moving
from web.province import checks as province_checks
from web.province import country as country_figures
from web.province import erasure as province_erasure
from web.province import exports as province_exports
from web.province import figures as province_figures
from web.province import fleet as province_fleet
from web.province import health as province_health
from web.province import log as province_log
from web.province import map as province_map
from web.province import people as province_people
from web.province import reports as province_reports
from web.province import rules as province_rules
from web.province import runs as province_runs
from web.province import silent as province_silent
from web.push import routes as push
from web.pwa import routes as pwa
from web.roll_call import live
from web.roll_call import routes as roll_call
from web.rollups import classification
from web.rollups import figures as own_figures

ROUTES: list[ControllerRouterHandler] = [
    health.live, health.ready,
    guide.first_page, guide.guide_page,
    pwa.static, pwa.service_worker, pwa.favicon, pwa.app_manifest, pwa.offline,
    accounts.login_page, accounts.log_in, accounts.log_out, accounts.front, accounts.choose_place,
    accounts.invitation, accounts.accept, accounts.choose_language,
    factor.code_page, factor.give_code, factor.show, factor.confirm, factor.renew_codes, factor.remove,
    account.account, account.change_password, account.end_sessions, account.forgotten, account.set_password,
    push.key, push.subscribe, push.unsubscribe, push.end_everywhere,
    province_figures.figures, drill.show_one, comparison.compare, province_map.show_map, country_figures.show_country,
    committees.new_committee, committees.found, committees.show_committee,
    committees.invite_again, committees.suspend, committees.resume,
    changing.show_name, changing.rename, changing.show_kind, changing.change_kind, changing.show_archiving,
    changing.archive, changing.unarchive, moving.show_merger, moving.merge, moving.show_split, moving.split,
    many.show_many, many.many_template, many.read_many, many.found_many, many.many_invitations,
    province_fleet.show_fleet, province_fleet.measure_fleet, province_health.show_health, province_health.set_quota,
    province_health.measure_one, province_health.retry_failed,
    province_exports.show_exports, province_exports.ask_for_export, province_exports.fetch_export,
    province_erasure.show_erasure, province_erasure.ask_for_erasure, province_erasure.confirm_erasure,
    province_erasure.withdraw_erasure, province_erasure.revive, province_erasure.show_erased,
    province_runs.show_runs, province_runs.show_run, province_runs.act_on_run,
    province_bulletins.show_bulletins, province_bulletins.new_bulletin, province_bulletins.publish,
    province_bulletins.show_bulletin, province_bulletins.download, province_bulletins.send_further,
    province_bulletins.take_back, province_rules.new_rules, province_rules.enter_rules,
    province_reports.show_reports, province_reports.show_report, province_reports.take_report,
    province_reports.take_figures,
    province_silent.show_silent, province_silent.remind_all, province_silent.remind_one, province_notices.show_silent,
    sent_bulletins.show_sent, sent_bulletins.open_sent, sent_bulletins.download_sent,
    province_log.show_log, province_log.log_csv, province_log.log_xlsx, province_people.show_people,
    province_people.invite_person, province_people.withdraw_person, province_people.end_role,
    province_people.reset_factor, province_people.reset_password,
    home.home,
    people.people, people.invite, people.withdraw, people.end_grant, people.password_link, looks.show_looks,
    support.show_support, support.give_support, support.end_support,
    linking.show_of_grant, linking.set_of_grant, linking.show_of_invitation, linking.set_of_invitation,
    meetings.month_of_meetings, meetings.new_meeting, meetings.plan, meetings.show, meetings.call_off,
    meetings.put_back, meetings.name_people, meetings.score,
    own_figures.show_figures, province_checks.show_checks,
    classification.show_classification, classification.show_form, classification.tell,
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
