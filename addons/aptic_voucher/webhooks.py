"""Messages to a sponsor's own server: the address, the signature, the tries. Plain Python.

Names and signature are those of Standard Webhooks (standardwebhooks.com): ``webhook-id``, ``webhook-timestamp`` and
``webhook-signature: v1,<base64 of HMAC-SHA-256 over "id.timestamp.body">``; a secret is ``whsec_`` and base64.
"""

import base64
import hashlib
import hmac
import ipaddress
import os
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3

PURPOSE = b"aptic webhook secret\0"
SECRET = "whsec_"
LONGEST_URL = 300
LONGEST_ERROR = 200
TIMEOUT = urllib3.Timeout(connect=5, read=10)
# Minutes after each failed try; after the last one the message is given up, a little more than two days in all.
PAUSES = (1, 5, 30, 120, 360, 720, 1440, None)
LOOPBACK = "APTIC_WEBHOOK_LOOPBACK"  # of the server's environment: for tests on one machine, never in production


class AddressError(Exception):
    """An address that no message goes to.

    :ivar kind: ``form``, ``https``, ``port``, ``unknown`` or ``private``
    """

    def __init__(self, kind):
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Target:
    """Where a message goes: what the address says, and the numeric address it was looked up to."""

    scheme: str
    host: str
    port: int
    path: str
    address: str = ""


def is_loopback_allowed():
    """Whether this server may send to itself without TLS, as its tests do."""
    return os.environ.get(LOOPBACK) == "1"


def parse(url):
    """Read an address.

    :raise AddressError: unless it is an ``https`` address on a usual port, without account and fragment
    """
    url = (url or "").strip()
    if not url.isascii() or not url.isprintable() or len(url) > LONGEST_URL or " " in url or "\\" in url:
        raise AddressError("form")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressError("form") from None
    if not parts.hostname or parts.username is not None or parts.password is not None or parts.fragment:
        raise AddressError("form")
    loopback = is_loopback_allowed() and parts.hostname == "127.0.0.1"
    if parts.scheme != "https" and not (loopback and parts.scheme == "http"):
        raise AddressError("https")
    if port not in (None, 443, 8443) and not loopback:
        raise AddressError("port")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port or 443, path)


def resolve(target, look_up=socket.getaddrinfo):
    """The target with the numeric address that the message must go to, looked up once and then kept to.

    :raise AddressError: when the name is unknown or any of its addresses is not a public one
    """
    try:
        found = {row[4][0] for row in look_up(target.host, target.port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise AddressError("unknown") from None
    addresses = sorted(map(ipaddress.ip_address, found), key=lambda one: (one.version, one))
    if not addresses or not all(map(_is_public, addresses)):
        raise AddressError("private")
    return Target(target.scheme, target.host, target.port, target.path, str(addresses[0]))


def _is_public(address):
    if address.is_loopback and is_loopback_allowed():
        return True
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if inner is None and address.version == 6 and getattr(address, "teredo", None):
        return False
    if address.version == 6 and address in ipaddress.ip_network("64:ff9b::/96"):
        inner = ipaddress.ip_address(int(address) & 0xFFFFFFFF)
    return address.is_global and not address.is_multicast and (inner is None or _is_public(inner))


def secret_of(key: bytes, salt: bytes) -> str:
    """The secret of a webhook, computed from the server's key: the database holds the salt alone."""
    return SECRET + base64.b64encode(hmac.new(key, PURPOSE + salt, hashlib.sha256).digest()).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of ``webhook-signature``."""
    key = base64.b64decode(secret.removeprefix(SECRET))
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def pause(tries: int):
    """Minutes until the next try after ``tries`` failed ones; None when that was the last."""
    return PAUSES[min(tries, len(PAUSES)) - 1]


def post(target, headers, body):
    """Send a message to the address that was looked up, with the certificate of the name; follow nothing.

    :return: ``(status, "")``, or ``(0, what went wrong)``
    """
    words = {"timeout": TIMEOUT, "retries": False, "maxsize": 1}
    if target.scheme == "https":
        pool = urllib3.HTTPSConnectionPool(
            target.address, target.port, cert_reqs="CERT_REQUIRED", assert_hostname=target.host,
            server_hostname=target.host, **words,
        )  # fmt: skip
    else:
        pool = urllib3.HTTPConnectionPool(target.address, target.port, **words)
    usual = 443 if target.scheme == "https" else 80
    host = target.host if target.port == usual else f"{target.host}:{target.port}"
    try:
        response = pool.urlopen(
            "POST", target.path, body=body, headers={**headers, "Host": host}, redirect=False, preload_content=False
        )
        status = response.status
        response.close()
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        return 0, f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
    finally:
        pool.close()
    return status, ""
