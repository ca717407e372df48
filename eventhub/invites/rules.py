"""Who gets an invitation by mail, and what is new to each of them since they were last told."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from eventhub.events.model import Attendance
from eventhub.invites.model import (
    Facts,
    Guest,
    Invitation,
    Item,
    Kind,
    Method,
    News,
    Plan,
    Seat,
)

from .choices import USUAL, Choices
from .insteads import NOBODY, Insteads

# A server that says "later" is asked again after these; then a person is asked.
BACK_OFF = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 120, 240, 480, 720))


def facts(item: Item, guest: Guest, attendance: Attendance, insteads: Insteads = NOBODY) -> Facts:
    """Return the session as this guest is told it: the room for who comes, the link for who joins."""
    on_site = attendance is Attendance.ONSITE
    return Facts(
        code=item.code,
        title=item.title,
        abstract=item.abstract,
        starts_at=item.starts_at,
        ends_at=item.ends_at,
        time_zone=item.time_zone,
        place=item.place if on_site else "",
        attendance=attendance,
        generation=0 if on_site else guest.generation,
        address=guest.address,
        delegated_to=insteads.who_for(guest.id, item.id),
        delegated_from=insteads.whom_for(guest.id, item.id),
    )


def moves(before: Facts, after: Facts) -> bool:
    """Whether time or place changed, so that the answer is asked for again (RFC 5546, 2.1.4)."""
    return (before.starts_at, before.ends_at, before.place, before.attendance) != (
        after.starts_at,
        after.ends_at,
        after.place,
        after.attendance,
    )


def news(
    items: Iterable[Item],
    seats: Iterable[Seat],
    guests: Mapping[int, Guest],
    held: Iterable[Invitation],
    *,
    choices: Choices = USUAL,
    insteads: Insteads = NOBODY,
) -> Plan:
    """Return what to tell `guests` so that they know the programme, as an organizer chose.

    In the order of `seats`, cancellations last. Nobody without an address is told anything. A draft that says what
    holds now stays; one that does not gives way to the difference to what its reader really knows. Who holds an
    invitation is told its changes also where nobody would be invited any more.
    """
    by_id = {item.id: item for item in items}
    reachable = {id: guest for id, guest in guests.items() if guest.address}
    threads = {(one.participant_id, one.session_id): one for one in held}
    plan = Plan([], [], 0)
    unchanged = 0
    for seat in seats:
        item, guest = by_id[seat.session_id], reachable.get(seat.participant_id)
        if item.is_cancelled or guest is None:
            continue
        key = (guest.id, item.id)
        if not (
            choices.invites(item.kind, seat.attendance) or holds(threads.get(key), seat.attendance)
        ):
            continue
        thread = threads.pop(key, None)
        now = facts(item, guest, seat.attendance, insteads)
        is_whole = insteads.is_whole(guest.id)
        step = _step(item, now, guest.id, thread, is_whole=is_whole)
        if step is not None and thread is not None and thread.is_draft:
            step = _step(item, now, guest.id, thread.earlier, is_whole=is_whole)
            if step is None:
                plan.withdrawn.append(thread)
        if step is None:
            unchanged += 1
        else:
            plan.news.append(step)
    _end(plan, threads.values(), by_id, reachable)
    return replace(plan, unchanged=unchanged)


def holds(one: Invitation | None, attendance: Attendance) -> bool:
    """Whether somebody has an invitation to attend this way."""
    known = one.known if one else None
    return (
        known is not None and known.method is Method.REQUEST and known.told.attendance is attendance
    )


def _step(
    item: Item, now: Facts, participant_id: int, held: Invitation | None, *, is_whole: bool
) -> News | None:
    if held is None:
        return News(Kind.REQUEST, participant_id, item.id, item.sequence, now)
    raised = max(held.sequence + 1, item.sequence)
    if held.method is Method.CANCEL:
        return News(Kind.REQUEST, participant_id, item.id, raised, now)
    if held.told == now.remembered() or (is_whole and _is_handed_over(held.told, now)):
        return None
    sequence = raised if moves(held.told, now) else held.sequence
    if held.told.address != now.address:
        # Whoever reads at the new address has not been invited there yet.
        return News(Kind.REQUEST, participant_id, item.id, sequence, now)
    return News(Kind.UPDATE, participant_id, item.id, sequence, now, held.told)


def _is_handed_over(told: Facts, now: Facts) -> bool:
    """Whether nothing is new but that somebody comes to everything: one mail in words says so, not one a session."""
    return told.delegated_to is None and told == replace(now, delegated_to=None).remembered()


def _end(
    plan: Plan, held: Iterable[Invitation], items: Mapping[int, Item], guests: Mapping[int, Guest]
) -> None:
    """Take back what is held of sessions that are cancelled or no longer theirs.

    A calendar ignores a message older than the copy it holds (RFC 5546, 2.1.5), so a cancellation is
    one more revision, never a repeat of the last.
    """
    for one in held:
        if one.method is Method.CANCEL or one.participant_id not in guests:
            continue
        known = one.known
        if known is None or known.method is Method.CANCEL:
            plan.withdrawn.append(one)
            continue
        item = items.get(one.session_id)
        plan.news.append(
            News(
                Kind.CANCEL,
                one.participant_id,
                one.session_id,
                max(known.sequence + 1, item.sequence if item else 0),
                known.told,
                is_off=item is None or item.is_cancelled,
            )
        )


def retry_after(attempts: int) -> timedelta | None:
    """Return how long to wait after so many attempts, None when it is enough."""
    return BACK_OFF[attempts - 1] if attempts <= len(BACK_OFF) else None
