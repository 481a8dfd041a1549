import io

from odoo import http
from odoo.http import content_disposition, request
from werkzeug.wsgi import wrap_file

CHUNK = 64 * 1024  # bytes


class SheetController(http.Controller):
    """The printer's files: streamed to staff, stored nowhere."""

    @http.route("/aptic/order/<int:order_id>/sheets", type="http", auth="user", methods=["GET"])
    def sheets(self, order_id):
        """Stream the sheets of an order, from issue on."""
        order = self._order(order_id)
        return self._pdf(order._print(), f"{order.name}.pdf")

    @http.route("/aptic/order/<int:order_id>/proof", type="http", auth="user", methods=["GET"], readonly=True)
    def proof(self, order_id):
        """Send the proof: a booklet of specimens."""
        order = self._order(order_id)
        return self._pdf(io.BytesIO(order._proof_pdf()), f"{order.name} BAT.pdf")

    def _order(self, order_id):
        """The order, for staff; for others it does not exist."""
        order = request.env["aptic.order"].browse(order_id).exists()
        is_staff = request.env.user.has_group("aptic_base.group_aptic_user")
        if not (order and is_staff and order.has_access("read")):
            raise request.not_found()
        return order

    def _pdf(self, file, name):
        """Stream a file, which is closed (and so gone) afterwards."""
        length = file.seek(0, io.SEEK_END)
        file.seek(0)
        headers = [
            ("Content-Type", "application/pdf"),
            ("Content-Length", str(length)),
            ("Content-Disposition", content_disposition(name)),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return request.make_response(wrap_file(request.httprequest.environ, file, CHUNK), headers)
