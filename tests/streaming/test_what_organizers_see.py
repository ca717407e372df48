"""How a broadcast shows: its state beside a problem, and no secret in what is written out."""

from dataclasses import replace

from eventhub.streaming.model import Broadcast, Provider, Shown, State, Viewers
from eventhub.streaming.remote import RemoteStream
from tests import make

MADE = Broadcast(
    1, 1, 1, "pembukaan", Provider.YOUTUBE, State.CREATED, "[eventhub:a/b/c]", youtube_id="abc"
)


def shown(broadcast: Broadcast | None) -> Shown:
    start, end = make.at("09:00"), make.at("10:00")
    viewers = Viewers(0, 0, start)
    return Shown(1, "pembukaan", "Pembukaan", start, end, "", broadcast, viewers)


def test_a_problem_shows_as_the_state_only_where_nothing_is_on_youtube() -> None:
    troubled = replace(MADE, problem_code="quotaExceeded")

    assert shown(None).state is State.WANTED
    assert shown(MADE).state is State.CREATED
    assert shown(troubled).state is State.CREATED
    assert shown(replace(troubled, youtube_id=None)).state is State.PROBLEM


def test_a_stream_written_out_does_not_tell_its_key() -> None:
    stream = RemoteStream("s1", "Aula", "", "active", "rtmp://a.example", "the secret key")

    assert repr(stream) == "RemoteStream('s1', 'active')"
