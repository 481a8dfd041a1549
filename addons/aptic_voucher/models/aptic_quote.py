from odoo import api, fields, models
from odoo.addons.aptic_base.immutable import protect
from odoo.exceptions import UserError


class ApticQuote(models.Model):
    """What an order costs, as it was when the quote was made, with its PDF; never changed."""

    _name = "aptic.quote"
    _description = "Quote"
    _inherit = ["aptic.guarded.mixin"]
    _order = "id desc"
    _log_access = False

    name = fields.Char(string="Number", required=True)
    order_id = fields.Many2one("aptic.order", required=True, index=True, ondelete="restrict")
    currency_id = fields.Many2one(related="order_id.currency_id")
    number = fields.Integer(string="Version", required=True, help="Counts the quotes of one order.")
    made_at = fields.Datetime(string="Made on", required=True)
    made_by_id = fields.Many2one("res.users", string="Made by", required=True, ondelete="restrict")
    valid_until = fields.Date(required=True, help="The last day on which it can be signed.")
    face_cents = fields.Integer(required=True, help="Face value of all vouchers, outside VAT, in cents.")
    fee_cents = fields.Integer(required=True, help="Fees before VAT, in cents.")
    tax_cents = fields.Integer(required=True, help="VAT of the fees, in cents.")
    total_amount = fields.Monetary(string="Total", compute="_compute_total_amount")
    fingerprint = fields.Char(required=True, help="SHA-256 of all that the quote promises.")
    sha256 = fields.Char(string="SHA-256 of the PDF", required=True)
    attachment_id = fields.Many2one("ir.attachment", string="PDF", required=True, ondelete="restrict")
    signature_ids = fields.One2many("aptic.quote.signature", "quote_id")

    _guarded_fields = frozenset(
        {
            "name", "order_id", "number", "made_at", "made_by_id", "valid_until", "face_cents", "fee_cents",
            "tax_cents", "fingerprint", "sha256", "attachment_id",
        }
    )  # fmt: skip

    _number_once = models.UniqueIndex("(order_id, number)", "This quote was made already.")

    def init(self):  # pylint: disable=missing-return
        """Have PostgreSQL refuse any change of a row."""
        super().init()
        protect(self.env.cr, self._table)

    @api.depends("face_cents", "fee_cents", "tax_cents")
    def _compute_total_amount(self):
        for quote in self:
            quote.total_amount = (quote.face_cents + quote.fee_cents + quote.tax_cents) / 100

    @api.ondelete(at_uninstall=False)
    def _refuse_unlink(self):
        raise UserError(self.env._("A quote cannot be deleted: make a new one."))

    def action_open_pdf(self):
        """Button of the back office: the quote's PDF."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": f"/web/content/{self.attachment_id.id}", "target": "new"}


class ApticQuoteSignature(models.Model):
    """The signature of an order's quote by its sponsor, with its proof; never changed."""

    _name = "aptic.quote.signature"
    _description = "Signature of a quote"
    _inherit = ["aptic.signature.mixin"]
    _log_access = False

    quote_id = fields.Many2one("aptic.quote", required=True, index=True, ondelete="restrict")
    order_id = fields.Many2one("aptic.order", required=True, index=True, ondelete="restrict")

    _guarded_fields = frozenset({"quote_id", "order_id"})

    _once = models.UniqueIndex("(order_id)", "The quote of this order is signed already.")

    def action_open_pdf(self):
        """Button of the back office: the signed PDF."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": f"/web/content/{self.attachment_id.id}", "target": "new"}
