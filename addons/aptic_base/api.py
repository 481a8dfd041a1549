"""What the JSON endpoints of every addon share: problems (RFC 9457), parameters, pages, the dispatcher of their routes.

A route of the API is declared so, and reads nothing but the key's organisation::

    @route("/aptic/api/v1/orders", type="aptic_api", auth="aptic_key", purpose="orders:read", methods=["GET"],
           readonly=True, save_session=False)
    def aptic_api_orders(self):
        query = api.Query("limit", "cursor")
        key = request.api_key          # aptic.api.key, sudo; key._organisation() is whose data this is

A route that takes a body declares ``max_content_length=api.MOST_BYTES`` as well and reads it with :class:`Body`.

What fails raises :class:`Problem`; whatever else fails becomes a problem too, without its traceback.
"""

import base64
import binascii
import json
import re
from datetime import date, datetime, timezone
from http import HTTPStatus

from odoo.exceptions import AccessDenied, AccessError, MissingError, UserError
from odoo.http import HttpDispatcher, Response, SessionExpiredException, request
from werkzeug.exceptions import HTTPException

from .limits import LARGEST_ID
from .texts import one_line

ROOT = "/aptic/api/"
LANGUAGE = "fr_FR"
MOST_ROWS = 200
USUAL_ROWS = 50
MOST_BYTES = 16_384  # of a body
# Printable ASCII; bare, as most tools send it, or in the quotes of a structured field (RFC 9651), as the draft asks.
KEY = re.compile(r'("?)([!#-\[\]-~][ !#-\[\]-~]{6,62}[!#-\[\]-~])\1', re.ASCII)
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.\d{1,30})?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII)


class Problem(HTTPException):
    """A refusal that a program can act on and a person can read.

    :param int status: HTTP status
    :param str kind: stable name of the problem, the end of its ``type``
    :param str detail: what went wrong and what to do, for the person who reads the program's log
    :param headers: list of ``(name, value)``
    :param extra: further members of the answer, such as ``errors``
    """

    def __init__(self, status, kind, detail, headers=(), **extra):
        super().__init__(detail)
        self.code, self.kind, self.headers, self.extra = status, kind, list(headers), extra


def is_api(path):
    """Whether an address is one of the API's."""
    return path.startswith(ROOT)


def environment():
    """The request's environment in the API's language (French where it is installed)."""
    env = request.env
    spoken = env["res.lang"]._get_data(code=LANGUAGE)
    return env(context={**env.context, "lang": LANGUAGE}) if spoken else env


# --------------------------------------------------------------------- answers
def moment(value):
    """A moment (naive, UTC) as the API writes it; None where there is none."""
    return f"{value.isoformat(timespec='seconds')}Z" if value else None


def answer(data, status=200, headers=()):
    """A JSON answer that nobody keeps on the way.

    :param data: what ``json`` can write
    """
    return _json(data, status, "application/json; charset=utf-8", headers)


def _json(data, status, kind, headers):
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    common = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("Content-Language", "fr")]
    return Response(text, status=status, content_type=kind, headers=[*common, *headers])


def problem(error):
    """The answer to an exception; never its traceback.

    :param error: any exception
    """
    if not isinstance(error, Problem):
        error = _problem_of(error)
    body = {
        "type": f"urn:aptic:problem:{error.kind}",
        "title": _title(error.code),
        "status": error.code,
        "detail": error.description,
        **error.extra,
    }
    return _json(body, error.code, "application/problem+json; charset=utf-8", error.headers)


def _problem_of(error):
    if isinstance(error, SessionExpiredException):
        return unauthorized()
    if isinstance(error, AccessError | AccessDenied):
        return Problem(403, "forbidden", _sentences()[403])
    if isinstance(error, MissingError):
        return not_found()
    if isinstance(error, UserError):
        return Problem(422, "refused", str(error))
    status = error.code if isinstance(error, HTTPException) and error.code else 500
    kinds = {400: "malformed", 404: "not-found", 405: "method", 413: "too-large", 415: "media-type"}
    kind = kinds.get(status, "internal" if status >= 500 else "refused")
    headers = []
    if status == 405:
        methods = set(getattr(error, "valid_methods", None) or ()) - {"OPTIONS"}
        headers = [("Allow", ", ".join(sorted(methods)))]
    return Problem(status, kind, _sentences().get(status) or HTTPStatus(status).phrase, headers)


