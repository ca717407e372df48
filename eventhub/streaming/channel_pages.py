"""Channels, encoders and units: connecting YouTube in the browser, and how the day's calls are shared out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import urlsplit

from aiohttp import web

from eventhub import outbox
from eventhub.accounts import actions as accounts
from eventhub.accounts import audit
from eventhub.errors import Forbidden, NotFound
from eventhub.events import actions as events
from eventhub.web.access import RIGHTS, Right, allow, signed_in
from eventhub.web.fields import Form
from eventhub.web.forms import posted, read_form
from eventhub.web.keys import CLOCK, EVENT, INSTALLATION, PRINCIPAL, SETTINGS, reading, transaction
from eventhub.web.pages import page, see_other
from eventhub.wording import say

from . import channels, connection, consent, encoder_store, revoking, settings_store, sync
from .model import Connected, Encoder, PlaylistPer, Privacy
from .outlook import look_ahead
from .problems import PROBLEMS
from .trouble import Problem, YouTubeTrouble


class _How(Form):
    privacy: Privacy
    playlists: PlaylistPer
    thumbnails: Literal["1", ""] = ""


class _Home(Form):
    encoder: str
    channel: int = 0


@allow(Right.BROADCASTS_READ)
async def show_channels(request: web.Request) -> web.StreamResponse:
    """Show channels, encoders, and what of the day's units is used, planned and put off."""
    return await _show(request)


async def _show(
    request: web.Request, *, status: int = 200, refused: Problem | None = None
) -> web.Response:
    event, at, installation = request[EVENT], request.app[CLOCK].now(), request.app[INSTALLATION]
    if installation.settings.youtube.is_set:
        async with transaction(request) as tx:
            await channels.of_settings(tx, installation.settings, at)
    async with reading(request) as tx:
        outlook = await look_ahead(tx, installation, event, at)
        homes = await channels.homes(tx, installation, event.id, at)
        shown = [
            {
                "channel": each,
                "problem": _problem(each),
                "made": await channels.count_broadcasts(tx, each.id),
            }
            for each in homes.known.values()
        ]
        encoders = await encoder_store.list_encoders(tx, event.id)
        rooms = await channels.list_room_names(tx, event.id)
        how = await settings_store.find_settings(tx, event.id)
    youtube = request.app[SETTINGS].youtube
    consenting = urlsplit(youtube.auth_url)
    return await page(
        request,
        "streaming/channels.html",
        status=status,
        # Browsers hold redirects of a form to form-action too (CSP 3, 4.2.4).
        csp={"form-action": f"{consenting.scheme}://{consenting.netloc}"},
        refused=refused or _told(request),
        consent=request.query.get("consent", ""),
        by_hand=revoking.BY_HAND,
        channels=shown,
        homes=homes,
        encoders=[(each, _name(each, rooms, event.title)) for each in encoders],
        how=how,
        outlook=outlook,
        has_client=youtube.has_client,
        may_connect=request[PRINCIPAL].has(Right.EVENT_SETTINGS),
        may_act=request[PRINCIPAL].has(Right.BROADCASTS_ACT),
    )


def _name(encoder: Encoder, rooms: Mapping[str, str], event: str) -> str:
    """Return what people call an encoder: its room, its track, or the event."""
    kind, _, code = encoder.encoder.partition(":")
    return rooms.get(code, code) if kind == "room" else code or event


def _problem(channel: Connected) -> Problem | None:
    return PROBLEMS.get(channel.problem_code) if channel.problem_code else None


def _told(request: web.Request) -> Problem | None:
    return PROBLEMS.get(request.query.get("problem", ""))


@allow(Right.EVENT_SETTINGS)
async def connect(request: web.Request) -> web.StreamResponse:
    """Send the browser to Google's page of consent."""
    await posted(request)
    if not request.app[SETTINGS].youtube.has_client:
        return await _show(request, status=409, refused=PROBLEMS["invalid_client"])
    address = await consent.begin(request.app[INSTALLATION], request[EVENT], request[PRINCIPAL])
    return web.Response(status=303, headers={"Location": address})


@signed_in
async def connected(request: web.Request) -> web.StreamResponse:
    """Take the browser back from Google, whose answer is good once and for the user who asked."""
    installation, who = request.app[INSTALLATION], request[PRINCIPAL]
    state, code = request.query.get("state", ""), request.query.get("code", "")
    at = request.app[CLOCK].now()
    async with transaction(request) as tx:
        taken = await consent.take(tx, installation, state, who, at) if who.kind == "user" else None
        if taken is None:
            raise NotFound(
                say(
                    "This answer of Google is too old or not yours. Please connect the channel again."
                )
            )
        event = await events.get_event_by_id(tx, taken[0])
        roles = await accounts.events_of(tx, who.id)
    if not {roles.get(None), roles.get(event.id)} & RIGHTS[Right.EVENT_SETTINGS]:
        raise Forbidden(say("Your role does not allow this. Please ask an organizer of the event."))
    path = f"/manage/{event.slug}/channels"
    if not code:
        return see_other(request, path=f"{path}?problem=consentRefused")
    try:
        await consent.finish(installation, event, code, taken[1], who)
    except YouTubeTrouble as trouble:
        return see_other(request, path=f"{path}?problem={trouble.problem.code}")
    async with transaction(request) as tx:
        await outbox.add(tx, sync.TOPIC, {}, event_id=event.id, at=at)
    return see_other(request, path=path)


