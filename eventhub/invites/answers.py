"""Taking in what came by mail: an answer counts or does not, a mail of ours came back; each in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.db.engine import lock_event
from eventhub.participants import actions as participants
from eventhub.wording import Text, say

from . import queue, reply_store, rules
from .inbox import Answer, Nothing
from .model import Bounce, Held, Reply

ACTOR = "mail"
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
    why_not = rules.why_not(held, reply) if held else say("The invitation is gone.")
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


async def _keep(tx: AsyncConnection, held: Held, answer: Answer, at: datetime) -> None:
    reply = answer.reply
    await participants.record_answer(tx, held.participant_id, held.session, reply.partstat, at=at)
    await reply_store.save_reply(tx, held, reply, at)
    await audit.record(
        tx,
        ACTOR,
        "rsvp.received",
        str(held.participant_id),
        event_id=held.event_id,
        at=at,
        detail=_detail(held, reply, answer.senders),
    )


def _detail(held: Held, reply: Reply, senders: tuple[str, ...]) -> dict[str, str]:
    detail = {
        "session": held.session,
        "before": held.answer.value,
        "answer": reply.partstat.value,
        "from": ", ".join(senders)[:300],
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
