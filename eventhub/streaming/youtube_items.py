"""YouTube's JSON as plain values, and back."""

from datetime import datetime
from typing import Any

from .problems import PROBLEMS
from .remote import Draft, RemoteBroadcast, RemoteStream
from .trouble import YouTubeTrouble


def snippet_of(draft: Draft) -> dict[str, str]:
    """Return the section of a broadcast in which its words and times are written."""
    snippet = {
        "title": draft.title,
        "description": draft.description,
        "scheduledStartTime": _written(draft.starts_at),
    }
    if draft.ends_at is not None:
        snippet["scheduledEndTime"] = _written(draft.ends_at)
    return snippet


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def broadcast_of(item: dict[str, Any]) -> RemoteBroadcast:
    """Read a `liveBroadcast`, or raise YouTubeTrouble."""
    try:
        snippet = item["snippet"]
        return RemoteBroadcast(
            id=item["id"],
            title=snippet["title"],
            description=snippet.get("description", ""),
            scheduled_start=_moment(snippet.get("scheduledStartTime")),
            published_at=_moment(snippet.get("publishedAt")),
            life_cycle=item["status"]["lifeCycleStatus"],
            stream_id=item.get("contentDetails", {}).get("boundStreamId"),
            privacy=item["status"].get("privacyStatus", ""),
        )
    except (LookupError, TypeError, ValueError) as error:
        raise YouTubeTrouble(PROBLEMS["unreadableAnswer"]) from error


def stream_of(item: dict[str, Any]) -> RemoteStream:
    """Read a `liveStream`, or raise YouTubeTrouble."""
    try:
        ingestion = item.get("cdn", {}).get("ingestionInfo", {})
        health = item["status"].get("healthStatus", {})
        return RemoteStream(
            id=item["id"],
            title=item["snippet"]["title"],
            description=item["snippet"].get("description", ""),
            status=item["status"]["streamStatus"],
            address=ingestion.get("rtmpsIngestionAddress") or ingestion.get("ingestionAddress", ""),
            key=ingestion.get("streamName", ""),
            health=health.get("status", ""),
            issues=tuple(
                str(each.get("type", "")) for each in health.get("configurationIssues", [])
            ),
        )
    except (LookupError, TypeError, ValueError) as error:
        raise YouTubeTrouble(PROBLEMS["unreadableAnswer"]) from error


def id_of(item: dict[str, Any]) -> str:
    """Return the id of anything, or raise YouTubeTrouble."""
    if not isinstance(item.get("id"), str):
        raise YouTubeTrouble(PROBLEMS["unreadableAnswer"])
    return str(item["id"])
