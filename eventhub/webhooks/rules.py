"""How a delivery is signed, when it is tried again, and which addresses may be called."""

import base64
import hmac
from collections.abc import Sequence
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"  # noqa: S105 -- how the specification marks a secret
GONE = 410

# Ways from IPv6 into IPv4 networks, where a gateway may lead on to private ones (RFC 6052, 3056, 2765, 4291 2.5.5.1).
# Python calls them global, and site-local addresses too.
_LEADS_ON = (
    ip_network("64:ff9b::/96"),
    ip_network("2002::/16"),
    ip_network("::ffff:0:0:0/96"),
    ip_network("::/96"),
)

# The waits that the Standard Webhooks specification proposes: the last try comes about three days after the first.
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)


def shown(secret: bytes) -> str:
    """Return a secret as its receiver is given it."""
    return SECRET_PREFIX + base64.b64encode(secret).decode()


def signature(secret: bytes, message: str, timestamp: int, body: bytes) -> str:
    """Return the header `webhook-signature`: HMAC-SHA256 over id, seconds since 1970 and body (Standard Webhooks)."""
    signed = f"{message}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()


def wait_after(attempts: int) -> timedelta | None:
    """Return how long to wait after so many tries, or None when there is none left."""
    return WAITS[attempts - 1] if attempts <= len(WAITS) else None


def may_call(address: Address, own_networks: Sequence[Network]) -> bool:
    """Whether an address is on the internet, or in a network of ours that the operator opened to webhooks."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    real = mapped or address
    if any(real in network for network in own_networks):
        return True
    if isinstance(real, IPv6Address) and (
        real.is_site_local or any(real in network for network in _LEADS_ON)
    ):
        return False
    return real.is_global and not real.is_multicast
