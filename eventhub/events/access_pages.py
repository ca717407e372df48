"""Who may do what in an event: users, API tokens, and the audit log."""

from typing import Annotated, Literal

from aiohttp import web
from pydantic import StringConstraints

from eventhub.accounts import actions as accounts
from eventhub.accounts import audit
from eventhub.errors import Invalid, Refusal
from eventhub.web.access import Right, Role, allow
from eventhub.web.fields import Email, Form, Line
from eventhub.web.filled import Filled, filled, text_fields
from eventhub.web.forms import posted, read_form
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, reading, transaction
from eventhub.web.pages import page, see_other
from eventhub.wording import say

PAGE = 100
NOTHING = Filled({})
EventRole = Literal["organizer", "gate", "health", "streaming", "viewer"]


class NewMember(Form):
    email: Email
    role: EventRole
    password: Annotated[str, StringConstraints(max_length=1000)] = ""
    may_override: bool = False


class NewToken(Form):
    name: Line
    role: EventRole


@allow(Right.EVENT_SETTINGS)
async def show_access(request: web.Request) -> web.Response:
    """List the users and the API tokens."""
    return await _page(request)


@allow(Right.EVENT_SETTINGS)
async def add_member(request: web.Request) -> web.Response:
    """Give a user a role here; a new user needs a first password."""
    form = await posted(request)
    event, at = request[EVENT], request.app[CLOCK].now()
    try:
        wanted = read_form(NewMember, form)
        async with reading(request) as tx:
            known = await accounts.find_user(tx, wanted.email)
        if known is None and not wanted.password:
            raise Invalid.field(
                "password", say("This user is new here and needs a first password.")
            )
        hashed = "" if known else await accounts.hashed(wanted.password)
        async with transaction(request) as tx:
            await accounts.add_user(
                tx, wanted.email, hashed, Role(wanted.role),
                event_id=event.id, at=at, may_override=wanted.may_override,
            )  # fmt: skip
    except Refusal as refusal:
        shown = filled(text_fields(form) | {"password": ""}, refusal, request[READER])
        return await _page(request, refusal.status, member=shown)
    return see_other(request, "events.access", event=event.slug)


@allow(Right.EVENT_SETTINGS)
async def remove_member(request: web.Request) -> web.Response:
    """Take a user's role here away."""
    form = await posted(request)
    event, at = request[EVENT], request.app[CLOCK].now()
    async with transaction(request) as tx:
        await accounts.remove_member(
            tx, str(form.get("email", "")), event_id=event.id, who=request[PRINCIPAL], at=at
        )
    return see_other(request, "events.access", event=event.slug)


@allow(Right.EVENT_SETTINGS)
async def add_token(request: web.Request) -> web.Response:
    """Make an API token and show its secret this once."""
    form = await posted(request)
    event, at = request[EVENT], request.app[CLOCK].now()
    try:
        wanted = read_form(NewToken, form)
        async with transaction(request) as tx:
            secret = await accounts.add_token(
                tx, wanted.name, Role(wanted.role), event_id=event.id, at=at
            )
    except Refusal as refusal:
        return await _page(
            request, refusal.status, token=filled(text_fields(form), refusal, request[READER])
        )
    return await _page(request, secret=secret, secret_of=wanted.name)


@allow(Right.EVENT_SETTINGS)
async def revoke_token(request: web.Request) -> web.Response:
    """Let a token be worth nothing from now on."""
    form = await posted(request)
    event, at = request[EVENT], request.app[CLOCK].now()
    async with transaction(request) as tx:
        await accounts.revoke_token(tx, str(form.get("name", "")), event_id=event.id, at=at)
    return see_other(request, "events.access", event=event.slug)


@allow(Right.EVENT_SETTINGS)
async def show_audit(request: web.Request) -> web.Response:
    """List who did what, newest first."""
    asked = request.query.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None
    async with reading(request) as tx:
        entries = await audit.list_entries(tx, request[EVENT].id, before, PAGE + 1)
    after = entries[PAGE - 1].id if len(entries) > PAGE else None
    with_health = request[PRINCIPAL].has(Right.HEALTH_READ)
    shown = [(entry, entry.told(with_health=with_health)) for entry in entries[:PAGE]]
    return await page(
        request, "events/audit.html", entries=shown, older=after, is_first=before is None
    )


async def _page(
    request: web.Request,
    status: int = 200,
    *,
    member: Filled = NOTHING,
    token: Filled = NOTHING,
    secret: str = "",
    secret_of: str = "",
) -> web.Response:
    event = request[EVENT]
    async with reading(request) as tx:
        members = await accounts.list_members(tx, event.id)
        tokens = await accounts.list_tokens(tx, event.id)
    return await page(
        request, "events/access.html", status=status, members=members, tokens=tokens,
        member=member, token=token, secret=secret, secret_of=secret_of,
    )  # fmt: skip


ROUTES = [
    web.get("/manage/{event}/access", show_access, name="events.access"),
    web.post("/manage/{event}/access/users", add_member, name="events.access.add"),
    web.post("/manage/{event}/access/users/remove", remove_member, name="events.access.remove"),
    web.post("/manage/{event}/access/tokens", add_token, name="events.tokens.add"),
    web.post("/manage/{event}/access/tokens/revoke", revoke_token, name="events.tokens.revoke"),
    web.get("/manage/{event}/audit", show_audit, name="events.audit"),
]
