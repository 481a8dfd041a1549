"""Opens what a desk has sealed to the server: JSON Web Encryption, compact (RFC 7516), by ``ECDH-ES`` and ``A256GCM``.

The desk makes a key pair for each message and throws its private half away: what it has sealed it cannot read back.
"""

import base64
import binascii
import json
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash

CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of the curve's points (FIPS 186-5)
ALGORITHM, CIPHER = "ECDH-ES", "A256GCM"
COORDINATE_BYTES, KEY_BYTES, IV_BYTES, TAG_BYTES = 32, 32, 12, 16


class SealError(Exception):
    """What was given is no sealed message, or not for this key. Never holds a part of it."""


def private_key(secret: bytes) -> ec.EllipticCurvePrivateKey:
    """The private key that 32 random bytes stand for."""
    return ec.derive_private_key(1 + int.from_bytes(secret, "big") % (ORDER - 1), CURVE)


def public_jwk(secret: bytes) -> dict:
    """The public half as a JSON Web Key (RFC 7517), to be given to every desk."""
    numbers = private_key(secret).public_key().public_numbers()
    return {"kty": "EC", "crv": "P-256", "x": _coordinate(numbers.x), "y": _coordinate(numbers.y)}


def header_of(sealed: str) -> dict:
    """What the message says of itself, in clear. To be trusted only once the message is open.

    :raise SealError: when it is no message of this kind.
    """
    try:
        header = json.loads(_decode(sealed.split(".", 1)[0]))
    except (ValueError, RecursionError):
        raise SealError("header") from None
    if not isinstance(header, dict) or header.get("alg") != ALGORITHM or header.get("enc") != CIPHER:
        raise SealError("header")
    return header


def open_sealed(sealed: str, secret: bytes) -> bytes:
    """What the message holds.

    :param secret: the 32 bytes of the key that its header names.
    :raise SealError: when one bit of it, header included, is not as it was sealed.
    """
    parts = sealed.split(".")
    header = header_of(sealed)
    if len(parts) != 5 or parts[1]:
        raise SealError("parts")
    iv, text, tag = map(_decode, parts[2:])
    if len(iv) != IV_BYTES or len(tag) != TAG_BYTES:
        raise SealError("parts")
    shared = private_key(secret).exchange(ec.ECDH(), _public_key(header.get("epk")))
    try:
        return AESGCM(content_key(shared)).decrypt(iv, text + tag, parts[0].encode())
    except InvalidTag:
        raise SealError("tag") from None


def content_key(shared: bytes, party_u: bytes = b"", party_v: bytes = b"", cipher: str = CIPHER, length=KEY_BYTES):
    """The key of the message from what both sides have computed (RFC 7518, section 4.6.2)."""
    info = b"".join(struct.pack(">I", len(part)) + part for part in (cipher.encode(), party_u, party_v))
    return ConcatKDFHash(SHA256(), length, info + struct.pack(">I", 8 * length)).derive(shared)


def _public_key(jwk):
    if not isinstance(jwk, dict) or jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
        raise SealError("epk")
    x, y = (_decode(jwk.get(name)) for name in ("x", "y"))
    if len(x) != COORDINATE_BYTES or len(y) != COORDINATE_BYTES:
        raise SealError("epk")
    try:
        return ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), CURVE).public_key()
    except ValueError:
        raise SealError("epk") from None


def _coordinate(number):
    return base64.urlsafe_b64encode(number.to_bytes(COORDINATE_BYTES, "big")).rstrip(b"=").decode()


def _decode(text):
    try:
        return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (AttributeError, UnicodeError, binascii.Error):
        raise SealError("base64") from None
