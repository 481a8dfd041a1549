from odoo import fields, models


class ApticPlace(models.Model):
    _inherit = "aptic.place"

    department_id = fields.Many2one(
        "aptic.territory", related="territory_id.parent_id", string="Department", store=True, index=True
    )
    region_id = fields.Many2one(
        "aptic.territory", related="territory_id.parent_id.parent_id", string="Region", store=True
    )
