"""Whom a release would concern. Who that is, those know who invite; the composition root brings them in."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Event
from eventhub.language import Reader

from .releases import Upcoming


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who would be told, and what, in words."""

    name: str
    office: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Concerned:
    """How many people would be told of the draft in how many mails, and the first of them."""

    people: int
    mails: int
    first: Sequence[Person]


# The last argument bounds how many people are named.
Ask = Callable[[AsyncConnection, Event, Upcoming, Reader, int], Awaitable[Concerned]]

CONCERNED: web.AppKey[Ask] = web.AppKey("concerned")
