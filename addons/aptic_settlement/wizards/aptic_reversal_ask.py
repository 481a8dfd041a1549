from odoo import fields, models

from ..models.aptic_reversal import STAFF


class ApticReversalAsk(models.TransientModel):
    """Staff ask that a settled redemption be reversed."""

    _name = "aptic.reversal.ask"
    _description = "Ask for a reversal"

    redemption_id = fields.Many2one("aptic.redemption", required=True, ondelete="cascade", readonly=True)
    reason = fields.Char(string="Why", required=True, help="Kept, and told to the provider.")

    def action_ask(self):
        """Ask, and open what waits for the second person."""
        self.ensure_one()
        reversals = self.env["aptic.reversal"]
        reversals._check_any_group(STAFF)
        return reversals._ask(self.redemption_id, self.reason)._get_records_action()


class ApticReversalRefusal(models.TransientModel):
    """The second person refuses a reversal."""

    _name = "aptic.reversal.refusal"
    _description = "Refuse a reversal"

    reversal_id = fields.Many2one("aptic.reversal", required=True, ondelete="cascade", readonly=True)
    answer = fields.Char(string="Why", required=True, help="Who asked reads it.")

    def action_refuse(self):
        """Refuse."""
        self.ensure_one()
        self.reversal_id._refuse(self.answer)
        return {"type": "ir.actions.act_window_close"}
