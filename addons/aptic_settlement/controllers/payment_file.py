from odoo.http import Controller, content_disposition, request, route


class PaymentFile(Controller):
    """The file of a payment order of counter-payments, for its accountants; every download is written down."""

    @route("/aptic/payment-order/<int:order_id>/file", type="http", auth="user", methods=["GET"])
    def aptic_payment_file(self, order_id, **_query):
        """Hand the file out as it was made."""
        order = request.env["account.payment.order"].browse(order_id).exists()
        if not order:
            raise request.not_found()
        name, data = order._aptic_download()
        headers = [
            ("Content-Type", "application/xml; charset=utf-8"),
            ("Content-Disposition", content_disposition(name)),
            ("Cache-Control", "private, no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return request.make_response(data, headers)
