"""A measured value, and one kept connection to measure with."""

import http.client
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

MORNING = "2021-03-01T09:30+07:00"
DESK_DAY = "2021-03-01"


@dataclass(frozen=True)
class Figure:
    """A measured value beside the bound it must keep; `at_least` says that more is better."""

    what: str
    value: float
    unit: str
    bound: float
    at_least: bool = False

    @property
    def is_kept(self) -> bool:
        """Whether the value keeps its bound."""
        return self.value > self.bound if self.at_least else self.value < self.bound

    def row(self) -> str:
        """Write it as a row of the table."""
        verdict = "" if self.is_kept else " (**missed**)"
        digits = 0 if self.value >= 100 else 1 if self.value >= 10 else 2
        sign = ">" if self.at_least else "<"
        return (
            f"| {self.what} | {self.value:,.{digits}f} {self.unit}{verdict} "
            f"| {sign} {self.bound:,g} {self.unit} |"
        )


@dataclass
class Caller:
    """One kept connection to the server."""

    base_url: str
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(self.base_url).netloc)

    def call(self, method: str, url: str, body: Any = None) -> bytes:
        """Return the body of a good answer."""
        path = url.removeprefix(self.base_url)
        headers = dict(self.headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        self._connection.request(
            method, path, json.dumps(body) if body is not None else None, headers
        )
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status >= 400:
            sys.exit(f"{method} {path} answered {answer.status}: {text[:300]!r}")
        return text

    def median_ms(self, calls: Iterable[Callable[[], object]]) -> float:
        """Return the median duration of calls."""
        spent = []
        for call in calls:
            began = time.perf_counter()
            call()
            spent.append((time.perf_counter() - began) * 1000)
        return statistics.median(spent)

    def page_ms(self, url: str, times: int = 60) -> float:
        """Return how long a page takes, warm."""
        for _ in range(5):
            self.call("GET", url)
        return self.median_ms([lambda: self.call("GET", url)] * times)
