from markupsafe import Markup
from odoo import models


class ApticOrder(models.Model):
    """Letters to the members of an order's sponsor."""

    _inherit = "aptic.order"

    def _in_their_language(self):
        """This order in the language its sponsor reads: what ``env._`` gives from it is for them."""
        self.ensure_one()
        return self.with_context(lang=self.sponsor_id.sudo().lang or self.env.lang)

    def _tell_sponsor(self, subject, body, roles=("manager",), page=""):
        """Write on the order's thread and mail it to the sponsor's active members of some roles.

        :param str subject: of the mail
        :param body: text, or ``Markup``
        :param roles: whom to write to
        :param str page: what follows the order's address on the portal, such as ``/proofs``
        :return: the ``mail.message``
        """
        self.ensure_one()
        order = self.sudo()
        members = order.sponsor_id.member_ids.filtered(lambda member: member.active and member.role in roles)
        url = f"{order.get_base_url()}/my/aptic/orders/{order.id}{page}"
        link = Markup('<p><a href="%s">%s</a></p>') % (url, order._in_their_language().env._("Open the order"))
        body = Markup("<p>%s</p>%s") % (body, link)
        return order._write_to(order.with_context(aptic_told=True), members, subject, body)

    def _write_to(self, thread, members, subject, body):
        """Write on a thread of those whom this order concerns, and mail it to members.

        What somebody on the portal sets off is written by the company: others need not know who that person is.

        :param thread: the order, or a distributor (sudo)
        :param members: ``aptic.member`` records whom to write to
        :return: the ``mail.message``
        """
        sender = {"author_id": self.sudo().company_id.partner_id.id} if self.env.user.share else {}
        return thread.message_post(
            **sender,
            subject=subject,
            body=body,
            partner_ids=members.user_id.partner_id.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
