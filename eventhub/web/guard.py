"""Who gets in: finds the event and the caller, holds them to the route's declaration, hardens every answer."""

from urllib.parse import quote

from aiohttp import web

from eventhub.errors import Forbidden, NotFound, Unsupported
from eventhub.events.model import Event
from eventhub.signing import Signer, digest
from eventhub.web.access import Access, Handler, Principal, declared
from eventhub.web.forms import check_origin
from eventhub.web.keys import (
    AUTHENTICATORS,
    CSRF,
    EVENT,
    FIND_EVENT,
    PRINCIPAL,
    READER,
    SETTINGS,
    UNCHANGED,
    reading,
)
from eventhub.web.language import in_event, reader_of, remember
from eventhub.web.pages import new_csrf_seed, policy, see_other
from eventhub.web.transfer import lighten
from eventhub.wording import say

LOGIN_COOKIE = "eventhub_login"
CSRF_COOKIE = "eventhub_form"
# Addresses that hold a secret, also when nothing answers there.
PERSONAL = ("/p/", "/j/", "/f/")


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a request through to a handler that declares who may call it."""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Unsupported(say("Send the body without compression."))
    if "\x00" in request.path or ("\x00" in request.query_string and not _is_api(request)):
        # PostgreSQL takes no text with this character, not even to look for it.
        raise NotFound(say("There is nothing at this address."))
    access = declared(request.match_info.handler)
    if request.match_info.http_exception is not None or request.path.startswith(
        ("/static/", "/api/v1/")
    ):
        # Nothing is there; files for all; or an operation, which admits its callers itself (tokens, no cookies).
        return await handler(request)
    if access is None:
        raise Forbidden(say("Nobody may call this."))
    refused = await _admit(request, access)
    return refused or await handler(request)


def _is_api(request: web.Request) -> bool:
    """Whether an operation reads the query, and names the field that is wrong."""
    return request.path.startswith("/api/v1/")


async def _admit(request: web.Request, access: Access) -> web.StreamResponse | None:
    slug = request.match_info.get("event")
    event, who = None, None
    if access.kind == "personal" and not slug:
        pass  # The token in the path says whose it is; a whole audience's beats come this way each minute.
    elif access.kind == "public" and not _shows_who_calls(request):
        event = await _kept_event(request, slug)
    else:
        event, who = await _event_and_caller(request, access, slug)
    if event is not None:
        request[EVENT] = event
        request[READER] = in_event(request, request[READER], event)
    if who is not None:
        request[PRINCIPAL] = who
    if access.kind == "personal" and request.method == "POST":
        check_origin(request)
    if access.kind in {"public", "personal", "device"}:
        if slug and event is None:
            raise NotFound(say("There is no such event."))
        return None
    if who is None:
        return _to_sign_in(request)
    _hold(access, who, event, slug)
    return None


def _shows_who_calls(request: web.Request) -> bool:
    login = cookie_name(LOGIN_COOKIE, secure=request.app[SETTINGS].is_https)
    return "Authorization" in request.headers or login in request.cookies


async def _kept_event(request: web.Request, slug: str | None) -> Event | None:
    """Return the event, without a statement while nothing was committed."""
    if not slug:
        return None
    find = request.app[FIND_EVENT]
    return await request.app[UNCHANGED].get(("event", slug), lambda tx: find(tx, slug))


async def _event_and_caller(
    request: web.Request, access: Access, slug: str | None
) -> tuple[Event | None, Principal | None]:
    async with reading(request) as tx:
        event = await request.app[FIND_EVENT](tx, slug) if slug else None
        who = None
        for authenticate in request.app[AUTHENTICATORS] if access.kind != "personal" else ():
            who = who or await authenticate(tx, request, event)
    return event, who


def _hold(access: Access, who: Principal, event: Event | None, slug: str | None) -> None:
    if slug and (event is None or who.event_id not in {None, event.id}):
        raise NotFound(say("There is no such event."))
    if access.right is not None and not who.has(access.right):
        raise Forbidden(say("Your role does not allow this. Please ask an organizer of the event."))


def _to_sign_in(request: web.Request) -> web.Response:
    back = quote(request.path_qs if request.method == "GET" else "/manage/", safe="/")
    return see_other(request, path=f"/manage/sign-in?next={back}")


@web.middleware
async def prepare(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request its reader and its form token; give the answer its headers."""
    request[READER] = reader_of(request)
    settings = request.app[SETTINGS]
    login = request.cookies.get(cookie_name(LOGIN_COOKIE, secure=settings.is_https))
    seed = request.cookies.get(CSRF_COOKIE)
    fresh = None if login or seed else new_csrf_seed()
    request[CSRF] = Signer(settings.secret, "csrf").derive(digest(login or seed or fresh or ""))
    response = await handler(request)
    harden(request, response)
    lighten(request, response, declared(request.match_info.handler))
    if not response.prepared:
        remember(request, response, secure=settings.is_https)
        if fresh and response.content_type == "text/html":
            response.set_cookie(
                CSRF_COOKIE, fresh, httponly=True, samesite="Lax", secure=settings.is_https
            )
    return response


def cookie_name(name: str, *, secure: bool) -> str:
    """Return a cookie's name; over https it is bound to this host (RFC 6265bis, 4.1.3.2)."""
    return f"__Host-{name}" if secure else name


def harden(request: web.Request, response: web.StreamResponse) -> None:
    """Give an answer the headers that all have; a handler that sends its answer bit by bit does so before the first."""
    headers = response.headers
    # Which versions run is nobody's business.
    headers["Server"] = "eventhub"
    headers.setdefault("Content-Security-Policy", policy({}))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
    if request.app[SETTINGS].is_https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    access = declared(request.match_info.handler)
    if request.path.startswith(PERSONAL) or (access is not None and access.kind == "personal"):
        headers["Referrer-Policy"] = "no-referrer"
        headers.setdefault("Cache-Control", "private, no-cache")
        headers["X-Robots-Tag"] = "noindex"
    else:
        headers.setdefault("Referrer-Policy", "same-origin")
        if access is not None and access.kind in {"right", "signed-in", "device"}:
            headers.setdefault("Cache-Control", "no-store")
        elif response.content_type == "text/html":
            # Its language and its form token are this reader's.
            headers.setdefault("Cache-Control", "private, no-cache")
