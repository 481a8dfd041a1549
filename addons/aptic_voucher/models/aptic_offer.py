from odoo import models


class ApticOffer(models.Model):
    _name = "aptic.offer"
    _inherit = ["aptic.offer", "aptic.accepting.mixin"]
