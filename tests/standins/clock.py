"""A clock that a test sets."""

from datetime import UTC, datetime

from eventhub.clock import Clock

# 08:30 WIB on the day the sample event opens.
OPENING_DAY = datetime(2021, 2, 25, 1, 30, tzinfo=UTC)


class StillClock(Clock):
    """Stands at `moment` until a test moves it."""

    def __init__(self, moment: datetime = OPENING_DAY) -> None:
        super().__init__()
        self.moment = moment

    def now(self) -> datetime:
        """Return the moment."""
        return self.moment
