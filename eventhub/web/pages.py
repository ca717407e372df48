"""Pages: the Jinja2 environments (one per language), what templates may use, and plain redirects."""

import secrets
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from eventhub.errors import Refusal
from eventhub.language import LANGUAGES, Reader, translations, zone_of
from eventhub.web.assets import STATIC, TEMPLATES
from eventhub.web.keys import CLOCK, CSRF, EVENT, PRINCIPAL, READER
from eventhub.wording import Text, render

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


def render_template(language: str, template: str, /, **values: Any) -> str:
    """Render a template in a language; `values` must hold all it uses."""
    return environment(language).get_template(template).render(**values)


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


@lru_cache(maxsize=len(LANGUAGES))
def environment(language: str) -> Environment:
    """Return the Jinja2 environment of a language."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    catalogue = translations()[language]
    env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the i18n extension
        catalogue.gettext, catalogue.ngettext, newstyle=True
    )
    env.globals["static"] = static
    env.globals["languages"] = LANGUAGES
    env.filters.update(
        moment=_moment,
        clock=_clock,
        day=_day,
        long_day=_long_day,
        zone_name=_zone_name,
        time_range=_time_range,
        text=_text,
    )
    return env


@lru_cache(maxsize=256)
def static(path: str) -> str:
    """Return the address of a static file with a mark of its content, so browsers may keep it for long."""
    mark = sha256((STATIC / path).read_bytes()).hexdigest()[:10]
    return f"/static/{path}?v={mark}"


def _reader(context: Context) -> Reader:
    reader = context["reader"]
    assert isinstance(reader, Reader)
    return reader


def _zone(zone: str | ZoneInfo | None) -> ZoneInfo | None:
    if isinstance(zone, str):
        return zone_of(zone) if zone else None
    return zone


@pass_context
def _moment(context: Context, value: datetime, zone: str | ZoneInfo | None = None) -> str:
    return _reader(context).moment(value, _zone(zone))


@pass_context
def _clock(context: Context, value: datetime, zone: str | ZoneInfo | None = None) -> str:
    return _reader(context).clock(value, _zone(zone))


@pass_context
def _zone_name(context: Context, value: datetime, zone: str | ZoneInfo | None = None) -> str:
    return _reader(context).zone_name(value, _zone(zone))


@pass_context
def _time_range(
    context: Context, start: datetime, end: datetime, zone: str | ZoneInfo | None = None
) -> str:
    return _reader(context).time_range(start, end, _zone(zone))


@pass_context
def _day(context: Context, value: date) -> str:
    return _reader(context).day(value)


@pass_context
def _long_day(context: Context, value: date) -> str:
    return _reader(context).long_day(value)


@pass_context
def _text(context: Context, value: Text | Refusal) -> str:
    return render(value.text if isinstance(value, Refusal) else value, _reader(context))


def new_csrf_seed() -> str:
    """Return a random seed for the forms of somebody who is not signed in."""
    return secrets.token_urlsafe(18)
