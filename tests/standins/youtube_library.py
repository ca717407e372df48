"""What the stand-in's channel holds beside broadcasts: pictures, playlists, its own name, and the page of consent."""

import secrets
from collections import defaultdict
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

LARGEST_THUMBNAIL = 2 * 1024 * 1024


class Refused(Exception):
    """An answer in the API's error form."""

    def __init__(self, status: int, reason: str, message: str = "refused") -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.message = message


class Library:
    """Playlists and pictures of a channel; `consents` holds the PKCE challenge of each code that was given."""

    def __init__(self) -> None:
        self.broadcasts: dict[str, dict[str, Any]] = {}
        self.pictures: dict[str, bytes] = {}
        self.playlists: dict[str, dict[str, Any]] = {}
        self.items: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self.thumbnails_allowed = 1000
        self.channel = ("UC-standin", "Kanal Panitia")
        self.consents: dict[str, dict[str, str]] = {}
        self.refuses_consent = False
        self.granted_scope = ""

    def set_thumbnail(self, query: dict[str, str], body: bytes) -> dict[str, Any]:
        if query["videoId"] not in self.broadcasts:
            raise Refused(404, "videoNotFound")
        if not body.startswith((b"\x89PNG", b"\xff\xd8")) or len(body) > LARGEST_THUMBNAIL:
            raise Refused(400, "invalidImage")
        if self.thumbnails_allowed <= 0:
            raise Refused(429, "uploadRateLimitExceeded")
        self.thumbnails_allowed -= 1
        self.pictures[query["videoId"]] = body
        return {"items": []}

    def insert_playlist(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        if not body.get("snippet", {}).get("title"):
            raise Refused(400, "playlistTitleRequired")
        playlist = {"id": f"PL{secrets.token_hex(6)}", **body}
        self.playlists[playlist["id"]] = playlist
        return playlist

    def list_playlists(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        return self._page(list(self.playlists.values()), query)

    def list_playlistitems(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        if query["playlistId"] not in self.playlists:
            raise Refused(404, "playlistNotFound")
        held = self.items[query["playlistId"]]
        found = [{"id": item} for item, video in held if query.get("videoId", video) == video]
        return self._page(found, query)

    def insert_playlistitem(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        snippet = body["snippet"]
        if snippet["playlistId"] not in self.playlists:
            raise Refused(404, "playlistNotFound")
        if snippet["resourceId"]["videoId"] not in self.broadcasts:
            raise Refused(404, "videoNotFound")
        item = f"PI{secrets.token_hex(6)}"
        self.items[snippet["playlistId"]].append((item, snippet["resourceId"]["videoId"]))
        return {"id": item, "snippet": snippet}

    def delete_playlistitem(self, query: dict[str, str], body: dict[str, Any]) -> None:
        for held in self.items.values():
            for each in held:
                if each[0] == query["id"]:
                    held.remove(each)
                    return
        raise Refused(404, "playlistItemNotFound")

    def list_channels(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        id, title = self.channel
        return {"items": [{"id": id, "snippet": {"title": title}}] if id else []}

    async def answer_consent(self, request: web.Request) -> web.Response:
        """Stand for Google's page: consent at once and lead back."""
        query = request.query
        if self.refuses_consent:
            back = {"error": "access_denied", "state": query["state"]}
        else:
            code = secrets.token_hex(8)
            self.consents[code] = dict(query)
            back = {"code": code, "state": query["state"], "scope": query["scope"]}
        return web.Response(
            status=302, headers={"Location": f"{query['redirect_uri']}?{urlencode(back)}"}
        )

    def _page(self, found: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
        raise NotImplementedError
