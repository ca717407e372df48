"""Signed tokens and sealed secrets, all derived from the one `EVENTHUB_SECRET`."""

import base64
import hashlib
import hmac
import secrets
from binascii import Error as Base64Error

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAC_BYTES = 15
NONCE_BYTES = 12


class BadToken(ValueError):
    """Not a token of this purpose made with this secret."""


def _key(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), b"eventhub/" + purpose.encode(), "sha256")


class Signer:
    """Makes and opens short signed tokens for one purpose (`page`, `join`, ...)."""

    def __init__(self, secret: str, purpose: str) -> None:
        self._key = _key(secret, purpose)

    def sign(self, payload: bytes) -> str:
        """Return payload and a 120-bit MAC, base64url without padding."""
        return base64.urlsafe_b64encode(payload + self._mac(payload)).rstrip(b"=").decode()

    def open(self, token: str) -> bytes:
        """Return the payload, or raise BadToken."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (Base64Error, ValueError) as error:
            raise BadToken("not base64url") from error
        payload, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
        if not payload or not hmac.compare_digest(mac, self._mac(payload)):
            raise BadToken("wrong signature")
        return payload

    def derive(self, name: str) -> str:
        """Return a secret text that only this installation can make again from `name`."""
        return (
            base64.urlsafe_b64encode(hmac.digest(self._key, name.encode(), "sha256"))
            .rstrip(b"=")
            .decode()
        )

    def _mac(self, payload: bytes) -> bytes:
        return hmac.digest(self._key, payload, "sha256")[:MAC_BYTES]


class Sealer:
    """Encrypts secrets that must be read back (private keys, stream keys) with AES-256-GCM."""

    def __init__(self, secret: str, purpose: str) -> None:
        self._aead = AESGCM(_key(secret, "seal/" + purpose))

    def seal(self, plain: bytes) -> bytes:
        """Return nonce and ciphertext."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, None)

    def unseal(self, sealed: bytes) -> bytes:
        """Return the plain bytes, or raise BadToken."""
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except (InvalidTag, ValueError) as error:
            raise BadToken("not sealed with this secret") from error


def new_secret() -> str:
    """Return 256 random bits as text."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Return the form in which a random secret is stored (SHA-256, hex)."""
    return hashlib.sha256(secret.encode()).hexdigest()
