"""Delays for programs."""

from eventhub.web.access import Right
from eventhub.web.operations import Answer, Call, etag, operation

from . import delaying
from .delay_forms import (
    AskedDelay,
    DelayPreview,
    DelayShape,
    NewDelay,
    delay_shape,
    preview_shape,
    wish_of,
)

_PATH = "/events/{event}/sessions/{session}/delay"
# No release is numbered higher, and Python reads no number of thousands of digits.
MOST_DIGITS = 9


@operation(
    "GET",
    _PATH,
    right=Right.BROADCASTS_ACT,
    query=AskedDelay,
    answers={200: DelayPreview},
    summary="Show what a delay from a session on would do; the ETag is the last release",
)
async def preview_delay(call: Call[None, AskedDelay]) -> Answer:
    asked = call.query
    wish = wish_of(call.path["session"], asked.minutes, asked.gaps, asked.begun)
    preview = await delaying.look(call.tx, call.event, wish, at=call.at)
    number = preview.outlook.standing.release.number
    return Answer(200, preview_shape(preview, call.reader), number)


@operation(
    "POST",
    _PATH,
    right=Right.BROADCASTS_ACT,
    body=NewDelay,
    answers={201: DelayShape},
    summary="Delay a room from a session on, at once; with If-Match only from the release that was seen",
    may_be_conditional=True,
)
async def delay(call: Call[NewDelay, None]) -> Answer:
    form = call.form
    delayed = await delaying.delay(
        call.tx,
        call.event,
        wish_of(call.path["session"], form.minutes, form.gaps, form.begun),
        announce=form.wording,
        who=call.who,
        at=call.at,
        seen=_seen(call.if_match),
        allows_conflicts=form.confirm_conflicts,
    )
    number = delayed.done.release.number
    path = f"/api/v1/events/{call.event.slug}/releases/{number}"
    return Answer(201, delay_shape(delayed, call.reader), number, path)


def _seen(if_match: str | None) -> int | None:
    """Return the release that a caller saw; a tag that is none was of no release."""
    if if_match is None or if_match.strip() == "*":
        return None
    number = if_match.strip().strip('"')
    if not number.isdecimal() or len(number) > MOST_DIGITS:
        return 0
    return int(number) if etag(int(number)) == if_match.strip() else 0


API = [preview_delay, delay]
