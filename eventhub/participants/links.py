"""Personal links. Each is a signed token made from ids, so nothing secret is stored and each opens one thing only."""

from dataclasses import dataclass

from eventhub.signing import BadToken, Signer


@dataclass(frozen=True, slots=True)
class LinkClaim:
    """What a personal link says: whose it is, of which generation, and for which session (join links)."""

    participant_id: int
    generation: int
    session_id: int | None = None


class PersonalLinks:
    """Builds and opens the addresses `/p/…/` (page), `/j/…` (join one session) and `/f/….ics` (feed)."""

    def __init__(self, secret: str, base_url: str) -> None:
        self._base = base_url.rstrip("/")
        self._page = Signer(secret, "link/page")
        self._join = Signer(secret, "link/join")
        self._feed = Signer(secret, "link/feed")
        self._mail = Signer(secret, "link/mail")
        self._office = Signer(secret, "link/office")

    def page_url(self, participant_id: int, generation: int) -> str:
        return f"{self._base}/p/{self._page.sign(_pack(participant_id, generation))}/"

    def feed_url(self, participant_id: int, generation: int) -> str:
        return f"{self._base}/f/{self._feed.sign(_pack(participant_id, generation))}.ics"

    def join_url(self, participant_id: int, generation: int, session_id: int) -> str:
        return f"{self._base}/j/{self._join.sign(_pack(participant_id, generation, session_id))}"

    def office_feed_url(self, delegation_id: int, generation: int) -> str:
        """Return the address of a delegation's calendar, which opens that and nothing else."""
        return f"{self._base}/f/office/{self._office.sign(_pack(delegation_id, generation))}.ics"

    def mail_url(self, participant_id: int) -> str:
        """Return where somebody says which mail they want; it opens nothing else, and outlives renewed links."""
        return f"{self._base}/p/mail/{self._mail.sign(_pack(participant_id, 0))}"

    def open_page(self, token: str) -> LinkClaim:
        """Return the claim of a page token, or raise BadToken."""
        return _unpack(self._page.open(token), 2)

    def open_feed(self, token: str) -> LinkClaim:
        """Return the claim of a feed token, or raise BadToken."""
        return _unpack(self._feed.open(token), 2)

    def open_mail(self, token: str) -> LinkClaim:
        """Return the claim of the address of somebody's mail, or raise BadToken; it has no generation."""
        return _unpack(self._mail.open(token), 2)

    def open_join(self, token: str) -> LinkClaim:
        """Return the claim of a join token, or raise BadToken."""
        return _unpack(self._join.open(token), 3)

    def open_office(self, token: str) -> tuple[int, int]:
        """Return delegation and generation of an office's feed token, or raise BadToken."""
        claim = _unpack(self._office.open(token), 2)
        return claim.participant_id, claim.generation


def _pack(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(4, "big") for number in numbers)


def _unpack(payload: bytes, count: int) -> LinkClaim:
    if len(payload) != 4 * count:
        raise BadToken("wrong length")
    return LinkClaim(
        *(int.from_bytes(payload[i : i + 4], "big") for i in range(0, len(payload), 4))
    )
