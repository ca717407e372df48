"""Pictures and playlists of a channel."""

from .youtube_calls import WRITE_UNITS, Calls
from .youtube_items import id_of


class Library(Calls):
    """What broadcasts are dressed with."""

    async def set_thumbnail(self, youtube_id: str, picture: bytes, media_type: str) -> None:
        """Set a broadcast's picture; may be repeated."""
        await self._call(
            WRITE_UNITS, "thumbnails", "set", {"videoId": youtube_id}, (picture, media_type)
        )

    async def list_playlists(self) -> dict[str, str]:
        """Return the descriptions of the channel's playlists, by id."""
        items = await self._pages("playlists", "id,snippet")
        return {item["id"]: item["snippet"].get("description", "") for item in items}

    async def insert_playlist(self, title: str, description: str, privacy: str) -> str:
        """Make a playlist and return its id."""
        body = {
            "snippet": {"title": title, "description": description},
            "status": {"privacyStatus": privacy},
        }
        answer = await self._write("playlists", "insert", part="id,snippet,status", body=body)
        return id_of(answer)

    async def find_items(self, playlist_id: str, youtube_id: str) -> list[str]:
        """Return the ids of the items by which a playlist holds a video."""
        answer = await self._read(
            "playlistItems", part="id", playlistId=playlist_id, videoId=youtube_id
        )
        return [id_of(item) for item in answer["items"]]

    async def insert_item(self, playlist_id: str, youtube_id: str) -> None:
        """Put a video into a playlist. A second insert makes a second item."""
        resource = {"kind": "youtube#video", "videoId": youtube_id}
        body = {"snippet": {"playlistId": playlist_id, "resourceId": resource}}
        await self._write("playlistItems", "insert", part="id,snippet", body=body)

    async def delete_item(self, item_id: str) -> None:
        """Take an item out of its playlist."""
        await self._write("playlistItems", "delete", id=item_id)
