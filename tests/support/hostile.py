"""Hostile inputs for the routes of the desk, and what must not come of them.

Values are drawn with hypothesis, once; from them, from what is right, and from a seed each input is put together: a
route, who asks, a method, an address, headers and a body. What is right is right but for one thing at least, so that no
input may change anything: a voucher that is spent, a scan that is settled or somebody else's.
"""

import contextlib
import functools
import http.client
import json
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import quote

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.routes import CONVERTER, handlers

METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW")
TYPES = (
    "application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain", "application/xml",
    "application/json; charset=utf-16", "application/json-rpc", "multipart/form-data; boundary=", "*/*", "",
)  # fmt: skip
WORDS = (
    "", " ", "\0", "\0" * 9, "a\0b", "\x1b[31m", "\r\nSet-Cookie: a=b", "\t", "\x7f", "\u202e\u2066", "\ufeff",
    "\ufffe", "é" * 300, "𝟎𝟏𝟐𝟑", "٠١٢٣٤٥٦٧٨٩", "Ⅷ", "²", "ﬁ", "İ", "ß", "👩‍👩‍👧‍👦" * 20, "\ud800", "z\udfff",
    "' OR 1=1 --", "'; DROP TABLE aptic_voucher; --", '" OR ""="', "1; SELECT pg_sleep(9)", "%s%s%n", "%(id)s", "{0}",
    "$1", "\\", "\\u0000", "<script>alert(1)</script>", "{{7*7}}", "<t t-esc='1'/>", "../../etc/passwd",
    "file:///etc/passwd", "null", "None", "undefined", "NaN", "true", "-1", "0", "1e309", "0x1F", "1_000", "1.0", " 1",
    "9" * 400, "self", "__class__", "2026-02-30", "2026-11-29T10:00:00+14:00", "0001-01-01T00:00:00",
    "9999-12-31T23:59:59.999999", "2026-W01-1", "20261129", "0" * 24, "1" * 24, "&é\"'(-è_çà" * 3,
    "0000 0000 0000 0000 0000 0000", "a@b.c\nBcc: d@e.f",
)  # fmt: skip
NUMBERS = (
    0, -1, 1, 2**31 - 1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63, -(2**63) - 1, 10**30, 10**400, 0.5, -0.0, 1e308,
    float("nan"), float("inf"), float("-inf"), True, False, None,
)  # fmt: skip
NAMES = (
    "self",
    "cls",
    "env",
    "context",
    "kw",
    "args",
    "csrf_token",
    "debug",
    "lang",
    "redirect",
    "",
    "a.b",
    "a[]",
    "__proto__",
)
# Forms that change nothing of a settled scan, whatever is written into them.
FRUITLESS = ("/cancel", "/mail")
BUFFER = 60_000  # of a socket: what is larger may be cut when it is refused unread
JSON = ("Content-Type", "application/json")
LONGEST_ANSWER = 200_000
# A refusal told in JSON-RPC is the person's; anything else under "error" is our mistake, whatever HTTP says.
REFUSALS = ("odoo.http.SessionExpiredException", "odoo.exceptions.", "werkzeug.exceptions.")
FAILED = "werkzeug.exceptions.InternalServerError"


