from odoo import api, models
from odoo.addons.aptic_voucher import clock
from odoo.exceptions import UserError
from odoo.tools import format_date

from .. import coverage

PARAMETER = "aptic_settlement.proof_days"
USUAL = 7  # days; the proof is made every night


class ApticCoverage(models.Model):
    """What the last proof says of the money that is there."""

    _inherit = "aptic.coverage"

    @api.model
    def _last(self, company):
        """The proof of the latest day, the running one included; empty when nothing was proven yet."""
        return self.search([("company_id", "=", company.id)], order="day desc", limit=1)

    def _is_outdated(self):
        """Whether this proof is too old to say anything of today's money."""
        return (clock.today() - self.day).days > self.env["ir.config_parameter"]._get_number(PARAMETER, USUAL, least=1)

    def _missing_cents(self):
        """How much less the bank holds than the account owes to others than the operator, in cents."""
        owed = sum(self.line_ids.filtered(lambda line: line.kind in coverage.PUBLISHED).mapped("ledger_cents"))
        return coverage.missing(self.bank_cents, owed, self.lacking_cents)


class ApticOrder(models.Model):
    """No new voucher circulates while money is missing for those that do; bearers are served all the same."""

    _inherit = "aptic.order"

    def _activate(self):
        """Besides, refuse while the last proof of coverage lacks money, or is too old to know.

        :raise UserError: which says how much, since when, and what to do
        """
        for company in self.company_id:
            proof = self.env["aptic.coverage"].sudo()._last(company)
            if proof and proof._is_outdated():
                raise UserError(
                    self.env._(
                        "No voucher is activated: the last proof of coverage is of %(day)s, and nobody knows whether"
                        " the money is there today. An accountant makes the proof of today; then activate again. If no"
                        " proof was made at night, the server's log says why.",
                        day=format_date(self.env, proof.day),
                    )
                )
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
