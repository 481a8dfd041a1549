from odoo import fields, models


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    setoff_agreement_ids = fields.One2many(
        "aptic.setoff.agreement", "provider_id", string="Agreements to the set-off of invoices", readonly=True
    )