# ----------------------------------------------------------------------- values
def drawn(strategy, count):
    """Values of a hypothesis strategy, the same each time."""
    found = []

    @settings(
        max_examples=count, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def collect(value):
        found.append(value)

    collect()
    return found


@functools.cache
def texts():
    """Texts of all kinds of signs, surrogates too."""
    free = st.text(st.characters(), max_size=60)
    control = st.text(st.characters(categories=("Cc", "Cf", "Zl", "Zp", "Zs")), min_size=1, max_size=20)
    digits = st.text("0123456789 -.", min_size=10, max_size=40)
    return [*WORDS, *drawn(st.one_of(free, control, digits, st.sampled_from(WORDS).flatmap(_around)), 900)]


def _around(word):
    return st.tuples(st.text(max_size=8), st.text(max_size=8)).map(lambda ends: ends[0] + word + ends[1])


@functools.cache
def values():
    """What JSON can hold, wrong types and depths included."""
    leaves = st.one_of(
        st.none(), st.booleans(), st.integers(), st.integers(-(2**70), 2**70), st.floats(), st.sampled_from(NUMBERS),
        st.text(max_size=20), st.sampled_from(WORDS),
    )  # fmt: skip
    tree = st.recursive(
        leaves,
        lambda part: st.lists(part, max_size=5) | st.dictionaries(st.text(max_size=8), part, max_size=4),
        max_leaves=12,
    )
    return [*NUMBERS, [], {}, [[]], [None], [{}], *drawn(tree, 900)]


@dataclass(frozen=True)
class Input:
    """A request to be sent as it stands."""

    who: str
    method: str
    path: str
    headers: tuple
    body: bytes

    def __str__(self):
        body = self.body if len(self.body) < 600 else self.body[:300] + b" ... %d bytes" % len(self.body)
        return f"{self.who}: {self.method} {self.path[:400]} {dict(self.headers)} {body!r}"


class Hostile:
    """Puts inputs together.

    :param facts: ``headers`` by who asks; ``tokens``, CSRF tokens by who asks; ``act``, an act that is right but for
        its spent voucher; ``settled`` and ``others``, redemptions that are settled, and that are another provider's
    :param seed: the same seed makes the same inputs
    """

    def __init__(self, facts, seed):
        self.facts, self.random = facts, random.Random(seed)

    # ------------------------------------------------------------------- parts
    def _text(self):
        one = self.random.random()
        if one < 0.004:
            return self.random.choice(("x", "é", "\0", "9", "[")) * self.random.choice((70_000, 10**6, 3 * 10**6))
        return self.random.choice(texts())

    def _value(self):
        one = self.random.random()
        if one < 0.45:
            return self._text()
        if one < 0.5:
            return [self._text() for _n in range(self.random.choice((1, 3, 21, 300)))]
        return self.random.choice(values())

    def _is(self, chance):
        return self.random.random() < chance

    def _part(self, route, kind):
        """A part of an address."""
        if kind == "string":
            return self.random.choice(("csv", "xlsx", "CSV", "x", "%00", "%F0%9F", "..", "a" * 300))
        return str(self._id(route))

    def _id(self, route):
        """An id for an address; own ones only where nothing may come of it."""
        own = self.facts["settled"] if route.path.endswith(FRUITLESS) or "POST" not in (route.methods or ()) else ()
        return self.random.choice((0, 1, 2**31 - 1, 2**31, 2**63, 10**20, *self.facts["others"], *own))

    def _spoilt(self, right):
        """A dictionary that is right but for one to three things."""
        found = dict(right)
        for name in self.random.sample(list(right), min(len(right), self.random.choice((1, 1, 2, 3)))):
            if self._is(0.15):
                del found[name]
            elif isinstance(found[name], list) and found[name] and self._is(0.6):
                found[name] = self._spoilt_list(found[name])
            elif isinstance(found[name], dict) and self._is(0.6):
                found[name] = self._spoilt(found[name])
            else:
                found[name] = self._value()
        if self._is(0.1):
            found[self.random.choice((*NAMES, *texts()[-50:]))] = self._value()
        return found

    def _spoilt_list(self, right):
        place = self.random.randrange(len(right))
        one = self._spoilt(right[place]) if isinstance(right[place], dict) else self._value()
        more = right * self.random.choice((0, 0, 1, 25, 60))
        return [*right[:place], one, *right[place + 1 :], *more]

    # ------------------------------------------------------------------ inputs
    def inputs(self, route):
        """Endless inputs for a route."""
        make = {"jsonrpc": self._rpc, "http": self._page, "aptic_api": self._api}[route.kind]
        while True:
            yield make(route)

    def right(self, route):
        """An input that is what the route expects, and changes nothing either."""
        parts = {"string": "csv", "int": str(self.facts["settled"][0])}
        path = CONVERTER.sub(lambda found: parts[found["kind"]], route.path)
        methods, facts = route.methods or ["GET"], self.facts
        if route.kind == "jsonrpc":
            body = _json({"jsonrpc": "2.0", "id": 1, "params": self._right_parameters(route)})
            return Input("mediator", "POST", path, (*facts["headers"]["mediator"].items(), JSON), body)
        if route.kind == "aptic_api":
            who = "sponsor" if "orders" in path else "key"
            headers = (*facts["headers"][who].items(), JSON, ("Idempotency-Key", facts["act"]["client_key"]))
            body = b"" if "GET" in methods else _json(self._right_body(route))
            return Input(who, methods[0], path, headers, body)
        headers = tuple(facts["headers"]["manager"].items())
        if "GET" in methods:
            return Input("manager", "GET", path, headers, b"")
        path = CONVERTER.sub("0", route.path)
        form = _query([("csrf_token", facts["tokens"]["manager"]), ("reason", "Erreur")]).encode()
        return Input("manager", "POST", path, (*headers, ("Content-Type", TYPES[1])), form)

    def _who(self, *odds):
        return self.random.choices(list(self.facts["headers"]), odds)[0]

    def _address(self, route, pairs):
        path = CONVERTER.sub(lambda found: self._part(route, found["kind"]), route.path)
        if self._is(0.02):
            path += self.random.choice(("/", "//", "/%00", "/%ff", "/..%2f..", "%0d%0aX:1", ";a=b", "/" + "a" * 3000))
        return path + ("?" + _query(pairs) if pairs else "")

    def _pairs(self, names, most):
        """Parameters of an address or a form, some twice."""
        names = [*names, *self.random.sample(NAMES, 2)]
        found = [(self.random.choice(names), self._text()) for _n in range(self.random.randint(0, most))]
        return found + ([found[0]] * self.random.choice((1, 40)) if found and self._is(0.1) else [])

    def _headers(self, who, kind):
        found = {**self.facts["headers"][who], "Content-Type": kind}
        if self._is(0.08):
            found["Content-Type"] = self.random.choice(TYPES)
        if self._is(0.05):
            name = self.random.choice(
                (
                    "Accept-Language",
                    "Accept",
                    "Origin",
                    "Referer",
                    "X-Forwarded-For",
                    "Range",
                    "Content-Encoding",
                    "User-Agent",
                )
            )
            found[name] = self.random.choice(
                ("*", "é" * 40, "a" * 4000, "' OR 1=1", "gzip", "bytes=0-99999999999", "::1", "fr;q=x")
            )
        return tuple((name, value) for name, value in found.items() if value)

    def _method(self, usual):
        return self.random.choice(METHODS) if self._is(0.06) else usual

    def _rpc(self, route):
        who = self._who(75, 7, 8, 5, 5, 0)
        right = self._right_parameters(route)
        parameters = right if self._is(0.1) else self._spoilt(right)
        body = {"jsonrpc": "2.0", "id": 1, "method": "call", "params": parameters}
        one = self.random.random()
        if one < 0.05:
            body["params"] = self._value()
        elif one < 0.08:
            body = self._spoilt(body)
        elif one < 0.1:
            body = self._value()
        text = _json(body)
        if self._is(0.06):
            text = self._broken(text)
        return Input(
            who, self._method("POST"), self._address(route, self._pairs((), 1) if self._is(0.05) else []),
            self._headers(who, "application/json"), text,
        )  # fmt: skip

    def _right_parameters(self, route):
        act = self.facts["act"]
        sealed = {"client_key": act["client_key"], "sealed": self._text()}
        known = {
            **act,
            "acts": [act, act, sealed, act],
            "redemption_id": self.facts["settled"][0],
            "act": act,
            "sealed": sealed["sealed"],
        }
        return {name: known.get(name, self._value()) for name in route.names} or dict(act)

    def _broken(self, text):
        """Not quite JSON."""
        deep = self.random.choice((500, 5_000, 100_000))
        return self.random.choice(
            (
                text[: self.random.randrange(len(text) + 1)], text + text, b"", b"\xef\xbb\xbf" + text,
                b"\xff\xfe" + text, text.decode("latin-1").encode("utf-16"), text.replace(b'"', b"'"),
                b"[" * deep + b"]" * deep, b'{"params":' + b'{"a":' * deep + b"1" + b"}" * deep + b"}",
                b'{"params":[1,[2]]}', b'{"params":null}', b'{"params":{},"params":{"self":1}}',
                b'{"params":{"self":1}}', b'"x"', b"NaN", b"1e99999", b"-" * 9, b"9" * 5000,
                b'{"params":{"place_id":' + b"9" * 5000 + b"}}",
                b'{"params":{"codes":' + b"[" * 900 + b"]" * 900 + b"}}",
                bytes(self.random.randrange(256) for _n in range(80)),
            )
        )  # fmt: skip

    def _page(self, route):
        who = self._who(45, 30, 12, 10, 3, 0)
        methods = route.methods or ["GET"]
        method = self._method(self.random.choice(methods))
        path = self._address(route, self._pairs(route.names, 4 if "GET" in methods else 1))
        form = self._pairs(route.names, 5) if method != "GET" else []
        if form and self._is(0.8):
            form.append(("csrf_token", self.facts["tokens"].get(who, "")))
        headers = self._headers(who, "application/x-www-form-urlencoded" if form else "")
        body = _query(form).encode() if form else b""
        if form and self._is(0.15):
            body = self._multipart(form)
            headers = (
                *(pair for pair in headers if pair[0] != "Content-Type"),
                ("Content-Type", "multipart/form-data; boundary=b"),
            )
        return Input(who, method, path, headers, body)

    def _multipart(self, form):
        parts = []
        for name, value in form:
            quoted = _bytes(name).replace(b'"', b"%22").replace(b"\r", b"").replace(b"\n", b"")
            is_file = name != "csrf_token" and self._is(0.3)
            file_name = b'; filename="../../x\xff.pdf"\r\nContent-Type: application/pdf' if is_file else b""
            parts.append(
                b'--b\r\nContent-Disposition: form-data; name="'
                + quoted
                + b'"'
                + file_name
                + b"\r\n\r\n"
                + _bytes(value)
            )
        return b"\r\n".join(parts) + self.random.choice((b"\r\n--b--\r\n", b"", b"\r\n--b"))

    def _api(self, route):
        orders = route.purpose in ("orders:read", "figures:read")
        who = self._who(4, 2, 2, 7, *((15, 70) if orders else (75, 10)))
        method = self._method(self.random.choice(route.methods or ["GET"]))
        reads = method not in ("POST", "PUT", "PATCH")
        names = (*route.names, "limit", "cursor", "by", "level", "from", "until", "state")
        path = self._address(route, self._pairs(names, 3) if reads or self._is(0.1) else [])
        body = b""
        if not reads:
            right = self._right_body(route)
            body = _json(right if self._is(0.1) else self._spoilt(right))
            body = self._broken(body) if self._is(0.08) else body
        headers = self._headers(who, "application/json" if body else "")
        if not reads and self._is(0.8):
            key = self.facts["act"]["client_key"]
            if self._is(0.4):
                key = "".join(sign for sign in self._text()[:300] if " " <= sign <= "~")
            headers += (("Idempotency-Key", key),)
        return Input(who, method, path, headers, body)

    def _right_body(self, route):
        if route.path.endswith("/cancel"):
            return {"reason": "Erreur de saisie"}
        names = ("offer_id", "audience_id", "codes", "price_cents", "client_time")
        return {name: self.facts["act"][name] for name in names}


def _bytes(text):
    return text.encode("utf-8", "surrogatepass")


def _query(pairs):
    return "&".join(f"{quote(_bytes(name), safe='')}={quote(_bytes(value), safe='')}" for name, value in pairs)


def _json(value):
    return json.dumps(value, ensure_ascii=True).encode()


# ------------------------------------------------------------------------ answers
@dataclass(frozen=True)
class Answer:
    """What came back, and after how long."""

    status: int
    kind: str
    body: bytes
    seconds: float


def send(url, one, timeout=60):
    """Send an input and return the :class:`Answer`; status 0 when the connection was dropped."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=timeout)
    start = time.monotonic()
    try:
        connection.putrequest(one.method, one.path, skip_accept_encoding=True)
        for name, value in one.headers:
            connection.putheader(name, value.encode("utf-8"))
        if one.body or one.method not in ("GET", "HEAD", "OPTIONS", "TRACE"):
            connection.putheader("Content-Length", str(len(one.body)))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # refused unread: the answer is there
            connection.endheaders(one.body)
        response = connection.getresponse()
        body = response.read(LONGEST_ANSWER)
        return Answer(response.status, response.getheader("Content-Type") or "", body, time.monotonic() - start)
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, type(error).__name__, str(error).encode(), time.monotonic() - start)
    finally:
        connection.close()


def fault(one, answer):
    """What is wrong with an answer, in words, or None."""
    if answer.status == 0:
        return None if len(one.path) + len(one.body) > BUFFER else f"no answer: {answer.kind} {answer.body!r}"
    if answer.status >= 500 and (one.method in ("GET", "POST") or answer.status != 501):
        return f"HTTP {answer.status}"
    if answer.kind.startswith("application/json") and len(answer.body) < LONGEST_ANSWER:
        content = json.loads(answer.body or b"null")
        error = content.get("error") if isinstance(content, dict) else None
        name = (error.get("data") or {}).get("name") or error.get("message") if isinstance(error, dict) else None
        if name and (not name.startswith(REFUSALS) or name == FAILED):
            return f"an error that is not a refusal: {name}"
        if error:
            return None  # Odoo's own refusals tell where they come from
    if b"Traceback (most recent call last)" in answer.body:
        return f"a traceback: {answer.body[-500:]!r}"
    return None


def desk_routes():
    """The routes of the desk and of the API, as they are declared: a new one is here by itself."""
    return [route for route in handlers() if route.addon == "aptic_pos" or route.kind == "aptic_api"]


# What the HTTP server itself refuses, and calls an error.
TOO_LONG = "code 414, message Request-URI Too Long"


class Siege:
    """Sends inputs, several at a time, and counts what comes of them.

    :param running: the server
    """

    def __init__(self, running, connections=4):
        self.running, self.connections = running, connections
        self.faults, self.statuses, self.slowest, self.seconds = [], Counter(), [], []

    def of(self, inputs):
        """Send all of ``inputs``; return the seconds it took."""
        start = time.monotonic()
        with ThreadPoolExecutor(self.connections) as pool:
            for _done in pool.map(self._one, inputs):
                pass
        return time.monotonic() - start

    def problems(self):
        """Warnings and errors in the server's log that are more than a refusal."""
        return [found for found in self.running.problems(refusals=True) if TOO_LONG not in found]

    def _one(self, one):
        answer = send(self.running.direct_url, one)
        self.statuses[answer.status] += 1
        self.seconds.append(answer.seconds)
        wrong = fault(one, answer)
        if wrong:
            self.faults.append(f"{wrong}\n    {one}")
