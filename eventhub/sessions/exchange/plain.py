"""Texts that other programs keep as HTML, as plain text. Pure."""

import html
import re
from html.parser import HTMLParser

_ELEMENTS = (
    "a abbr article aside b big blockquote body br button center cite code dd del div dl dt em embed figcaption figure "
    "font footer form h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label li link main mark "
    "meta nav object ol p picture pre q s script section small source span strike strong style sub sup svg table "
    "tbody td template tfoot th thead title tr tt u ul var video"
).split()
_MARKUP = re.compile(rf"</?(?:{'|'.join(_ELEMENTS)})(?:\s[^<>]*)?/?>|<!--", re.IGNORECASE)
_BLOCKS = frozenset(
    "article aside blockquote center dd div dl dt figure footer form h1 h2 h3 h4 h5 h6 header hr main nav ol p pre "
    "section table tr ul".split()
)
# Calendars put links and bold words into texts whose lines are lines.
_BREAKING = re.compile(rf"</?(?:{'|'.join(sorted(_BLOCKS))}|br|li)\b", re.IGNORECASE)
_UNSEEN = frozenset(
    {"script", "style", "template", "head", "title", "iframe", "object", "svg", "video"}
)


def plain_text(text: str) -> str:
    """Return HTML as the text a reader would see; a text without markup as it is, its lines ended by \\n."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not _MARKUP.search(text):
        return text
    reader = _Reader(keeps_lines=not _BREAKING.search(text))
    reader.feed(text)
    reader.close()
    seen = re.sub(r"[ \t\u00a0]*\n[ \t\u00a0]*", "\n", "".join(reader.seen))
    return re.sub(r"\n{3,}", "\n\n", seen).strip()


def plain_line(text: str) -> str:
    """Return a heading as one line of plain text: entities read, markup taken off."""
    return " ".join(plain_text(html.unescape(text) if "&" in text else text).split())


class _Reader(HTMLParser):
    def __init__(self, *, keeps_lines: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._spaces = r"[ \t]+" if keeps_lines else r"\s+"
        self.seen: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._hidden += 1
        elif tag in _BLOCKS:
            self.seen.append("\n\n")
        elif tag == "br":
            self.seen.append("\n")
        elif tag == "li":
            self.seen.append("\n- ")
        elif tag in {"td", "th"}:
            self.seen.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _BLOCKS:
            self.seen.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.seen.append(re.sub(self._spaces, " ", data))
