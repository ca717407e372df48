"""Work on many sessions at once, for programs: putting the draft back to a release."""

from eventhub.web.access import Right
from eventhub.web.fields import Form, Shape
from eventhub.web.operations import Answer, Call, operation
from eventhub.wording import render

from . import actions, restoring
from .shapes import ChangeShape, ConflictShape, change_shape, conflict_shapes


class Restoring(Form):
    """Whether only to tell what would happen."""

    dry_run: bool = False


class RestoredShape(Shape):
    """What putting back did: changes of the draft, what cannot come back in words, and the conflicts it makes."""

    release: int
    changes: list[ChangeShape]
    to_tray: list[str]
    not_restored: list[str]
    conflicts: list[ConflictShape]


@operation(
    "POST",
    r"/events/{event}/releases/{n:\d{1,9}}/restore",
    right=Right.PROGRAMME_WRITE,
    body=Restoring,
    answers={200: RestoredShape},
    summary="Put the draft back to a release; it is published as a new one as usual",
)
async def restore_release(call: Call[Restoring, None]) -> Answer:
    release = await actions.get_release(call.tx, call.event.id, int(call.path["n"]))
    if call.form.dry_run:
        preview, losses = await restoring.look(call.tx, call.event, release)
    else:
        preview, losses = await restoring.restore(
            call.tx, call.event, release, who=call.who, at=call.at
        )
    shape = RestoredShape(
        release=release.number,
        changes=[change_shape(change, call.reader) for change in preview.changes],
        to_tray=[session.code for session in preview.to_tray],
        not_restored=[render(text, call.reader) for text in losses],
        conflicts=conflict_shapes(list(preview.conflicts), call.reader),
    )
    return Answer(200, shape)


API = [restore_release]
