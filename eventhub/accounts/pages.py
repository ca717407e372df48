"""Signing in and out."""

from urllib.parse import urlsplit

from aiohttp import web

from eventhub.errors import Invalid, Refusal, TooMany
from eventhub.web.access import public, signed_in
from eventhub.web.forms import posted
from eventhub.web.guard import LOGIN_COOKIE, cookie_name
from eventhub.web.keys import ADDRESS, CLOCK, SETTINGS, transaction
from eventhub.web.pages import page, see_other
from eventhub.wording import say

from . import actions

HOME = "/manage/"


@public
async def show_sign_in(request: web.Request) -> web.Response:
    """Show the form; `?next=` is where the user goes afterwards."""
    return await _form(request, email="", going=_inside(request.query.get("next", "")))


@public
async def sign_in(request: web.Request) -> web.Response:
    """Sign in, or show the form again without saying which of the two was wrong."""
    form = await posted(request)
    email, password = str(form.get("email", ""))[:254], str(form.get("password", ""))[:1000]
    going = _inside(str(form.get("next", "")))
    at = request.app[CLOCK].now()
    try:
        async with transaction(request) as tx:
            this_try = await actions.begin_try(tx, email, request[ADDRESS], at)
            user = await actions.find_user(tx, email)
        right = await actions.is_right_password(user[1] if user else None, password)
        if user is None or not right:
            raise Invalid.field("password", say("The e-mail address or the password is wrong."))
        async with transaction(request) as tx:
            await actions.forgive_try(tx, this_try)
            agent = request.headers.get("User-Agent", "")
            secret = await actions.open_login(tx, user[0], request[ADDRESS], agent, at)
    except (Invalid, TooMany) as refusal:
        response = await _form(request, email=email, going=going, refusal=refusal)
        if isinstance(refusal, TooMany):
            response.headers["Retry-After"] = str(refusal.retry_after)
        return response
    response = see_other(request, path=going)
    _set_cookie(request, response, secret)
    return response


@signed_in
async def sign_out(request: web.Request) -> web.Response:
    """Sign out and forget the cookie."""
    await posted(request)
    name = cookie_name(LOGIN_COOKIE, secure=request.app[SETTINGS].is_https)
    async with transaction(request) as tx:
        await actions.close_login(tx, request.cookies.get(name, ""))
    response = see_other(request, "accounts.sign_in")
    response.del_cookie(name, secure=request.app[SETTINGS].is_https)
    return response


async def _form(
    request: web.Request, *, email: str, going: str, refusal: Refusal | None = None
) -> web.Response:
    status = refusal.status if refusal else 200
    return await page(
        request, "accounts/sign_in.html", status=status, email=email, going=going, refusal=refusal
    )


def _set_cookie(request: web.Request, response: web.Response, secret: str) -> None:
    secure = request.app[SETTINGS].is_https
    response.set_cookie(
        cookie_name(LOGIN_COOKIE, secure=secure),
        secret,
        max_age=int(actions.LOGIN_LASTS.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=secure,
    )


def _inside(target: str) -> str:
    """Return a path of this site, or the start page for anything that could lead elsewhere."""
    parts = urlsplit(target)
    inside = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc
    return target if inside and target.isprintable() and "\\" not in target else HOME


ROUTES = [
    web.get("/manage/sign-in", show_sign_in, name="accounts.sign_in"),
    web.post("/manage/sign-in", sign_in, name="accounts.sign_in.post"),
    web.post("/manage/sign-out", sign_out, name="accounts.sign_out"),
]
