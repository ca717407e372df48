"""What stands beside a session's player: documents, captions, a telephone number, YouTube's chat.

Kept by who runs broadcasts.
"""

from dataclasses import dataclass
from typing import Annotated

import sqlalchemy as sa
from aiohttp import web
from pydantic import Field, ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news
from eventhub.accounts import audit
from eventhub.errors import Fault, Invalid
from eventhub.web.access import Right, allow
from eventhub.web.faults import invalid
from eventhub.web.fields import Form, HttpUrl, Line, OptionalLine
from eventhub.web.filled import Filled, filled, text_fields
from eventhub.web.forms import posted
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, reading, transaction
from eventhub.web.pages import page, see_other
from eventhub.wording import say

from . import actions
from .tables import watch_aids

MOST_DOCUMENTS = 20


@dataclass(frozen=True, slots=True)
class Document:
    """A page or file elsewhere: slides, an agenda."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Aids:
    """`captions` says where captions are found, `dial_in` which number to call to hear it; "" when there are none."""

    documents: tuple[Document, ...] = ()
    captions: str = ""
    dial_in: str = ""
    shows_chat: bool = False


class DocumentForm(Form):
    label: Line
    url: HttpUrl


class AidsForm(Form):
    documents: Annotated[list[DocumentForm], Field(max_length=MOST_DOCUMENTS)] = Field(
        default_factory=list
    )
    captions: OptionalLine = ""
    dial_in: OptionalLine = ""
    shows_chat: bool = False


async def find(tx: AsyncConnection, session_id: int) -> Aids:
    """Return what stands beside a session's player."""
    query = sa.select(watch_aids).where(watch_aids.c.session_id == session_id)
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return Aids()
    documents = tuple(Document(**each) for each in row.documents)
    return Aids(documents, row.captions, row.dial_in, row.shows_chat)


async def save(tx: AsyncConnection, event_id: int, session_id: int, aids: AidsForm) -> None:
    """Keep what stands beside a session's player."""
    values = {"event_id": event_id, **aids.model_dump()}
    changed = await tx.execute(
        watch_aids.update().where(watch_aids.c.session_id == session_id).values(**values)
    )
    if not changed.rowcount:
        await tx.execute(watch_aids.insert().values(session_id=session_id, **values))


@allow(Right.BROADCASTS_READ)
async def show_aids(request: web.Request) -> web.StreamResponse:
    """Show the form."""
    async with reading(request) as tx:
        shown = await actions.get_shown(
            tx, request[EVENT].id, request.match_info["session"], request.app[CLOCK].now()
        )
        aids = await find(tx, shown.session_id)
    typed = {
        "documents": "\n".join(f"{each.label} {each.url}" for each in aids.documents),
        "captions": aids.captions,
        "dial_in": aids.dial_in,
        "shows_chat": aids.shows_chat,
    }
    return await _show(request, Filled(typed), saved="saved" in request.query)


@allow(Right.BROADCASTS_ACT)
async def change_aids(request: web.Request) -> web.StreamResponse:
    """Keep the form, or show what is wrong with it; open watch pages load it."""
    form = await posted(request)
    event, at, code = request[EVENT], request.app[CLOCK].now(), request.match_info["session"]
    try:
        wanted = _read(text_fields(form))
    except Invalid as refusal:
        return await _show(
            request, filled(text_fields(form), refusal, request[READER]), refusal.status
        )
    async with transaction(request) as tx:
        shown = await actions.get_shown(tx, event.id, code, at)
        await save(tx, event.id, shown.session_id, wanted)
        await news.tell(
            tx,
            "broadcast",
            {"session": code, "aids": True},
            event_id=event.id,
            at=at,
            session_id=shown.session_id,
        )
        who = request[PRINCIPAL]
        await audit.record(tx, who, "broadcast.page_changed", code, event_id=event.id, at=at)
    return see_other(request, path=f"{request.path}?saved=1")


def _read(typed: dict[str, str]) -> AidsForm:
    """Return the form; each line of `documents` ends with the address of what it names."""
    lines = [line.split() for line in typed.get("documents", "").splitlines() if line.strip()]
    documents = [{"label": " ".join(words[:-1]) or words[-1], "url": words[-1]} for words in lines]
    values = {
        "documents": documents,
        "captions": typed.get("captions", ""),
        "dial_in": typed.get("dial_in", ""),
        "shows_chat": "shows_chat" in typed,
    }
    try:
        return AidsForm.model_validate(values)
    except ValidationError as error:
        faults = {fault.field.partition(".")[0]: fault for fault in invalid(error).fields}
        raise Invalid(
            [Fault(name, fault.text) for name, fault in faults.items()],
            say("Some fields need correcting."),
        ) from error


async def _show(
    request: web.Request, form: Filled, status: int = 200, *, saved: bool = False
) -> web.Response:
    async with reading(request) as tx:
        shown = await actions.get_shown(
            tx, request[EVENT].id, request.match_info["session"], request.app[CLOCK].now()
        )
    return await page(
        request,
        "streaming/aids.html",
        status=status,
        shown=shown,
        form=form,
        saved=saved,
        may_act=request[PRINCIPAL].has(Right.BROADCASTS_ACT),
    )


_PATH = "/manage/{event}/live/sessions/{session}/page"

ROUTES = [
    web.get(_PATH, show_aids, name="streaming.aids"),
    web.post(_PATH, change_aids, name="streaming.change_aids"),
]
