"""Lines over time as SVG: a title and a description for who cannot see it, gaps where nothing is known. Pure.

Colours come from the stylesheet by class, and each line has its own dashes, so that none is told by colour alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from markupsafe import Markup

# How far apart the clock times below the plot stand at least.
_LABEL = 38
_STEPS_MIN = (5, 10, 15, 30, 60, 120, 180, 240, 360, 720)


@dataclass(frozen=True, slots=True)
class Size:
    """Outer measures and those of the plot, in units of the drawing; `name` is the class of the drawing."""

    name: str
    width: int
    height: int
    left: int = 46
    right: int = 10
    top: int = 12
    bottom: int = 26
    most_hours: int = 7

    @property
    def across(self) -> int:
        return self.width - self.left - self.right

    @property
    def down(self) -> int:
        return self.height - self.top - self.bottom


LARGE = Size("large", 800, 280, most_hours=9)
PHONE = Size("phone", 360, 220, left=42, most_hours=4)
SMALL = Size("small", 360, 130, left=42, top=8, bottom=22, most_hours=4)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One line: its class, and a figure a minute."""

    name: str
    values: Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Axis:
    """Time from left to right: a beginning (UTC), how many minutes, and by whose clocks. `marks` are minutes."""

    begin: datetime
    minutes: int
    zone: ZoneInfo
    clock: Callable[[datetime, ZoneInfo], str]
    number: Callable[[int], str] = str
    marks: tuple[int, ...] = ()


def draw(
    lines: Sequence[Drawn],
    axis: Axis,
    *,
    key: str,
    title: str,
    description: str,
    size: Size = LARGE,
) -> Markup:
    """Return the drawing; `key` makes its ids different from those of other drawings on the page."""
    top = nice_top(max((value or 0 for line in lines for value in line.values), default=0))
    parts = [
        *_grid(axis, size, top),
        *(_mark(axis, size, minute) for minute in axis.marks if 0 <= minute <= axis.minutes),
        *(_line(line, axis, size, top) for line in lines),
    ]
    return Markup(
        '<svg class="{shape}" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{key}-title {key}-text">'
        '<title id="{key}-title">{title}</title><desc id="{key}-text">{description}</desc>{parts}</svg>'
    ).format(
        shape=size.name,
        width=size.width,
        height=size.height,
        key=key,
        title=title,
        description=description,
        parts=Markup("").join(parts),
    )


def nice_top(most: int) -> int:
    """Return a round figure at or above the most: 1, 2, 3, 4, 5, 6 or 8 times a power of ten, at least 4."""
    power = 1
    while most > 10 * power:
        power *= 10
    return max(4, next(n * power for n in (1, 2, 3, 4, 5, 6, 8, 10) if n * power >= most))


def _x(axis: Axis, size: Size, minute: float) -> float:
    return round(size.left + size.across * minute / max(1, axis.minutes - 1), 1)


def _y(size: Size, top: int, value: float) -> float:
    return round(size.top + size.down * (1 - value / top), 1)


def _grid(axis: Axis, size: Size, top: int) -> list[Markup]:
    parts = []
    for value in sorted({0, top // 2, top}):
        y = _y(size, top, value)
        parts.append(
            Markup(
                '<path class="grid" d="M{} {}h{}"/><text x="{}" y="{}" text-anchor="end">{}</text>'
            ).format(size.left, y, size.across, size.left - 6, y + 4, axis.number(value))
        )
    for minute in _labelled(axis, size):
        text = axis.clock(axis.begin + timedelta(minutes=minute), axis.zone)
        parts.append(
            Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>').format(
                _within(_x(axis, size, minute), size), size.height - 6, text
            )
        )
    return parts


def _labelled(axis: Axis, size: Size) -> list[int]:
    """Return the minutes whose clock times are written: those of whole steps, and the first where it has room."""
    steps = hours(axis, size.most_hours)
    if not steps or _x(axis, size, steps[0]) - size.left >= _LABEL:
        return [0, *steps]
    return steps


def _within(x: float, size: Size) -> float:
    """Keep a label inside the drawing."""
    return min(x, size.width - 20.0)


def hours(axis: Axis, most: int) -> list[int]:
    """Return the minutes whose clock times are written, at most so many, all whole steps of the clock."""
    step = next((n for n in _STEPS_MIN if axis.minutes / n <= most), _STEPS_MIN[-1])
    local = axis.begin.astimezone(axis.zone)
    first = -(local.hour * 60 + local.minute) % step
    return list(range(first, axis.minutes, step))


def _mark(axis: Axis, size: Size, minute: int) -> Markup:
    return Markup('<path class="mark" d="M{} {}v{}"/>').format(
        _x(axis, size, min(minute, axis.minutes - 1)), size.top, size.down
    )


def _line(line: Drawn, axis: Axis, size: Size, top: int) -> Markup:
    """Draw the runs of known figures; a lone one is a dot."""
    runs = []
    for is_known, group in groupby(enumerate(line.values), lambda each: each[1] is not None):
        if is_known:
            points = [(_x(axis, size, n), _y(size, top, value or 0)) for n, value in group]
            runs.append(_run(points))
    return Markup('<path class="line {}" d="{}"/>').format(line.name, "".join(runs))


def _run(points: list[tuple[float, float]]) -> str:
    first, *rest = points
    start = f"M{first[0]:g} {first[1]:g}"
    if not rest:
        return f"{start}h.1"
    # What lies level between its neighbours need not be named.
    kept = [
        point
        for n, point in enumerate(rest)
        if n == len(rest) - 1 or not points[n][1] == point[1] == points[n + 2][1]
    ]
    return start + "".join(f"L{x:g} {y:g}" for x, y in kept)