def _title(status):
    env = environment()
    titles = {
        400: env._("Malformed request"),
        401: env._("Key missing or not accepted"),
        403: env._("Not allowed"),
        404: env._("Not found"),
        405: env._("Method not allowed"),
        409: env._("Conflict"),
        413: env._("Request too large"),
        415: env._("Unexpected type of content"),
        422: env._("Parameters not accepted"),
        429: env._("Too many requests"),
        500: env._("Internal error"),
    }
    return titles.get(status) or HTTPStatus(status).phrase


def _sentences():
    env = environment()
    return {
        400: env._("The request cannot be read: check its syntax."),
        403: env._("This key does not open this."),
        404: env._("Nothing is at this address, or it is not your organisation's."),
        405: env._("This address does not take this method; the header “Allow” lists those it takes."),
        413: env._("The request is too large."),
        415: env._("Send the body as “application/json”."),
        500: env._("The request failed on our side: try again later, and tell the #APTIC team if it goes on."),
    }


def not_found():
    """Nothing there, or somebody else's: the same answer."""
    return Problem(404, "not-found", _sentences()[404])


def unauthorized(sent=False):
    """No key, or one that does not count (wrong, revoked, expired).

    :param bool sent: whether the request carried a key
    """
    env = environment()
    if sent:
        detail = env._(
            "This key is not known: it is wrong, revoked or expired. A manager makes a new one on the portal."
        )
        challenge = 'Bearer realm="aptic", error="invalid_token"'
    else:
        detail = env._("Send your key in the header “Authorization: Bearer <key>”.")
        challenge = 'Bearer realm="aptic"'
    return Problem(401, "key", detail, [("WWW-Authenticate", challenge)])


# ------------------------------------------------------------------- questions
class _Question:
    """What a request asks, each part checked; :meth:`check` raises one problem about all that are wrong."""

    def __init__(self):
        self._errors, self._env = [], environment()

    def _refuse(self, name, detail):
        name = name[:100].encode("utf-8", "replace").decode()  # JSON can name half a character
        self._errors.append({"parameter": name, "detail": detail})

    def check(self):
        """Raise the problem that names every parameter that is wrong."""
        if self._errors:
            raise Problem(
                422, "parameters", self._env._("Correct the parameters listed in “errors”."), errors=self._errors
            )


class Query(_Question):
    """The parameters of a request's address.

    :param names: those that the endpoint takes
    """

    def __init__(self, *names):
        super().__init__()
        self._args = request.httprequest.args
        for name in self._args:
            if name not in names:
                self._refuse(name, self._env._("This parameter does not exist here."))
            elif len(self._args.getlist(name)) > 1:
                self._refuse(name, self._env._("Give this parameter once."))

    def choice(self, name, values, default=None):
        """One of ``values``, or ``default`` when the parameter is not there."""
        text = self._args.get(name)
        if text is None or text in values:
            return default if text is None else text
        self._refuse(name, self._env._("Choose one of: %s.", ", ".join(values)))
        return default

    def limit(self):
        """How many rows at most: ``limit``, from 1 to ``MOST_ROWS``."""
        text = self._args.get("limit")
        if text is None:
            return USUAL_ROWS
        if text.isascii() and text.isdecimal() and len(text) < 5 and 1 <= int(text) <= MOST_ROWS:
            return int(text)
        self._refuse("limit", self._env._("Give a number from 1 to %s.", MOST_ROWS))
        return USUAL_ROWS

    def cursor(self):
        """The number that ``cursor`` holds, or None for the first page."""
        text = self._args.get("cursor")
        if text is None:
            return None
        try:
            number = json.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
        except (ValueError, binascii.Error, UnicodeError, RecursionError):
            number = None
        if type(number) is int and 0 < number <= LARGEST_ID:
            return number
        self._refuse("cursor", self._env._("Take the cursor as the answer before gave it, in “next”."))
        return None

    def day(self, name):
        """A day, or None when the parameter is not there."""
        text = self._args.get(name)
        if text is None:
            return None
        try:
            return date.fromisoformat(text if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else "")
        except ValueError:
            self._refuse(name, self._env._("Give a day as YYYY-MM-DD."))
            return None


