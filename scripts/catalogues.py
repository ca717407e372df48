"""Check that every message has its Indonesian, with the same placeholders, and that none is left over."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "eventhub"
TEMPLATES = ROOT / "templates"
LANGUAGE = "id"

KEYWORDS = {**DEFAULT_KEYWORDS, "say": None, "Text": None}
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)[^{}]*\}")


@dataclass(frozen=True)
class Use:
    """A message where the code says it; `plural` where it counts something."""

    place: str
    message: str
    plural: str | None


@dataclass(frozen=True)
class Translation:
    """A message in a catalogue."""

    file: str
    message: str
    texts: tuple[str, ...]
    fuzzy: bool


def uses() -> Iterator[Use]:
    """Find every message marked for translation in the package and the templates."""
    for folder in (PACKAGE, TEMPLATES):
        for file, line, found, _comments, _context in extract_from_dir(
            folder, METHODS, keywords=KEYWORDS, options_map={"**.html": {"silent": "false"}}
        ):
            message, plural = (found[0], found[1]) if isinstance(found, tuple) else (found, None)
            place = f"{folder.name}/{file}:{line}"
            yield Use(place, message, plural if isinstance(plural, str) else None)


def translations() -> Iterator[Translation]:
    """Read every catalogue."""
    for file in sorted((PACKAGE / "locale" / LANGUAGE).glob("*.po")):
        with file.open("rb") as source:
            for entry in read_po(source, locale=LANGUAGE, abort_invalid=True):
                if not entry.id:
                    continue
                message = entry.id[0] if isinstance(entry.id, tuple | list) else entry.id
                texts = entry.string if isinstance(entry.string, tuple | list) else (entry.string,)
                yield Translation(file.name, message, tuple(map(str, texts)), entry.fuzzy)


def faults() -> list[str]:
    """Say what is missing, left over, doubled or spelled with other placeholders."""
    used = {use.message: use for use in uses()}
    found: list[str] = []
    known: dict[str, Translation] = {}
    for entry in translations():
        earlier = known.setdefault(entry.message, entry)
        if earlier is not entry:
            found.append(f"{entry.file}: {entry.message!r} stands in {earlier.file} too")
        elif entry.message not in used:
            found.append(f"{entry.file}: nothing says {entry.message!r} any more")
        elif not all(entry.texts) or entry.fuzzy:
            found.append(f"{entry.file}: {entry.message!r} is not translated")
        else:
            found += [
                f"{entry.file}: {text!r} has other placeholders than {entry.message!r}"
                for text in entry.texts
                if placeholders(text) != placeholders(used[entry.message].plural or entry.message)
            ]
    found += [
        f"{use.place}: no Indonesian for {message!r}"
        for message, use in used.items()
        if message not in known
    ]
    return found


def placeholders(text: str) -> set[str]:
    """Return the names of the values in a message."""
    return {percent or brace for percent, brace in PLACEHOLDER.findall(text)}


def main() -> None:
    """Print the faults; fail when there are any."""
    found = faults()
    for fault in found:
        print(fault)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
