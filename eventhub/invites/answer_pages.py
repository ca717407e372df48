"""Who answered what: by session, by delegation and by person; and who may choose how to attend."""

from collections.abc import Mapping

from aiohttp import web

from eventhub.accounts import audit
from eventhub.errors import Invalid
from eventhub.participants.model import Rsvp
from eventhub.sessions.actions import latest_release
from eventhub.web.access import Right, allow
from eventhub.web.days import chosen_day, day_tabs
from eventhub.web.fields import INT32
from eventhub.web.forms import posted
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, reading, transaction
from eventhub.web.pages import page, see_other
from eventhub.wording import say

from . import switching, turnout, voices
from .switching import SwitchRule

# In the order in which an organizer asks.
ANSWERS = (
    Rsvp.ACCEPTED, Rsvp.TENTATIVE, Rsvp.DECLINED, Rsvp.DELEGATED, Rsvp.NEEDS_ACTION,
)  # fmt: skip
PER_PAGE = 50
HERE = "/manage/{event}/invitations"


@allow(Right.INVITATIONS)
async def show_answers(request: web.Request) -> web.StreamResponse:
    """Show per session of a day to which somebody is invited how many gave which answer."""
    event = request[EVENT]
    day = chosen_day(request, event)
    start, end = event.day_bounds(day) if day else (None, None)
    async with reading(request) as tx:
        rows = await turnout.list_turnout(tx, event, start=start, end=end)
        rules = await switching.list_rules(tx, event.id)
    return await page(
        request,
        "invites/answers.html",
        rows=rows,
        answers=ANSWERS,
        days=day_tabs(request, event, day),
        rule=rules.get(None),
    )


@allow(Right.INVITATIONS)
async def show_offices(request: web.Request) -> web.StreamResponse:
    """Show per delegation how many gave which answer, to one session or to all, a page at a time."""
    event, query = request[EVENT], request.query
    code, wanted = query.get("session", ""), query.get("q", "").strip()[:200]
    start = _number(query.get("from", ""))
    async with reading(request) as tx:
        session, rows = None, []
        if code:
            release_id, session = await turnout.get_invited_session(tx, event.id, code)
            rows = await turnout.list_offices(tx, event.id, release_id, session.session_id)
        elif release := await latest_release(tx, event.id):
            rows = await turnout.list_offices(tx, event.id, release.id)
    found = [row for row in rows if wanted.casefold() in row.name.casefold()]
    return await page(
        request,
        "invites/offices.html",
        rows=found[start : start + PER_PAGE],
        of=len(found),
        total=len(rows),
        answers=ANSWERS,
        session=session,
        wanted=wanted,
        is_first=not start,
        next_from=start + PER_PAGE if len(found) > start + PER_PAGE else None,
    )


@allow(Right.INVITATIONS)
async def show_session_answers(request: web.Request) -> web.StreamResponse:
    """Show who gave which answer to a session, a page at a time."""
    query, event = request.query, request[EVENT]
    chosen = Rsvp(query["answer"]) if query.get("answer") in set(Rsvp) else None
    after = query.get("after", "")
    async with reading(request) as tx:
        release_id, session = await turnout.get_invited_session(
            tx, event.id, request.match_info["session"]
        )
        found = await voices.list_voices(
            tx,
            release_id,
            session,
            answer=chosen,
            after=_number(after),
            limit=PER_PAGE + 1,
        )
        rules = await switching.list_rules(tx, event.id)
        rule = switching.rule_of(rules, session.session_id)
        seats = await switching.count_seats(tx, event, release_id, session, rule)
    return await page(
        request,
        "invites/voices.html",
        session=session,
        voices=found[:PER_PAGE],
        next_after=found[PER_PAGE - 1].participant_id if len(found) > PER_PAGE else None,
        is_first=not after,
        chosen=chosen or "",
        seats=seats,
        rule=rules.get(session.session_id),
    )


@allow(Right.INVITATIONS)
async def save_rule(request: web.Request) -> web.StreamResponse:
    """Let people choose how to attend a session, or all for which nothing else is said, or not."""
    form, event = await posted(request), request[EVENT]
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    code, rule = fields.get("session", ""), _rule(fields)
    async with transaction(request) as tx:
        session = None
        if code:
            _, session = await turnout.get_invited_session(tx, event.id, code)
        await switching.save_rule(tx, event.id, session.session_id if session else None, rule)
        await audit.record(
            tx, request[PRINCIPAL], "switching.changed", code or event.slug,
            event_id=event.id, at=request.app[CLOCK].now(), detail={"allowed": fields["allowed"]},
        )  # fmt: skip
    if code:
        return see_other(request, "invitations.voices", event=event.slug, session=code)
    return see_other(request, "invitations.answers", event=event.slug)


def _number(text: str) -> int:
    return min(int(text), INT32) if text.isdecimal() and len(text) < 12 else 0


def _rule(fields: Mapping[str, str]) -> SwitchRule | None:
    allowed, limit = fields.get("allowed", ""), fields.get("limit", "").strip()
    if allowed not in {"yes", "no", ""}:
        raise Invalid.field("allowed", say("Please choose one of the answers offered."))
    if not allowed:
        return None
    if limit and not (limit.isascii() and limit.isdecimal() and len(limit) < 7):
        raise Invalid.field("limit", say("Write a whole number, or nothing."))
    return SwitchRule(is_allowed=allowed == "yes", onsite_limit=int(limit) if limit else None)


ROUTES = [
    web.get(f"{HERE}/answers", show_answers, name="invitations.answers"),
    web.get(f"{HERE}/answers/{{session}}", show_session_answers, name="invitations.voices"),
    web.get(f"{HERE}/offices", show_offices, name="invitations.offices"),
    web.post(f"{HERE}/switching", save_rule, name="invitations.switching"),
]
