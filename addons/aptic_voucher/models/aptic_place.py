from odoo import models


class ApticPlace(models.Model):
    _name = "aptic.place"
    _inherit = ["aptic.place", "aptic.accepting.mixin"]
