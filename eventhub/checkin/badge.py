"""Tickets as text and as QR codes. Pure: keys and numbers in, text and pictures out.

A ticket's text is base32 (RFC 4648, no padding) of: version 1 byte, key id 1, event 2, ticket number 8 (big endian),
Ed25519 signature 64. That is 122 characters, which exactly fills a QR code of version 5, level M, in alphanumeric mode.
"""

import base64
import struct
import zlib
from binascii import Error as Base32Error
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import qrcode
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_ALPHA_NUM, QRData

VERSION = 1
QR_VERSION = 5
QUIET_MODULES = 4
TEXT_LENGTH = 122
_HEADER = struct.Struct(">BBHq")
_BYTES = _HEADER.size + 64
_PURPOSE = b"eventhub ticket\n"


class NotATicket(ValueError):
    """A text that no ticket can be: wrong length, alphabet or version."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a ticket's text says, believed only once `is_signed_by` holds. `event` is the event's id modulo 65,536."""

    key_id: int
    event: int
    number: int
    signature: bytes

    @property
    def _message(self) -> bytes:
        return _PURPOSE + _HEADER.pack(VERSION, self.key_id, self.event, self.number)

    def is_signed_by(self, public_key: bytes) -> bool:
        """Whether the holder of this key (32 raw bytes) made the ticket."""
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(self.signature, self._message)
        except (InvalidSignature, ValueError):
            return False
        return True


def event_mark(event_id: int) -> int:
    """Return what stands for an event in its tickets' two bytes."""
    return event_id & 0xFFFF


def new_key() -> tuple[bytes, bytes]:
    """Return a fresh private and public key, 32 raw bytes each."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes_raw(), key.public_key().public_bytes_raw()


def signer(private_key: bytes, *, key_id: int, event_id: int) -> Callable[[int], str]:
    """Return what makes a ticket's number, a signed 64-bit integer, its text."""
    key, mark = Ed25519PrivateKey.from_private_bytes(private_key), event_mark(event_id)

    def text(number: int) -> str:
        header = _HEADER.pack(VERSION, key_id, mark, number)
        signature = key.sign(_PURPOSE + header)
        return base64.b32encode(header + signature).rstrip(b"=").decode()

    return text


def header(key_id: int, event_id: int, number: int) -> bytes:
    """Return a ticket's first 12 bytes, which tell it from all others and prove nothing."""
    return _HEADER.pack(VERSION, key_id, event_mark(event_id), number)


def read_header(raw: bytes) -> tuple[int, int, int]:
    """Return the key id, event mark and number that a header tells; raise ValueError where it is none."""
    try:
        version, key_id, event, number = _HEADER.unpack(raw)
    except struct.error as error:
        raise ValueError("not a header") from error
    if version != VERSION:
        raise ValueError("unknown version")
    return key_id, event, number


def write(private_key: bytes, *, key_id: int, event_id: int, number: int) -> str:
    """Return the text of a ticket; `number` is a signed 64-bit integer."""
    return signer(private_key, key_id=key_id, event_id=event_id)(number)


def clean(scanned: str) -> str:
    """Return a scanned text without the blanks and lower case that keyboards and hardware scanners put in."""
    return "".join(scanned.split()).upper()


def read(text: str) -> Claim:
    """Return what a cleaned text claims, or raise NotATicket. The signature is not yet checked."""
    if len(text) != TEXT_LENGTH or not text.isascii():
        raise NotATicket("wrong length or alphabet")
    try:
        raw = base64.b32decode(text + "=" * (-len(text) % 8))
    except Base32Error as error:
        raise NotATicket("not base32") from error
    if len(raw) != _BYTES or base64.b32encode(raw).rstrip(b"=").decode() != text:
        raise NotATicket("not the one form of its bytes")
    version, key_id, event, number = _HEADER.unpack_from(raw)
    if version != VERSION:
        raise NotATicket("unknown version")
    return Claim(key_id, event, number, raw[_HEADER.size :])


def draw_svg(text: str) -> str:
    """Return a whole SVG picture of a ticket's QR code, best mask, quiet zone included."""
    return _svg(_matrix(text))


def draw_quickly(text: str) -> str:
    """Return the same picture with a fixed mask: an eighth of the work, where many are drawn at once."""
    return _svg(_matrix(text, mask=3))


def draw_link(address: str) -> str:
    """Return a whole SVG picture of an address as a QR code, for a phone's camera."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(address)
    return _svg(_modules(code))


def _svg(matrix: list[list[bool]]) -> str:
    """Draw one path of runs of dark modules."""
    side = len(matrix) + 2 * QUIET_MODULES
    path = "".join(
        f"M{x + QUIET_MODULES} {y + QUIET_MODULES}h{length}v1h-{length}z"
        for y, row in enumerate(matrix)
        for x, length in _runs(row)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 {side} {side}" '
        f'width="{side * 6}" height="{side * 6}" shape-rendering="crispEdges" role="img" aria-label="QR">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{path}"/></svg>'
    )


def draw_png(text: str, *, module: int = 12, mask: int | None = None) -> bytes:
    """Return a PNG picture of the QR code, `module` pixels a module, quiet zone included; best mask unless told one.

    One bit a pixel is written here directly: an imaging library would be a large dependency for a grid of squares.
    """
    matrix = _matrix(text, mask)
    side = (len(matrix) + 2 * QUIET_MODULES) * module
    white = [False] * len(matrix)
    quiet = [white] * QUIET_MODULES
    lines = b"".join(_scanline(row, module) * module for row in [*quiet, *matrix, *quiet])
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(lines))
        + _chunk(b"IEND", b"")
    )


def draw_png_quickly(text: str) -> bytes:
    """Return the same picture with a fixed mask, where many are drawn at once."""
    return draw_png(text, mask=3)


def _matrix(text: str, mask: int | None = None) -> list[list[bool]]:
    code = qrcode.QRCode(
        version=QR_VERSION, error_correction=ERROR_CORRECT_M, border=0, mask_pattern=mask
    )
    data = QRData(text.encode(), mode=MODE_ALPHA_NUM)  # type: ignore[call-overload]  # its own constant is typed int
    code.add_data(data)
    return _modules(code)


def _modules(code: "qrcode.QRCode[Any]") -> list[list[bool]]:
    code.make(fit=code.version is None)
    return [[bool(module) for module in row] for row in code.get_matrix()]


def _runs(row: list[bool]) -> Iterator[tuple[int, int]]:
    start = 0
    for dark, group in groupby(row):
        length = len(list(group))
        if dark:
            yield start, length
        start += length


def _scanline(row: list[bool], module: int) -> bytes:
    bits = "1" * (QUIET_MODULES * module)
    pixels = bits + "".join(("0" if dark else "1") * module for dark in row) + bits
    pixels += "0" * (-len(pixels) % 8)
    return b"\0" + int(pixels, 2).to_bytes(len(pixels) // 8, "big")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
