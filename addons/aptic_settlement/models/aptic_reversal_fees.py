from odoo import models


class ApticReversal(models.Model):
    """A reversal gives back the shares that its redemption has in the fees of its statement."""

    _inherit = "aptic.reversal"

    def _fee_shares(self):
        return self.env["aptic.fee.share"].sudo().search([("redemption_id", "in", self.redemption_id.ids)])

    def _contributions(self):
        """What the provider had paid to the funds for these redemptions, besides its fees, in cents."""
        return self._fee_shares()._withheld_cents()[1]

    def _fees_by_tax(self):
        """What the provider had paid for these redemptions, by rate of VAT.

        :return: ``{VAT in basis points: cents}``, VAT included
        """
        withheld = self._fee_shares().filtered(lambda share: share.fee_cents and not share.fee_id.sponsor_id)
        return {
            tax_bp: sum(same.mapped("fee_cents"))
            for tax_bp, same in withheld.grouped(lambda share: share.fee_id.tax_bp).items()
        }
