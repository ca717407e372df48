"""What one step of the plan does on YouTube."""

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from eventhub.events.model import Event
from eventhub.installation import Installation

from . import encoder_store, marker, rules, store
from .connection import Studio
from .encoders import stream_for
from .inserting import adopt, insert, intend, look_for, record
from .model import Broadcast, Wanted
from .quota import Purpose
from .remote import Draft, RemoteBroadcast
from .rules import Does, Step
from .trouble import Problem, Retry, YouTubeTrouble


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    UNCHANGED = "unchanged"


async def perform(studio: Studio, step: Step) -> Outcome:
    """Do a step, or raise YouTubeTrouble; what stopped it is kept with the broadcast for the organizer to see."""
    try:
        outcome = await _do(studio, step)
        for double in step.doubles:
            await studio.steadily(delete, studio, double.id)
    except YouTubeTrouble as trouble:
        await keep_problems(studio.installation, studio.event, [step], trouble.problem)
        raise
    return outcome


async def delete(studio: Studio, youtube_id: str) -> None:
    """Delete a broadcast; one that is gone already is as good."""
    try:
        await studio.channel.delete_broadcast(youtube_id)
    except YouTubeTrouble as trouble:
        if trouble.problem.retry is not Retry.GONE:
            raise


async def sweep(studio: Studio) -> None:
    """Delete doubles that an insert whose answer was lost made late."""
    async with studio.installation.database.reading() as tx:
        recorded = await store.list_broadcasts(tx, studio.event.id)
    remote = await studio.steadily(studio.channel.list_broadcasts)
    for row in recorded:
        for double in rules.mine(row, remote)[1:]:
            if double.life_cycle in rules.NOT_BEGUN:
                await studio.steadily(delete, studio, double.id)


async def keep_problems(
    installation: Installation, event: Event, steps: Iterable[Step], problem: Problem
) -> None:
    """Keep what stopped steps with their broadcasts, for the organizer to see."""
    async with installation.database.transaction() as tx:
        known = {row.session_id: row for row in await store.list_broadcasts(tx, event.id)}
        for step in steps:
            subject = step.wanted or step.recorded
            assert subject is not None
            row = known.get(subject.session_id)
            if row is None and step.wanted is not None:
                row = await record(tx, event, step.wanted)
            if row is not None:
                noted = replace(row, problem_code=problem.code)
                await store.save_broadcast(tx, noted, installation.clock.now())


async def _do(studio: Studio, step: Step) -> Outcome:
    if step.does is Does.CREATE:
        assert step.wanted is not None
        return await _create(studio, step.wanted, step.recorded)
    if step.does is Does.SETTLE:
        return await _settle(studio, step)
    if step.does is Does.NOTHING:
        return Outcome.UNCHANGED
    return await _remove(studio, step)


async def _create(studio: Studio, wanted: Wanted, row: Broadcast | None) -> Outcome:
    at = studio.installation.clock.now()
    in_doubt = row is not None and row.tried_at is not None and row.tried_at > at - rules.FRESH
    row = await intend(studio, wanted, row, at)
    draft = _draft(studio, wanted, row, None)
    remote = await look_for(studio, row) if in_doubt else None
    remote = remote or await insert(studio, row, draft)
    row = await adopt(studio, row, remote, draft)
    await _bind(studio, wanted, row, remote)
    return Outcome.CREATED


async def _bind(studio: Studio, wanted: Wanted, row: Broadcast, remote: RemoteBroadcast) -> bool:
    """Tie the broadcast to its encoder's stream where that is still to do; one deleted elsewhere is made anew."""
    encoder = await stream_for(studio, wanted.encoder, wanted.encoder_name)
    assert encoder.stream_id is not None
    if not rules.must_bind(remote, encoder.stream_id):
        return False
    try:
        bound = await studio.steadily(studio.channel.bind, remote.id, encoder.stream_id)
    except YouTubeTrouble as trouble:
        if trouble.problem.code != "liveStreamNotFound":
            raise
        async with studio.installation.database.transaction() as tx:
            await encoder_store.save_encoder(tx, replace(encoder, stream_id=None))
        encoder = await stream_for(studio, wanted.encoder, wanted.encoder_name)
        assert encoder.stream_id is not None
        bound = await studio.steadily(studio.channel.bind, remote.id, encoder.stream_id)
    tied = replace(row, stream_id=encoder.stream_id, state=rules.state_of(bound.life_cycle))
    async with studio.installation.database.transaction() as tx:
        await store.save_broadcast(tx, tied, studio.installation.clock.now())
    return True


async def _settle(studio: Studio, step: Step) -> Outcome:
    wanted, row, remote = step.wanted, step.recorded, step.remote
    assert wanted is not None
    assert row is not None
    assert remote is not None
    is_new = row.youtube_id is None
    draft = _draft(studio, wanted, row, remote)
    must_update = rules.must_update(remote, row, draft)
    if must_update:
        written = replace(draft, description=rules.description_after(remote, row, draft))
        # Changes wait where units are short; setting up does not.
        channel = studio.charged_to(Purpose.EXTRAS).channel if not is_new else studio.channel
        privacy = rules.must_write_privacy(row, draft)
        try:
            remote = await studio.steadily(
                channel.update_broadcast, remote.id, written, with_privacy=privacy
            )
        except YouTubeTrouble as trouble:
            if trouble.problem.retry is not Retry.GONE:
                raise
            return await _create(studio, wanted, row)
    row = await adopt(studio, row, remote, draft)
    is_bound = await _bind(studio, wanted, row, remote)
    if is_new:
        return Outcome.CREATED
    return Outcome.UPDATED if must_update or is_bound else Outcome.UNCHANGED


async def _remove(studio: Studio, step: Step) -> Outcome:
    assert step.recorded is not None
    if step.remote is not None:
        await studio.steadily(delete, studio, step.remote.id)
    async with studio.installation.database.transaction() as tx:
        await store.delete_broadcast(tx, step.recorded, studio.installation.clock.now())
    return Outcome.DELETED if step.remote is not None else Outcome.UNCHANGED


def _draft(studio: Studio, wanted: Wanted, row: Broadcast, remote: RemoteBroadcast | None) -> Draft:
    page = f"{studio.installation.settings.base_url}/{studio.event.slug}/watch/{wanted.code}"
    starts_at, ends_at = rules.schedule(wanted, remote, studio.installation.clock.now())
    draft = marker.draft_of(wanted, row.marker, page)
    return replace(draft, starts_at=starts_at, ends_at=ends_at)
