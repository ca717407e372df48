"""A delay leaves every session on its event day: beyond that no later delay of the day would reach it."""

import pytest

from eventhub.installation import Installation
from tests import callers, make
from tests.callers import Client
from tests.standins.clock import StillClock
from tests.streaming.scene import published, streamed
from tests.streaming.test_delaying import API, PAGE, frozen

EVENING = streamed(1, title="Malam budaya", starts_at=make.at("22:00"), ends_at=make.at("23:00"))
NIGHT = streamed(
    2,
    title="Doa malam",
    starts_at=make.at("02:30", "2021-02-26"),
    ends_at=make.at("03:30", "2021-02-26"),
)


async def scene(installation: Installation, clock: StillClock) -> None:
    await published(installation, EVENING, NIGHT)
    clock.moment = make.at("22:40")


async def test_a_delay_over_the_end_of_the_event_day_is_refused_with_what_to_do(
    client: Client, installation: Installation, clock: StillClock
) -> None:
    await scene(installation, clock)
    before = await frozen(installation)
    headers = await callers.bearer(installation, "streaming")

    seen = await client.get(f"{API}?minutes=90", headers=headers)
    answer = await client.post(API, headers=headers, json={"minutes": 90})

    assert (seen.status, answer.status) == (409, 409)
    assert (await answer.json())["detail"] == (
        "Doa malam would begin at 04:00 WIB, on the next event day. "
        "Choose fewer minutes, or move or cancel it in the programme first."
    )
    assert await frozen(installation) == before
    just = await client.post(API, headers=headers, json={"minutes": 89})
    assert just.status == 201


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Doa malam would begin at 04:00 WIB, on the next event day."),
        ("id", "Doa malam akan dimulai pukul 04.00 WIB, pada hari acara berikutnya."),
    ],
)
async def test_the_page_says_why_a_delay_over_the_end_of_the_event_day_is_not_made(
    client: Client, installation: Installation, clock: StillClock, language: str, sentence: str
) -> None:
    await scene(installation, clock)
    csrf = await callers.signed_in(client, installation, "streaming")
    spoken = {"Accept-Language": language}

    seen = await client.get(f"{PAGE}?minutes=90", headers=spoken)
    pressed = await client.post(PAGE, headers=spoken, data={"csrf": csrf, "minutes": "90"})

    assert (seen.status, pressed.status) == (409, 409)
    assert sentence in await seen.text()
    assert sentence in await pressed.text()
