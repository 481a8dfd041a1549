from odoo import models


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    def _in_their_language(self):
        """This provider in the language its people read: what ``env._`` gives from it is for them."""
        self.ensure_one()
        return self.with_context(lang=self.lang or self.env.lang)

    def _tell_managers(self, subject, body, roles=("manager",)):
        """Write a message on the provider's thread and mail it to its active members of some roles.

        :param str subject: of the mail
        :param body: text, or ``Markup``
        :param roles: whom to write to
        :return: the ``mail.message``
        """
        self.ensure_one()
        members = self.sudo().member_ids.filtered(lambda member: member.active and member.role in roles)
        return (
            self.sudo()
            .with_context(aptic_told=True)
            .message_post(
                subject=subject,
                body=body,
                partner_ids=members.user_id.partner_id.ids,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
        )
