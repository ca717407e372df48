"""Writes to an event's organizers when its YouTube channel was disconnected."""

from html import escape

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts.tables import roles, users
from eventhub.events import actions as events
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
    reader = Reader(event.languages[0], event.zone)
    problem = PROBLEMS[job.payload["problem"]]
    page = f"{installation.settings.base_url}/manage/{event.slug}/channels"
    subject = say("YouTube is disconnected: {event}", event=event.title)
    paragraphs = [
        render(problem.explanation, reader),
        render(problem.action, reader),
        render(say("Until then no broadcast is made, started or ended from here."), reader),
        page,
    ]
    for number, address in enumerate(addresses):
        letter = Letter(
            sender=Mailbox(installation.settings.mail_from, event.title),
            to=Mailbox(address),
            subject=render(subject, reader),
            text="\n\n".join(paragraphs) + "\n",
            html="".join(f"<p>{escape(each)}</p>" for each in paragraphs),
            # The same job again writes the same message, which mail programs show once.
            message_id=f"channel-{job.id}-{number}@{installation.settings.mail_domain}",
            written_at=installation.clock.now(),
            language=reader.language,
        )
        await _hand_over(installation, f"{job.id:08d}-channel-{number}", letter)


async def _hand_over(installation: Installation, name: str, letter: Letter) -> None:
    settings, message = installation.settings, compose(letter)
    if not settings.smtp_url:
        await Folder(settings.data / "mail").keep(name, message)
        return
    async with Line(read_server(settings.smtp_url)) as line:
        outcome = await line.hand_over(settings.mail_from, letter.to.address, message)
    if outcome.fate is Fate.LATER:
        raise RuntimeError(f"not taken now: {outcome.answer}")


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
