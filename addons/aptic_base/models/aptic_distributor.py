from odoo import fields, models


class ApticDistributor(models.Model):
    """An organisation that hands booklets over to people (« aiguilleur »)."""

    _name = "aptic.distributor"
    _description = "Distributor"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _inherits = {"res.partner": "partner_id"}
    _order = "id desc"

    partner_id = fields.Many2one("res.partner", required=True, ondelete="restrict", index=True, readonly=True)
    member_ids = fields.One2many("aptic.member", "distributor_id")
