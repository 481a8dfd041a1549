"""Where messages go and how they are signed, alone."""

import http.server
import ssl
import threading
from datetime import datetime, timedelta, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.unit.conftest import load

webhooks = load("aptic_voucher", "webhooks")


def looked_up(*addresses):
    return lambda _host, port, **_words: [(2, 1, 6, "", (address, port)) for address in addresses]


def test_the_signature_is_that_of_standard_webhooks():
    """The example that the reference libraries of Standard Webhooks are tested with."""
    signature = webhooks.sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_is_computed_and_different_for_each_salt_and_key():
    secrets = {webhooks.secret_of(key * 32, salt * 16) for key in (b"a", b"b") for salt in (b"c", b"d")}
    assert len(secrets) == 4
    assert all(secret.startswith("whsec_") and len(secret) == 50 for secret in secrets)


@pytest.mark.parametrize(
    "url",
    (
        "https://tools.example.org/aptic",
        "https://tools.example.org:8443/aptic?who=me",
        "https://tools.example.org",
    ),
)
def test_usual_addresses_are_taken(url):
    target = webhooks.resolve(webhooks.parse(url), looked_up("93.184.216.34"))
    assert (target.host, target.address) == ("tools.example.org", "93.184.216.34")
    assert target.path.startswith("/")


@pytest.mark.parametrize(
    ("url", "kind"),
    (
        ("", "form"),
        ("tools.example.org", "form"),
        ("https://", "form"),
        ("https://[::1", "form"),
        ("https://tools.example.org:99999/", "form"),
        ("https://me:secret@tools.example.org/", "form"),
        ("https://tools.example.org/#part", "form"),
        ("https://tools.example.org/a b", "form"),
        ("https://tools.example.org\\@127.0.0.1/", "form"),
        ("https://tools.example.org/\r\nX: y", "form"),
        ("https://tools.example.org/" + "a" * 300, "form"),
        ("http://tools.example.org/", "https"),
        ("http://127.0.0.1/", "https"),
        ("file:///etc/passwd", "form"),
        ("gopher://tools.example.org/", "https"),
        ("https://tools.example.org:22/", "port"),
    ),
)
def test_other_addresses_are_not(url, kind):
    with pytest.raises(webhooks.AddressError) as refusal:
        webhooks.parse(url)
    assert refusal.value.kind == kind


@pytest.mark.parametrize(
    "address",
    (
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::a00:1", "2002:7f00:1::", "2001:db8::1",
    ),
)  # fmt: skip
def test_private_addresses_are_refused_even_beside_a_public_one(address):
    target = webhooks.parse("https://tools.example.org/")
    for found in ((address,), ("93.184.216.34", address)):
        with pytest.raises(webhooks.AddressError) as refusal:
            webhooks.resolve(target, looked_up(*found))
        assert refusal.value.kind == "private"


def test_the_loopback_is_for_tests_that_say_so(monkeypatch):
    monkeypatch.setenv(webhooks.LOOPBACK, "1")
    target = webhooks.resolve(webhooks.parse("http://127.0.0.1:8000/hook"))
    assert (target.scheme, target.address, target.port) == ("http", "127.0.0.1", 8000)
    with pytest.raises(webhooks.AddressError):
        webhooks.parse("http://tools.example.org/")
    with pytest.raises(webhooks.AddressError):
        webhooks.resolve(webhooks.parse("https://tools.example.org/"), looked_up("10.0.0.1"))


def test_an_unknown_name_is_refused():
    def look_up(*_arguments, **_words):
        raise OSError("no such name")

    with pytest.raises(webhooks.AddressError) as refusal:
        webhooks.resolve(webhooks.parse("https://tools.example.org/"), look_up)
    assert refusal.value.kind == "unknown"


def test_pauses_grow_and_end_after_two_days():
    pauses = [webhooks.pause(tries) for tries in range(1, 20)]
    known = [minutes for minutes in pauses if minutes]
    assert known == sorted(known) and len(known) == 7
    assert 36 * 60 < sum(known) < 60 * 60
    assert pauses[7:] == [None] * 12


@pytest.fixture
def tls_receiver(tmp_path):
    """A server on 127.0.0.1 with a certificate of ``tools.example.org``: ``(port, the certificate's file, got)``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tools.example.org")])
    today = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("tools.example.org")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "certificate.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = tmp_path / "key.pem"
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    got = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((self.headers["Host"], self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(302)
            self.send_header("Location", "https://tools.example.org/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, pem, got
    server.shutdown()
    server.server_close()


def test_the_message_goes_to_the_address_looked_up_with_the_certificate_of_the_name(tls_receiver, monkeypatch):
    port, pem, got = tls_receiver
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    target = webhooks.Target("https", "tools.example.org", port, "/hook", "127.0.0.1")
    assert webhooks.post(target, {}, b"{}") == (302, "")
    assert got == [(f"tools.example.org:{port}", b"{}")], "no redirection is followed"


def test_a_certificate_of_another_name_or_of_nobody_is_refused(tls_receiver, monkeypatch):
    port, pem, got = tls_receiver
    target = webhooks.Target("https", "tools.example.org", port, "/hook", "127.0.0.1")
    status, error = webhooks.post(target, {}, b"{}")
    assert (status, "CERTIFICATE_VERIFY_FAILED" in error) == (0, True)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    other = webhooks.Target("https", "other.example.org", port, "/hook", "127.0.0.1")
    assert webhooks.post(other, {}, b"{}")[0] == 0
    assert not got
