from odoo.addons.aptic_base.controllers.portal import LARGEST_ID, ApticPortal
from odoo.addons.portal.controllers.portal import pager
from odoo.http import request, route

READERS = ("manager", "accountant")
INVOICES_PER_PAGE = 20


class SponsorFeesPortal(ApticPortal):
    """The invoices of a sponsor that pays the fees of the counter-payment, for its managers and its accountants."""

    def _fee_payers(self):
        """The partners of the sponsors whose invoices the user may read."""
        return [
            entry["record"].partner_id.id
            for entry in request.env["aptic.member"]._organisations()
            if entry["kind"] == "sponsor" and entry["role"] in READERS
        ]

    def _fee_documents_domain(self, partners):
        return [
            ("aptic_fee_settlement_id", "!=", False),
            ("partner_id", "in", partners),
            ("state", "=", "posted"),
        ]

    @route(
        ["/my/aptic/sponsor-fees", "/my/aptic/sponsor-fees/page/<int:page>"],
        type="http", auth="user", website=True, readonly=True,
    )  # fmt: skip
    def aptic_sponsor_fees(self, page=1, **_query):
        """List the invoices and credit notes of the user's sponsors, the latest first."""
        partners = self._fee_payers()
        if not partners:
            return self._aptic_denied()
        moves = request.env["account.move"].sudo()
        domain = self._fee_documents_domain(partners)
        pages = pager(url="/my/aptic/sponsor-fees", total=moves.search_count(domain), page=page, step=INVOICES_PER_PAGE)
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "aptic_sponsor_fees",
            "invoices": moves.search(
                domain, order="invoice_date desc, id desc", limit=INVOICES_PER_PAGE, offset=pages["offset"]
            ),
            "several": len(partners) > 1,
            "pager": pages,
        }
        return request.render("aptic_settlement.portal_sponsor_fees", values)

    @route("/my/aptic/sponsor-fees/<int:move_id>", type="http", auth="user", website=True)
    def aptic_sponsor_fee(self, move_id, **_query):
        """Go to Odoo's own page of one of them."""
        domain = [("id", "=", min(move_id, LARGEST_ID)), *self._fee_documents_domain(self._fee_payers())]
        move = request.env["account.move"].sudo().search(domain)
        return request.redirect(move.get_portal_url()) if move else self._aptic_denied()
