"""A strict reader of iCalendar that shares nothing with the library that writes it (RFC 5545, 3.1 and 3.2)."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

NAME = re.compile(r"[A-Za-z0-9-]+")
PARAMETER = re.compile(
    r';([A-Za-z0-9-]+)=("[^"\x00-\x1f\x7f]*"|[^";:,\x00-\x1f\x7f]*)(?:,([^;:]*))?'
)
LINE_OCTETS = 75


@dataclass(frozen=True)
class Property:
    """A content line; parameter values without their quotes, lists still joined by commas."""

    parameters: dict[str, str]
    value: str

    @property
    def text(self) -> str:
        """Return the value as TEXT (RFC 5545, 3.3.11)."""
        return re.sub(r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], self.value)


@dataclass
class Component:
    """A component with its properties by name, in order, and the components in it."""

    name: str
    properties: dict[str, list[Property]] = field(default_factory=dict)
    parts: list["Component"] = field(default_factory=list)

    def one(self, name: str) -> Property:
        [found] = self.properties[name]
        return found

    def all(self, name: str) -> list["Component"]:
        return [part for part in self.parts if part.name == name]


def read(raw: bytes) -> Component:
    """Read one iCalendar object; ValueError for anything RFC 5545 does not allow."""
    if (
        not raw.endswith(b"\r\n")
        or b"\n" in raw.replace(b"\r\n", b"")
        or b"\r" in raw.replace(b"\r\n", b"")
    ):
        raise ValueError("lines end with CRLF")
    lines = raw[:-2].split(b"\r\n")
    if any(len(line) > LINE_OCTETS for line in lines):
        raise ValueError("a line is at most 75 octets long")
    unfolded: list[bytes] = []
    for line in lines:
        if line[:1] in {b" ", b"\t"}:
            unfolded[-1] += line[1:]
        else:
            unfolded.append(line)
    return _tree([_split(line.decode()) for line in unfolded])


def _split(line: str) -> tuple[str, Property]:
    name = NAME.match(line)
    if not name:
        raise ValueError(f"no name: {line!r}")
    position, parameters = name.end(), {}
    while line[position : position + 1] == ";":
        match = PARAMETER.match(line, position)
        if not match:
            raise ValueError(f"no parameter: {line!r}")
        more = f",{match[3]}" if match[3] else ""
        parameters[match[1].upper()] = match[2].strip('"') + more
        position = match.end()
    if line[position : position + 1] != ":":
        raise ValueError(f"no value: {line!r}")
    return name[0].upper(), Property(parameters, line[position + 1 :])


def _tree(lines: list[tuple[str, Property]]) -> Component:
    root = Component("")
    stack = [root]
    for name, line in lines:
        if name == "BEGIN":
            part = Component(line.value)
            stack[-1].parts.append(part)
            stack.append(part)
        elif name == "END":
            if stack.pop().name != line.value:
                raise ValueError(f"END:{line.value} ends something else")
        else:
            stack[-1].properties.setdefault(name, []).append(line)
    [calendar] = root.parts
    if len(stack) != 1 or root.properties:
        raise ValueError("not one whole object")
    return calendar


def moment(calendar: Component, of: Property) -> datetime:
    """Return a local date-time by the rules that the object itself gives for its TZID."""
    local = datetime.strptime(of.value, "%Y%m%dT%H%M%S")  # noqa: DTZ007 -- local by definition
    [zone] = [
        part
        for part in calendar.all("VTIMEZONE")
        if part.one("TZID").value == of.parameters["TZID"]
    ]
    rules = sorted(
        ((onset, rule) for rule in zone.parts for onset in _onsets(rule)),
        key=lambda found: found[0],
    )
    offset = [rule for start, rule in rules if start <= local][-1].one("TZOFFSETTO").value
    minutes = int(offset[1:3]) * 60 + int(offset[3:5])
    sign = -1 if offset[0] == "-" else 1
    return local.replace(tzinfo=timezone(timedelta(minutes=sign * minutes)))


def _onsets(rule: Component) -> list[datetime]:
    if "RRULE" in rule.properties:
        raise ValueError("this reader knows onsets by date only")
    later = [one.value.split(",") for one in rule.properties.get("RDATE", [])]
    written = [rule.one("DTSTART").value, *(value for values in later for value in values)]
    return [datetime.strptime(value, "%Y%m%dT%H%M%S") for value in written]  # noqa: DTZ007 -- as above