@allow(Right.EVENT_SETTINGS)
async def disconnect(request: web.Request) -> web.StreamResponse:
    """Erase a channel's token here and at Google; its broadcasts stay on YouTube."""
    await posted(request)
    event, installation, at = request[EVENT], request.app[INSTALLATION], request.app[CLOCK].now()
    async with transaction(request) as tx:
        channel = await channels.find(tx, _number(request))
        if channel is None or channel.event_id != event.id or channel.disconnected_at:
            raise NotFound(say("There is no such channel any more."))
        access = channels.access_of(installation.settings, channel)
        is_shared = await channels.is_shared(tx, channel)
        await channels.remove(tx, channel, at)
        await audit.record(
            tx, request[PRINCIPAL], "channel.disconnected", channel.youtube_id,
            event_id=event.id, at=at,
        )  # fmt: skip
    withdrawal = await revoking.withdraw(installation, access, is_shared=is_shared)
    return see_other(request, path=f"/manage/{event.slug}/channels?consent={withdrawal}")


@allow(Right.BROADCASTS_ACT)
async def try_again(request: web.Request) -> web.StreamResponse:
    """Ask a channel that is not called any more once, and let it be called when it answers."""
    await posted(request)
    event, installation, at = request[EVENT], request.app[INSTALLATION], request.app[CLOCK].now()
    async with transaction(request) as tx:
        homes = await channels.homes(tx, installation, event.id, at)
    channel = homes.known.get(_number(request))
    if channel is None:
        raise NotFound(say("There is no such channel any more."))
    problem = await connection.problem_of_channel(installation, channel, event.id)
    if problem is not None:
        return await _show(request, status=409, refused=problem)
    async with transaction(request) as tx:
        await outbox.add(tx, sync.TOPIC, {}, event_id=event.id, at=at)
    return see_other(request, "streaming.channels", event=event.slug)


@allow(Right.EVENT_SETTINGS)
async def change_how(request: web.Request) -> web.StreamResponse:
    """Save how the event's broadcasts are made."""
    form = read_form(_How, await posted(request))
    event, at = request[EVENT], request.app[CLOCK].now()
    async with transaction(request) as tx:
        how = replace(
            await settings_store.find_settings(tx, event.id),
            privacy=form.privacy,
            playlists=form.playlists,
            thumbnails=form.thumbnails == "1",
        )
        await settings_store.save_settings(tx, event.id, how)
        detail: dict[str, Any] = {"privacy": how.privacy, "playlists": how.playlists}
        await audit.record(
            tx, request[PRINCIPAL], "streaming.changed", event.slug, event_id=event.id, at=at,
            detail=detail,
        )  # fmt: skip
        await outbox.add(tx, sync.TOPIC, {}, event_id=event.id, at=at)
    return see_other(request, "streaming.channels", event=event.slug)


@allow(Right.EVENT_SETTINGS)
async def choose_channel(request: web.Request) -> web.StreamResponse:
    """Let an encoder's broadcasts be made on another of the event's channels."""
    form = read_form(_Home, await posted(request))
    event, at = request[EVENT], request.app[CLOCK].now()
    async with transaction(request) as tx:
        homes = await channels.homes(tx, request.app[INSTALLATION], event.id, at)
        if form.channel and form.channel not in homes.known:
            raise NotFound(say("There is no such channel any more."))
        if await encoder_store.find_encoder(tx, event.id, form.encoder) is None:
            raise NotFound(say("There is no such encoder any more."))
        await channels.wish_channel(tx, event.id, form.encoder, form.channel or None)
        await outbox.add(tx, sync.TOPIC, {}, event_id=event.id, at=at)
    return see_other(request, "streaming.channels", event=event.slug)


def _number(request: web.Request) -> int:
    return int(request.match_info["channel"])


_CHANNELS = "/manage/{event}/channels"
_ONE = _CHANNELS + r"/{channel:\d{1,9}}"

ROUTES = [
    web.get(consent.PATH, connected, name="streaming.connected"),
    web.get(_CHANNELS, show_channels, name="streaming.channels"),
    web.post(f"{_CHANNELS}/connect", connect, name="streaming.connect"),
    web.post(f"{_CHANNELS}/how", change_how, name="streaming.how"),
    web.post(f"{_CHANNELS}/encoder", choose_channel, name="streaming.encoder"),
    web.post(f"{_ONE}/disconnect", disconnect, name="streaming.disconnect"),
    web.post(f"{_ONE}/again", try_again, name="streaming.again"),
]
