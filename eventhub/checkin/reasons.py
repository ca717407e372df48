"""What each reason is called, and what the person at the checkpoint is told to do. Pure."""

from eventhub.wording import Text, say

from .model import Holder, Reason, Scan, Way

TITLES: dict[Reason, Text] = {
    Reason.UNKNOWN: say("Not a ticket of this event"),
    Reason.BAD_SIGNATURE: say("Forged or damaged ticket"),
    Reason.REVOKED: say("Ticket was replaced"),
    Reason.WRONG_EVENT: say("Ticket of another event"),
    Reason.NOT_TODAY: say("No event today"),
    Reason.NOT_ONSITE: say("Not attending on site"),
    Reason.NOT_IN_AUDIENCE: say("Not invited to this session"),
    Reason.ALREADY_IN: say("Already inside"),
    Reason.FULL: say("Full"),
    Reason.DECLARATION_MISSING: say("Health declaration missing"),
    Reason.DECLARATION_UNFIT: say("Declared unfit"),
    Reason.TEMPERATURE_HIGH: say("Temperature too high"),
    Reason.TEMPERATURE_MISSING: say("Temperature missing"),
    Reason.MASK_MISSING: say("Mask missing"),
    Reason.PROOF_MISSING: say("Health proof missing"),
    Reason.PROOF_EXPIRED: say("Health proof too old"),
    Reason.CHECKPOINT_CLOSED: say("Checkpoint closed"),
    Reason.NOT_ALLOWED: say("Override not allowed"),
    Reason.MALFORMED: say("Scan not readable"),
}

HELP: dict[Reason, Text] = {
    Reason.UNKNOWN: say("Send the person to the registration desk."),
    Reason.BAD_SIGNATURE: say(
        "Scan again in better light, else send the person to the registration desk."
    ),
    Reason.REVOKED: say(
        "Ask for the newer ticket on the personal page. Or somebody else comes in this person's place."
    ),
    Reason.WRONG_EVENT: say("Ask for the ticket of this event."),
    Reason.NOT_TODAY: say("The ticket is valid on the days of the event only."),
    Reason.NOT_ONSITE: say(
        "This participant attends remotely; the registration desk can change it."
    ),
    Reason.NOT_IN_AUDIENCE: say("Show the person the programme, or ask a supervisor."),
    Reason.ALREADY_IN: say("Scan the exit first, or ask a supervisor."),
    Reason.FULL: say("Wait until somebody leaves, or ask a supervisor."),
    Reason.DECLARATION_MISSING: say(
        "Ask the person to fill in today's declaration on the personal page."
    ),
    Reason.DECLARATION_UNFIT: say("Refer the person to a health officer."),
    Reason.TEMPERATURE_HIGH: say("Refer the person to a health officer."),
    Reason.TEMPERATURE_MISSING: say("Measure the temperature and scan again."),
    Reason.MASK_MISSING: say("Ask the person to put on a mask and scan again."),
    Reason.PROOF_MISSING: say("Refer the person to a health officer, who looks at the proof."),
    Reason.PROOF_EXPIRED: say("Refer the person to a health officer; a new test is needed."),
    Reason.CHECKPOINT_CLOSED: say("Use another entrance."),
    Reason.NOT_ALLOWED: say("Ask a supervisor to override."),
    Reason.MALFORMED: say("Update the scanner and try again."),
}


def explain(reason: Reason, scan: Scan) -> Text:
    """Return one sentence that says why, and what to do."""
    values: dict[str, object] = {}
    if reason == Reason.FULL:
        values = {"limit": scan.checkpoint.place_limit}
        return say(
            "All {limit} places are taken. Wait until somebody leaves, or ask a supervisor.",
            **values,
        )
    if reason == Reason.CHECKPOINT_CLOSED:
        return say("{checkpoint} is closed. Use another entrance.", checkpoint=scan.checkpoint.name)
    return say("{title}. {help}", title=TITLES[reason], help=HELP[reason])


def handed_on(holder: Holder) -> Text:
    """Return the sentence for a ticket whose holder has somebody come in their place."""
    return say(
        "{instead} comes in place of {name}. To come after all, {name} takes that back on the personal page.",
        instead=holder.instead,
        name=holder.name,
    )


def welcome(scan: Scan, overridden: Reason | None) -> Text:
    """Return the sentence for somebody who passes."""
    if overridden is not None:
        return say("Let in by override: {reason}.", reason=TITLES[overridden])
    if scan.way == Way.EXIT:
        return say("Exit recorded.")
    return say("Welcome.")


def noted(scan: Scan) -> Text:
    """Return the sentence for what an offline device refused."""
    return say("Recorded as refused at {checkpoint}.", checkpoint=scan.checkpoint.name)
