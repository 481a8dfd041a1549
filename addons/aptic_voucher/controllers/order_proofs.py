from odoo.addons.aptic_base.controllers.portal import as_id, file_response
from odoo.addons.aptic_base.controllers.uploads import LARGEST_FORM, sent_files
from odoo.exceptions import UserError
from odoo.http import request, route

from .orders import ORDERING, OrderPortal

URL = "/my/aptic/orders/<int:order_id>/proofs"
MOST_MESSAGES = 100


class OrderProofPortal(OrderPortal):
    """The versions of an order's proof on the portal: read, commented, approved or sent back."""

    @route(URL, type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_proofs(self, order_id, sent=None, **_query):
        """Show the versions, the delays, the comments, and the answer that is awaited."""
        order, member = self._order(order_id)
        if not order or not order.proof_id:
            return self._aptic_denied()
        return self._proofs_page(order, member, sent=bool(sent))

    @route(f"{URL}/<int:proof_id>/pdf", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_proof_pdf(self, order_id, proof_id, **_query):
        """Send the PDF of one version."""
        order, _member = self._order(order_id)
        proof = order.proof_ids.filtered(lambda one: one.id == proof_id)
        if not proof:
            return self._aptic_denied()
        return file_response(proof.attachment_id.raw, proof.attachment_id.name)

    @route(f"{URL}/return", type="http", auth="user", website=True, methods=["POST"])
    def aptic_proof_return(self, order_id, proof_id=None, reason=None, **_post):
        """Send a version back with a reason."""
        order, member = self._order(order_id)
        if not order or member.role not in ORDERING:
            return self._aptic_denied()
        try:
            with request.env.cr.savepoint():
                order._return_proof(as_id(proof_id), reason, request.env.user)
        except UserError as error:
            return self._proofs_page(order, member, error=str(error), reason=reason, status=422)
        return request.redirect(f"/my/aptic/orders/{order.id}/proofs")

    @route(f"{URL}/comment", type="http", auth="user", website=True, methods=["POST"], max_content_length=LARGEST_FORM)
    def aptic_proof_comment(self, order_id, **post):
        """Write to the team about the proof, with files at need."""
        order, member = self._order(order_id)
        if not order or not order.proof_id or member.role not in ORDERING:
            return self._aptic_denied()
        try:
            with request.env.cr.savepoint():
                files = sent_files("files")
                if self._form_once(post):
                    order._write_to_team(request.env.user, post.get("body"), files)
        except UserError as error:
            return self._proofs_page(order, member, error=str(error), body=post.get("body"), status=422)
        return request.redirect(f"/my/aptic/orders/{order.id}/proofs?sent=1")

    @route(
        f"{URL}/messages/<int:message_id>/file/<int:attachment_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def aptic_proof_file(self, order_id, message_id, attachment_id, **_query):
        """Give a file that came with a comment."""
        order, member = self._order(order_id)
        if not order or member.role not in ORDERING:
            return self._aptic_denied()
        return self._thread_file(order, message_id, attachment_id)

    # ---------------------------------------------------------------- helpers
    def _proofs_page(self, order, member, error=None, reason="", body="", sent=False, status=200):
        may_order = member.role in ORDERING
        messages = request.env["mail.message"].sudo()
        if may_order:
            messages = messages.search(order._thread_domain(), order="id desc", limit=MOST_MESSAGES)
        values = {
            **self._prepare_portal_layout_values(),
            **self._form_values(),
            "page_name": "aptic_order_proofs",
            "order": order,
            "proof": order.proof_id,
            "proofs": order.proof_ids.sorted("number", reverse=True),
            "messages": messages,
            "team": messages.author_id.filtered(lambda author: not author.partner_share),
            "may_order": may_order,
            "reason": reason,
            "body": body,
            "sent": sent,
            "error": error,
        }
        response = request.render("aptic_voucher.portal_proofs", values)
        response.status_code = status
        return response
