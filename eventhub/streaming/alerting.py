"""Writes to an event's organizers when its YouTube channel was disconnected.

Not by the queue of invitations: see docs/decisions. Who was written to stands in the audit log.
"""

from html import escape

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.accounts.tables import roles, users
from eventhub.events import actions as events
from eventhub.events.model import Event
from eventhub.installation import Installation
from eventhub.language import Reader
from eventhub.mail.folder import Folder
from eventhub.mail.message import Letter, Mailbox, compose
from eventhub.mail.outcome import Fate
from eventhub.mail.smtp import Line, read_server
from eventhub.outbox import Job
from eventhub.web.access import Role
from eventhub.wording import render, say

from . import channels
from .problems import PROBLEMS


async def tell_organizers(installation: Installation, job: Job) -> None:
    """Mail the organizers; raises, so that it is tried again, when the mail server takes nothing now."""
    async with installation.database.reading() as tx:
        channel = await channels.find(tx, job.payload["channel"])
        if job.event_id is None or channel is None or channel.problem_code is None:
            return
        event = await events.get_event_by_id(tx, job.event_id)
        addresses = await _organizers(tx, event.id)
    fates = {}
    for number, address in enumerate(addresses):
        # The same job again writes the same message, which mail programs show once.
        name = f"channel-{job.id}-{number}"
        letter = _letter(installation, event, job.payload["problem"], address, name)
        fates[address] = await _hand_over(installation, f"{job.id:08d}-channel-{number}", letter)
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        await audit.record(
            tx, "eventhub", "channel.mailed", channel.title or channel.youtube_id,
            event_id=event.id, at=at, detail=fates,
        )  # fmt: skip


def _letter(installation: Installation, event: Event, code: str, address: str, name: str) -> Letter:
    settings, problem = installation.settings, PROBLEMS[code]
    reader = Reader(event.languages[0], event.zone)
    paragraphs = [
        render(problem.explanation, reader),
        render(problem.action, reader),
        render(say("Until then no broadcast is made, started or ended from here."), reader),
        f"{settings.base_url}/manage/{event.slug}/channels",
    ]
    subject = say("YouTube is disconnected: {event}", event=event.title)
    return Letter(
        sender=Mailbox(settings.mail_from, event.title),
        to=Mailbox(address),
        subject=render(subject, reader),
        text="\n\n".join(paragraphs) + "\n",
        html="".join(f"<p>{escape(each)}</p>" for each in paragraphs),
        message_id=f"{name}@{settings.mail_domain}",
        written_at=installation.clock.now(),
        language=reader.language,
    )


async def _hand_over(installation: Installation, name: str, letter: Letter) -> str:
    """Return what became of a letter, in one word and the server's own."""
    settings, message = installation.settings, compose(letter)
    if not settings.smtp_url:
        await Folder(settings.data / "mail").keep(name, message)
        return "kept"
    async with Line(read_server(settings.smtp_url)) as line:
        outcome = await line.hand_over(settings.mail_from, letter.to.address, message)
    if outcome.fate is Fate.LATER:
        raise RuntimeError(f"not taken now: {outcome.answer}")
    return f"{outcome.fate}: {outcome.answer}"


async def _organizers(tx: AsyncConnection, event_id: int) -> list[str]:
    """Return the addresses of the event's organizers; of the owners where it has none."""
    query = (
        sa.select(users.c.email)
        .join(roles, roles.c.user_id == users.c.id)
        .where(users.c.disabled_at.is_(None))
        .order_by(users.c.email)
    )
    own = query.where(roles.c.event_id == event_id, roles.c.role == Role.ORGANIZER)
    found = list((await tx.execute(own)).scalars())
    if found:
        return found
    owners = query.where(roles.c.event_id.is_(None), roles.c.role == Role.OWNER)
    return list((await tx.execute(owners)).scalars())
