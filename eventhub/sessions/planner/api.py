"""Plans for programs."""

from eventhub.errors import NotFound
from eventhub.web.access import Right
from eventhub.web.fields import INT32, Listing
from eventhub.web.keys import DATABASE
from eventhub.web.operations import Answer, Call, operation
from eventhub.web.paging import listing, read_cursor
from eventhub.wording import say

from . import actions, store
from .forms import (
    NewPlan,
    PlanPaging,
    PlanShape,
    WholePlanShape,
    make_order,
    plan_values,
    whole_values,
)
from .running import SEARCHES

PLANS = "/events/{event}/plans"
PLAN = "/events/{event}/plans/{plan}"


@operation(
    "POST",
    PLANS,
    right=Right.PROGRAMME_WRITE,
    body=NewPlan,
    answers={202: WholePlanShape},
    summary="Search for times and rooms of many sessions",
    calls_out=True,
)
async def make_plan(call: Call[NewPlan, None]) -> Answer:
    # The search begins once its plan is written down for others to see.
    app = call.request.app
    async with app[DATABASE].transaction() as tx:
        order = await make_order(tx, call.event, call.form)
        plan_id = await actions.start(tx, call.event, order, who=call.who, at=call.at)
        plan = await store.get_plan(tx, call.event.id, plan_id)
    app[SEARCHES].begin(plan_id)
    shape = WholePlanShape.model_validate(whole_values(plan, call.reader, call.at))
    return Answer(202, shape, location=f"{call.request.path}/{plan_id}")


@operation(
    "GET",
    PLANS,
    right=Right.PROGRAMME_WRITE,
    query=PlanPaging,
    answers={200: Listing[PlanShape]},
    summary="List plans, the newest first",
)
async def list_plans(call: Call[None, PlanPaging]) -> Answer:
    key = read_cursor(call.query.cursor, int)
    found = await store.list_plans(
        call.tx, call.event.id, before=key[0] if key else None, limit=call.query.limit + 1
    )
    shapes = [PlanShape.model_validate(plan_values(plan, call.at)) for plan in found]
    return Answer(200, listing(shapes, call.query.limit, lambda shape: (shape.id,)))


@operation(
    "GET",
    PLAN,
    right=Right.PROGRAMME_WRITE,
    answers={200: WholePlanShape},
    summary="Show a plan: how far its search is, or what it proposes",
)
async def show_plan(call: Call[None, None]) -> Answer:
    return await _answer(call)


@operation(
    "POST",
    PLAN + "/finish",
    right=Right.PROGRAMME_WRITE,
    answers={200: WholePlanShape},
    summary="End a search with the best plan found so far",
)
async def finish_plan(call: Call[None, None]) -> Answer:
    await actions.finish(call.tx, call.event, plan_id(call.path["plan"]))
    return await _answer(call)


@operation(
    "POST",
    PLAN + "/cancel",
    right=Right.PROGRAMME_WRITE,
    answers={200: WholePlanShape},
    summary="Stop a search and drop what it found",
)
async def cancel_plan(call: Call[None, None]) -> Answer:
    await actions.cancel(call.tx, call.event, plan_id(call.path["plan"]), who=call.who, at=call.at)
    return await _answer(call)


@operation(
    "POST",
    PLAN + "/apply",
    right=Right.PROGRAMME_WRITE,
    answers={200: WholePlanShape},
    summary="Move the sessions as a plan proposes, all or none",
)
async def apply_plan(call: Call[None, None]) -> Answer:
    await actions.apply(call.tx, call.event, plan_id(call.path["plan"]), who=call.who, at=call.at)
    return await _answer(call)


@operation(
    "POST",
    PLAN + "/take-back",
    right=Right.PROGRAMME_WRITE,
    answers={200: WholePlanShape},
    summary="Move the sessions back to where they were before a plan",
)
async def take_plan_back(call: Call[None, None]) -> Answer:
    number = plan_id(call.path["plan"])
    await actions.take_back(call.tx, call.event, number, who=call.who, at=call.at)
    return await _answer(call)


async def _answer(call: Call[None, None]) -> Answer:
    plan = await store.get_plan(call.tx, call.event.id, plan_id(call.path["plan"]))
    return Answer(200, WholePlanShape.model_validate(whole_values(plan, call.reader, call.at)))


def plan_id(text: str) -> int:
    """Return a plan's id from an address, or raise NotFound."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:10]) <= INT32:
        raise NotFound(say("There is no such plan."))
    return int(text)


API = [make_plan, list_plans, show_plan, finish_plan, cancel_plan, apply_plan, take_plan_back]
