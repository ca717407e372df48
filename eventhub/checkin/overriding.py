"""Which refusals a caller may override. Pure."""

from eventhub.web.access import Principal, Role

from .model import Override


def override_of(who: Principal) -> Override:
    """Return which refusals a caller may override."""
    if who.role in {Role.OWNER, Role.ORGANIZER} or (who.role == Role.GATE and who.may_override):
        return Override.ALL
    return Override.HEALTH if who.role == Role.HEALTH else Override.NONE
