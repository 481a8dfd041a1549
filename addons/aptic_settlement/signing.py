"""Who signs for the operator: key and certificate, files of the operator's outside the database.

Section ``[aptic]`` of the server's configuration names them. What they sign is drawn by :mod:`.pades`.
"""

import os
import warnings
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12

FILE, KEY_FILE = "signature_file", "signature_key_file"
PASSPHRASE, PASSPHRASE_FILE = "signature_passphrase", "signature_passphrase_file"
AUTHORITY = "signature_tsa"
LONGEST = 1_000_000  # bytes of a file
PEM = b"-----BEGIN"


class SigningError(Exception):
    """Nothing can be signed. Never holds a key or a passphrase.

    :ivar kind: ``none`` (no key is named), ``unreadable``, ``passphrase``, ``malformed``, ``pair`` (key and
        certificate do not belong together), ``early``, ``expired``, ``authority`` (no time stamp) or ``refused``
    :ivar values: what the message about it names: ``path``, ``option`` or ``at``
    """

    def __init__(self, kind: str, **values: Any):
        self.kind, self.values = kind, values
        super().__init__(f"{kind}: {values}")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signs. ``repr`` shows no key."""

    key: Any = field(repr=False)
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()
    authority: str = ""

    @property
    def subject(self) -> str:
        """The signer's name: common name, and organization where it differs."""
        return _name(self.certificate.subject)

    @property
    def issuer(self) -> str:
        """Who vouches for the signer."""
        return _name(self.certificate.issuer)

    @property
    def is_self_signed(self) -> bool:
        """Whether nobody else vouches for the signer."""
        return self.certificate.issuer == self.certificate.subject

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, in hexadecimal."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    @property
    def valid_until(self) -> datetime:
        """The end of the certificate, in UTC without a time zone."""
        return self.certificate.not_valid_after_utc.replace(tzinfo=None)


def load(options: dict[str, str], folder: str = "", now: datetime | None = None) -> Identity:
    """Read the operator's key and certificate.

    :param options: of the configuration's section: ``signature_file`` (PKCS#12, or the certificate in PEM with its
        chain), ``signature_key_file`` (the private key in PEM, where the first is PEM and does not hold it),
        ``signature_passphrase`` or ``signature_passphrase_file``, ``signature_tsa``
    :param folder: where relative paths start
    :param now: in UTC, without a time zone
    :raise SigningError: when they cannot be used now
    """
    path = os.path.join(folder, options.get(FILE) or "") if options.get(FILE) else ""
    if not path:
        raise SigningError("none", option=FILE)
    content = _read(path)
    passphrase = (options.get(PASSPHRASE) or "").encode()
    if options.get(PASSPHRASE_FILE):
        passphrase = _read(os.path.join(folder, options[PASSPHRASE_FILE])).rstrip(b"\r\n")
    if content.startswith(PEM):
        key_path = os.path.join(folder, options[KEY_FILE]) if options.get(KEY_FILE) else path
        key, certificate, chain = _pem(content, path, _read(key_path), key_path, passphrase)
    else:
        key, certificate, chain = _pkcs12(content, path, passphrase)
    if _public(key.public_key()) != _public(certificate.public_key()):
        raise SigningError("pair", path=path)
    now = (now or datetime.now(timezone.utc)).replace(tzinfo=timezone.utc)
    if now < certificate.not_valid_before_utc:
        raise SigningError("early", path=path, at=certificate.not_valid_before_utc.replace(tzinfo=None))
    if now > certificate.not_valid_after_utc:
        raise SigningError("expired", path=path, at=certificate.not_valid_after_utc.replace(tzinfo=None))
    return Identity(key, certificate, tuple(chain), (options.get(AUTHORITY) or "").strip())


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read(LONGEST)
    except (OSError, ValueError):
        raise SigningError("unreadable", path=path) from None


def _pkcs12(content, path, passphrase):
    try:
        with warnings.catch_warnings():
            # Certification authorities still deliver containers that are read, with a warning.
            warnings.simplefilter("ignore")
            key, certificate, chain = pkcs12.load_key_and_certificates(content, passphrase or None)
    except ValueError as error:
        kind = "passphrase" if "password" in str(error).lower() or "mac" in str(error).lower() else "malformed"
        raise SigningError(kind, path=path) from None
    except (TypeError, UnsupportedAlgorithm):
        raise SigningError("malformed", path=path) from None
    if key is None or certificate is None:
        raise SigningError("malformed", path=path)
    return key, certificate, chain


def _pem(content, path, key_content, key_path, passphrase):
    try:
        certificate, *chain = x509.load_pem_x509_certificates(content)
    except (ValueError, UnsupportedAlgorithm):
        raise SigningError("malformed", path=path) from None
    try:
        key = _pem_key(key_content, passphrase)
    except ValueError as error:
        raise SigningError("passphrase" if passphrase else "malformed", path=key_path) from error
    except (TypeError, UnsupportedAlgorithm):
        # It is encrypted and there is no passphrase, or the other way round was seen to already.
        raise SigningError("passphrase", path=key_path) from None
    return key, certificate, chain


def _pem_key(content, passphrase):
    try:
        return serialization.load_pem_private_key(content, passphrase or None)
    except TypeError:
        if not passphrase:
            raise
        return serialization.load_pem_private_key(content, None)


def _public(key):
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _name(name):
    parts = [
        part.value
        for oid in (x509.NameOID.COMMON_NAME, x509.NameOID.ORGANIZATION_NAME)
        for part in name.get_attributes_for_oid(oid)
    ]
    return ", ".join(dict.fromkeys(map(str, parts))) or name.rfc4514_string()
