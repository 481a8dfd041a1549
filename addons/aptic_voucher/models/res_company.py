from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    aptic_bank_journal_id = fields.Many2one(
        "account.journal", string="Segregated bank journal", domain=[("type", "=", "bank")],
        help="The bank account that holds the vouchers' face value and nothing of the operator's own.",
    )
    aptic_unactivated_account_id = fields.Many2one("account.account", string="Face value not yet activated")
    aptic_funds_account_id = fields.Many2one("account.account", string="Sponsor funds (active vouchers)")
