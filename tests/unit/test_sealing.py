"""What desks seal: standard, opened by the right key alone, and nothing else opens or hurts."""

import importlib.util
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from devtools.paths import ADDONS
from tests.support.addons import load

sealing = load("aptic_pos", "sealing")
_spec = importlib.util.spec_from_file_location("sealer", ADDONS / "aptic_pos" / "tests" / "sealer.py")
sealer = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(sealer)

SECRET, OTHER = b"\x11" * 32, b"\x22" * 32
SEALED = sealer.seal(sealing.public_jwk(SECRET), b"an act", kid="1")


def test_the_key_is_that_of_the_standard():
    """RFC 7518, appendix C: Alice's ephemeral key, Bob's static one."""
    alice = sealer.decode("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo")
    bob = {
        "kty": "EC",
        "crv": "P-256",
        "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
        "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
    }
    key = ec.derive_private_key(int.from_bytes(alice, "big"), sealing.CURVE)
    shared = key.exchange(ec.ECDH(), sealing._public_key(bob))
    assert sealer.encode(sealing.content_key(shared, b"Alice", b"Bob", "A128GCM", 16)) == "VqqN6vgjbSBcIijNcacQGg"


def test_the_right_key_opens():
    assert sealing.open_sealed(SEALED, SECRET) == b"an act"
    assert sealing.header_of(SEALED)["kid"] == "1"


@pytest.mark.parametrize("secret", [b"\0" * 32, b"\xff" * 32, (sealing.ORDER - 1).to_bytes(32, "big")])
def test_any_32_bytes_are_a_key(secret):
    assert sealing.open_sealed(sealer.seal(sealing.public_jwk(secret), b"x"), secret) == b"x"


def test_another_key_does_not_open():
    with pytest.raises(sealing.SealError):
        sealing.open_sealed(SEALED, OTHER)


def test_twice_the_same_looks_different():
    again = sealer.seal(sealing.public_jwk(SECRET), b"an act", kid="1")
    assert not set(again.split(".")) & set(SEALED.split(".")) - {""}


@given(st.integers(0, len(SEALED) - 1), st.integers(1, 63))
def test_no_changed_character_opens(place, step):
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    old = SEALED[place]
    new = "A" if old == "." else alphabet[(alphabet.index(old) + step) % 64]
    changed = SEALED[:place] + new + SEALED[place + 1 :]
    if changed[place + 1 : place + 2] in ("", "."):
        return  # the last character of a part may carry bits that stand for nothing
    with pytest.raises(sealing.SealError):
        sealing.open_sealed(changed, SECRET)


def test_the_header_is_sealed_too():
    header = {**sealing.header_of(SEALED), "kid": "2"}
    changed = ".".join([sealer.encode(json.dumps(header).encode()), *SEALED.split(".")[1:]])
    with pytest.raises(sealing.SealError):
        sealing.open_sealed(changed, SECRET)


@pytest.mark.parametrize(
    "change",
    [
        {"alg": "none"},
        {"alg": "dir"},
        {"enc": "A128GCM"},
        {"epk": None},
        {"epk": {"kty": "EC", "crv": "P-521"}},
        {"epk": {"kty": "EC", "crv": "P-256", "x": 1, "y": 2}},
        {"epk": {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}},
        {"epk": {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}},
    ],
)
def test_other_kinds_of_messages(change):
    with pytest.raises(sealing.SealError):
        sealing.open_sealed(sealer.seal(sealing.public_jwk(SECRET), b"an act", **change), SECRET)


@pytest.mark.parametrize("text", ["", ".", "....", "é....", "e30....", "bnVsbA....", "W10....", "[" * 5000, "1" * 5000])
def test_nonsense(text):
    with pytest.raises(sealing.SealError):
        sealing.open_sealed(text, SECRET)


@given(st.text())
def test_any_text(text):
    with pytest.raises(sealing.SealError):
        sealing.open_sealed(text, SECRET)