class Body(_Question):
    """The JSON object of a request: every member is checked, and none is there that the endpoint does not know.

    :param names: the members that the endpoint takes
    :raise Problem: 400, 413 or 415 when it is no such object
    """

    def __init__(self, *names):
        super().__init__()
        self._values = _json_object()
        for name in self._values:
            if name not in names:
                self._refuse(name, self._env._("This member does not exist here."))

    def _get(self, name, required=True):
        value = self._values.get(name)
        if value is None and required:
            self._refuse(name, self._env._("This member is missing."))
        return value

    def number(self, name, required=True):
        """A whole number from 1 to the largest id; None when it is not required and not there, or ``null``."""
        value = self._get(name, required)
        if isinstance(value, float) and value.is_integer():  # JSON knows one kind of number
            value = int(value)
        if type(value) is int and 0 < value <= LARGEST_ID:
            return value
        if value is not None:
            self._refuse(name, self._env._("Give a number from 1 to %s.", LARGEST_ID))
        return None

    def text(self, name, longest):
        """A text of 1 to so many characters, on one line, not only blanks."""
        value = self._get(name)
        text = one_line(value, longest)
        if text and len(value) <= longest:
            return text
        if value is not None:
            self._refuse(name, self._env._("Give a text of 1 to %s characters.", longest))
        return None

    def texts(self, name, most, longest):
        """A list of 1 to so many texts; none is empty or longer than ``longest``."""
        values = self._get(name)
        if (
            isinstance(values, list)
            and 0 < len(values) <= most
            and all(isinstance(value, str) and 0 < len(value) <= longest for value in values)
        ):
            return values
        if values is not None:
            self._refuse(
                name,
                self._env._("Give a list of 1 to %(most)s texts of 1 to %(longest)s characters.", most=most,
                            longest=longest),
            )  # fmt: skip
        return None

    def moment(self, name):
        """A moment with its time zone (RFC 3339) as naive UTC, without fractions; None where none or ``null`` is."""
        value = self._get(name, False)
        found = _moment(value) if isinstance(value, str) else None
        if value is not None and not found:
            self._refuse(name, self._env._("Give a moment with its time zone, such as 2026-11-29T14:05:00Z."))
        return found


def _moment(text):
    match = MOMENT.fullmatch(text)
    if not match:
        return None
    day, time, sign, hours, minutes = match.groups()
    try:
        zone = f"{sign}{hours}:{minutes}" if sign else "+00:00"
        found = datetime.fromisoformat(f"{day}T{time}{zone}")
        return found.astimezone(timezone.utc).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def _json_object():
    env, sent = environment(), request.httprequest
    encoded = sent.headers.get("Content-Encoding", "identity").strip().lower() != "identity"
    charset = sent.mimetype_params.get("charset", "utf-8").strip().lower()
    if sent.mimetype != "application/json" or charset not in ("utf-8", "utf8") or encoded:
        raise Problem(415, "media-type", _sentences()[415])
    try:
        found = json.loads(sent.get_data().decode(), object_pairs_hook=_members, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Problem(400, "malformed", env._("Send one JSON object in UTF-8, each of its members once."))
    return found


def _members(pairs):
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a member twice")
    return found


def _no_constant(name):
    raise ValueError(f"{name} is not JSON")


def idempotency_key():
    """The request's own name for what it asks, from its header (draft-ietf-httpapi-idempotency-key-header-07).

    :return: 8 to 64 printable ASCII characters
    :raise Problem: 400 when the header is missing, or is no such key
    """
    match = KEY.fullmatch(request.httprequest.headers.get("Idempotency-Key", "").strip())
    if not match:
        env = environment()
        raise Problem(
            400, "idempotency-key",
            env._(
                "Send the header “Idempotency-Key”: 8 to 64 printable ASCII characters without quotes, new for each act"
                " and the same when you send the act again."
            ),
        )  # fmt: skip
    return match[2]


def page(rows, following):
    """One page of a list: its rows and the cursor of the next page, null on the last one.

    :param rows: JSON rows
    :param int following: what the next page's cursor holds; None on the last page
    """
    cursor = None
    if following is not None:
        cursor = base64.urlsafe_b64encode(json.dumps(following).encode()).decode().rstrip("=")
    return answer({"data": rows, "next": cursor})


# ------------------------------------------------------------------ dispatcher
class ApiDispatcher(HttpDispatcher):
    """Routes of ``type="aptic_api"``: no session, no cookie, no form, and so nothing to forge from another site."""

    routing_type = "aptic_api"

    def dispatch(self, endpoint, args):
        """Call the endpoint with the parameters of the path alone."""
        self.request.params = dict(args)
        if self.request.httprequest.method == "OPTIONS":
            methods = [method for method in endpoint.routing["methods"] if method != "OPTIONS"]
            raise Problem(405, "method", _sentences()[405], [("Allow", ", ".join(sorted(methods)))])
        return self.request.registry["ir.http"]._dispatch(endpoint)

    def handle_error(self, exc):
        """Turn any exception into a problem."""
        if not isinstance(exc, HTTPException | UserError) and self.request.env:
            self.request.env.cr.rollback()  # whatever failed may have left the transaction unusable
        return problem(exc)
