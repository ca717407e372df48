"""Columns of a list of people: finds them by their headers, in Indonesian or English, and reads their cells."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from eventhub.errors import Invalid
from eventhub.events.model import Attendance
from eventhub.wording import Text, say

from .spreadsheet import Row

HEADERS = {
    "name": "name|nama|full name|participant|peserta|nama lengkap|nama peserta|nama dan gelar|"
    "nama lengkap dan gelar|nama lengkap gelar|nama gelar",
    "position": "position|jabatan|job title|role|jabatan peserta|nama jabatan",
    "delegation": "delegation|delegasi|instansi|asal instansi|nama instansi|office|agency|organisation|"
    "organization|institution|lembaga|kementerian lembaga|perangkat daerah|opd|unit kerja|organisasi",
    "province": "province|provinsi|propinsi|asal provinsi|nama provinsi",
    "email": "email|e mail|email address|e mail address|surel|alamat surel|alamat email|alamat e mail|pos el",
    "phone": "phone|phone number|mobile|mobile phone|telephone|telepon|no telepon|nomor telepon|telp|no telp|"
    "hp|no hp|nomor hp|nohp|handphone|no handphone|nomor handphone|ponsel|no ponsel|nomor ponsel|wa|no wa|"
    "nomor wa|whatsapp|no whatsapp|nomor whatsapp|telepon hp|no telp hp|no hp wa",
    "attendance": "attendance|kehadiran|cara hadir|bentuk kehadiran|moda kehadiran|jenis kehadiran|"
    "attendance mode|mode|moda|how attending",
    "language": "language|bahasa|preferred language|lang",
    "in_place_of": "in place of|on behalf of|representing|mewakili|menggantikan|atas nama",
}
FIELDS = {header: field for field, headers in HEADERS.items() for header in headers.split("|")}
ATTENDANCE = {
    Attendance.ONSITE: "onsite|on site|in person|offline|face to face|physical|luring|tatap muka|di tempat|"
    "hadir langsung|langsung|hadir di tempat|fisik|luar jaringan",
    Attendance.MEETING: "meeting|online|online meeting|video|video meeting|video conference|videoconference|"
    "virtual|zoom|zoom meeting|teams|google meet|meet|webex|daring|dalam jaringan|rapat|rapat daring|"
    "rapat virtual|vicon|vidcon|konferensi video",
    Attendance.STREAM: "stream|streaming|live stream|livestream|live streaming|watch|view|view only|"
    "youtube|siaran|siaran langsung|menonton|tayangan",
}
ATTENDANCES = {word: way for way, words in ATTENDANCE.items() for word in words.split("|")}
LANGUAGE = {
    "id": "id|ind|indonesia|indonesian|bahasa indonesia|bahasa",
    "en": "en|eng|english|inggris|bahasa inggris",
}
LANGUAGES = {word: code for code, words in LANGUAGE.items() for word in words.split("|")}
HEADER_WITHIN = 20
LENGTHS = {"email": 254, "phone": 40}
EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
)
PHONE_DIGITS = 9
T = TypeVar("T")
PHONE = re.compile(r"\+?[0-9(][0-9 ()./,;+-]{2,}(?: ?(?:ext|x)\.? ?\d+)?")


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong in one row: `row` as the spreadsheet shows it, `field` as the contract names it."""

    row: int
    field: str
    reason: Text


@dataclass(frozen=True, slots=True)
class Wish:
    """What one row says about a person; "" or None where it says nothing."""

    row: int
    name: str = ""
    position: str = ""
    delegation: str = ""
    province: str = ""
    email: str = ""
    phone: str = ""
    attendance: Attendance | None = None
    language: str = ""
    in_place_of: str = ""


class _Wrong(Exception):
    """A cell that cannot be taken, and why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


def read_wishes(rows: Sequence[Row]) -> tuple[list[Wish], list[RowFault]]:
    """Return what each row below the header says, and the rows that cannot be read.

    Raises Invalid when no row near the top names a column for the name, or one column is named twice.
    """
    at, columns = _find_header(rows)
    wishes: list[Wish] = []
    faults: list[RowFault] = []
    for row in rows[at + 1 :]:
        cells = {field: row.cells[i] for field, i in columns.items() if i < len(row.cells)}
        if not any(map(plain, cells.values())):
            continue
        wish, wrong = _read_row(row.number, cells)
        if wrong:
            faults.extend(wrong)
        else:
            wishes.append(wish)
    return wishes, faults


def plain(text: str) -> str:
    """Return a text on one line, composed (NFC), with single spaces; a lone dash says nothing."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    return "" if text in {"-", "–", "—"} else text


