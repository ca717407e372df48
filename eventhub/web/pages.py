"""Pages: templates rendered for a request, with their policy, and plain redirects."""

import secrets
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from markupsafe import Markup

from eventhub.language import Reader
from eventhub.web.keys import CLOCK, CSRF, EVENT, PRINCIPAL, READER
from eventhub.web.templates import render_template

CSP: Mapping[str, str] = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


async def page(
    request: web.Request,
    template: str,
    /,
    *,
    status: int = 200,
    csp: Mapping[str, str] | None = None,
    **values: Any,
) -> web.Response:
    """Render a template for the request's reader; `csp` adds sources to directives of the policy."""
    response = web.Response(
        text=rendered(request, template, **values), content_type="text/html", status=status
    )
    response.headers["Content-Security-Policy"] = policy(csp or {})
    response.headers["Content-Language"] = request[READER].language
    return response


def rendered(request: web.Request, template: str, /, **values: Any) -> str:
    """Render a template for the request's reader; blocks for milliseconds, so long pages are rendered in a thread."""
    reader = request[READER]
    return render_template(reader.language, template, **_context(request, reader), **values)


def policy(extra: Mapping[str, str]) -> str:
    """Return the Content-Security-Policy with further sources in some directives."""
    directives = dict(CSP)
    for name, sources in extra.items():
        base = directives.get(name, "'self'")
        directives[name] = f"{base} {sources}"
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def see_other(
    request: web.Request, route: str = "", /, *, path: str = "", **parts: object
) -> web.Response:
    """Send the browser on with GET, to a named route or a path of this site."""
    target = path or str(request.app.router[route].url_for(**{k: str(v) for k, v in parts.items()}))
    return web.Response(status=303, headers={"Location": target})


def _context(request: web.Request, reader: Reader) -> dict[str, Any]:
    return {
        "request": request,
        "reader": reader,
        "lang": reader.language,
        "event": request.get(EVENT),
        "who": request.get(PRINCIPAL),
        "now": request.app[CLOCK].now(),
        "clock_is_set": request.app[CLOCK].is_set,
        "path": request.path,
        "url": lambda route, /, **parts: _address(request, route, parts),
        "csrf_token": lambda: request[CSRF],
        "csrf_field": lambda: Markup('<input type="hidden" name="csrf" value="{}">').format(
            request[CSRF]
        ),
    }


def _address(request: web.Request, route: str, parts: Mapping[str, object]) -> str:
    """Build a route's address; `query={…}` becomes its query string."""
    query = parts.get("query")
    names = {key: str(value) for key, value in parts.items() if key != "query"}
    target = request.app.router[route].url_for(**names)
    if isinstance(query, Mapping):
        target = target.with_query({key: str(v) for key, v in query.items() if v not in (None, "")})
    return str(target)


def new_csrf_seed() -> str:
    """Return a random seed for the forms of somebody who is not signed in."""
    return secrets.token_urlsafe(18)
