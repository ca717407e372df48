"""The composition root: an installation and the capabilities' routes become an application."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from aiohttp import web

from eventhub import __version__
from eventhub.accounts import callers
from eventhub.accounts import pages as accounts_pages
from eventhub.announcements import api as announcements_api
from eventhub.announcements import pages as announcements_pages
from eventhub.checkin import annul_api as checkin_annul_api
from eventhub.checkin import api as checkin_api
from eventhub.checkin import (
    checkpoint_api,
    scan_desk,
    scan_pages,
    scanner_pages,
    snapshots,
    ticket_pages,
    tracing_pages,
)
from eventhub.checkin import health_api as checkin_health_api
from eventhub.checkin import health_pages as checkin_health_pages
from eventhub.checkin import key_pages as checkin_key_pages
from eventhub.checkin import leaving as checkin_leaving
from eventhub.checkin import pages as checkin_pages
from eventhub.checkin import pictures as checkin_pictures
from eventhub.checkin import retention as checkin_retention
from eventhub.checkin import scan_live as checkin_scan_live
from eventhub.checkin.line import LINE, Line
from eventhub.checkin.telling import TELLER, Teller
from eventhub.db.unchanged import Unchanged
from eventhub.events import actions as events_actions
from eventhub.events import api as events_api
from eventhub.events import pages as events_pages
from eventhub.events.holding import HOLD
from eventhub.installation import Installation
from eventhub.invites import api as invites_api
from eventhub.invites import jobs as invites_jobs
from eventhub.invites import pages as invites_pages
from eventhub.invites import previewing as invites_previewing
from eventhub.live import admission
from eventhub.live import pages as live_pages
from eventhub.live.hub import HUB, Hub
from eventhub.participants import api as participants_api
from eventhub.participants import pages as participants_pages
from eventhub.personal import api as personal_api
from eventhub.personal import pages as personal_pages
from eventhub.questions import api as questions_api
from eventhub.questions import jobs as questions_jobs
from eventhub.questions import moderating as questions_moderating
from eventhub.questions import pages as questions_pages
from eventhub.reports import api as reports_api
from eventhub.reports import certificate_pages as reports_certificate_pages
from eventhub.reports import pages as reports_pages
from eventhub.sessions import api as sessions_api
from eventhub.sessions import bulk_api as sessions_bulk_api
from eventhub.sessions import bulk_pages as sessions_bulk_pages
from eventhub.sessions import changelog as sessions_changelog
from eventhub.sessions import concerned, conflicts, standing
from eventhub.sessions import files as sessions_files
from eventhub.sessions import import_pages as sessions_import_pages
from eventhub.sessions import office_feeds as sessions_office_feeds
from eventhub.sessions import pages as sessions_pages
from eventhub.sessions import public as sessions_public
from eventhub.sessions.planner import api as planner_api
from eventhub.sessions.planner import pages as planner_pages
from eventhub.sessions.planner import running as planner_running
from eventhub.streaming import aids as streaming_aids
from eventhub.streaming import api as streaming_api
from eventhub.streaming import automatic_pages as streaming_automatic_pages
from eventhub.streaming import channel_pages as streaming_channel_pages
from eventhub.streaming import delay_api as streaming_delay_api
from eventhub.streaming import delay_pages as streaming_delay_pages
from eventhub.streaming import jobs as streaming_jobs
from eventhub.streaming import joining as streaming_joining
from eventhub.streaming import pages as streaming_pages
from eventhub.streaming import source_pages as streaming_source_pages
from eventhub.streaming import viewers_api as streaming_viewers_api
from eventhub.streaming import viewers_pages as streaming_viewers_pages
from eventhub.streaming import watching as streaming_watching
from eventhub.streaming.lines import LINES, OpenLines
from eventhub.web import calling, document, guard, health, observe, refusals, shelf
from eventhub.web.assets import STATIC
from eventhub.web.keys import (
    AUTHENTICATORS,
    CLOCK,
    DATABASE,
    FIND_EVENT,
    INSTALLATION,
    SETTINGS,
    UNCHANGED,
)
from eventhub.web.operations import Operation
from eventhub.webhooks import api as webhooks_api
from eventhub.webhooks import jobs as webhooks_jobs
from eventhub.webhooks import pages as webhooks_pages
from eventhub.worker import Jobs, Rounds, joined, tidy

# Kept answers to the public: the files of a large event and some days of its pages, twice.
SHELF_BYTES = 24_000_000

AUTHENTICATE = (callers.by_token, callers.by_login)

OPERATIONS: list[Operation] = [
    *events_api.API,
    *participants_api.API,
    *sessions_api.API,
    *planner_api.API,
    *sessions_bulk_api.API,
    *announcements_api.API,
    *webhooks_api.API,
    *checkpoint_api.API,
    *checkin_api.API,
    *checkin_annul_api.API,
    *checkin_health_api.API,
    *invites_api.API,
    *streaming_api.API,
    *streaming_viewers_api.API,
    *streaming_delay_api.API,
    *personal_api.API,
    *reports_api.API,
    *questions_api.API,
]

# Order matters: an address of eventhub's own goes before `/{event}/`.
ROUTES: list[web.AbstractRouteDef] = [
    *health.ROUTES,
    *document.ROUTES,
    *accounts_pages.ROUTES,
    *events_pages.ROUTES,
    *webhooks_pages.ROUTES,
    *sessions_bulk_pages.ROUTES,
    *sessions_import_pages.ROUTES,
    *sessions_pages.ROUTES,
    *planner_pages.ROUTES,
    *participants_pages.ROUTES,
    *reports_pages.ROUTES,
    *reports_certificate_pages.ROUTES,
    *scanner_pages.ROUTES,
    *scan_pages.ROUTES,
    *checkin_annul_api.ROUTES,
    *checkin_scan_live.ROUTES,
    *scan_desk.ROUTES,
    *checkin_key_pages.ROUTES,
    *checkin_pages.ROUTES,
    *ticket_pages.ROUTES,
    *checkin_health_pages.ROUTES,
    *tracing_pages.ROUTES,
    *checkin_pictures.ROUTES,
    *live_pages.ROUTES,
    *announcements_pages.ROUTES,
    *personal_pages.ROUTES,
    *invites_pages.ROUTES,
    *sessions_changelog.ROUTES,
    *sessions_public.ROUTES,
    *sessions_files.ROUTES,
    *sessions_office_feeds.ROUTES,
    *streaming_joining.ROUTES,
    *questions_moderating.ROUTES,
    *questions_pages.ROUTES,
    *streaming_delay_pages.ROUTES,
    *streaming_automatic_pages.ROUTES,
    *streaming_viewers_pages.ROUTES,
    *streaming_channel_pages.ROUTES,
    *streaming_source_pages.ROUTES,
    *streaming_pages.ROUTES,
    *streaming_aids.ROUTES,
    *streaming_watching.ROUTES,
]

# What runs after a commit, by topic; a topic may have several handlers.
JOBS: Jobs = joined(invites_jobs.JOBS, streaming_jobs.JOBS, questions_jobs.JOBS)


async def _tidy(installation: Installation) -> None:
    """Delete what has served, but no news before the webhooks were told of it."""
    await webhooks_jobs.collect(installation)
    await tidy(installation)


# What is looked after again and again, with the pause in seconds.
ROUNDS: Rounds = (
    *invites_jobs.ROUNDS,
    (_tidy, 3600.0),
    *webhooks_jobs.ROUNDS,
    (checkin_retention.forget_health, checkin_retention.PAUSE_S),
    (checkin_leaving.leave_at_the_set_hour, checkin_leaving.PAUSE_S),
    *streaming_jobs.ROUNDS,
    (planner_running.look_after, 10.0),
)

DESCRIBE: Callable[[], dict[str, Any]] = cache(partial(document.of, OPERATIONS, __version__))


def build(installation: Installation) -> web.Application:
    """Return the application of an installation; it opens and closes nothing by itself."""
    app = web.Application(
        middlewares=[
            observe.observe,
            guard.prepare,
            refusals.refuse,
            # People leave out an address's last slash, and mail programs cut it off.
            web.normalize_path_middleware(merge_slashes=False),
            guard.guard,
        ]
    )
    app[observe.PENDING] = observe.Pending()
    app[INSTALLATION] = installation
    app[SETTINGS] = installation.settings
    app[CLOCK] = installation.clock
    app[DATABASE] = installation.database
    app[UNCHANGED] = Unchanged(installation.database)
    app.on_cleanup.append(_forget)
    app[shelf.SHELF] = shelf.Shelf(SHELF_BYTES)
    app[FIND_EVENT] = events_actions.find_event
    app[standing.KEPT] = {}
    app[HUB] = Hub(installation.database, partial(admission.outdated, installation.database))
    app.on_shutdown.append(live_pages.close_streams)
    app[LINES] = OpenLines(installation.database, installation.clock.now)
    app[snapshots.KEPT] = {}
    app[TELLER] = teller = Teller(installation.database, installation.clock.now)
    app[LINE] = Line(installation.database, installation.settings.secret, teller.changed)
    app.on_cleanup.append(lambda _app: teller.close())
    app[AUTHENTICATORS] = AUTHENTICATE
    app[HOLD] = conflicts.hold
    app[concerned.CONCERNED] = invites_previewing.whom_it_concerns
    app[document.DOCUMENT] = DESCRIBE
    # The router tries one address after the other: those in a hurry come first.
    quickest_first = sorted(OPERATIONS, key=lambda operation: operation.express is None)
    app.add_routes([calling.route(operation) for operation in quickest_first])
    app.cleanup_ctx.append(planner_running.searching)
    app.router.add_static("/static/", STATIC, append_version=False)
    app.add_routes(ROUTES)
    return app


async def _forget(app: web.Application) -> None:
    app[UNCHANGED].close()
