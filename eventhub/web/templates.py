"""The Jinja2 environments, one per language, and what templates may use. Knows no requests."""

from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from eventhub.errors import Refusal
from eventhub.language import LANGUAGES, Reader, translations, zone_of
from eventhub.web.assets import STATIC, TEMPLATES
from eventhub.wording import Text, render


def render_template(language: str, template: str, /, **values: Any) -> str:
    """Render a template in a language; `values` must hold all it uses."""
    return environment(language).get_template(template).render(**values)


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
