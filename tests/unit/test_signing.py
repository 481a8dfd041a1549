"""Signatures of PDF without a database: kinds of keys, and time stamps of an authority that answers over HTTP."""

import asyncio
import io
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pyhanko.keys.internal import translate_pyca_cryptography_cert_to_asn1, translate_pyca_cryptography_key_to_asn1
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore
from reportlab.pdfgen.canvas import Canvas

from devtools import signature
from tests.unit.conftest import load

pades = load("aptic_settlement", "pades")
signing = load("aptic_settlement", "signing")
PASSPHRASE = "une phrase"


@pytest.fixture(autouse=True)
def no_loop():
    """As in a server: a browser of the tests before has left its event loop running in this thread."""
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(running)


@pytest.fixture(scope="module")
def paper():
    stream = io.BytesIO()
    canvas = Canvas(stream, invariant=1)
    canvas.drawString(100, 100, "Preuve")
    canvas.save()
    return stream.getvalue()


@pytest.fixture
def seal(tmp_path):
    """The options that name a certificate as `./aptic run` makes it."""
    path = signature.ensure(tmp_path / "seal.p12", PASSPHRASE)
    assert path.stat().st_mode & 0o777 == 0o600
    return {"signature_file": str(path), "signature_passphrase": PASSPHRASE}


@pytest.fixture
def authority():
    """A time stamping authority on a port of this machine: ``(address, certificate, answers)``.

    What is put into ``answers`` is sent instead of a time stamp.
    """
    key, certificate = pair(rsa.generate_private_key(65537, 2048), "Horodatage", stamps=True)
    made = translate_pyca_cryptography_cert_to_asn1(certificate)
    stamper = DummyTimeStamper(made, translate_pyca_cryptography_key_to_asn1(key), SimpleCertificateStore())
    answers = []

    class Authority(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            content = answers[0] if answers else stamper.request_tsa_response(asked).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Authority)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", made, answers
    server.shutdown()
    server.server_close()


def pair(key, name, stamps=False):
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=9))
    )
    if stamps:
        uses = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(uses, critical=True)
    return key, builder.sign(key, hashes.SHA256())


def judge(pdf, *roots):
    [found] = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    return validate_pdf_signature(found, ValidationContext(trust_roots=list(roots), allow_fetching=False))


def root_of(identity):
    return translate_pyca_cryptography_cert_to_asn1(identity.certificate)


def test_the_demonstrations_certificate_signs_and_says_that_it_is_worth_nothing(paper, seal):
    identity = signing.load(seal)
    status = judge(pades.sign(paper, identity, reason="essai"), root_of(identity))
    assert status.bottom_line and status.timestamp_validity is None
    assert "sans valeur" in identity.subject and identity.is_self_signed
    assert PASSPHRASE not in repr(identity) and "key" not in repr(identity).split("certificate")[0]


@pytest.mark.parametrize("kind", ["rsa", "p384"])
def test_other_kinds_of_keys_in_pem_with_a_relative_path(paper, tmp_path, kind):
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP384R1())
    key, certificate = pair(key, "Médias-Cité")
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "both.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*form))
    identity = signing.load({"signature_file": "both.pem"}, str(tmp_path))
    assert judge(pades.sign(paper, identity, reason="essai"), root_of(identity)).bottom_line


def test_a_time_stamp_makes_it_baseline_b_t(paper, seal, authority):
    address, stamped_by, _answers = authority
    identity = signing.load({**seal, "signature_tsa": address})
    status = judge(pades.sign(paper, identity, reason="essai"), root_of(identity), stamped_by)
    assert status.bottom_line and status.timestamp_validity.intact and status.timestamp_validity.trusted


REJECTED = bytes.fromhex("30053003020102")


@pytest.mark.parametrize("answer", [b"", b"no ASN.1", REJECTED])
def test_an_authority_that_answers_rubbish_signs_nothing(paper, seal, authority, answer):
    address, _stamped_by, answers = authority
    answers.append(answer)
    with pytest.raises(signing.SigningError) as raised:
        pades.sign(paper, signing.load({**seal, "signature_tsa": address}), reason="essai")
    assert raised.value.kind == "authority"
    assert address in raised.value.values["path"]


def test_what_is_no_pdf_is_refused(seal):
    with pytest.raises(signing.SigningError) as raised:
        pades.sign(b"rubbish", signing.load(seal), reason="essai")
    assert raised.value.kind == "refused"


def test_a_certificate_that_ends_soon_is_made_anew(tmp_path):
    path = tmp_path / "seal.p12"
    path.write_bytes(signature.make(PASSPHRASE, lasts=timedelta(days=30)))
    before = path.read_bytes()
    signature.ensure(path, PASSPHRASE)
    again = path.read_bytes()
    assert again != before
    signature.ensure(path, PASSPHRASE)
    assert path.read_bytes() == again
