"""The stand-in's channel: broadcasts and streams with their life cycle, required fields and errors."""

import secrets
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from .youtube_library import Library, Refused

START = datetime(2021, 2, 1, tzinfo=UTC)
TRANSITIONS = {
    ("ready", "testing"): "testStarting",
    ("testing", "live"): "liveStarting",
    ("testing", "complete"): "complete",
    ("live", "complete"): "complete",
}
SETTLED = {"testStarting": "testing", "liveStarting": "live"}


class Channel(Library):
    """What each method of the API does; `looks_until_settled` is how often one looks until a transition is through."""

    def __init__(self) -> None:
        super().__init__()
        self.streams: dict[str, dict[str, Any]] = {}
        self.viewers: dict[str, int] = {}
        self.looks_until_settled = 1
        self.page_size_limit = 50
        self._looks: Counter[str] = Counter()

    def sends(self, stream_id: str, status: str = "active") -> None:
        """Let an encoder start (or stop) sending to a stream."""
        self.streams[stream_id]["status"]["streamStatus"] = status

    def add(
        self, title: str, *, description: str = "", life_cycle: str = "ready"
    ) -> dict[str, Any]:
        """Put a broadcast on the channel as somebody in YouTube Studio would."""
        body = {
            "snippet": {
                "title": title,
                "description": description,
                "scheduledStartTime": _written(START),
            },
            "status": {"privacyStatus": "unlisted"},
        }
        broadcast = _new_broadcast(body, len(self.broadcasts))
        broadcast["status"]["lifeCycleStatus"] = life_cycle
        self.broadcasts[broadcast["id"]] = broadcast
        return broadcast

    def insert_broadcast(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        snippet, status = body.get("snippet", {}), body.get("status", {})
        _check_title(snippet.get("title", ""), 100)
        _check_description(snippet.get("description", ""))
        if not snippet.get("scheduledStartTime"):
            raise Refused(400, "scheduledStartTimeRequired")
        start = datetime.fromisoformat(snippet["scheduledStartTime"])
        if start.tzinfo is None:
            raise Refused(400, "invalidScheduledStartTime")
        if not status.get("privacyStatus"):
            raise Refused(400, "privacyStatusRequired")
        broadcast = _new_broadcast(body, len(self.broadcasts))
        self.broadcasts[broadcast["id"]] = broadcast
        return broadcast

    def update_broadcast(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        broadcast = self._broadcast(body.get("id", ""))
        parts = query["part"].split(",")
        if "snippet" in parts:
            _check_title(body["snippet"].get("title", ""), 100)
            _check_description(body["snippet"].get("description", ""))
            if not body["snippet"].get("scheduledStartTime"):
                raise Refused(400, "scheduledStartTimeRequired")
        if "status" in parts and not body["status"].get("privacyStatus"):
            raise Refused(400, "privacyStatusRequired")
        if "contentDetails" in parts and set(body["contentDetails"].get("monitorStream", {})) < {
            "enableMonitorStream",
            "broadcastStreamDelayMs",
        }:
            raise Refused(400, "required")
        # Each named section is replaced whole: what is left out goes back to its default.
        if "snippet" in parts:
            kept = {
                name: broadcast["snippet"][name]
                for name in ("publishedAt", "channelId", "liveChatId")
            }
            broadcast["snippet"] = {"description": "", **body["snippet"], **kept}
        if "status" in parts:
            broadcast["status"]["privacyStatus"] = body["status"]["privacyStatus"]
        return broadcast

    def bind_broadcast(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        broadcast = self._broadcast(query["id"])
        if query.get("streamId") not in self.streams:
            raise Refused(404, "liveStreamNotFound")
        if broadcast["status"]["lifeCycleStatus"] not in {"created", "ready"}:
            raise Refused(403, "liveBroadcastBindingNotAllowed")
        broadcast["contentDetails"]["boundStreamId"] = query["streamId"]
        broadcast["status"]["lifeCycleStatus"] = "ready"
        return broadcast

    def transition_broadcast(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        broadcast = self._broadcast(query["id"])
        now, to = broadcast["status"]["lifeCycleStatus"], query["broadcastStatus"]
        if SETTLED.get(now, now) == to:
            raise Refused(403, "redundantTransition")
        if (now, to) not in TRANSITIONS:
            raise Refused(403, "invalidTransition")
        stream = self.streams.get(broadcast["contentDetails"].get("boundStreamId", ""))
        if to != "complete" and (stream is None or stream["status"]["streamStatus"] != "active"):
            raise Refused(403, "errorStreamInactive")
        broadcast["status"]["lifeCycleStatus"] = TRANSITIONS[now, to]
        self._looks[broadcast["id"]] = 0
        return broadcast

    def delete_broadcast(self, query: dict[str, str], body: dict[str, Any]) -> None:
        broadcast = self._broadcast(query["id"])
        if broadcast["status"]["lifeCycleStatus"] in {
            "testing",
            "live",
            "testStarting",
            "liveStarting",
        }:
            raise Refused(403, "liveBroadcastDeletionNotAllowed")
        del self.broadcasts[broadcast["id"]]
        for held in self.items.values():
            held[:] = [each for each in held if each[1] != broadcast["id"]]

    def list_broadcasts(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        if len({"id", "mine", "broadcastStatus"} & set(query)) != 1:
            raise Refused(400, "incompatibleParameters")
        found = list(self.broadcasts.values())
        if "id" in query:
            wanted = query["id"].split(",")
            found = [each for each in found if each["id"] in wanted]
        for each in found:
            self._settle(each)
        return self._page(found, query)

    def insert_stream(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        _check_title(body.get("snippet", {}).get("title", ""), 128)
        if not {"ingestionType", "frameRate", "resolution"} <= set(body.get("cdn", {})):
            raise Refused(400, "required")
        stream = {
            "id": f"stream{len(self.streams)}-{secrets.token_hex(4)}",
            "snippet": {"description": "", **body["snippet"], "publishedAt": _written(START)},
            "cdn": {
                **body["cdn"],
                "ingestionInfo": {
                    "streamName": f"secret-{secrets.token_hex(8)}",
                    "ingestionAddress": "rtmp://a.rtmp.example.org/live2",
                    "rtmpsIngestionAddress": "rtmps://a.rtmps.example.org/live2",
                },
            },
            "contentDetails": {
                "isReusable": body.get("contentDetails", {}).get("isReusable", True)
            },
            "status": {"streamStatus": "ready", "healthStatus": {"status": "noData"}},
        }
        self.streams[str(stream["id"])] = stream
        return stream

    def list_streams(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        if len({"id", "mine"} & set(query)) != 1:
            raise Refused(400, "incompatibleParameters")
        found = [each for each in self.streams.values() if each["contentDetails"]["isReusable"]]
        if "id" in query:
            found = [each for each in self.streams.values() if each["id"] in query["id"].split(",")]
        return self._page(found, query)

    def delete_stream(self, query: dict[str, str], body: dict[str, Any]) -> None:
        if any(
            each["contentDetails"].get("boundStreamId") == query["id"]
            for each in self.broadcasts.values()
        ):
            raise Refused(403, "liveStreamDeletionNotAllowed")
        if self.streams.pop(query["id"], None) is None:
            raise Refused(404, "liveStreamNotFound")

    def list_videos(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        wanted = query.get("id", "").split(",")
        found = [
            {
                "id": each["id"],
                "statistics": {"viewCount": "12"},
                "liveStreamingDetails": self._streaming(each["id"]),
            }
            for each in self.broadcasts.values()
            if each["id"] in wanted
        ]
        return self._page(found, query)

    def _streaming(self, youtube_id: str) -> dict[str, str]:
        told = self.viewers.get(youtube_id)
        return {} if told is None else {"concurrentViewers": str(told)}

    def _broadcast(self, youtube_id: str) -> dict[str, Any]:
        if youtube_id not in self.broadcasts:
            raise Refused(404, "liveBroadcastNotFound")
        return self.broadcasts[youtube_id]

    def _settle(self, broadcast: dict[str, Any]) -> None:
        self._looks[broadcast["id"]] += 1
        now = broadcast["status"]["lifeCycleStatus"]
        if now in SETTLED and self._looks[broadcast["id"]] > self.looks_until_settled:
            broadcast["status"]["lifeCycleStatus"] = SETTLED[now]

    def _page(self, found: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
        size = min(int(query.get("maxResults", "5")), self.page_size_limit)
        first = int(query.get("pageToken") or 0)
        answer: dict[str, Any] = {"items": found[first : first + size]}
        if first + size < len(found):
            answer["nextPageToken"] = str(first + size)
        return answer


def _new_broadcast(body: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "id": f"yt{number:03}{secrets.token_hex(3)}",
        "snippet": {
            "description": "",
            **body["snippet"],
            "publishedAt": _written(START + timedelta(seconds=number)),
            "channelId": "UC-standin",
            "liveChatId": "chat",
        },
        "contentDetails": {
            "monitorStream": {"enableMonitorStream": True, "broadcastStreamDelayMs": 0},
            **body.get("contentDetails", {}),
        },
        "status": {
            **body["status"],
            "lifeCycleStatus": "created",
            "recordingStatus": "notRecording",
        },
    }


def _check_title(title: str, longest: int) -> None:
    if not title:
        raise Refused(400, "titleRequired")
    if len(title) > longest or set("<>") & set(title):
        raise Refused(400, "invalidTitle")


def _check_description(description: str) -> None:
    if len(description.encode()) > 5000 or set("<>") & set(description):
        raise Refused(400, "invalidDescription")


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
