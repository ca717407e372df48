"""A letter as an organizer reads it on a page: as it looks, as text, as it goes over the wire."""

import base64
import hashlib
import re
from html import escape
from typing import Any

from aiohttp import web

from eventhub.errors import Invalid
from eventhub.mail.message import Letter, compose
from eventhub.wording import Text

from .model import Mail

STYLE = re.compile(r'style="([^"]*)"')


def shown(mail: Mail, letter: Letter, tested: tuple[str, Text] | None = None) -> dict[str, Any]:
    """Return what the template of a mail shows; `tested`: the tone and text of what became of a test."""
    source, refusal = "", None
    try:
        source = compose(letter).decode("ascii")
    except Invalid as unusable:
        refusal = unusable
    return {
        "mail": mail,
        "letter": letter,
        "headers": source.partition("\r\n\r\n")[0],
        "source": source,
        "calendar": letter.calendar.body.decode() if letter.calendar else "",
        "refusal": refusal,
        "tested": tested,
    }


def body(letter: Letter) -> web.Response:
    """Return the HTML part for a frame.

    Mail keeps its styles on its elements; exactly those are allowed, each by its hash.
    """
    styles = {_hash(style) for style in STYLE.findall(letter.html)}
    response = web.Response(text=_with_pictures(letter), content_type="text/html")
    allowed = " ".join(sorted(styles))
    response.headers["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; img-src data:; "
        f"style-src 'unsafe-hashes' {allowed}; frame-ancestors 'self'"
    )
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _hash(style: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"


def _with_pictures(letter: Letter) -> str:
    html = letter.html
    for picture in letter.pictures:
        data = base64.b64encode(picture.png).decode()
        html = html.replace(f"cid:{escape(picture.name)}", f"data:image/png;base64,{data}")
    return html
