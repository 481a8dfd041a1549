import functools
import json

from odoo.addons.aptic_base import api
from odoo.http import Controller, route
from odoo.tools import file_open

DOCUMENT = "aptic_voucher/data/openapi.json"


@functools.cache
def _document():
    with file_open(DOCUMENT) as stream:
        return json.load(stream)


class ApticOpenApi(Controller):
    """The description of the API that programs read."""

    @route(
        "/aptic/api/v1/openapi.json",
        type="aptic_api",
        auth="public",
        methods=["GET"],
        readonly=True,
        save_session=False,
    )
    def aptic_api_openapi(self):
        """The OpenAPI 3.1 document, for anyone."""
        api.Query().check()
        return api.answer(_document())
