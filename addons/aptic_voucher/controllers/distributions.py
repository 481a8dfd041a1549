from odoo import http
from odoo.addons.aptic_base.controllers.portal import LARGEST_ID, ApticPortal, file_response
from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.exceptions import UserError
from odoo.http import request, route

from ..models.aptic_distribution_acts import CAUSES_OF_LOSS

STEP = 20
HOME = "/my/aptic/distributor/<int:distributor_id>/lots"
ANY_ACT = "<any('return', 'loss', 'put-back'):act>"
MAY_HAND_OUT = ("manager", "mediator")
MAY_GIVE_BACK = ("manager",)
# Act of the page: the ledger's kind and the roles that may.
ACTS = {
    "return": ("return", MAY_GIVE_BACK),
    "loss": ("lose", MAY_GIVE_BACK),
    "put-back": ("restore", MAY_HAND_OUT),
}


def _note_response(lot):
    return file_response(lot._note_pdf(), f"{lot.name}.pdf")


class DistributionPortal(ApticPortal):
    """A distributor's booklets: lots, acknowledgement, handing out, returns and losses."""

    # ---------------------------------------------------------------- reading
    @route([HOME, f"{HOME}/page/<int:page>"], type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_lots(self, distributor_id, page=1, row=None, **_query):
        """Show the stock, the field to hand booklets out, and the lots."""
        distributor, member = self._aptic_member("aptic.distributor", distributor_id)
        if not member:
            return self._aptic_denied()
        return self._lots_page(distributor, member, page=page, row=self._lot_row(distributor, row))

    @route(f"{HOME}/<int:distribution_id>", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_lot(self, distributor_id, distribution_id, row=None, **_query):
        """Show a lot: where its booklets are, its history, and what can be done."""
        distributor, member, lot = self._lot(distributor_id, distribution_id)
        if not lot:
            return self._aptic_denied()
        return self._lot_page(distributor, member, lot, row=self._lot_row(distributor, row))

    @route(f"{HOME}/<int:distribution_id>/note", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_lot_note(self, distributor_id, distribution_id, **_query):
        """Send the delivery note."""
        _distributor, _member, lot = self._lot(distributor_id, distribution_id)
        return _note_response(lot) if lot else self._aptic_denied()

    # ---------------------------------------------------------------- writing
    @route(f"{HOME}/hand-out", type="http", auth="user", website=True, methods=["POST"])
    def aptic_hand_out(self, distributor_id, **post):
        """Hand booklets out: one scanned voucher, or the first and the last booklet."""
        distributor, member = self._aptic_member("aptic.distributor", distributor_id, MAY_HAND_OUT)
        if not member:
            return self._aptic_denied()
        try:
            with request.env.cr.savepoint():
                row = self._form_once(post) and distributor._hand_out(post.get("first"), post.get("last"))
        except UserError as error:
            return self._lots_page(distributor, member, post=post, error=str(error))
        return request.redirect(f"/my/aptic/distributor/{distributor.id}/lots?row={row.id if row else ''}")

    @route(f"{HOME}/<int:distribution_id>/receive", type="http", auth="user", website=True, methods=["POST"])
    def aptic_lot_receive(self, distributor_id, distribution_id, **post):
        """Acknowledge a lot by its first and last booklet."""
        distributor, member, lot = self._lot(distributor_id, distribution_id, MAY_HAND_OUT)
        if not lot:
            return self._aptic_denied()
        try:
            with request.env.cr.savepoint():
                lot._receive(post.get("first"), post.get("last"))
        except UserError as error:
            return self._lot_page(distributor, member, lot, post=post, act="receive", error=str(error))
        return request.redirect(f"/my/aptic/distributor/{distributor.id}/lots/{lot.id}")

    @route(f"{HOME}/<int:distribution_id>/{ANY_ACT}", type="http", auth="user", website=True, methods=["POST"])
    def aptic_lot_act(self, distributor_id, distribution_id, act, **post):
        """Return booklets, declare them lost, or put them back into the stock."""
        kind, roles = ACTS[act]
        distributor, member, lot = self._lot(distributor_id, distribution_id, roles)
        if not lot:
            return self._aptic_denied()
        row = False
        try:
            with request.env.cr.savepoint():
                if self._form_once(post):
                    first, last = lot._read_range(post.get("first"), post.get("last"))
                    row = lot._move(kind, first, last, post.get("reason"), post.get("cause"))
        except UserError as error:
            return self._lot_page(distributor, member, lot, post=post, act=act, error=str(error))
        return request.redirect(f"/my/aptic/distributor/{distributor.id}/lots/{lot.id}?row={row or ''}")

    # ---------------------------------------------------------------- helpers
    def _lot(self, distributor_id, distribution_id, roles=("manager", "mediator", "accountant")):
        """Return ``(distributor, member, lot)``, sudo, the lot empty when it is not one that the user may see so."""
        distributor, member = self._aptic_member("aptic.distributor", distributor_id, roles)
        model = request.env["aptic.distribution"].sudo()
        lot = member and model.search(
            [
                ("id", "=", min(distribution_id, LARGEST_ID)),
                ("distributor_id", "=", distributor.id),
                ("state", "in", ("sent", "received")),
            ]
        )
        return distributor, member, lot or model

    def _lot_row(self, distributor, row):
        """The row of the ledger that the last form wrote, for the page to say what was done."""
        text = str(row or "")
        row_id = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
        event = request.env["aptic.event"].sudo().search([("id", "=", row_id)])
        return event if event.distribution_id.distributor_id == distributor else event.browse()

    def _lots_page(self, distributor, member, page=1, post=None, row=None, error=None):
        model = request.env["aptic.distribution"].sudo()
        domain = [("distributor_id", "=", distributor.id), ("state", "in", ("sent", "received"))]
        url = f"/my/aptic/distributor/{distributor.id}/lots"
        pager = portal_pager(url, model.search_count(domain), page=page, step=STEP)
        found = model.search(domain, order="state desc, id desc", limit=STEP, offset=pager["offset"])
        response = request.render(
            "aptic_voucher.portal_lots",
            {
                **self._prepare_portal_layout_values(),
                **self._form_values(),
                "page_name": "aptic_lots",
                "distributor": distributor,
                "figures": distributor._stock()[distributor.id],
                "lots": found,
                "counts": found._held_counts(),
                "pager": pager,
                "may_hand_out": member.role in MAY_HAND_OUT,
                "row": row,
                "post": post or {},
                "error": error,
            },
        )
        response.status_code = 422 if error else 200
        return response

    def _lot_page(self, distributor, member, lot, post=None, row=None, act=None, error=None):
        causes = dict(request.env["aptic.blocking"]._fields["cause"]._description_selection(request.env))
        response = request.render(
            "aptic_voucher.portal_lot",
            {
                **self._prepare_portal_layout_values(),
                **self._form_values(),
                "page_name": "aptic_lot",
                "distributor": distributor,
                "lot": lot,
                "order": lot.order_id,
                "parts": lot.part_ids,
                "events": lot.event_ids.sorted("id", reverse=True)[:50],
                "kinds": dict(request.env["aptic.event"]._fields["kind"]._description_selection(request.env)),
                "causes": [(cause, causes[cause]) for cause in CAUSES_OF_LOSS],
                "may_hand_out": member.role in MAY_HAND_OUT,
                "may_give_back": member.role in MAY_GIVE_BACK,
                "row": row,
                "post": post or {},
                "act": act,
                "error": error,
            },
        )
        response.status_code = 422 if error else 200
        return response


class DistributionNoteController(http.Controller):
    """The delivery note, for staff."""

    @http.route("/aptic/lots/<int:distribution_id>/note", type="http", auth="user", methods=["GET"], readonly=True)
    def lot_note(self, distribution_id):
        """Send the delivery note of a lot; for others it does not exist."""
        lot = request.env["aptic.distribution"].browse(min(distribution_id, LARGEST_ID)).exists()
        is_staff = request.env.user.has_group("aptic_base.group_aptic_user")
        if not (lot and is_staff and lot.has_access("read")):
            raise request.not_found()
        return _note_response(lot)
