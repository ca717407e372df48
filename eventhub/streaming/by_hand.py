"""What operators do by hand wins over what a broadcast would do by itself."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.events.model import Event
from eventhub.web.access import Principal

from . import automatic, automatic_store
from .automatic import AUTOMATIC
from .model import Act
from .problems import PROBLEMS
from .trouble import YouTubeTrouble


async def note(
    tx: AsyncConnection, event: Event, session: str, act: Act, *, who: Principal | str, at: datetime
) -> None:
    """Pause what an operator's act goes against, before it is done: also one that fails has been wished.

    What comes by itself raises YouTubeTrouble here when an operator has wished otherwise since it was decided.
    """
    subject = await automatic_store.find_subject(tx, event, session, at)
    if who == AUTOMATIC:
        if subject is None or automatic.decide(subject, at).act is not act:
            raise YouTubeTrouble(PROBLEMS["under_way"])
        return
    if subject is None or not (subject.choice.starts or subject.choice.ends):
        return
    # Somebody is at it: what failed so far may be tried again.
    changes: dict[str, object] = {"tries": 0, "next_try_at": None, "problem_code": None}
    against = automatic.pauses(subject, act, at)
    if against.start:
        changes |= {"start_paused_at": at}
    if against.end:
        changes |= {"end_paused_at": at}
    if against.start or against.end:
        changes |= {"paused_act": act.value, "paused_by": audit.actor_of(who)}
        await automatic_store.tell(tx, event.id, session, automatic.Does.PAUSED, at)
    await automatic_store.change(tx, event.id, subject.session_id, **changes)
