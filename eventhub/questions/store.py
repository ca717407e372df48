"""Questions and polls: SQL in, model out."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import insert_row
from eventhub.participants.links import LinkClaim
from eventhub.participants.tables import delegations, participants
from eventhub.sessions.tables import sessions

from .model import Floor, Names, Poll, PollState, Question, State
from .tables import floors, poll_answers, polls, question_votes, questions

NOBODY = 0


async def find_reader(tx: AsyncConnection, claim: LinkClaim) -> tuple[int, str] | None:
    """Return the event and the language of whose personal page it is; None when the link was renewed."""
    query = sa.select(participants.c.event_id, participants.c.language).where(
        participants.c.id == claim.participant_id,
        participants.c.link_generation == claim.generation,
    )
    row = (await tx.execute(query)).one_or_none()
    return (row.event_id, row.language) if row else None


async def find_code(tx: AsyncConnection, session_id: int) -> str | None:
    """Return a session's code."""
    return (
        await tx.execute(sa.select(sessions.c.code).where(sessions.c.id == session_id))
    ).scalar_one_or_none()


async def find_floor(tx: AsyncConnection, session_id: int) -> Floor:
    """Return how a session takes questions; as by default when nobody chose."""
    found = (await tx.execute(sa.select(floors).where(floors.c.session_id == session_id))).first()
    if found is None:
        return Floor(session_id)
    return Floor(session_id, found.is_open, Names(found.names), found.may_be_anonymous)


async def save_floor(tx: AsyncConnection, event_id: int, floor: Floor) -> None:
    """Keep how a session takes questions."""
    values = {
        "event_id": event_id,
        "is_open": floor.is_open,
        "names": floor.names,
        "may_be_anonymous": floor.may_be_anonymous,
    }
    await _put(tx, floors, {"session_id": floor.session_id}, values)


async def await_counts(
    tx: AsyncConnection, event_id: int, session_id: int, *, at: datetime, due_at: datetime
) -> bool:
    """Note that new counts are to be told at a moment; False when they are awaited already."""
    floor = await find_floor(tx, session_id)
    await save_floor(tx, event_id, floor)
    noted = await tx.execute(
        floors.update()
        .where(
            floors.c.session_id == session_id,
            sa.or_(floors.c.counts_due_at.is_(None), floors.c.counts_due_at < at),
        )
        .values(counts_due_at=due_at)
    )
    return bool(noted.rowcount)


async def counts_told(tx: AsyncConnection, session_id: int) -> None:
    """Note that the counts are being told; what comes later is told anew."""
    await tx.execute(
        floors.update().where(floors.c.session_id == session_id).values(counts_due_at=None)
    )


async def insert_question(tx: AsyncConnection, values: dict[str, Any]) -> int:
    """Write a question that waits; return its id."""
    return await insert_row(tx, questions, values | {"state": State.WAITING, "is_pinned": False})


async def save_question(tx: AsyncConnection, question: Question) -> None:
    """Keep where a question stands."""
    await tx.execute(
        questions.update()
        .where(questions.c.id == question.id)
        .values(state=question.state, is_pinned=question.is_pinned)
    )


async def list_asked(tx: AsyncConnection, session_id: int, participant_id: int) -> list[datetime]:
    """Return when somebody asked in a session."""
    query = sa.select(questions.c.asked_at).where(
        questions.c.session_id == session_id, questions.c.participant_id == participant_id
    )
    return list((await tx.execute(query)).scalars())


async def list_questions(
    tx: AsyncConnection,
    session_id: int,
    *,
    reader: int = NOBODY,
    states: Collection[State] = (),
    limit: int,
) -> list[Question]:
    """Return a session's questions of some states (none named: all) and, of any state, those of a reader."""
    statement = _questions(reader).where(questions.c.session_id == session_id)
    if states:
        statement = statement.where(
            sa.or_(questions.c.state.in_(states), questions.c.participant_id == reader)
        )
    statement = statement.order_by(questions.c.id.desc()).limit(limit)
    return [_question(row, reader) for row in await tx.execute(statement)]


async def find_question(
    tx: AsyncConnection, session_id: int, question_id: int, *, reader: int = NOBODY
) -> Question | None:
    """Return one question of a session."""
    statement = _questions(reader).where(
        questions.c.session_id == session_id, questions.c.id == question_id
    )
    row = (await tx.execute(statement)).one_or_none()
    return _question(row, reader) if row else None


