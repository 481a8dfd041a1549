"""JSON-RPC requests that are none: told so with 400, instead of a traceback under 200.

Odoo takes whatever JSON there is for an envelope: parameters that are a list, an ``id`` that no answer can carry, or a
nesting deeper than Python's stack end in the server's log as errors of its own.
"""

import math

from odoo.http import JsonRPCDispatcher, Response
from werkzeug.exceptions import abort


class CheckedJsonRPCDispatcher(JsonRPCDispatcher):
    """Takes the place of Odoo's for all routes of ``type="jsonrpc"``."""

    routing_type = "jsonrpc"

    def dispatch(self, endpoint, args):
        """Call the endpoint with the parameters of an envelope that is one.

        :raise HTTPException: 400 otherwise
        """
        self.jsonrequest = self._read_envelope()
        self.request_id = self.jsonrequest.get("id")
        self.request.params = {**self.jsonrequest.get("params", {}), **args}
        if not self.request.db:
            return self._response(endpoint(**self.request.params))
        return self._response(self.request.registry["ir.http"]._dispatch(endpoint))

    def _read_envelope(self):
        try:
            envelope = self.request.get_json_data()
        except (ValueError, RecursionError):
            return abort(Response("Invalid JSON data", status=400))
        if isinstance(envelope, dict) and is_request(envelope):
            return envelope
        return abort(Response("Invalid JSON-RPC data", status=400))


def is_request(envelope):
    """Whether the parts of a JSON-RPC envelope are what they must be: named parameters, and an id to answer with."""
    number = envelope.get("id")
    answers = (
        (isinstance(number, str) and number.isprintable())
        or (isinstance(number, float) and math.isfinite(number))
        or isinstance(number, int | None)
    )
    return answers and isinstance(envelope.get("params", {}), dict)
