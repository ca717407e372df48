"""Languages: catalogues merged from one file per capability, and how each language writes days and moments."""

import gettext
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"
LANGUAGES = ("id", "en")
# WIB, WITA and WIT.
ARCHIPELAGO = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
INDONESIAN = frozenset({*ARCHIPELAGO, "Asia/Pontianak", "Asia/Ujung_Pandang"})


@lru_cache(maxsize=1)
def translations() -> dict[str, gettext.NullTranslations]:
    """Return the catalogue of each language; English is the language the messages are written in."""
    return {language: _load(language) for language in LANGUAGES}


def _load(language: str) -> gettext.NullTranslations:
    merged = Catalog(locale=language)
    for file in sorted((LOCALE / language).glob("*.po")):
        with file.open("rb") as source:
            catalogue = read_po(source, locale=language)
        # Babel counts plurals of "id" as English does; the file's own header knows better.
        merged.mime_headers = [("Plural-Forms", catalogue.plural_forms)]
        for message in catalogue:
            if message.id:
                merged[message.id] = message
    compiled = io.BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled) if len(merged) else gettext.NullTranslations()


@lru_cache(maxsize=64)
def _names(
    language: str,
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    locale = Locale(language)
    days, months = locale.days["format"], locale.months["format"]
    return (
        tuple(str(days["abbreviated"][i]) for i in range(7)),
        tuple(str(days["wide"][i]) for i in range(7)),
        tuple(str(months["abbreviated"][i]) for i in range(1, 13)),
        tuple(str(months["wide"][i]) for i in range(1, 13)),
    )


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    """Return an IANA zone, kept."""
    return ZoneInfo(name)


def beside(at: datetime, zone: ZoneInfo, *further: ZoneInfo | None) -> list[ZoneInfo]:
    """Return the zones whose clocks stand beside a moment of a zone, each other clock once.

    Where one zone of Indonesia is told its other two are, then `further` ones.
    """
    known = {at.astimezone(zone).utcoffset()}
    found = []
    others = map(zone_of, ARCHIPELAGO) if zone.key in INDONESIAN else ()
    for other in (*others, *filter(None, further)):
        offset = at.astimezone(other).utcoffset()
        if offset not in known:
            known.add(offset)
            found.append(other)
    return found


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: their language, and the zone in which moments are written for them."""

    language: str
    zone: ZoneInfo

    def gettext(self, message: str) -> str:
        return translations()[self.language].gettext(message)

    def ngettext(self, one: str, many: str, count: int) -> str:
        return translations()[self.language].ngettext(one, many, count)

    def day(self, value: date) -> str:
        """Write a day: `Kam 25 Feb 2021`."""
        days, _, months, _ = _names(self.language)
        return f"{days[value.weekday()]} {value.day} {months[value.month - 1]} {value.year}"

    def long_day(self, value: date) -> str:
        """Write a day in full: `Kamis, 25 Februari 2021`."""
        _, days, _, months = _names(self.language)
        return f"{days[value.weekday()]}, {value.day} {months[value.month - 1]} {value.year}"

    def clock(self, value: datetime, zone: ZoneInfo | None = None) -> str:
        """Write the time of day without its zone: `09.00` in Indonesian, `09:00` in English."""
        local = value.astimezone(zone or self.zone)
        separator = "." if self.language == "id" else ":"
        return f"{local.hour:02d}{separator}{local.minute:02d}"

    def zone_name(self, value: datetime, zone: ZoneInfo | None = None) -> str:
        """Name a zone as people there do: `WIB`, or `UTC+03:00` where it has no letters."""
        name = value.astimezone(zone or self.zone).strftime("%Z")
        return f"UTC{name[:3]}:{name[3:] or '00'}" if name[:1] in "+-" else name

    def moment(self, value: datetime, zone: ZoneInfo | None = None) -> str:
        """Write a moment with its zone: `Kam 25 Feb 2021, 09.00 WIB`."""
        local = value.astimezone(zone or self.zone)
        return f"{self.day(local.date())}, {self.clock(value, zone)} {self.zone_name(value, zone)}"

    def time_range(self, start: datetime, end: datetime, zone: ZoneInfo | None = None) -> str:
        """Write from when to when on one day: `09.00–10.30 WIB`; both zones where the clock changes between them."""
        before, after = self.zone_name(start, zone), self.zone_name(end, zone)
        if before != after:
            return f"{self.clock(start, zone)} {before} – {self.clock(end, zone)} {after}"
        return f"{self.clock(start, zone)}–{self.clock(end, zone)} {after}"

    def span(self, start: datetime, end: datetime, zone: ZoneInfo) -> str:
        """Write from when to when, with both days where it ends on another one."""
        if start.astimezone(zone).date() == end.astimezone(zone).date():
            return self.time_range(start, end, zone)
        return f"{self.moment(start, zone)} – {self.moment(end, zone)}"

    def span_beside(self, start: datetime, end: datetime, zone: ZoneInfo, home: ZoneInfo) -> str:
        """Write a span in a zone beside the same in `home`: with its day where that is another one there."""
        local = start.astimezone(zone).date()
        span = self.span(start, end, zone)
        same = local == start.astimezone(home).date() or local != end.astimezone(zone).date()
        return span if same else f"{self.day(local)}, {span}"

    def within(self, zone: ZoneInfo) -> "Reader":
        """Return the same reader in another zone."""
        return Reader(self.language, zone)


def choose(wishes: Iterable[str], offered: Iterable[str] = LANGUAGES) -> str | None:
    """Return the first wished language that is offered (`id-ID` asks for `id`), or None."""
    available = set(offered)
    for wish in wishes:
        language = wish.replace("_", "-").split("-")[0].lower()
        if language in available:
            return language
    return None


def accepted(header: str) -> list[str]:
    """Return the languages of an Accept-Language header, most wished first (RFC 9110, 12.5.4)."""
    weighted: list[tuple[float, int, str]] = []
    for position, part in enumerate(header[:500].split(",")):
        language, _, parameters = part.strip().partition(";")
        try:
            quality = float(parameters.strip().removeprefix("q=")) if parameters.strip() else 1.0
        except ValueError:
            continue
        if language and quality > 0:
            weighted.append((-quality, position, language.strip()))
    return [language for _, _, language in sorted(weighted)]
