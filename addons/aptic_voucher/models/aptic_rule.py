from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

FIELD_OF_KIND = {
    "territory": "territory_ids",
    "place_type": "place_type_ids",
    "level": "level_ids",
    "category": "category_ids",
    "service": "service_ids",
    "audience": "audience_ids",
    "provider": "provider_ids",
}


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
    summary = fields.Char(string="Allowed", compute="_compute_summary", compute_sudo=True)

    @api.depends("kind", *FIELD_OF_KIND.values())
    def _compute_summary(self):
        for rule in self:
            rule.summary = ", ".join(rule._allowed().mapped("display_name"))

    @api.constrains("kind", *FIELD_OF_KIND.values())
    def _check_allowed(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for rule in self:
            if not rule._allowed():
                raise ValidationError(
                    self.env._(
                        "Choose at least one value for the rule “%(kind)s”, or remove it.", kind=kinds[rule.kind]
                    )
                )

    # ------------------------------------------------------------------ guard
    @api.model_create_multi
    def create(self, vals_list):
        """Refuse a new rule on a confirmed order."""
        rules = super().create(vals_list)
        rules._check_not_frozen()
        return rules

    def write(self, vals):
        """Refuse to change a frozen rule."""
        self._check_not_frozen()
        result = super().write(vals)
        if "order_id" in vals:
            self._check_not_frozen()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        self._check_not_frozen()

    def _check_not_frozen(self):
        frozen = self.sudo().order_id.filtered(lambda order: order.state != "draft")
        if frozen:
            raise UserError(
                self.env._("The rules of %(name)s are frozen since its confirmation.", name=frozen[0].display_name)
            )

    # ------------------------------------------------------------------ values
    def _allowed(self):
        """The records of the rule's kind that it allows (OR between them)."""
        self.ensure_one()
        return self[FIELD_OF_KIND[self.kind]] if self.kind else self.browse()

    def _freeze(self):
        """The rules in the plain form that the rule engine takes: ``[{"kind": …, "ids": […]}, …]``, sorted."""
        return sorted(
            ({"kind": rule.kind, "ids": sorted(rule._allowed().ids)} for rule in self),
            key=lambda row: (row["kind"], row["ids"]),
        )
