from odoo import api, models
from odoo.tools import email_normalize


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    @api.model
    def _get_default_mail_partner_ids(self, move, mail_template, mail_lang):
        """The invoice of a subscription goes to the organisation's managers and accountants too, once an address."""
        partners = super()._get_default_mail_partner_ids(move, mail_template, mail_lang)
        provider = move.sudo().aptic_subscription_id.provider_id
        known = {email_normalize(partner.email) for partner in partners}
        for partner in provider._money_members().user_id.partner_id:
            address = email_normalize(partner.email)
            if address and address not in known:
                known.add(address)
                partners |= partner
        return partners
