"""Sending to YouTube and what comes of it. The only module that imports googleapiclient, google-auth and httplib2.

The client blocks and its transport belongs to one thread (httplib2 is not thread-safe), so each call runs in a
thread with a transport of its own, and takes and returns plain values.
"""

import json
from collections.abc import Callable
from functools import lru_cache
from http.client import BadStatusLine, HTTPException, HTTPResponse
from typing import Any, Protocol

import httplib2
from google.auth.exceptions import GoogleAuthError, RefreshError
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build
from googleapiclient.errors import Error, HttpError
from googleapiclient.http import MediaInMemoryUpload

from eventhub.settings import YouTubeSettings

from .answers import problem_of
from .problems import PROBLEMS
from .quota import Purpose
from .trouble import Problem, YouTubeTrouble


class Account(Protocol):
    """Who pays for calls and learns what became of them."""

    async def spend(self, units: int, purpose: Purpose) -> None:
        """Count units before a call is sent, or raise YouTubeTrouble when it must not be."""

    async def failed(self, problem: Problem) -> None:
        """Learn why a call that was sent did not end well."""


class Wire:
    """A channel's credentials and where its calls go."""

    def __init__(self, settings: YouTubeSettings, timeout_s: float) -> None:
        self._discovery_url = settings.discovery_url
        self._timeout_s = timeout_s
        self._credentials = Credentials(  # type: ignore[no-untyped-call]
            token=None,
            refresh_token=settings.refresh_token,
            token_uri=settings.token_url,
            client_id=settings.client_id,
            client_secret=settings.client_secret,
        )

    def send(
        self,
        resource: str,
        method: str,
        arguments: dict[str, Any],
        picture: tuple[bytes, str] | None = None,
    ) -> Any:
        """Make one call and return its answer, or raise YouTubeTrouble. `picture` is content and media type."""
        # A transport that has seen a broken answer may hold a dead connection: each call has a new one.
        http = _SendingOnce(timeout=self._timeout_s)
        if picture is not None:
            arguments = {
                **arguments,
                "media_body": MediaInMemoryUpload(picture[0], mimetype=picture[1]),
            }
        try:
            service = _service(self._discovery_url, self._timeout_s)
            request = getattr(getattr(service, resource)(), method)(**arguments)
            return request.execute(http=AuthorizedHttp(self._credentials, http=http), num_retries=0)
        except HttpError as error:
            raise YouTubeTrouble(problem_of(error.resp.status, _reason(error.content))) from error
        except RefreshError as error:
            raise YouTubeTrouble(problem_of(400, _refresh_reason(error))) from error
        except (
            Error,
            GoogleAuthError,
            OSError,
            HTTPException,
            httplib2.HttpLib2Error,
            ValueError,
        ) as error:
            raise YouTubeTrouble(PROBLEMS["noAnswer"]) from error
        finally:
            http.close()


class _SendingOnce(httplib2.Http):  # type: ignore[misc]
    """A transport that never repeats a request.

    httplib2 sends again by itself when a connection closes without an answer, whatever its settings say, which
    would make a second broadcast of one insert. Such an end is passed to it as an OSError, which it raises.
    """

    def request(self, uri: str, *arguments: Any, connection_type: Any = None, **named: Any) -> Any:
        kind = connection_type or (
            _SecureConnection if uri.startswith("https:") else _PlainConnection
        )
        return super().request(uri, *arguments, connection_type=kind, **named)


class _PlainConnection(httplib2.HTTPConnectionWithTimeout):  # type: ignore[misc]
    def getresponse(self) -> HTTPResponse:
        return _answer(super().getresponse)


class _SecureConnection(httplib2.HTTPSConnectionWithTimeout):  # type: ignore[misc]
    def getresponse(self) -> HTTPResponse:
        return _answer(super().getresponse)


def _answer(read: Callable[[], HTTPResponse]) -> HTTPResponse:
    try:
        return read()
    except BadStatusLine as error:
        raise OSError("the connection was closed without an answer") from error


@lru_cache(maxsize=4)
def _service(discovery_url: str, timeout_s: float) -> Any:
    where: dict[str, Any] = {"static_discovery": True}
    if discovery_url:
        where = {"static_discovery": False, "discoveryServiceUrl": discovery_url}
    http = httplib2.Http(timeout=timeout_s)
    try:
        return build("youtube", "v3", http=http, cache_discovery=False, **where)
    finally:
        http.close()


def _reason(content: bytes) -> str:
    try:
        return str(json.loads(content)["error"]["errors"][0]["reason"])
    except (ValueError, LookupError, TypeError):
        return ""


def _refresh_reason(error: Exception) -> str:
    details = error.args[1] if len(error.args) > 1 else None
    return str(details.get("error", "authError")) if isinstance(details, dict) else "authError"


def viewers_of(item: dict[str, Any]) -> int | None:
    """Return a live video's viewers; YouTube tells them as text, and only while it likes."""
    told = str(item.get("liveStreamingDetails", {}).get("concurrentViewers", ""))
    return int(told) if told.isascii() and told.isdigit() else None
