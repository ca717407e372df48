"""Badges to print: eight on a page of A4, with name, office, way to attend and the ticket as a vector picture."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Event
from eventhub.language import Reader
from eventhub.participants.tables import delegations, participants
from eventhub.participants.typesetting import typeset
from eventhub.wording import render, say

from . import badge, store
from .actions import TicketSecrets
from .handed import comes_on_site

SOURCE = """
#let data = json(bytes(sys.inputs.data))
#set document(title: data.title)
#set page(paper: "a4", margin: (x: 1cm, y: 1.2cm))
#set text(size: 9pt, lang: data.language, hyphenate: false)
#let card(badge) = box(
  width: 9.5cm, height: 6.6cm, inset: 0.5cm, stroke: (paint: luma(170), thickness: 0.4pt, dash: "dashed"),
  grid(
    columns: (1fr, 3.6cm), column-gutter: 0.3cm, rows: 100%,
    align(left + horizon)[
      #text(size: 7.5pt, fill: luma(90))[#data.title]
      #v(0.1cm)
      #text(size: if badge.name.len() > 60 { 9.5pt } else { 12pt }, weight: "bold")[#badge.name]
      #v(0.05cm)
      #badge.position \\
      #text(weight: "bold")[#badge.delegation]
      #v(0.1cm)
      #text(size: 8pt, fill: rgb("#0f6b5c"))[#badge.attendance]
    ],
    align(center + horizon, image(bytes(badge.picture), format: "svg", width: 3.6cm)),
  ),
)
#grid(columns: (9.5cm, 9.5cm), ..data.badges.map(card))
"""


@dataclass(frozen=True, slots=True)
class Badge:
    """What one badge says; `ticket` is the text of its QR code."""

    name: str
    position: str
    delegation: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose badges: everybody's on site, or of one delegation by its code, or of one participant."""

    delegation: str | None = None
    participant_id: int | None = None


EVERYBODY = Whose()


async def read_badges(
    tx: AsyncConnection, event: Event, whose: Whose, *, secrets: TicketSecrets
) -> list[Badge]:
    """Return the badges of who is on site and has a ticket, by delegation and name."""
    keys = await store.list_keys(tx, event.id)
    private = {id: secrets.sealer.unseal(key.sealed_private_key) for id, key in keys.items()}
    return [
        Badge(
            row.name,
            row.position,
            row.delegation,
            badge.write(
                private[row.key_id], key_id=row.key_id, event_id=event.id, number=row.number
            ),
        )
        for row in await tx.execute(_holders(event.id, whose))
    ]


async def list_offices(tx: AsyncConnection, event_id: int) -> list[tuple[str, str, int]]:
    """Return the delegations with somebody on site: code, name and how many, by name."""
    count = sa.func.count(participants.c.id)
    query = (
        sa.select(delegations.c.code, delegations.c.name, count)
        .join(participants, participants.c.delegation_id == delegations.c.id)
        .where(participants.c.event_id == event_id, comes_on_site())
        .group_by(delegations.c.id, delegations.c.code, delegations.c.name)
        .order_by(delegations.c.name)
    )
    return [(code, name, people) for code, name, people in await tx.execute(query)]


async def list_without_ticket(tx: AsyncConnection, event_id: int, whose: Whose) -> list[int]:
    """Return who attends on site and has no ticket yet."""
    rows = await tx.execute(
        _onsite(event_id, whose)
        .with_only_columns(participants.c.id)
        .outerjoin(store.live_tickets, store.live_tickets.c.participant_id == participants.c.id)
        .where(store.live_tickets.c.id.is_(None))
    )
    return list(rows.scalars())


async def typeset_badges(
    event: Event, badges: list[Badge], reader: Reader, drawn: Callable[[], object] = lambda: None
) -> bytes:
    """Return the badges as a PDF; `drawn` is called in another thread after each badge's code is drawn."""
    # Drawing takes some milliseconds a badge.
    data = await asyncio.to_thread(data_of, event, badges, reader, drawn)
    return await typeset(SOURCE, data)


def data_of(
    event: Event, badges: list[Badge], reader: Reader, drawn: Callable[[], object] = lambda: None
) -> dict[str, Any]:
    """Return what `SOURCE` reads."""
    attendance = render(say("On site"), reader)
    cards = []
    for one in badges:
        cards.append(_card(one, attendance))
        drawn()
    return {"title": event.title, "language": reader.language, "badges": cards}


def _card(one: Badge, attendance: str) -> dict[str, str]:
    return {
        "name": one.name,
        "position": one.position,
        "delegation": one.delegation,
        "attendance": attendance,
        "picture": badge.draw_quickly(one.ticket),
    }


def _onsite(event_id: int, whose: Whose) -> sa.Select[tuple[str, str, str]]:
    query = (
        sa.select(
            participants.c.name, participants.c.position, delegations.c.name.label("delegation")
        )
        .join(delegations, delegations.c.id == participants.c.delegation_id)
        .where(participants.c.event_id == event_id, comes_on_site())
        .order_by(delegations.c.name, participants.c.name, participants.c.id)
    )
    if whose.delegation is not None:
        query = query.where(delegations.c.code == whose.delegation)
    if whose.participant_id is not None:
        query = query.where(participants.c.id == whose.participant_id)
    return query


def _holders(event_id: int, whose: Whose) -> sa.Select[tuple[str, str, str, int, int]]:
    live = store.live_tickets
    return (
        _onsite(event_id, whose)
        .add_columns(live.c.key_id, live.c.number)
        .join(live, live.c.participant_id == participants.c.id)
    )
