from odoo import fields, models


class ApticFundDecision(models.TransientModel):
    """The window in which a second person decides about an application."""

    _name = "aptic.fund.decision"
    _description = "Decision about an application"

    grant_id = fields.Many2one("aptic.fund.grant", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="grant_id.currency_id")
    asked = fields.Monetary(related="grant_id.asked")
    balance = fields.Monetary(string="The fund holds", related="grant_id.fund_id.balance")
    amount = fields.Monetary(string="Granted")
    answer = fields.Char(help="Read by who applied; needed to decline.")

    def action_grant(self):
        """Button: grant the amount."""
        self.ensure_one()
        self.grant_id._grant(round(self.amount * 100), self.answer)
        return {"type": "ir.actions.act_window_close"}

    def action_decline(self):
        """Button: decline, with the reason."""
        self.ensure_one()
        self.grant_id._decline(self.answer)
        return {"type": "ir.actions.act_window_close"}
