from odoo import fields, models


class ApticBankChange(models.Model):
    """A requested change of a provider's bank details: requested by one, approved by another, payouts frozen meanwhile."""

    _name = "aptic.bank.change"
    _description = "Change of bank details"
    _inherit = ["aptic.guarded.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict")
    iban = fields.Char(required=True, string="IBAN")
    bic = fields.Char(string="BIC")
    holder_name = fields.Char(required=True, help="Account holder as the bank knows it (verification of payee).")
    state = fields.Selection(
        [("requested", "Requested"), ("approved", "Approved"), ("refused", "Refused")],
        required=True, default="requested", tracking=True, index=True,
    )
    requested_by_id = fields.Many2one("res.users", required=True, default=lambda self: self.env.user, readonly=True)
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_on = fields.Datetime(readonly=True)
    reason = fields.Char()

    _guarded_fields = frozenset({"state", "requested_by_id", "decided_by_id", "decided_on"})
