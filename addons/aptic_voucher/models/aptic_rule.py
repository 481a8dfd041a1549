from odoo import fields, models


class ApticRule(models.Model):
    """One restriction of an order, frozen when the order is confirmed; evaluated by ``rules.py``."""

    _name = "aptic.rule"
    _description = "Voucher rule"
    _order = "order_id, kind, id"

    order_id = fields.Many2one("aptic.order", required=True, index=True, ondelete="cascade")
    kind = fields.Selection(
        [
            ("territory", "Territory"),
            ("place_type", "Place type"),
            ("level", "Service level"),
            ("category", "Service category"),
            ("service", "Service"),
            ("audience", "Audience"),
            ("provider", "Provider"),
        ],
        required=True,
    )
    territory_ids = fields.Many2many("aptic.territory")
    place_type_ids = fields.Many2many("aptic.place.type")
    level_ids = fields.Many2many("aptic.service.level")
    category_ids = fields.Many2many("aptic.service.category")
    service_ids = fields.Many2many("aptic.service")
    audience_ids = fields.Many2many("aptic.audience")
    provider_ids = fields.Many2many("aptic.provider")
