"""Seals as a desk does, for tests: the other side of ``sealing.py``, written by the RFC and not by that file."""

import base64
import hashlib
import json
import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def encode(data):
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    """The bytes of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def seal(jwk, payload, **header):
    """Return ``payload`` (bytes) sealed to a public key, with more names in the header or others in their place."""
    numbers = ec.EllipticCurvePublicNumbers(
        int.from_bytes(decode(jwk["x"]), "big"), int.from_bytes(decode(jwk["y"]), "big"), ec.SECP256R1()
    )
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    own = ephemeral.public_key().public_numbers()
    epk = {"kty": "EC", "crv": "P-256", "x": encode(own.x.to_bytes(32, "big")), "y": encode(own.y.to_bytes(32, "big"))}
    protected = encode(json.dumps({"alg": "ECDH-ES", "enc": "A256GCM", "epk": epk, **header}).encode())
    shared = ephemeral.exchange(ec.ECDH(), numbers.public_key())
    info = b"\0\0\0\7A256GCM" + b"\0\0\0\0" + b"\0\0\0\0" + b"\0\0\1\0"
    key = hashlib.sha256(b"\0\0\0\1" + shared + info).digest()
    iv = os.urandom(12)
    text = AESGCM(key).encrypt(iv, payload, protected.encode())
    return ".".join((protected, "", encode(iv), encode(text[:-16]), encode(text[-16:])))
