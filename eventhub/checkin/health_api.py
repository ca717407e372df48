"""Declarations, proofs and contacts for health officers' programs. Every look is audited."""

from datetime import timedelta

from eventhub.errors import Fault, Invalid
from eventhub.web.access import Right
from eventhub.web.fields import Listing
from eventhub.web.operations import Answer, Call, operation
from eventhub.wording import say

from . import declaring
from .health_forms import (
    ContactShape,
    ContactsQuery,
    DeclarationShape,
    NewDeclaration,
    NewProof,
    ProofShape,
    contact_shape,
    declaration_shape,
    proof_shape,
)

DECLARATIONS = r"/events/{event}/participants/{id:\d{1,9}}/declarations"
PROOFS = r"/events/{event}/participants/{id:\d{1,9}}/proofs"


@operation(
    "GET",
    DECLARATIONS,
    right=Right.HEALTH_READ,
    answers={200: Listing[DeclarationShape]},
    summary="Show a participant's declarations",
    writes=True,
)
async def list_declarations(call: Call[None, None]) -> Answer:
    found = await declaring.list_declarations(
        call.tx, call.event, int(call.path["id"]), who=call.who, at=call.at
    )
    shapes = [declaration_shape(declaration, given_at) for declaration, given_at in found]
    return Answer(200, Listing[DeclarationShape](items=shapes))


@operation(
    "POST",
    DECLARATIONS,
    right=Right.HEALTH_WRITE,
    body=NewDeclaration,
    answers={201: DeclarationShape},
    summary="Write down a participant's declaration for a day",
)
async def add_declaration(call: Call[NewDeclaration, None]) -> Answer:
    values = call.form.model_dump()
    declaration = await declaring.declare(
        call.tx, call.event, int(call.path["id"]), at=call.at, **values
    )
    return Answer(201, declaration_shape(declaration, call.at))


@operation(
    "GET",
    PROOFS,
    right=Right.HEALTH_READ,
    answers={200: Listing[ProofShape]},
    summary="Show which proofs of a participant were seen",
    writes=True,
)
async def list_proofs(call: Call[None, None]) -> Answer:
    found = await declaring.list_proofs(
        call.tx, call.event, int(call.path["id"]), who=call.who, at=call.at
    )
    return Answer(200, Listing[ProofShape](items=[proof_shape(seen) for seen in found]))


@operation(
    "POST",
    PROOFS,
    right=Right.HEALTH_WRITE,
    body=NewProof,
    answers={201: ProofShape},
    summary="Write down that a proof was seen",
)
async def add_proof(call: Call[NewProof, None]) -> Answer:
    seen = await declaring.add_proof(
        call.tx,
        call.event,
        int(call.path["id"]),
        call.form.proof(),
        who=call.who,
        at=call.at,
    )
    return Answer(201, proof_shape(seen))


@operation(
    "GET",
    "/events/{event}/contacts",
    right=Right.HEALTH_READ,
    query=ContactsQuery,
    answers={200: Listing[ContactShape]},
    summary="Show who shared a room with a participant",
    writes=True,
)
async def list_contacts(call: Call[None, ContactsQuery]) -> Answer:
    query = call.query
    until = query.until or call.at
    since = query.since or until - timedelta(days=call.event.protocol.retention_days)
    if since > until:
        raise Invalid([Fault("to", say("The end must not lie before the start."))])
    found = await declaring.trace_contacts(
        call.tx,
        call.event,
        query.participant,
        since=since,
        until=until,
        minutes=query.minutes,
        who=call.who,
        at=call.at,
    )
    return Answer(200, Listing[ContactShape](items=[contact_shape(contact) for contact in found]))


API = [list_declarations, add_declaration, list_proofs, add_proof, list_contacts]
