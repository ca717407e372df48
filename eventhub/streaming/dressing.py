"""Pictures and playlists of a whole event, once all its broadcasts are there."""

from collections.abc import Iterable
from datetime import datetime

from eventhub.wording import Text

from . import extras
from .connection import Studio
from .model import Wanted
from .quota import Purpose, day_ends
from .report import Report
from .trouble import Problem, Retry, YouTubeTrouble
from .waiting import again_at, allowance, put_off


async def dress(studio: Studio, wanted: Iterable[Wanted], report: Report) -> None:
    """Set pictures and fill playlists, once all broadcasts are there; nothing of it may fail a broadcast."""
    charged = studio.charged_to(Purpose.EXTRAS)
    waiting: list[tuple[str, int]] = []
    stopped: dict[extras.Does, tuple[datetime, Text]] = {}
    async with studio.installation.database.reading() as tx:
        missing = await extras.list_missing(
            tx, studio.event, studio.connected.id, wanted, studio.installation.clock.now()
        )
    for job in missing:
        at = studio.installation.clock.now()
        if job.does in stopped:
            report.extras_put_off.append((job.wanted.code, *stopped[job.does]))
        elif job.units > await allowance(studio, at):
            waiting.append((job.wanted.code, job.units))
        else:
            problem = await _try_extra(charged, job, at)
            if problem is None or problem.retry is Retry.NEVER:
                continue
            # A limit on pictures leaves playlists alone; anything else stops both.
            kinds = [job.does] if problem.retry is Retry.HOURS else list(extras.Does)
            stopped |= dict.fromkeys(kinds, (again_at(problem, at), problem.explanation))
            report.extras_put_off.append((job.wanted.code, *stopped[job.does]))
    report.extras_put_off += await put_off(studio, waiting)


async def _try_extra(studio: Studio, job: extras.Job, at: datetime) -> Problem | None:
    try:
        await extras.do(studio, job)
    except YouTubeTrouble as trouble:
        problem = trouble.problem
        until = day_ends(at) if problem.retry is Retry.NEVER else again_at(problem, at)
        await extras.keep_problem(studio, job, problem, until)
        return problem
    return None
