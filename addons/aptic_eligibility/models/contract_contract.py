from odoo import fields, models
from odoo.addons.aptic_base.invoices import mentions


class ContractContract(models.Model):
    _inherit = "contract.contract"

    aptic_subscription_ids = fields.One2many("aptic.subscription", "contract_id", string="#APTIC subscriptions")

    def _prepare_invoice(self, date_invoice, journal=None):
        """An invoice of a subscription says so, for good, and what the law wants it to say."""
        vals = super()._prepare_invoice(date_invoice, journal)
        if self.aptic_subscription_ids:
            vals["aptic_subscription_id"] = self.aptic_subscription_ids[:1].id
            vals["narration"] = mentions(self.with_context(lang=self.partner_id.lang or self.env.lang).env)
        return vals

    def _recurring_create_invoice(self, date_ref=False):
        """The invoices of subscriptions are final at once, and mailed: nobody has to look at each of them."""
        moves = super()._recurring_create_invoice(date_ref)
        ours = moves.filtered("aptic_subscription_id")
        ours.action_post()
        ours._aptic_queue_mail()
        return moves
