from odoo import fields, models
from odoo.addons.aptic_base.immutable import protect


class ApticFeeShare(models.Model):
    """What one redemption has of the fee and of the fund's share: the shares make the sums to the cent.

    Cut by largest remainder when the settlement is computed, so that what is undone later goes back the way it came.
    """

    _name = "aptic.fee.share"
    _description = "Share of a redemption in a fee"
    _log_access = False
    _order = "fee_id, redemption_id"

    fee_id = fields.Many2one("aptic.statement.fee", required=True, index=True, ondelete="restrict", readonly=True)
    redemption_id = fields.Many2one("aptic.redemption", required=True, ondelete="restrict", readonly=True)
    face_cents = fields.Integer(required=True, readonly=True, help="Face value that follows the rule, in cents.")
    fee_cents = fields.Integer(required=True, readonly=True, help="VAT included, whoever pays it, in cents.")
    fund_id = fields.Many2one("aptic.fund", required=True, index=True, ondelete="restrict", readonly=True)
    fund_cents = fields.Integer(required=True, readonly=True, help="Brought to the fund, in cents.")

    _once = models.UniqueIndex("(redemption_id, fee_id)")
    _sane = models.Constraint(
        "CHECK(face_cents > 0 AND fee_cents BETWEEN 0 AND face_cents AND fund_cents >= 0)",
        "A share of a fee is part of what the vouchers pay.",
    )

    def _withheld_cents(self):
        """What the providers have left for these scans: fees, and contributions to the funds; ``(fees, funds)``."""
        withheld = self.filtered(lambda share: not share.fee_id.sponsor_id)
        charged = withheld.filtered(lambda share: share.fee_id.fund_charged_cents)
        return sum(withheld.mapped("fee_cents")), sum(charged.mapped("fund_cents"))

    def init(self):  # pylint: disable=missing-return
        """Have PostgreSQL refuse to rewrite or delete a row."""
        super().init()
        protect(self.env.cr, self._table)
