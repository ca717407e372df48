"""Encrypting what a scanner keeps about a ticket's holder, so that only the ticket's own text opens it. Pure."""

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_ID_PURPOSE = b"eventhub ticket id\n"
_DATA_PURPOSE = b"eventhub ticket data\n"
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Lock:
    """Under what a ticket is listed, and the key of its holder's data. Both come from the text, which is not kept."""

    id: str
    key: bytes


def lock_of(text: str) -> Lock:
    """Return the lock of a ticket's text."""
    return Lock(
        text_of(sha256(_ID_PURPOSE + text.encode()).digest()[:16]),
        sha256(_DATA_PURPOSE + text.encode()).digest(),
    )


def seal(lock: Lock, plain: bytes) -> str:
    """Return base64url of nonce and ciphertext (AES-256-GCM).

    The nonce comes from the content, so that every server process writes the same and an unchanged holder is not
    sent again; one key ever meets two contents only under two nonces.
    """
    nonce = hmac.digest(lock.key, plain, "sha256")[:_NONCE_BYTES]
    return text_of(nonce + AESGCM(lock.key).encrypt(nonce, plain, None))


def seal_all(wanted: Sequence[tuple[Lock, bytes]]) -> list[str]:
    """Seal many at once, for a thread of its own."""
    return [seal(lock, plain) for lock, plain in wanted]


def text_of(raw: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
