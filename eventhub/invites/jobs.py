"""What happens after a release, and what is always looked after: telling what changed, mail that is due, answers."""

from datetime import datetime, timedelta

from eventhub import outbox
from eventhub.db.engine import lock_event
from eventhub.events import actions as events
from eventhub.installation import Installation
from eventhub.outbox import Job

from . import actions, farewell, handing_over, reminding, sending, tellings
from .fetching import fetch_answers

TELL = "invitations.tell"
# Releases in a row are told after so many merge windows at the latest.
LONGEST = 10


async def plan_notice(installation: Installation, job: Job) -> None:
    """After a release: tell those concerned once the merge window is over, or write drafts at once.

    A silent release tells nobody; it brings drafts that wait for approval up to date.
    """
    notify = job.payload["notify"]
    wait = installation.settings.notice_delay if notify == "now" else 0
    async with installation.database.transaction() as tx:
        waiting = [each.since for each in await tellings.list_tellings(tx, job.event_id, TELL)]
        since = min([*waiting, job.created_at]) if notify == "now" else job.created_at
        await outbox.add(
            tx,
            TELL,
            {
                "as_drafts": notify != "now",
                "only_drafts": notify == "none",
                "since": since.isoformat(),
            },
            event_id=job.event_id,
            at=installation.clock.now(),
            due_at=job.created_at + timedelta(seconds=wait),
        )


async def tell(installation: Installation, job: Job) -> None:
    """Queue what the last release changed. Done twice it queues nothing the second time.

    While another release came within the window it is left to that one's turn, so that edits in a row are told once;
    but not for ever.
    """
    if job.event_id is None:
        return
    at = installation.clock.now()
    window = timedelta(seconds=installation.settings.notice_delay)
    async with installation.database.transaction() as tx:
        event = await events.get_event_by_id(tx, job.event_id)
        await lock_event(tx, event.id)
        if not job.payload["as_drafts"]:
            waiting = await tellings.list_tellings(tx, event.id, TELL)
            followers = [each.id for each in waiting if each.id > job.id]
            if followers and at - datetime.fromisoformat(job.payload["since"]) < LONGEST * window:
                return
            await tellings.start_anew(tx, followers, at)
        await actions.tell_release(
            tx,
            event,
            at=at,
            domain=installation.settings.mail_domain,
            as_drafts=job.payload["as_drafts"],
            only_drafts=job.payload["only_drafts"],
        )


async def say_farewell(installation: Installation, job: Job) -> None:
    """After a participant was taken out: cancel what they hold."""
    if job.event_id is None:
        return
    async with installation.database.transaction() as tx:
        event = await events.get_event_by_id(tx, job.event_id)
        await farewell.take_leave(
            tx,
            event,
            job.payload["participant"],
            at=installation.clock.now(),
            domain=installation.settings.mail_domain,
        )


async def follow_people(installation: Installation, job: Job) -> None:
    """After somebody was named to come in another's place, or attends another way: tell both, if they were invited."""
    if job.event_id is None:
        return
    async with installation.database.transaction() as tx:
        event = await events.get_event_by_id(tx, job.event_id)
        principal, at = job.payload["principal"], installation.clock.now()
        domain = installation.settings.mail_domain
        if principal not in await actions.invited(tx, event.id):
            return
        among = {principal, *job.payload["participants"]}
        await actions.send_invitations(tx, event, at=at, domain=domain, among=among)
        if named := job.payload.get("named"):
            session = named["session"]
            await handing_over.tell(tx, event, principal, session, of=job.id, at=at, domain=domain)


async def remind(installation: Installation, job: Job) -> None:
    """Queue a reminder that is due."""
    if job.event_id is None:
        return
    async with installation.database.transaction() as tx:
        event = await events.get_event_by_id(tx, job.event_id)
        await reminding.queue_reminder(
            tx,
            event,
            job.payload["reminder"],
            at=installation.clock.now(),
            domain=installation.settings.mail_domain,
        )


JOBS = {
    "programme.released": (plan_notice,),
    "participant.removed": (say_farewell,),
    "participants.substituted": (follow_people,),
    "participants.switched": (follow_people,),
    TELL: (tell,),
    reminding.REMIND: (remind,),
}
_post = sending.Post()
ROUNDS = ((_post.send_due, 1.0), (fetch_answers, 60.0))
