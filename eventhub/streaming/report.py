"""What one run of following the programme did."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from eventhub.wording import Text

from . import quota
from .making import Outcome
from .trouble import Problem


@dataclass(slots=True)
class Report:
    """What one run did. `put_off` holds session, until when (UTC) and why; `extras_put_off` the same of pictures and
    playlists, whose broadcasts are well; `units_used` counts the Pacific day.
    """

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    put_off: list[tuple[str, datetime, Text]] = field(default_factory=list)
    extras_put_off: list[tuple[str, datetime, Text]] = field(default_factory=list)
    problems: list[tuple[str, Problem]] = field(default_factory=list)
    units_used: int = 0

    @property
    def units_left(self) -> int:
        return max(0, quota.UNITS_A_DAY - self.units_used)
