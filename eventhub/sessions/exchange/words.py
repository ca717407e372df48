"""The words by which files in Indonesian and English call kinds and formats. Pure."""

from collections.abc import Mapping
from typing import TypeVar

from eventhub.sessions.model import Format, Kind

T = TypeVar("T")

_KINDS = {
    Kind.PLENARY: "plenary|pleno|sidang pleno|rapat pleno|keynote|keynotes|opening|closing|pembukaan|penutupan|"
    "sambutan|paripurna",
    Kind.PRE_MEETING: "pre meeting|premeeting|pra rapat|pra rakor|pra musrenbang|prarapat|pra",
    Kind.PANEL: "panel|panels|panel discussion|discussion panel|diskusi|diskusi panel|talkshow|talk show",
    Kind.DESK: "desk|meja|desk pembahasan|pembahasan desk",
    Kind.COORDINATION: "coordination|koordinasi|rapat koordinasi|rakor|coordination meeting",
    Kind.BREAK: "break|coffee break|lunch|lunch break|istirahat|ishoma|rehat|rehat kopi|makan siang|pause",
    Kind.OTHER: "other|lainnya|lain lain",
}
_FORMATS = {
    Format.ONSITE: "onsite|on site|in person|offline|luring|tatap muka|di tempat|fisik",
    Format.ONLINE: "online|on line|daring|virtual|remote",
    Format.HYBRID: "hybrid|hibrida|hibrid|luring dan daring|daring dan luring|campuran",
}
KINDS = {word: kind for kind, words in _KINDS.items() for word in words.split("|")}
FORMATS = {word: form for form, words in _FORMATS.items() for word in words.split("|")}
NO_PLACE = frozenset({"online", "daring", "virtual", "zoom", "tba", "tbd", "-", "–"})
YES = frozenset({"yes", "y", "true", "1", "ya", "ada", "x", "benar"})
NO = frozenset({"no", "n", "false", "0", "tidak", "tak", "bukan", "salah"})


def folded(text: str) -> str:
    """Return the form in which words are compared: case, spaces, hyphens and underscores do not matter."""
    return " ".join(text.replace("_", " ").replace("-", " ").casefold().split())


def meaning(text: str, words: Mapping[str, T]) -> T | None:
    """Return what a text means among known words."""
    return words.get(folded(text))


def place(text: str) -> str:
    """Return a room's name, "" for words that say there is none."""
    name = " ".join(text.split())
    return "" if name.casefold() in NO_PLACE else name
