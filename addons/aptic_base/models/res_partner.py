from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    aptic_provider_ids = fields.One2many("aptic.provider", "partner_id", string="#APTIC provider")
    aptic_sponsor_ids = fields.One2many("aptic.sponsor", "partner_id", string="#APTIC sponsor")
    aptic_distributor_ids = fields.One2many("aptic.distributor", "partner_id", string="#APTIC distributor")
