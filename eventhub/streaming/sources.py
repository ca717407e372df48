"""What a pasted link leads to: a YouTube video that the watch page can embed, or another page to open."""

import re
from urllib.parse import parse_qs, urlsplit

from .model import SourceKind

PLAYER = "https://www.youtube-nocookie.com"
CHAT = "https://www.youtube.com"

# Google promises neither length nor form of an id; these two stand where an id would but are none.
_ID = re.compile(r"[A-Za-z0-9_-]{5,64}")
# What letters come down to (ﷺ holds blanks) must not end a source in a policy and begin another.
_HOST = re.compile(r"[A-Za-z0-9._-]+")
_NO_VIDEO = {"live_stream", "videoseries"}
_HOSTS = {
    "youtube.com",
    "www.youtube.com",
    "m.youtube.com",
    "music.youtube.com",
    "www.youtube-nocookie.com",
}


def watch_url(youtube_id: str) -> str:
    """Return the address of a broadcast on YouTube: it is a video of the same id."""
    return f"https://www.youtube.com/watch?v={youtube_id}"


def video_of(link: str) -> str | None:
    """Return the YouTube id in a `watch`, `live`, `embed`, `shorts` or `youtu.be` link; None for other links."""
    parts = urlsplit(link)
    host = (parts.hostname or "").lower()
    path = [piece for piece in parts.path.split("/") if piece]
    candidate = ""
    if host == "youtu.be" and path:
        candidate = path[0]
    elif host in _HOSTS and path[:1] == ["watch"]:
        candidate = parse_qs(parts.query).get("v", [""])[0]
    elif host in _HOSTS and len(path) > 1 and path[0] in {"live", "embed", "shorts", "v"}:
        candidate = path[1]
    return candidate if _ID.fullmatch(candidate) and candidate not in _NO_VIDEO else None


def embed_url(youtube_id: str) -> str:
    """Return the address of the privacy-enhanced player, which plays at once."""
    return f"{PLAYER}/embed/{youtube_id}?autoplay=1"


def origin_of(link: str) -> str:
    """Return scheme, host and port of a link, as policies and addresses write them: in ASCII; "" of no real host."""
    parts = urlsplit(link)
    try:
        host = (parts.hostname or "").encode("idna").decode()
    except UnicodeError:
        return ""
    if ":" in host:
        host = f"[{host}]"
    elif not _HOST.fullmatch(host):
        return ""
    return f"{parts.scheme}://{host}:{parts.port}" if parts.port else f"{parts.scheme}://{host}"


def chat_url(embed: str, host: str) -> str:
    """Return the address of the chat beside a player, for a page of this host."""
    video = urlsplit(embed).path.rpartition("/")[2]
    return f"{CHAT}/live_chat?v={video}&embed_domain={host}"


_ZOOM = re.compile(r"(.+\.)?zoom\.(us|com)")
_KINDS = (
    (SourceKind.HLS, lambda host, path: path.endswith(".m3u8")),
    (SourceKind.ZOOM, lambda host, path: _ZOOM.fullmatch(host) is not None),
    (SourceKind.MEET, lambda host, path: host == "meet.google.com"),
    (SourceKind.JITSI, lambda host, path: host in {"meet.jit.si", "8x8.vc"} or "jitsi." in host),
    (SourceKind.BIGBLUEBUTTON, lambda host, path: "bigbluebutton" in host + path),
)


def kind_of(link: str) -> SourceKind:
    """Return what a link leads to, judged by its host and path; an organizer may know better (own Jitsi, own BBB)."""
    if video_of(link) is not None:
        return SourceKind.YOUTUBE
    parts = urlsplit(link)
    host, path = (parts.hostname or "").lower(), parts.path.lower()
    return next((kind for kind, fits in _KINDS if fits(host, path)), SourceKind.PAGE)
