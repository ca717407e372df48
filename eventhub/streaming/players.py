"""What plays a source on the watch page, and what that page's policy must allow for it.

Zoom, Google Meet and BigBlueButton forbid being framed (X-Frame-Options, frame-ancestors) and are opened beside the
page; so is meet.jit.si, which ends framed meetings after five minutes. Jitsi servers of one's own may be framed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from . import sources
from .model import SourceKind

_NOT_FRAMED = frozenset({"meet.jit.si"})

# Whoever comes in to watch is neither heard nor seen before they choose so; the page has told what is loaded.
_JITSI_OPTIONS = "config.startWithAudioMuted=true&config.startWithVideoMuted=true"


class PlayerKind(StrEnum):
    """YouTube and Jitsi are framed, HLS is played by the page itself."""

    YOUTUBE = "youtube"
    JITSI = "jitsi"
    HLS = "hls"


@dataclass(frozen=True, slots=True)
class Player:
    """What shows a source in the page: `address` is framed or played, `origin` the only place it may come from."""

    kind: PlayerKind
    address: str
    origin: str

    @property
    def host(self) -> str:
        """Whom the viewer's browser contacts, as the viewer reads it."""
        return urlsplit(self.origin).netloc


def player_of(link: str, kind: SourceKind | None = None) -> Player | None:
    """Return what plays a link; None for one that is opened beside the page. Without a kind the link tells it."""
    kind = kind or sources.kind_of(link)
    video = sources.video_of(link)
    if video is not None:
        return Player(PlayerKind.YOUTUBE, sources.embed_url(video), sources.PLAYER)
    origin = sources.origin_of(link)
    if kind is SourceKind.HLS and origin:
        return Player(PlayerKind.HLS, link, origin)
    if kind is SourceKind.JITSI and origin and urlsplit(link).hostname not in _NOT_FRAMED:
        separator = "&" if urlsplit(link).fragment else "#"
        return Player(PlayerKind.JITSI, f"{link}{separator}{_JITSI_OPTIONS}", origin)
    return None


def policy_of(player: Player | None, *, shows_chat: bool) -> Mapping[str, str]:
    """Return what the page's Content-Security-Policy allows beyond our own files: this player's origin alone."""
    if player is None:
        return {}
    if player.kind is PlayerKind.HLS:
        # hls.js fetches the pieces and hands them to the video as a blob of the page's own.
        return {"media-src": f"blob: {player.origin}", "connect-src": player.origin}
    chat = f" {sources.CHAT}" if shows_chat else ""
    return {"frame-src": f"{player.origin}{chat}"}


def permissions_of(player: Player | None) -> str | None:
    """Return the Permissions-Policy of a page with a meeting in it; None where the usual one holds."""
    if player is None or player.kind is not PlayerKind.JITSI:
        return None
    allowed = f'(self "{player.origin}")'
    features = ("camera", "microphone", "display-capture")
    return ", ".join([*(f"{name}={allowed}" for name in features), "geolocation=()"])