def folded(text: str) -> str:
    """Return the form in which names are compared: case and spaces do not matter."""
    return plain(unicodedata.normalize("NFKC", text)).casefold()


def _find_header(rows: Sequence[Row]) -> tuple[int, dict[str, int]]:
    found = [(index, _columns(row)) for index, row in enumerate(rows[:HEADER_WITHIN])]
    for index, columns in found:
        if "name" in columns and (len(columns) > 1 or index == 0):
            _refuse_repeated(rows[index], columns)
            return index, {field: places[0] for field, places in columns.items()}
    raise Invalid.field(
        "name",
        say('The file has no column for the name. Call it "Nama" or "Name" in the first row.'),
    )


def _columns(row: Row) -> dict[str, list[int]]:
    columns: dict[str, list[int]] = {}
    for index, cell in enumerate(row.cells):
        if field := _field(cell):
            columns.setdefault(field, []).append(index)
    return columns


def _refuse_repeated(row: Row, columns: dict[str, list[int]]) -> None:
    for field, places in columns.items():
        if len(places) > 1:
            raise Invalid.field(
                field,
                say(
                    "The columns “{first}” and “{second}” mean the same. Take one out.",
                    first=plain(row.cells[places[0]]),
                    second=plain(row.cells[places[1]]),
                ),
            )


def _field(header: str) -> str | None:
    return _meaning(header, FIELDS)


def _meaning(text: str, words: Mapping[str, T]) -> T | None:
    """Return what a text means among known words; "Nama / Name (wajib)" means the same as "nama"."""
    if known := words.get(_words(text)):
        return known
    bare = re.sub(r"\([^)]*\)", " ", text)
    parts = {words.get(_words(part)) for part in re.split(r"[/|\n]", bare)}
    return parts.pop() if len(parts) == 1 else None


def _words(text: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text).casefold()).split())


def _read_row(number: int, cells: dict[str, str]) -> tuple[Wish, list[RowFault]]:
    values: dict[str, Any] = {}
    wrong: list[RowFault] = []
    for field, cell in cells.items():
        try:
            values[field] = _read_cell(field, cell)
        except _Wrong as error:
            wrong.append(RowFault(number, field, error.reason))
    if not values.get("name") and "name" not in {fault.field for fault in wrong}:
        wrong.append(RowFault(number, "name", say("Write the person's name.")))
    wrong.sort(key=lambda fault: list(HEADERS).index(fault.field))
    return Wish(number, **values), wrong


def _read_cell(field: str, cell: str) -> str | Attendance | None:
    text = plain(cell)
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in text):
        raise _Wrong(say("The cell holds a control character. Type it again."))
    limit = LENGTHS.get(field, 200)
    if len(text) > limit:
        raise _Wrong(say("The cell has more than {limit} characters.", limit=limit))
    reader = READERS.get(field)
    return reader(text) if reader else text


def _read_email(text: str) -> str:
    text = text.removeprefix("mailto:")
    if text and not EMAIL.fullmatch(text):
        raise _Wrong(say("“{text}” is no e-mail address.", text=text))
    return text


def _read_phone(text: str) -> str:
    """Return a phone number as text; what a spreadsheet made a number of (8.12E+09) in digits."""
    text = text.removeprefix("'")
    if re.fullmatch(r"\d+(\.0+)?", text):
        text = text.partition(".")[0]
    elif re.fullmatch(r"\d[.,]\d+E\+?\d{1,2}", text, re.IGNORECASE):
        number = Decimal(text.replace(",", "."))
        if number != number.to_integral_value() or len(number.as_tuple().digits) < PHONE_DIGITS:
            raise _Wrong(
                say("The spreadsheet cut the phone number short. Format the column as text.")
            )
        text = str(int(number))
    if text and not PHONE.fullmatch(text):
        raise _Wrong(say("“{text}” is no phone number.", text=text))
    return text


def _read_attendance(text: str) -> Attendance | None:
    if not text:
        return None
    if way := _meaning(text, ATTENDANCES):
        return way
    raise _Wrong(say("“{text}” is no way to attend: write luring, daring or streaming.", text=text))


def _read_language(text: str) -> str:
    if not text:
        return ""
    if code := _meaning(text, LANGUAGES):
        return code
    raise _Wrong(say("“{text}” is no language of the event: write id or en.", text=text))


READERS: dict[str, Callable[[str], str | Attendance | None]] = {
    "email": _read_email,
    "phone": _read_phone,
    "attendance": _read_attendance,
    "language": _read_language,
}
