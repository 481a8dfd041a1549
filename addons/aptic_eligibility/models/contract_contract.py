from odoo import fields, models


class ContractContract(models.Model):
    _inherit = "contract.contract"

    aptic_subscription_ids = fields.One2many("aptic.subscription", "contract_id", string="#APTIC subscriptions")

    def _recurring_create_invoice(self, date_ref=False):
        """The invoices of subscriptions are final at once: nobody has to look at each of them."""
        moves = super()._recurring_create_invoice(date_ref)
        ours = self.filtered("aptic_subscription_ids").contract_line_ids
        moves.filtered(lambda move: move.invoice_line_ids.contract_line_id & ours).action_post()
        return moves
