from odoo.addons.aptic_base.controllers.portal import LARGEST_ID, ApticPortal, file_response
from odoo.exceptions import UserError
from odoo.http import request, route

SIGNING = ("manager",)


class ClosingPortal(ApticPortal):
    """The joint statement of an order that is over: read by its sponsor, signed or contested by a manager."""

    @route("/my/aptic/closings/<int:closing_id>/pdf", type="http", auth="user", website=True, readonly=True)
    def aptic_closing_pdf(self, closing_id, **_query):
        """The joint statement on paper; for staff too."""
        closing, _member = self._closing(closing_id, staff=True)
        if not closing:
            return self._aptic_denied()
        return file_response(closing._pdf(), closing._pdf_name())

    @route("/my/aptic/closings/<int:closing_id>/sign", type="http", auth="user", website=True, methods=["POST"])
    def aptic_closing_sign(self, closing_id, **_post):
        """A manager of the sponsor agrees."""
        return self._closing_answer(closing_id, lambda closing: closing._sign())

    @route("/my/aptic/closings/<int:closing_id>/contest", type="http", auth="user", website=True, methods=["POST"])
    def aptic_closing_contest(self, closing_id, contest="", **_post):
        """A manager of the sponsor says what is wrong."""
        return self._closing_answer(closing_id, lambda closing: closing._contest(contest))

    def _closing_answer(self, closing_id, verb):
        closing, member = self._closing(closing_id)
        if not closing or member.role not in SIGNING:
            return self._aptic_denied()
        try:
            with request.env.cr.savepoint():
                verb(closing)
        except UserError as error:
            response = self._order_page(closing.order_id, member, error=str(error))
            response.status_code = 422
            return response
        return request.redirect(f"/my/aptic/orders/{closing.order_id.id}")

    def _closing(self, closing_id, staff=False):
        """Return ``(closing, member)``, both sudo; both empty when it is not of one of the user's sponsors.

        :param bool staff: whether staff, who are members of nothing, may open it
        """
        closing = request.env["aptic.closing"].sudo()
        member = request.env["aptic.member"].sudo()
        if 0 < closing_id <= LARGEST_ID:
            closing = closing.browse(closing_id).exists()
        if closing:
            member = member._find(closing.sponsor_id)
        is_staff = staff and request.env.user.has_group("aptic_base.group_aptic_user")
        allowed = member or (is_staff and closing.sudo(False).has_access("read"))
        return (closing if allowed else closing.browse()), member
