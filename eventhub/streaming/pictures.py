"""The picture of a broadcast: the one an organizer gave, or a card with the session's title drawn here.

YouTube takes JPEG and PNG of 1280 x 720 and more, and below 2 MB from every channel.
"""

import asyncio
import io
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import sha256

import sqlalchemy as sa
from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import Invalid
from eventhub.events.model import Event
from eventhub.participants.typesetting import draw
from eventhub.wording import say

from .connection import Studio
from .model import Wanted
from .tables import thumbnails

SIZE = (1280, 720)
LARGEST_BYTES = 2_000_000
_SMALLEST = (640, 360)
_MOST_PIXELS = 50_000_000
_QUALITIES = (90, 80, 65)

# Raised when the drawing changes, so that cards are set again.
_DRAWING = 1

_CARD = """
#let card = json(bytes(sys.inputs.data))
#set page(width: 1280pt, height: 720pt, margin: (x: 88pt, y: 80pt), fill: rgb("#0f141a"))
#set text(fill: rgb("#e8ecf1"), size: 34pt, font: "Libertinus Serif")
#place(top + left, dx: -88pt, dy: -80pt, rect(width: 18pt, height: 720pt, fill: rgb("#0b5cad")))
#text(fill: rgb("#8abcf5"), size: 34pt, card.event)
#v(1fr)
#block(width: 100%)[#set par(leading: 0.45em); #text(size: card.size * 1pt, weight: "bold", card.title)]
#v(1fr)
#text(fill: rgb("#a9b4c0"), card.below)
"""


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on a drawn picture, all in one line each but the title."""

    event: str
    title: str
    below: str

    @property
    def digest(self) -> str:
        """What tells whether the picture on YouTube is still this one."""
        return sha256(repr((_DRAWING, asdict(self))).encode()).hexdigest()

    @property
    def size(self) -> int:
        """The title's size in points, so that 200 characters still find room."""
        return next(
            (size for size, most in ((88, 40), (68, 90), (52, 150)) if len(self.title) <= most), 42
        )


def card_of(wanted: Wanted, event: Event) -> Card:
    """Return the card of a session: no time stands on it, so that a moved session keeps its picture."""
    below = " · ".join(each for each in (wanted.room_name, wanted.track) if each)
    return Card(event.title, wanted.title, below)


@lru_cache(maxsize=64)
def drawn(card: Card) -> bytes:
    """Return a card as a PNG of some 30 KB."""
    return draw(_CARD, {**asdict(card), "size": card.size})


def fitted(content: bytes) -> bytes:
    """Return an uploaded picture as a JPEG of 1280 x 720 below 2 MB, cropped where it must be, or raise Invalid.

    Written anew, it carries neither the place nor the camera it was taken with.
    """
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as opened:
            width, height = opened.size
            if width * height > _MOST_PIXELS:
                raise Invalid.field("picture", say("This picture has too many points."))
            if width < _SMALLEST[0] or height < _SMALLEST[1]:
                text = say("This picture is too small: it needs at least 640 × 360 points.")
                raise Invalid.field("picture", text)
            upright = ImageOps.exif_transpose(opened).convert("RGB")
            picture = ImageOps.fit(upright, SIZE, Image.Resampling.LANCZOS)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise Invalid.field("picture", say("This is not a JPEG or PNG picture.")) from error
    for quality in _QUALITIES:
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() < LARGEST_BYTES:
            break
    return out.getvalue()


async def read(studio: Studio, wanted: Wanted) -> tuple[bytes, str]:
    """Return a session's picture and its media type."""
    async with studio.installation.database.reading() as tx:
        given = await find_given(tx, wanted.session_id)
    if given is not None:
        return given, "image/jpeg"
    card = card_of(wanted, studio.event)
    return await asyncio.to_thread(drawn, card), "image/png"


async def list_given(tx: AsyncConnection, event_id: int) -> dict[int, str]:
    """Return the digests of the pictures given by organizers, by session id."""
    query = sa.select(thumbnails.c.session_id, thumbnails.c.digest)
    rows = await tx.execute(query.where(thumbnails.c.event_id == event_id))
    return {row.session_id: row.digest for row in rows}


async def find_given(tx: AsyncConnection, session_id: int) -> bytes | None:
    """Return the picture that was given for a session."""
    query = sa.select(thumbnails.c.picture).where(thumbnails.c.session_id == session_id)
    return (await tx.execute(query)).scalar()


async def give(tx: AsyncConnection, event_id: int, session_id: int, picture: bytes) -> None:
    """Keep a picture, as `fitted` returns it, for a session."""
    await take_out(tx, session_id)
    await tx.execute(
        thumbnails.insert().values(
            session_id=session_id,
            event_id=event_id,
            picture=picture,
            digest=sha256(picture).hexdigest(),
        )
    )


async def take_out(tx: AsyncConnection, session_id: int) -> None:
    """Forget the picture of a session: a drawn one takes its place."""
    await tx.execute(thumbnails.delete().where(thumbnails.c.session_id == session_id))
