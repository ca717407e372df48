"""How fast mail may go out, and when it will all be out. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

MINUTE = timedelta(seconds=60)
# Nobody gets a minute's worth at one blow: a tenth of it in a tenth of the minute.
STRETCH = MINUTE / 10
EVERYBODY = "*"


@dataclass(frozen=True, slots=True)
class Taken:
    """How many mails were taken in the last minute, and in the last stretch of it."""

    minute: int = 0
    stretch: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """Mails a minute: of all, and by the domain of the address (`*`: each one not named); None is no limit."""

    total: int | None = None
    domains: Mapping[str, int] | None = None

    @property
    def are_set(self) -> bool:
        """Whether anything is limited."""
        return self.total is not None or bool(self.domains)

    def of(self, domain: str) -> int | None:
        """Return what a domain takes in a minute."""
        named = self.domains or {}
        return named.get(domain, named.get(EVERYBODY))


def room(limit: int | None, taken: Taken, most: int) -> int:
    """Return how many more may be taken now, `most` at the most."""
    if limit is None:
        return most
    return max(0, min(most, limit - taken.minute, -(-limit // 10) - taken.stretch))


def domain_of(address: str) -> str:
    """Return the domain of an address in lower case."""
    return address.rpartition("@")[2].lower()


def minutes_left(left: Mapping[str, int], limits: Limits, rate: float) -> float | None:
    """Return in how many minutes mails by domain are out, None while nobody can say.

    `rate`: mails that went out a minute lately, 0 when none did; the limits tell what is held back beyond that.
    """
    if not rate:
        return None
    total = sum(left.values())
    bounds = [total / rate, total / limits.total if limits.total else 0.0]
    bounds += [count / limit for domain, count in left.items() if (limit := limits.of(domain))]
    return max(bounds)


def slowest_domain(left: Mapping[str, int], limits: Limits) -> str | None:
    """Return the domain that is waited for more than a minute because of its own limit, None where there is none."""
    held = {
        domain: count / limit
        for domain, count in left.items()
        if (limit := limits.of(domain)) and count > limit
    }
    return max(held, key=lambda domain: held[domain]) if held else None
