"""What plays a link in the watch page, and what the page's policy allows for it."""

import pytest

from eventhub.streaming import players
from eventhub.streaming.model import SourceKind
from eventhub.streaming.players import Player, PlayerKind

CALM = "config.startWithAudioMuted=true&config.startWithVideoMuted=true"


@pytest.mark.parametrize(
    ("link", "kind", "player"),
    [
        (
            "https://youtu.be/dQw4w9WgXcQ",
            None,
            Player(
                PlayerKind.YOUTUBE,
                "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?autoplay=1",
                "https://www.youtube-nocookie.com",
            ),
        ),
        (
            "https://cdn.example.org:8443/live/one.m3u8?k=1",
            None,
            Player(
                PlayerKind.HLS,
                "https://cdn.example.org:8443/live/one.m3u8?k=1",
                "https://cdn.example.org:8443",
            ),
        ),
        (
            "https://jitsi.example.org/Rapat",
            None,
            Player(
                PlayerKind.JITSI,
                f"https://jitsi.example.org/Rapat#{CALM}",
                "https://jitsi.example.org",
            ),
        ),
        (
            "https://rapat.example.org/Satu#config.subject=1",
            SourceKind.JITSI,
            Player(
                PlayerKind.JITSI,
                f"https://rapat.example.org/Satu#config.subject=1&{CALM}",
                "https://rapat.example.org",
            ),
        ),
        ("https://meet.jit.si/Rapat", None, None),
        ("https://us02web.zoom.us/j/1", None, None),
        ("https://meet.google.com/abc-defg-hij", None, None),
        ("https://bbb.example.org/bigbluebutton/1", None, None),
        ("https://example.org/", None, None),
        ("https://a..b/live.m3u8", None, None),
    ],
)
def test_a_link_is_played_in_the_page_where_it_may_be(
    link: str, kind: SourceKind | None, player: Player | None
) -> None:
    assert players.player_of(link, kind) == player


@pytest.mark.parametrize("host", ["ﷺlocalhostﷺ.example.org", "⑴.example.org", "a..b"])
def test_a_host_that_would_be_more_than_one_source_in_a_policy_is_not_played(host: str) -> None:
    assert players.player_of(f"https://{host}/live.m3u8") is None
    assert players.player_of(f"https://{host}/Rapat", SourceKind.JITSI) is None


def test_a_page_allows_the_origin_of_its_player_and_nothing_else() -> None:
    youtube, hls, jitsi = (
        players.player_of(link)
        for link in (
            "https://youtu.be/dQw4w9WgXcQ",
            "https://münchen.example/live.m3u8",
            "https://jitsi.example.org/Rapat",
        )
    )

    assert players.policy_of(None, shows_chat=True) == {}
    assert players.policy_of(youtube, shows_chat=False) == {
        "frame-src": "https://www.youtube-nocookie.com"
    }
    assert players.policy_of(youtube, shows_chat=True) == {
        "frame-src": "https://www.youtube-nocookie.com https://www.youtube.com"
    }
    assert players.policy_of(hls, shows_chat=False) == {
        "media-src": "blob: https://xn--mnchen-3ya.example",
        "connect-src": "https://xn--mnchen-3ya.example",
    }
    assert players.policy_of(jitsi, shows_chat=False) == {"frame-src": "https://jitsi.example.org"}
    assert players.permissions_of(hls) is None
    assert players.permissions_of(jitsi) == (
        'camera=(self "https://jitsi.example.org"), microphone=(self "https://jitsi.example.org"), '
        'display-capture=(self "https://jitsi.example.org"), geolocation=()'
    )
