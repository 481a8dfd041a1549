from odoo import models
from odoo.http import request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, abort

from .. import api


class IrHttp(models.AbstractModel):
    """The API's addresses: a key instead of a session, problems instead of pages."""

    _inherit = "ir.http"

    @classmethod
    def _match(cls, path_info):
        if not api.is_api(path_info):
            return super()._match(path_info)
        request.is_frontend = request.is_frontend_multilang = False  # no address in another language
        try:
            return super()._match(path_info)
        except MethodNotAllowed as error:
            response = api.problem(error)
        except HTTPException:  # not found, or an address that is nearly one
            response = api.problem(NotFound())
        return abort(response)

    @classmethod
    def _authenticate(cls, endpoint):
        request.api_purpose = endpoint.routing.get("purpose")
        return super()._authenticate(endpoint)

    @classmethod
    def _auth_method_aptic_key(cls):
        """A key of ours in the header, for the purpose that the route declares; cookies count for nothing.

        :raise Problem: 401 without a key that counts, 403 when it does not open this, 429 when it asks too often
        """
        request.session.can_save = False
        scheme, _space, secret = request.httprequest.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            raise api.unauthorized()
        request.update_env(user=cls._get_public_users()[0])
        key = request.env["aptic.api.key"]._of_secret(secret.strip(), request.api_purpose)
        request.update_env(user=key.user_id.id)
        request.update_context(lang=api.environment().lang)
        request.api_key = request.env["aptic.api.key"].sudo().browse(key.id)
