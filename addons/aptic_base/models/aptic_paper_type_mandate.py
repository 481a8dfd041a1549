from odoo import fields, models


class ApticPaperType(models.Model):
    _inherit = "aptic.paper.type"

    mandate = fields.Boolean(
        string="Mandate to sign", help="Asked of organisations whose manager acts for the legal representative."
    )
