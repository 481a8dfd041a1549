from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .. import coverage


class ApticCoverage(models.Model):
    """What the last proof says of the money that is there."""

    _inherit = "aptic.coverage"

    @api.model
    def _last(self, company):
        """The proof of the latest day, the running one included; empty when nothing was proven yet."""
        return self.search([("company_id", "=", company.id)], order="day desc", limit=1)

    def _missing_cents(self):
        """How much less the bank holds than the account owes to others than the operator, in cents."""
        owed = sum(self.line_ids.filtered(lambda line: line.kind in coverage.PUBLISHED).mapped("ledger_cents"))
        return coverage.missing(self.bank_cents, owed, self.lacking_cents)


class ApticOrder(models.Model):
    """No new voucher circulates while money is missing for those that do; bearers are served all the same."""

    _inherit = "aptic.order"

    def _activate(self):
        """Besides, refuse while the last proof of coverage lacks money.

        :raise UserError: which says how much, since when, and what to do
        """
        for company in self.company_id:
            proof = self.env["aptic.coverage"].sudo()._last(company)
            missing = proof._missing_cents() if proof else 0
            if missing:
                raise UserError(
                    self.env._(
                        "No voucher is activated: %(missing)s are missing on the segregated account, says the proof of"
                        " coverage of %(day)s. Once the money is there and the bank's statement is imported, an"
                        " accountant makes the proof of today; then activate again.",
                        missing=proof._money(missing),
                        day=format_date(self.env, proof.day),
                    )
                )
        return super()._activate()
