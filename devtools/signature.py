"""A certificate that signs the demonstration's papers: self-signed, worth nothing, renewed before it ends."""

import os
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12

NAME = "Démonstration #APTIC (sans valeur)"
VALID = timedelta(days=3 * 365)
LEAST = timedelta(days=400)  # tests move the clock by months
USES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


def ensure(path, passphrase):
    """Make the PKCS#12 file ``path``, mode 600, unless it is there and good for long enough."""
    if not _is_good(path, passphrase):
        building = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(building, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(make(passphrase))
        building.rename(path)
    return path


def make(passphrase, name=NAME, starts=timedelta(), lasts=VALID):
    """Return a new key with its self-signed certificate as PKCS#12.

    :param passphrase: of the container
    :param name: who signs
    :param starts: when the certificate begins, from an hour ago
    :param lasts: how long it is valid
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    begin = datetime.now(timezone.utc) - timedelta(hours=1) + starts
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + lasts)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**{use: use in USES[:2] for use in USES}), critical=True)
        .sign(key, hashes.SHA256())
    )
    protection = serialization.BestAvailableEncryption(passphrase.encode())
    return pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, None, protection)


def _is_good(path, passphrase):
    try:
        _key, certificate, _chain = pkcs12.load_key_and_certificates(path.read_bytes(), passphrase.encode())
    except (OSError, ValueError):
        return False
    return certificate.not_valid_after_utc > datetime.now(timezone.utc) + LEAST
