"""The only caller of `datetime.now`: real time, or a data folder's own time that runs on from a set moment."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

FILE = "clock.json"


class Clock:
    """Tells the time, `offset` away from the machine's."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """Return the current moment, aware, in UTC."""
        return datetime.now(UTC) + self.offset

    @property
    def is_set(self) -> bool:
        """Whether this is a folder's own time and not the real one."""
        return bool(self.offset)


def read_clock(data: Path) -> Clock:
    """Return the clock of a data folder: real time unless `set_clock` was called there."""
    file = data / FILE
    if not file.exists():
        return Clock()
    return Clock(timedelta(seconds=json.loads(file.read_text("utf-8"))["offset_seconds"]))


def set_clock(data: Path, moment: datetime) -> Clock:
    """Let the folder's time start at `moment` (aware) now and run on."""
    clock = Clock(moment - datetime.now(UTC))
    (data / FILE).write_text(json.dumps({"offset_seconds": clock.offset.total_seconds()}), "utf-8")
    return clock
