"""Taking in what came by mail: an answer counts or does not, a mail of ours came back; each in one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.db.engine import lock_event
from eventhub.errors import Refusal
from eventhub.events import actions as events
from eventhub.participants import actions as participants
from eventhub.participants import standing
from eventhub.participants.model import Rsvp
from eventhub.web.fields import Email
from eventhub.wording import Text, say

from . import queue, reply_rules, reply_store
from .attendees import apart
from .inbox import Answer
from .mime_parts import Nothing
from .reply_model import Bounce, Held, Reply

log = structlog.get_logger()

ACTOR = "mail"
EMAIL: TypeAdapter[str] = TypeAdapter(Email)
Found = Answer | Bounce | Nothing


class Kind(StrEnum):
    """What a mail did here."""

    ANSWER = "answer"
    BOUNCE = "bounce"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a mail that came in, with a sentence about it for whoever reads the log."""

    kind: Kind
    text: Text


async def take(tx: AsyncConnection, found: Found, *, at: datetime) -> Taken:
    """Act on what a mail is. The same mail again changes nothing."""
    if isinstance(found, Answer):
        return await _take_answer(tx, found, at)
    if isinstance(found, Bounce):
        return await _take_bounce(tx, found, at)
    return _nothing(found.why)


async def _take_answer(tx: AsyncConnection, answer: Answer, at: datetime) -> Taken:
    reply = answer.reply
    held = await reply_store.find_held(tx, reply.uid)
    if held is None:
        return _nothing(say("No invitation was sent that it could answer."))
    await lock_event(tx, held.event_id)
    await participants.hold_answers(tx, held.participant_id)
    held = await reply_store.find_held(tx, reply.uid)
    if held is not None and reply.attendee != held.address.lower():
        held, reply = await _meant(tx, held, reply)
        await participants.hold_answers(tx, held.participant_id)
        answer = replace(answer, reply=reply)
    why_not = reply_rules.why_not(held, reply) if held else say("The invitation is gone.")
    if held is None or why_not is not None:
        return _nothing(why_not or say("The invitation is gone."))
    await _keep(tx, held, answer, at)
    text = say(
        "{name} answers {answer} for {session}.",
        name=held.name,
        answer=reply.partstat.value,
        session=held.title,
    )
    return Taken(Kind.ANSWER, text)


async def _meant(tx: AsyncConnection, held: Held, reply: Reply) -> tuple[Held, Reply]:
    """Return whose answer it is when another writes: of who comes in the invited person's place, once invited.

    Their calendar answers the copy it was passed on by the invited person's (RFC 5546, 3.2.2.3), with its UID.
    """
    for one in await standing.list_substitutes(tx, held.participant_id):
        if one.email.lower() == reply.attendee and one.stands_in_at(held.session_id):
            theirs = await reply_store.find_held_by(tx, one.id, held.session_id)
            if theirs is not None and reply.sequence >= held.sequence:
                return theirs, replace(reply, uid=theirs.uid, sequence=theirs.sequence)
    return held, reply


async def _follow(tx: AsyncConnection, held: Held, reply: Reply, at: datetime) -> None:
    """Let who was named come in the invited person's place, or nobody any more.

    What cannot be done is left to an organizer, who reads the name beside the answer.
    """
    event = await events.get_event_by_id(tx, held.event_id)
    principal = await participants.get_participant(tx, event.id, held.participant_id)
    if reply.partstat is not Rsvp.DELEGATED:
        await standing.call_off(tx, event, principal, session_id=held.session_id, at=at)
        return
    who = _named(reply.delegate)
    if who is None:
        return
    try:
        await standing.name_substitute(tx, event, principal, who, session_id=held.session_id, at=at)
    except Refusal as refusal:
        log.info("substitute not taken", participant=principal.id, why=str(refusal.text))


def _named(delegate: str) -> standing.Named | None:
    """Return who was named, None where no address that can be written to was."""
    name, address = apart(delegate)
    try:
        email = EMAIL.validate_python(address)
    except ValidationError:
        return None
    return standing.Named((name or email)[:200], position="", email=email) if email else None


async def _keep(tx: AsyncConnection, held: Held, answer: Answer, at: datetime) -> None:
    reply = answer.reply
    await participants.record_answer(tx, held.participant_id, held.session, reply.partstat, at=at)
    await reply_store.save_reply(tx, held, reply, at)
    await _follow(tx, held, reply, at)
    await audit.record(
        tx,
        ACTOR,
        "rsvp.received",
        str(held.participant_id),
        event_id=held.event_id,
        at=at,
        detail=_detail(held, reply, answer.sender),
    )


def _detail(held: Held, reply: Reply, sender: str) -> dict[str, str]:
    detail = {
        "session": held.session,
        "before": held.answer.value,
        "answer": reply.partstat.value,
        "from": sender,
    }
    return detail | ({"delegate": reply.delegate} if reply.delegate else {})


async def _take_bounce(tx: AsyncConnection, bounce: Bounce, at: datetime) -> Taken:
    mail = await queue.bounce(tx, bounce.message_ids, bounce.reason)
    if mail is None:
        return _nothing(say("It returns no mail that was sent from here and not returned before."))
    await audit.record(
        tx,
        ACTOR,
        "mail.bounced",
        str(mail.participant_id),
        event_id=mail.event_id,
        at=at,
        detail={"mail": mail.id, "address": mail.to_address, "reason": bounce.reason},
    )
    return Taken(
        Kind.BOUNCE,
        say(
            "The mail to {address} came back: {reason}",
            address=mail.to_address,
            reason=bounce.reason,
        ),
    )


def _nothing(why: Text) -> Taken:
    return Taken(Kind.NOTHING, say("Not for us: {why}", why=why))
