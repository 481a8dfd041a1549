"""What the JSON endpoints of every addon share: problems (RFC 9457), parameters, pages, the dispatcher of their routes.

A route of the API is declared so, and reads nothing but the key's organisation::

    @route("/aptic/api/v1/orders", type="aptic_api", auth="aptic_key", purpose="orders:read", methods=["GET"],
           readonly=True, save_session=False)
    def aptic_api_orders(self):
        query = api.Query("limit", "cursor")
        key = request.api_key          # aptic.api.key, sudo; key._organisation() is whose data this is

What fails raises :class:`Problem`; whatever else fails becomes a problem too, without its traceback.
"""

import base64
import binascii
import json
from http import HTTPStatus

from odoo.exceptions import AccessDenied, AccessError, MissingError, UserError
from odoo.http import HttpDispatcher, Response, SessionExpiredException, request
from werkzeug.exceptions import HTTPException

ROOT = "/aptic/api/"
LANGUAGE = "fr_FR"
MOST_ROWS = 200
USUAL_ROWS = 50
LARGEST_ID = 2**31 - 1


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
class Query:
    """The parameters of a request's address, each checked; :meth:`check` raises one problem about all that are wrong.

    :param names: those that the endpoint takes
    """

    def __init__(self, *names):
        self._args, self._errors = request.httprequest.args, []
        self._env = environment()
        for name in self._args:
            if name not in names:
                self._refuse(name, self._env._("This parameter does not exist here."))
            elif len(self._args.getlist(name)) > 1:
                self._refuse(name, self._env._("Give this parameter once."))

    def _refuse(self, name, detail):
        self._errors.append({"parameter": name[:100], "detail": detail})

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

    def check(self):
        """Raise the problem that names every parameter that is wrong."""
        if self._errors:
            raise Problem(
                422, "parameters", self._env._("Correct the parameters listed in “errors”."), errors=self._errors
            )


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
