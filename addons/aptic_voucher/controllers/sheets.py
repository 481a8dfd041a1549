import io

from odoo import http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request
from werkzeug.wsgi import wrap_file

from ..models.aptic_order_print import file_name

CHUNK = 64 * 1024  # bytes


class SheetController(http.Controller):
    """The printer's files: streamed to staff, stored nowhere."""

    @http.route("/aptic/order/<int:order_id>/sheets", type="http", auth="user", methods=["GET"])
    def sheets(self, order_id):
        """Stream the sheets of an order that were not printed yet."""
        order = self._order(order_id)
        return self._drawn(order._print, file_name(order, "sheets"))

    @http.route("/aptic/print/<int:wizard_id>", type="http", auth="user", methods=["GET"])
    def print_some(self, wizard_id):
        """Stream what the current user asked for in the wizard."""
        wizard = request.env["aptic.print"].browse(wizard_id).exists()
        is_staff = request.env.user.has_group("aptic_base.group_aptic_user")
        if not (wizard and is_staff and wizard.create_uid == request.env.user):
            raise request.not_found()
        order = self._order(wizard.order_id.id)
        return self._drawn(wizard._print, file_name(order, wizard.kind))

    @http.route("/aptic/order/<int:order_id>/proof", type="http", auth="user", methods=["GET"], readonly=True)
    def proof(self, order_id):
        """Send the proof: a booklet of specimens."""
        order = self._order(order_id)
        return self._file(io.BytesIO(order._proof_pdf()), f"{order.name} BAT.pdf")

    def _order(self, order_id):
        """The order, for staff; for others it does not exist."""
        order = request.env["aptic.order"].browse(order_id).exists()
        is_staff = request.env.user.has_group("aptic_base.group_aptic_user")
        if not (order and is_staff and order.has_access("read")):
            raise request.not_found()
        return order

    def _drawn(self, draw, name):
        """Stream what ``draw`` returns, or say why there is nothing."""
        try:
            with request.env.cr.savepoint():
                file = draw()
        except UserError as error:
            headers = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")]
            return request.make_response(str(error), headers, status=409)
        return self._file(file, name)

    def _file(self, file, name):
        """Stream a file, which is closed (and so gone) afterwards."""
        length = file.seek(0, io.SEEK_END)
        file.seek(0)
        headers = [
            ("Content-Type", "application/zip" if name.endswith(".zip") else "application/pdf"),
            ("Content-Length", str(length)),
            ("Content-Disposition", content_disposition(name)),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return request.make_response(wrap_file(request.httprequest.environ, file, CHUNK), headers)