def _questions(reader: int) -> sa.Select[Any]:
    mine = sa.alias(question_votes)
    votes = (
        sa.select(sa.func.count())
        .where(question_votes.c.question_id == questions.c.id)
        .correlate(questions)
        .scalar_subquery()
    )
    return (
        sa.select(
            questions,
            participants.c.name,
            delegations.c.name.label("office"),
            votes.label("votes"),
            mine.c.participant_id.label("voted"),
        )
        .join_from(questions, participants, participants.c.id == questions.c.participant_id)
        .join(delegations, delegations.c.id == participants.c.delegation_id)
        .outerjoin(
            mine, sa.and_(mine.c.question_id == questions.c.id, mine.c.participant_id == reader)
        )
    )


def _question(row: Any, reader: int) -> Question:
    return Question(
        id=row.id,
        session_id=row.session_id,
        text=row.text,
        name=row.name,
        office=row.office,
        is_anonymous=row.is_anonymous,
        state=State(row.state),
        is_pinned=row.is_pinned,
        asked_at=row.asked_at,
        votes=row.votes,
        is_mine=row.participant_id == reader,
        is_voted=row.voted is not None,
    )


async def vote(tx: AsyncConnection, question_id: int, participant_id: int, *, wanted: bool) -> None:
    """Let somebody's one vote stand or not."""
    key = {"question_id": question_id, "participant_id": participant_id}
    if wanted:
        await _put(tx, question_votes, key, {})
    else:
        await tx.execute(question_votes.delete().filter_by(**key))


async def insert_poll(tx: AsyncConnection, values: dict[str, Any]) -> int:
    """Write a poll that is not open yet; return its id."""
    return await insert_row(tx, polls, values | {"state": PollState.DRAFT})


async def set_poll_state(tx: AsyncConnection, poll_id: int, state: PollState) -> None:
    await tx.execute(polls.update().where(polls.c.id == poll_id).values(state=state))


async def delete_poll(tx: AsyncConnection, poll_id: int) -> None:
    await tx.execute(polls.delete().where(polls.c.id == poll_id))


async def list_polls(
    tx: AsyncConnection, session_id: int, *, reader: int = NOBODY, poll_id: int | None = None
) -> list[Poll]:
    """Return a session's polls with their answers counted, the newest first; or the one asked for."""
    statement = sa.select(polls).where(polls.c.session_id == session_id)
    if poll_id is not None:
        statement = statement.where(polls.c.id == poll_id)
    rows = (await tx.execute(statement.order_by(polls.c.id.desc()))).all()
    ids = [row.id for row in rows]
    counting = (
        sa.select(poll_answers.c.poll_id, poll_answers.c.choice, sa.func.count())
        .where(poll_answers.c.poll_id.in_(ids))
        .group_by(poll_answers.c.poll_id, poll_answers.c.choice)
    )
    counts = {(poll, choice): count for poll, choice, count in await tx.execute(counting)}
    own = sa.select(poll_answers.c.poll_id, poll_answers.c.choice).where(
        poll_answers.c.poll_id.in_(ids), poll_answers.c.participant_id == reader
    )
    mine = {row.poll_id: row.choice for row in await tx.execute(own)}
    return [
        Poll(
            id=row.id,
            session_id=row.session_id,
            text=row.text,
            choices=tuple(row.choices),
            state=PollState(row.state),
            counts=tuple(counts.get((row.id, number), 0) for number in range(len(row.choices))),
            mine=mine.get(row.id),
        )
        for row in rows
    ]


async def answer_poll(tx: AsyncConnection, poll_id: int, participant_id: int, choice: int) -> None:
    """Keep somebody's one answer; a later one replaces it."""
    key = {"poll_id": poll_id, "participant_id": participant_id}
    await _put(tx, poll_answers, key, {"choice": choice})


async def _put(
    tx: AsyncConnection, table: sa.Table, key: dict[str, Any], values: dict[str, Any]
) -> None:
    """Write a row, or its values where there is one with this key."""
    make = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    statement = make(table).values(**key, **values)
    if values:
        written = statement.on_conflict_do_update(index_elements=list(key), set_=values)
    else:
        written = statement.on_conflict_do_nothing(index_elements=list(key))
    await tx.execute(written)
