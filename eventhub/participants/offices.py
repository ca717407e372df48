"""Finds the office a row of a list of people means, and says which are to be made. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

from eventhub.events.model import Attendance
from eventhub.wording import Text, say

from .columns import folded
from .model import DelegationKind

CODE_LENGTH = 64
PROVINCE_PREFIX = re.compile(
    r"^(?:(?:pemerintah |pemda )?(?:provinsi|propinsi|prov\.?|province of)|pemprov\.?) "
)
MINISTRY_PREFIX = ("kementerian ", "ministry ")


@dataclass(frozen=True, slots=True)
class Office:
    """What must be known of a delegation to find it; `parent` is a code."""

    code: str
    name: str
    kind: DelegationKind
    parent: str | None
    attendance: Attendance
    quota: int | None = None


class Ambiguous(Exception):
    """Several offices are called so."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


@dataclass(frozen=True, slots=True)
class Found:
    """The office a row means, and what has to be written so that it is there as the row says."""

    office: Office
    new: tuple[Office, ...] = ()
    adopted: tuple[Office, ...] = ()


class Offices:
    """The event's delegations by code and name, with those the import adds."""

    def __init__(self, known: Iterable[Office]) -> None:
        self._by_code: dict[str, Office] = {}
        self._by_name: dict[str, list[str]] = {}
        self._provinces: dict[str, str] = {}
        for office in known:
            self._put(office)

    def get(self, code: str) -> Office:
        return self._by_code[code.casefold()]

    def find(self, name: str, province: str, attendance: Attendance | None) -> Found:
        """Return the office called so (code or name) in a province ("" when not told), writing nothing.

        Raises Ambiguous when the province is not told and several offices are called so.
        """
        if not province:
            return self._find_anywhere(name, attendance)
        parent, made = self._province(province, attendance)
        if folded(name) in {folded(parent.name), folded(province), parent.code.casefold()}:
            return Found(parent, made)
        if _province_name(name) == _province_name(parent.name) != folded(name):
            return Found(parent, made)
        return self._find_under(parent, made, name, attendance)

    def keep(self, found: Found) -> None:
        """Remember what is to be written, so that later rows find it."""
        for office in (*found.new, *found.adopted):
            self._put(office)

    def _find_anywhere(self, name: str, attendance: Attendance | None) -> Found:
        if office := self._by_code.get(name.casefold()):
            return Found(office)
        called = self._called(name)
        if len(called) > 1:
            raise Ambiguous(
                say(
                    "{count} delegations are called “{name}”. Name the province, or write the code.",
                    count=len(called),
                    name=name,
                )
            )
        if called:
            return Found(called[0])
        if (bare := _province_name(name)) != folded(name):
            if known := self._province_called(bare):
                return Found(known)
            return self._new(name, DelegationKind.PROVINCE, None, attendance)
        ministry = folded(name).startswith(MINISTRY_PREFIX)
        kind = DelegationKind.MINISTRY if ministry else DelegationKind.OTHER
        return self._new(name, kind, None, attendance)

    def _find_under(
        self, parent: Office, made: tuple[Office, ...], name: str, attendance: Attendance | None
    ) -> Found:
        called = self._called(name)
        if coded := self._by_code.get(name.casefold()):
            called.insert(0, coded)
        for office in called:
            if office.parent == parent.code:
                return Found(office, made)
        for office in called:
            if office.parent is None and office.kind in {
                DelegationKind.AGENCY,
                DelegationKind.OTHER,
            }:
                adopted = replace(office, parent=parent.code)
                return Found(adopted, made, (adopted,))
        for office in called:
            if office.parent is None:
                return Found(office, made)
        found = self._new(name, DelegationKind.AGENCY, parent.code, attendance, beside=made)
        return replace(found, new=(*made, *found.new))

    def _province(
        self, province: str, attendance: Attendance | None
    ) -> tuple[Office, tuple[Office, ...]]:
        known = self._by_code.get(province.casefold()) or self._province_called(
            _province_name(province)
        )
        if known is None:
            known = next(
                (office for office in self._called(province) if office.parent is None), None
            )
        if known:
            return known, ()
        found = self._new(province, DelegationKind.PROVINCE, None, attendance)
        return found.office, found.new

    def _province_called(self, bare: str) -> Office | None:
        code = self._provinces.get(bare)
        return self._by_code[code] if code else None

    def _called(self, name: str) -> list[Office]:
        return [self._by_code[code] for code in self._by_name.get(folded(name), ())]

    def _new(
        self,
        name: str,
        kind: DelegationKind,
        parent: str | None,
        attendance: Attendance | None,
        *,
        beside: tuple[Office, ...] = (),
    ) -> Found:
        taken = {office.code.casefold() for office in beside}
        # "Bappeda" of one province must not be taken for the code of every other's.
        code = self._free_code(f"{name} {parent}" if parent else name, taken)
        office = Office(code, name, kind, parent, attendance or Attendance.ONSITE)
        return Found(office, (office,))

    def _free_code(self, words: str, taken: set[str]) -> str:
        stem = code_of(words) or "delegation"
        code, number = stem, 1
        while code in self._by_code or code in taken:
            number += 1
            code = f"{stem[: CODE_LENGTH - 1 - len(str(number))]}-{number}"
        return code

    def _put(self, office: Office) -> None:
        code = office.code.casefold()
        if code not in self._by_code:
            self._by_name.setdefault(folded(office.name), []).append(code)
        if office.kind is DelegationKind.PROVINCE:
            self._provinces.setdefault(_province_name(office.name), code)
        self._by_code[code] = office


def code_of(name: str) -> str:
    """Return a code people can read, made of a name: small letters, digits and hyphens; "" when none is left."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:CODE_LENGTH].rstrip("-")


def _province_name(name: str) -> str:
    """Return a province's bare name: "Pemerintah Provinsi Papua" is "papua"."""
    return PROVINCE_PREFIX.sub("", folded(name), count=1) or folded(name)
