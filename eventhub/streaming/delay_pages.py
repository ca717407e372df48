"""Delaying a room, for operators: look at what moves, say what the audience reads, press; take it back from there."""

from dataclasses import dataclass
from datetime import timedelta
from secrets import token_urlsafe
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import Invalid, NotFound, Refusal, Stale
from eventhub.language import Reader
from eventhub.sessions import delays
from eventhub.sessions.conflict_lists import gathered
from eventhub.sessions.delay_outlook import Standing, Wish
from eventhub.sessions.delay_rules import Gaps, Move
from eventhub.sessions.delays import Delay
from eventhub.web.access import Right, allow
from eventhub.web.filled import Filled, filled, text_fields
from eventhub.web.forms import posted, read_form
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, reading, transaction
from eventhub.web.pages import page, see_other
from eventhub.wording import render

from . import delaying
from .delay_forms import BEGUN, PressedDelay, wish_of
from .delaying import Preview

USUAL = (5, 10, 15, 30)
SHOWN_CONFLICTS = 12


@dataclass(frozen=True, slots=True)
class Row:
    """A move in words: `before` and `after` as times in the event's zone."""

    code: str
    title: str
    before: str
    after: str


@allow(Right.BROADCASTS_ACT)
async def show_delay(request: web.Request) -> web.StreamResponse:
    """Show where a room stands, and what a delay would do once minutes are chosen."""
    typed = dict(request.query)
    # The number typed by hand stands beside the buttons for the usual ones.
    typed["minutes"] = typed.get("minutes") or typed.get("n", "")
    if not typed["minutes"]:
        return await _show(request, Filled(typed))
    try:
        wanted = read_form(PressedDelay, {k: v for k, v in typed.items() if k in _ASKED})
    except Invalid as refusal:
        return await _show(request, filled(typed, refusal, request[READER]), refusal.status)
    return await _show(request, Filled(typed), wanted=wanted)


@allow(Right.BROADCASTS_ACT)
async def delay(request: web.Request) -> web.StreamResponse:
    """Delay the room; a second press of the same button finds it done."""
    form = await posted(request)
    event, session = request[EVENT], request.match_info["session"]
    typed, wanted = text_fields(form), None
    try:
        wanted = read_form(PressedDelay, form)
        wish = wish_of(session, wanted.minutes, wanted.gaps, BEGUN[wanted.begun])
        delay_id = await _press(request, wish, wanted)
    except NotFound:
        raise
    except Refusal as refusal:
        if isinstance(refusal, Stale):
            typed.pop("announce", None)  # it names the times of a delay that is none any more
        shown = filled(typed, refusal, request[READER])
        return await _show(request, shown, refusal.status, wanted=wanted)
    here = request.app.router["streaming.delay"].url_for(event=event.slug, session=session)
    return see_other(request, path=f"{here}?done={delay_id}")


async def _press(request: web.Request, wish: Wish, wanted: PressedDelay) -> int:
    event, at = request[EVENT], request.app[CLOCK].now()
    async with transaction(request) as tx:
        if wanted.token and (made := await delaying.find_done(tx, event, wanted.token)):
            return made.id
        delayed = await delaying.delay(
            tx, event, wish,
            announce=wanted.wording, who=request[PRINCIPAL], at=at, seen=wanted.release,
            allows_conflicts=wanted.confirm_conflicts is not None, token=wanted.token,
        )  # fmt: skip
    return delayed.done.delay_id


async def _show(
    request: web.Request, form: Filled, status: int = 200, *, wanted: PressedDelay | None = None
) -> web.Response:
    event, at, session = request[EVENT], request.app[CLOCK].now(), request.match_info["session"]
    reader, preview = request[READER], None
    async with reading(request) as tx:
        begun = BEGUN[wanted.begun] if wanted else None
        standing = await delaying.stand(tx, event, session, at=at, begun=begun)
        done = await _done(tx, request)
        if wanted is not None:
            try:
                wish = wish_of(session, wanted.minutes, wanted.gaps, begun)
                preview = await delaying.look(tx, event, wish, at=at)
            except Refusal as refusal:
                if not form.text:
                    form, status = filled(form.typed, refusal, reader), refusal.status
    return await page(
        request,
        "streaming/delay.html",
        status=status,
        standing=standing,
        session=standing.session,
        late_by=_late_by(standing),
        usual=USUAL,
        form=form,
        gaps=wanted.gaps if wanted else Gaps.KEEP,
        begun=wanted.begun if wanted else "",
        seen=_seen(preview, reader) if preview else None,
        done=done,
        done_rows=[_kept_row(move, reader) for move in done.moves] if done else [],
        may_undo=done is not None and done.release == standing.release.number and done.minutes > 0,
        token=token_urlsafe(16),
    )


async def _done(tx: AsyncConnection, request: web.Request) -> Delay | None:
    """Return the delay that was just made here."""
    wished = request.query.get("done", "")
    if not wished.isdecimal():
        return None
    found = await delays.list_delays(tx, request[EVENT].id)
    code = request.match_info["session"]
    return next((one for one in found if str(one.id) == wished and one.session == code), None)


def _late_by(standing: Standing) -> int:
    """Return by how many minutes the session, or what follows it, stands later than was planned."""
    later = [
        slot.span.ends_at - slot.planned.ends_at
        for slot in standing.line
        if slot.span.starts_at >= standing.slot.span.starts_at
    ]
    return max(later) // timedelta(minutes=1)


def _seen(preview: Preview, reader: Reader) -> dict[str, Any]:
    outlook = preview.outlook
    found = gathered(outlook.conflicts)
    titles = {move.code: move.title for move in outlook.moves}
    return {
        "minutes": outlook.minutes,
        "rows": [_row(move, reader) for move in outlook.moves],
        "conflicts": [
            (
                ", ".join(titles[code] for code in each.sessions if code in titles),
                render(each.explanation, reader),
            )
            for each in found[:SHOWN_CONFLICTS]
        ],
        "more": max(0, len(found) - SHOWN_CONFLICTS),
        "is_forbidding": bool(outlook.forbidding),
        "kept_drafts": [titles[code] for code in outlook.kept_drafts],
        "announcement": preview.announcement,
        "audience": [move.title for move in preview.audience],
    }


def _row(move: Move, reader: Reader) -> Row:
    before, after = (reader.time_range(*span) for span in (move.old, move.new))
    return Row(move.code, move.title, before, after)


def _kept_row(kept: Any, reader: Reader) -> Row:
    return _row(delays.move_of(kept), reader)


_ASKED = {"minutes", "gaps", "begun"}
_PATH = "/manage/{event}/live/sessions/{session}/delay"

ROUTES = [
    web.get(_PATH, show_delay, name="streaming.delay"),
    web.post(_PATH, delay, name="streaming.delay.post"),
]
