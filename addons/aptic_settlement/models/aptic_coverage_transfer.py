from odoo import api, fields, models
from odoo.tools import SQL


class ApticCoverage(models.Model):
    """What the operator may take out of the segregated account is proposed until it has left."""

    _inherit = "aptic.coverage"

    transfer_due = fields.Boolean(
        string="Fees to transfer",
        compute="_compute_transfer_due",
        search="_search_transfer_due",
        help="The last proof of its company, covered to the cent, with fees of the operator still on the account.",
    )

    @api.depends("company_id", "day", "state", "fees_cents", "claims_cents")
    def _compute_transfer_due(self):
        due = self.search([("id", "in", self.ids), ("transfer_due", "=", True)])
        for proof in self:
            proof.transfer_due = proof in due

    def _search_transfer_due(self, operator, _value):
        """The last proofs with something to transfer; where one has a gap, nothing is taken out before it is known."""
        if operator != "in":
            return NotImplemented
        self.flush_model(["company_id", "day", "state", "fees_cents", "claims_cents"])
        last = SQL(
            "SELECT DISTINCT ON (company_id) id, state = 'ok' AND fees_cents > claims_cents AS due"
            " FROM aptic_coverage ORDER BY company_id, day DESC"
        )
        return [("id", "in", SQL("(SELECT id FROM (%s) last WHERE due)", last))]
